// Deadlines and timers as picked parts: {kind, amount, variable, unit, times, text}.
// Kinds: "" (none) · hari_kerja jam_kerja hari jam menit (an amount) · tenggat (percent of the host's deadline) ·
// durasi (ISO duration) · putaran (ISO cycle) · saat (a fixed moment) · data (a variable holds the moment) · rumus (text).
// Rule: section "Timers" of the SOP format.

import { tryParse, literal } from "./expression.js";
import { t } from "./words.js";

export const MEASURES = ["hari_kerja", "jam_kerja", "hari", "jam", "menit"];
const UNITS = { W: "minggu", D: "hari", H: "jam", M: "menit" };
const LETTERS = { minggu: "W", hari: "D", jam: "H", menit: "M" };
const DURATION = /^P(?:(\d+)(W|D)|T(\d+)(H|M))$/i;
const CYCLE = /^R(\d*)\/(P[^/]+)$/i;
const MOMENT = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?([+-]\d{2}:\d{2}|Z)?)?$/;

/** Read the text of a deadline or timer. */
export function readTime(text) {
  if (!text?.trim()) return { kind: "" };
  const tree = tryParse(text);
  const other = { kind: "rumus", text };
  if (!tree) return other;
  if (tree.t === "name") return { kind: "data", variable: tree.id };
  if (tree.t === "const" && typeof tree.v === "string") return constant(tree.v) ?? other;
  if (tree.t !== "call" || ![...MEASURES, "tenggat"].includes(tree.name)) return other;
  const given = tree.of[0];
  if (given.t === "name") return { kind: tree.name, variable: given.id };
  if (given.t === "const" && typeof given.v === "number") return { kind: tree.name, amount: given.v };
  return other;
}

function constant(text) {
  const cycle = CYCLE.exec(text);
  const every = DURATION.exec(cycle ? cycle[2] : text);
  if (every) {
    const length = { amount: Number(every[1] ?? every[3]), unit: UNITS[(every[2] ?? every[4]).toUpperCase()] };
    return cycle ? { kind: "putaran", times: cycle[1] ? Number(cycle[1]) : null, ...length } : { kind: "durasi", ...length };
  }
  return MOMENT.test(text) ? { kind: "saat", moment: text } : null;
}

/** The text of picked parts; null for none. */
export function writeTime(time) {
  switch (time.kind) {
    case "": return null;
    case "rumus": return time.text?.trim() || null;
    case "data": return time.variable || null;
    case "saat": return time.moment ? literal(time.moment) : null;
    case "durasi": return literal(length(time));
    case "putaran": return literal(`R${time.times ?? ""}/${length(time)}`);
    default: return time.variable ? `${time.kind}(${time.variable})` : `${time.kind}(${time.amount ?? 1})`;
  }
}

function length({ amount, unit }) {
  const letter = LETTERS[unit] ?? "D";
  return `P${letter === "H" || letter === "M" ? "T" : ""}${amount ?? 1}${letter}`;
}

/** Where BPMN keeps it: timeDuration, timeCycle or timeDate. */
export function placeOf(time) {
  if (time.kind === "putaran") return "timeCycle";
  return time.kind === "durasi" ? "timeDuration" : "timeDate";
}

/** A sentence without a full stop, "5 hari kerja"; `label` gives the words for a variable. */
export function timeWords(time, label = (name) => name) {
  const names = {
    hari_kerja: t("hari kerja"), jam_kerja: t("jam kerja"), hari: t("hari"), jam: t("jam"), menit: t("menit"), minggu: t("minggu"),
  };
  const many = time.variable ? t("sebanyak “{name}”", { name: label(time.variable) }) : time.amount;
  switch (time.kind) {
    case "": return t("tanpa batas waktu");
    case "rumus": return time.text;
    case "data": return t("pada “{name}”", { name: label(time.variable) });
    case "saat": return t("pada {moment}", { moment: time.moment });
    case "tenggat": return t("saat {n} % dari batas waktu terpakai", { n: many });
    case "durasi": return `${time.amount} ${names[time.unit]}`;
    case "putaran": return time.times
      ? t("setiap {n} {unit}, {times} kali", { n: time.amount, unit: names[time.unit], times: time.times })
      : t("setiap {n} {unit}, tanpa henti", { n: time.amount, unit: names[time.unit] });
    default: return time.variable ? `${names[time.kind]} ${many}` : `${many} ${names[time.kind]}`;
  }
}
