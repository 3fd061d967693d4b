// Picking a deadline or a timer: how much of which measure, or of the host's deadline, or a date, or again and again.

import { Fragment, html, useState } from "@bpmn-io/diagram-js-ui";
import { Labelled, Line, Select } from "./controls.js";
import { MEASURES, readTime, timeWords, writeTime } from "./duration.js";
import { DataSelect, ExpressionLine, dataOptions } from "./pickers.js";
import { t } from "./words.js";

const NUMERIC = new Set(["number", "integer", ""]);

/** Kinds for deadlines, for timers on an activity, and for timers between activities. */
export const DEADLINE_KINDS = [...MEASURES, "data", "rumus"];
export const WAITING_KINDS = [...MEASURES, "saat", "data", "rumus"];
export const BOUNDARY_KINDS = [...MEASURES, "tenggat", "saat", "data", "rumus"];

function kindOptions(kinds) {
  const words = {
    hari_kerja: t("hari kerja"), jam_kerja: t("jam kerja"), hari: t("hari kalender"), jam: t("jam"), menit: t("menit"),
    tenggat: t("% dari batas waktu langkah ini"), durasi: t("lama tetap (ISO)"), putaran: t("berulang setiap …"),
    saat: t("pada tanggal tertentu"), data: t("pada saat yang tersimpan dalam data"), rumus: t("rumus"),
  };
  const row = (kind) => ({ value: kind, label: words[kind] });
  const among = (list) => kinds.filter((kind) => list.includes(kind)).map(row);
  return [
    { group: t("Waktu kerja"), of: among(["hari_kerja", "jam_kerja"]) },
    { group: t("Waktu kalender"), of: among(["hari", "jam", "menit", "durasi"]) },
    { group: t("Lainnya"), of: among(["tenggat", "putaran", "saat", "data", "rumus"]) },
  ];
}

/** `commit(text | null, time)`: the expression and its parts. */
export function TimeField({ label, help, notes, optional, value, commit, kinds, variables, find, zone, locked, none }) {
  const read = readTime(value);
  const [asked, setAsked] = useState(null);
  const time = asked ?? read;
  const shown = kinds.includes(time.kind) || !time.kind ? kinds : [...kinds, time.kind];
  const send = (next) => {
    const text = writeTime(next);
    setAsked(text === null && next.kind ? next : null);
    if (text !== null || !next.kind) commit(text, next);
  };
  const pickKind = (kind) => send(begin(kind, time, variables));
  return html`<${Labelled} ...${{ label, help, notes, optional }} className="sop-time">${(given) => html`
    <div class="sop-time__row">
      ${MEASURES.concat("tenggat", "durasi").includes(time.kind) && html`<${Amount} ...${{ label, time, send, variables, locked }} />`}
      <${Select} ...${{ given, locked, options: kindOptions(shown), none: none ?? t("tidak ada") }} value=${time.kind} commit=${(kind) => pickKind(kind ?? "")} />
    </div>
    <${Rest} ...${{ label, time, send, variables, find, zone, locked }} />
    <${Source} ...${{ time, send, variables, locked }} />
    ${time.variable && time.kind !== "data" && html`<p class="sop-sentence">${timeWords(time, (name) => find(name)?.label ?? name)}${find(time.variable)?.from ? ` (${find(time.variable).from})` : ""}</p>`}`}<//>`;
}

function begin(kind, old, variables) {
  if (!kind) return { kind: "" };
  if (kind === "rumus") return { kind, text: writeTime(old) ?? "" };
  if (kind === "data") return { kind, variable: variables.find((one) => one.type === "datetime" || one.type === "date")?.name };
  if (kind === "saat") return { kind, moment: "" };
  if (kind === "putaran") return { kind, times: 4, amount: old.amount ?? 7, unit: "hari" };
  if (kind === "durasi") return { kind, amount: old.amount ?? 1, unit: "hari" };
  if (kind === "tenggat") return { kind, amount: 80 };
  return old.variable && MEASURES.includes(old.kind) ? { kind, variable: old.variable }
    : { kind, amount: old.kind === "tenggat" ? 1 : old.amount ?? 1 };
}

