// Building a condition by picking data, operator and value. What rows cannot show is edited as a checked line.

import { Fragment, html, useRef, useState } from "@bpmn-io/diagram-js-ui";
import { Group, Icon, IconButton, Line, Select } from "./controls.js";
import { OPERATORS, operatorsFor, readCondition, sentence, writeCondition } from "./conditions.js";
import { DataSelect, ExpressionLine, dataOptions } from "./pickers.js";
import { t } from "./words.js";

/** `commit(text | undefined)`. `variables` may be read here; `find(name)` gives their words. */
export function ConditionField({ label, help, notes, value, commit, variables, find, locked }) {
  const sent = useRef(value ?? "");
  const [kept, keep] = useState(() => readCondition(value));
  const [asText, setAsText] = useState(false);
  let condition = kept;
  if ((value ?? "") !== sent.current) {
    sent.current = value ?? "";
    condition = readCondition(value);
    keep(condition);
  }
  const change = (next) => {
    keep(next);
    const text = writeCondition(next) ?? "";
    if (text === sent.current) return;
    sent.current = text;
    commit(text || undefined);
  };
  const rows = condition && !asText;
  return html`<${Group} ...${{ label, help, notes }} className="sop-condition">
    ${value && rows && html`<p class="sop-sentence">${sentence(value, find)}</p>`}
    ${rows ? html`<${Rows} ...${{ condition, change, variables, find, locked }} depth=${0} label=${label} />`
      : html`<${ExpressionLine} ...${{ value, find, locked, label, variables }} commit=${(text) => { sent.current = text ?? ""; keep(readCondition(text)); commit(text); }} />
        ${!condition && html`<p class="sop-field__help">${t("Syarat ini memuat hal yang tidak dapat dipilih dari daftar, jadi ditampilkan sebagai teks. Tidak ada yang hilang.")}</p>`}`}
    ${condition && value && !locked && html`<button type="button" class="sop-link" onClick=${() => setAsText(!asText)}>${asText ? t("Pilih dari daftar") : t("Tulis sebagai teks")}</button>`}
  <//>`;
}

function Rows({ condition, change, variables, find, locked, depth, label }) {
  const replace = (at, part) => change({ ...condition, of: condition.of.map((one, index) => (index === at ? part : one)) });
  const drop = (at) => change({ ...condition, of: condition.of.filter((_, index) => index !== at) });
  const add = (part) => change({ ...condition, of: [...condition.of, part] });
  return html`<div class="sop-rows">
    ${condition.of.length > 1 && html`<div class="sop-rows__join"><span>${t("Berlaku bila")}</span>
      <${Select} label=${t("Hubungan antarsyarat")} locked=${locked} value=${condition.join} commit=${(join) => change({ ...condition, join })}
        options=${[{ value: "and", label: t("semua ini benar") }, { value: "or", label: t("salah satu ini benar") }]} /></div>`}
    ${condition.of.map((part, at) => html`<div class=${part.join ? "sop-rows__group" : "sop-row"} key=${at} role="group" aria-label=${t("{label}: syarat {n}", { label, n: at + 1 })}>
      ${part.join ? html`<${Rows} ...${{ variables, find, locked, label }} condition=${part} depth=${depth + 1}
          change=${(next) => (next.of.length ? replace(at, next) : drop(at))} />`
        : html`<${Row} ...${{ part, variables, find, locked }} change=${(next) => replace(at, next)} />`}
      ${!locked && html`<${IconButton} icon="x" label=${t("Hapus syarat {n}", { n: at + 1 })} className="sop-row__remove" onClick=${() => drop(at)} />`}</div>`)}
    ${!locked && html`<div class="sop-rows__add">
      <button type="button" class="sop-link" onClick=${() => add({ name: "", op: "==" })}><${Icon} name="plus" />${t("Tambah syarat")}</button>
      ${depth === 0 && condition.of.length > 0 && html`<button type="button" class="sop-link" onClick=${() => add({ join: condition.join === "and" ? "or" : "and", of: [{ name: "", op: "==" }] })}>
        <${Icon} name="plus" />${t("Tambah kelompok")}</button>`}</div>`}
  </div>`;
}

