// Picking data, and values that may be fixed, come from data, or be reckoned.

import { html, useState } from "@bpmn-io/diagram-js-ui";
import { Labelled, Line, Notes, Select } from "./controls.js";
import { sentence } from "./conditions.js";
import { ExpressionFault, literal, tryParse } from "./expression.js";
import { t } from "./words.js";

const GROUPS = {
  form: () => t("Isian formulir ini"),
  answers: () => t("Isian tahap sebelumnya"),
  tables: () => t("Tabel keputusan"),
  counted: () => t("Hitungan dan sistem"),
  report: () => t("Dibawa laporan"),
  later: () => t("Tahap lain (mungkin belum terisi)"),
};

/** Variables as grouped options of a select, each with where it comes from. `prefix` marks their values. */
export function dataOptions(variables, prefix = "") {
  return Object.entries(GROUPS).map(([group, words]) => ({
    group: words(),
    of: variables.filter((one) => one.group === group).map((one) => ({ value: prefix + one.name, label: dataLabel(one) })),
  }));
}

function dataLabel(one) {
  return one.from && one.group !== "form" && one.group !== "report" ? `${one.label} · ${one.from}` : one.label;
}

/** A select of data. */
export function DataSelect({ variables, value, commit, ...more }) {
  return html`<${Select} ...${{ value, commit, ...more }} options=${dataOptions(variables)} none=${t("Pilih data …")} />`;
}

/** A line of our language with what it says, or why it cannot be read. Both are written: the checks decide. */
export function ExpressionLine({ value, commit, find = () => undefined, label, locked, given, variables }) {
  const [typed, setTyped] = useState(null);
  const text = typed ?? value ?? "";
  let told = null;
  let fault = null;
  if (text.trim()) {
    try {
      told = sentence(text, find);
    } catch (error) {
      if (!(error instanceof ExpressionFault)) throw error;
      fault = error.message;
    }
  }
  return html`<div class="sop-expression">
    <${Line} ...${{ label, value, locked, ...given }} spellcheck=${false} rows=${(value ?? "").length > 34 ? 2 : undefined} commit=${(next) => { setTyped(null); commit(next.trim() || undefined); }}
      onKeyUp=${(event) => setTyped(event.currentTarget.value)} />
    ${told && !isPlain(text) && told !== text && html`<p class="sop-sentence">${told}</p>`}
    ${fault && html`<${Notes} notes=${[{ rule: "ungkapan", severity: "error", message: fault }]} />`}
    ${variables && !locked && html`<${Select} label=${t("{label}: sisipkan data", { label })} className="sop-row__other" value="" none=${t("Sisipkan data …")}
      options=${dataOptions(variables)} commit=${(name) => name && commit(`${value ?? ""} ${name}`.trim())} />`}</div>`;
}

/** A bare value says all by itself. */
function isPlain(text) {
  return ["const", "name"].includes(tryParse(text)?.t);
}

/**
 * A value: one of `fixed` ([{value, label}] or groups, values are texts), data, or a formula. `typed: true` lets one
 * type a fixed text. `commit(text | undefined)` gets an expression.
 */
export function ValueField({ label, help, notes, value, commit, fixed = [], typed, variables, find, locked, optional, none }) {
  const tree = value ? tryParse(value) : null;
  const [formula, setFormula] = useState(false);
  const flat = fixed.flatMap((one) => one.of ?? [one]);
  const isText = tree?.t === "const" && typeof tree.v === "string";
  const chosen = !value ? "" : formula ? "?" : isText && (flat.some((one) => one.value === tree.v) || !typed) ? `v:${tree.v}`
    : isText ? "text" : tree?.t === "name" ? `n:${tree.id}` : "?";
  const options = [
    ...fixed.map((one) => (one.of ? { ...one, of: one.of.map(asFixed) } : asFixed(one))),
    ...(typed ? [{ value: "text", label: t("Teks tertentu …") }] : []),
    ...dataOptions(variables, "n:"),
    { group: t("Lainnya"), of: [{ value: "?", label: t("Rumus …") }] },
  ];
  if (chosen.startsWith("v:") && !flat.some((one) => `v:${one.value}` === chosen)) options.unshift({ value: chosen, label: tree.v });
  const pick = (next) => {
    setFormula(next === "?");
    if (!next) commit(undefined);
    else if (next === "text") commit(isText ? value : "''");
    else if (next.startsWith("v:")) commit(literal(next.slice(2)));
    else if (next.startsWith("n:")) commit(next.slice(2));
    else if (!value) commit("''");
  };
  return html`<${Labelled} ...${{ label, help, notes, optional }}>${(given) => html`
    <${Select} ...${{ given, locked, options, value: chosen, commit: pick }} none=${none ?? t("Pilih …")} />
    ${chosen === "text" && html`<${Line} label=${t("{label}: teks", { label })} value=${tree.v} locked=${locked} commit=${(text) => commit(literal(text))} />`}
    ${chosen === "?" && html`<${ExpressionLine} ...${{ value, find, locked, commit, variables }} label=${t("{label}: rumus", { label })} />`}`}<//>`;
}

function asFixed(one) {
  return { ...one, value: `v:${one.value}` };
}