/** A number typed, or one that stands in data. */
function Amount({ label, time, send, variables, locked }) {
  if (time.variable) {
    return html`<${Select} label=${t("{label}: data berisi jumlahnya", { label })} locked=${locked} value=${time.variable}
      options=${dataOptions(numbers(variables, time))} commit=${(name) => send({ kind: time.kind, variable: name })} />`;
  }
  return html`<${Fragment}>
    <${Line} label=${t("{label}: jumlah", { label })} inputmode="decimal" value=${String(time.amount ?? "")} locked=${locked}
      commit=${(text) => send({ ...time, amount: number(text, time.amount) })} />
    ${time.kind === "durasi" && html`<${Select} label=${t("Satuan")} locked=${locked} value=${time.unit}
      options=${["menit", "jam", "hari", "minggu"].map((value) => ({ value, label: t(value) }))} commit=${(next) => send({ ...time, unit: next })} />`}<//>`;
}

/** Data that can hold an amount; whatever is used already is always among them. */
function numbers(variables, time) {
  return variables.filter((one) => NUMERIC.has(one.type) || one.name === time.variable);
}

/** Whether the amount is typed or stands in data, said as what pressing changes it to. */
function Source({ time, send, variables, locked }) {
  if (locked || !MEASURES.includes(time.kind)) return null;
  const data = numbers(variables, time);
  if (!time.variable && !data.length) return null;
  const swap = () => send(time.variable ? { kind: time.kind, amount: 1 }
    : { kind: time.kind, variable: (data.find((one) => one.group === "tables") ?? data[0]).name });
  return html`<button type="button" class="sop-link sop-time__source" onClick=${swap}>${time.variable ? t("Pakai angka tetap") : t("Ambil jumlah dari data")}</button>`;
}

function number(text, otherwise) {
  const value = Number(text.replace(",", "."));
  return text.trim() !== "" && Number.isFinite(value) && value >= 0 ? value : otherwise ?? 1;
}

function Rest({ label, time, send, variables, find, zone, locked }) {
  if (time.kind === "rumus") {
    return html`<${ExpressionLine} ...${{ find, locked, variables }} label=${t("{label}: rumus", { label })} value=${time.text} commit=${(text) => send({ kind: "rumus", text: text ?? "" })} />`;
  }
  if (time.kind === "data") {
    return html`<${DataSelect} label=${t("{label}: data", { label })} ...${{ variables, locked }} value=${time.variable} commit=${(variable) => send({ kind: "data", variable })} />`;
  }
  if (time.kind === "saat") {
    return html`<input class="input sop-input" type="datetime-local" aria-label=${t("{label}: tanggal dan jam", { label })} disabled=${locked}
      value=${time.moment.slice(0, 16)} onChange=${(event) => send({ kind: "saat", moment: moment(event.currentTarget.value, zone) })} />`;
  }
  if (time.kind !== "putaran") return null;
  return html`<div class="sop-time__cycle">
    <span>${t("setiap")}</span>
    <${Line} label=${t("Setiap berapa")} inputmode="numeric" value=${String(time.amount)} locked=${locked} commit=${(text) => send({ ...time, amount: whole(text, time.amount) })} />
    <${Select} label=${t("Satuan")} locked=${locked} value=${time.unit} options=${["menit", "jam", "hari", "minggu"].map((value) => ({ value, label: t(value) }))}
      commit=${(unit) => send({ ...time, unit })} />
    <span>${t("sebanyak")}</span>
    <${Line} label=${t("Berapa kali")} inputmode="numeric" value=${time.times === null ? "" : String(time.times)} locked=${locked} commit=${(text) => send({ ...time, times: whole(text, 1) })} />
    <span>${t("kali")}</span></div>`;
}

function whole(text, otherwise) {
  return /^[1-9]\d{0,3}$/.test(text.trim()) ? Number(text) : otherwise;
}

/** Local date and time of the city with its offset, as the contract writes moments. */
function moment(local, zone) {
  if (!local) return "";
  const at = new Date(`${local}:00Z`);
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(at);
  const offset = parts.find((one) => one.type === "timeZoneName").value.replace("GMT", "") || "+00:00";
  return `${local}:00${offset}`;
}