function Row({ part, change, variables, find, locked }) {
  const data = find(part.name);
  const operators = operatorsFor(data?.type, part.name ? part.op : null);
  const pick = (name) => {
    const next = operatorsFor(find(name)?.type);
    change({ name: name ?? "", op: next.includes(part.op) && part.name ? part.op : next[0] });
  };
  const { needs } = OPERATORS[part.op];
  const edited = ({ tree: _, ...more }) => change(more);
  const options = operators.map((op) => ({ value: op, label: OPERATORS[op].words() }));
  const known = !part.name || data ? variables : [...variables, { name: part.name, label: part.name, group: "later" }];
  return html`<div class="sop-row__parts">
    <${DataSelect} label=${t("Data")} variables=${known} value=${part.name} locked=${locked} commit=${pick} />
    ${part.name && html`<${Select} label=${t("Pembanding")} value=${part.op} locked=${locked} options=${options}
      commit=${(op) => edited({ ...part, op, value: OPERATORS[op].needs === needs ? part.value : undefined })} />`}
    ${part.name && needs && html`<${Value} ...${{ part, data, variables, locked }} change=${(value) => edited({ ...part, value })} />`}</div>`;
}

function Value({ part, data, variables, locked, change }) {
  const { value, op } = part;
  if (OPERATORS[op].needs === "many") return html`<${Several} ...${{ value, data, locked, change }} />`;
  const others = variables.filter((one) => one.name !== part.name);
  const counted = op.startsWith("count ");
  const numeric = counted || ["integer", "number", "rating"].includes(data?.type)
    || (!["date", "datetime", "string"].includes(data?.type) && (/[<>]/.test(op) || typeof value?.v === "number"));
  if (data?.values?.length && !counted) {
    const chosen = value?.name ? `n:${value.name}` : value?.v !== undefined ? `v:${value.v}` : "";
    const told = data.values.map((one) => ({ value: `v:${one.value}`, label: one.label }));
    return html`<${Select} label=${t("Nilai")} locked=${locked} value=${chosen} none=${t("Pilih nilai …")}
      options=${[{ group: t("Nilai"), of: told }, ...dataOptions(others, "n:")]}
      commit=${(next) => change(!next ? undefined : next.startsWith("n:") ? { name: next.slice(2) } : { v: next.slice(2) })} />`;
  }
  const type = { date: "date", datetime: "datetime-local" }[data?.type];
  return html`<${Fragment}>
    ${!value?.name && html`<${Line} label=${t("Nilai")} locked=${locked} value=${value?.v === undefined ? "" : String(value.v)} placeholder=${t("Tulis nilai")}
      ...${type ? { type } : {}} inputmode=${numeric ? "decimal" : undefined} commit=${(text) => change(text.trim() === "" ? undefined : { v: typedValue(text, numeric) })} />`}
    <${Select} label=${t("Bandingkan dengan")} className="sop-row__other" locked=${locked} value=${value?.name ? `n:${value.name}` : ""} none=${t("nilai tertentu")}
      options=${dataOptions(others, "n:")} commit=${(next) => change(next ? { name: next.slice(2) } : undefined)} /><//>`;
}

/** Any of several: boxes to tick where the values are known, else a list with commas. */
function Several({ value, data, locked, change }) {
  const list = value?.list ?? [];
  const set = (next) => change(next.length ? { list: next } : undefined);
  if (!data?.values?.length) {
    return html`<${Line} label=${t("Nilai, dipisahkan koma")} locked=${locked} value=${list.join(", ")} placeholder=${t("nilai, nilai, …")}
      commit=${(text) => set(text.split(",").map((one) => one.trim()).filter(Boolean))} />`;
  }
  return html`<div class="sop-ticks">${data.values.map((one) => html`<label key=${one.value} class="sop-check__row"><input type="checkbox" disabled=${locked}
    checked=${list.includes(one.value)} onChange=${(event) => set(event.currentTarget.checked ? [...list, one.value] : list.filter((known) => known !== one.value))} /> <span>${one.label}</span></label>`)}</div>`;
}

function typedValue(text, numeric) {
  const number = Number(text.trim().replace(",", "."));
  return numeric && Number.isFinite(number) ? number : text.trim();
}
