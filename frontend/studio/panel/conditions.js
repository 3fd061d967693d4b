// A condition as picked rows: {join: "and" | "or", of: [row | group]}, a row {name, op, value, tree}.
// `tree` is what stood there; it is written again as it was until the row is changed, so that opening and
// closing the picker alters no letter. What cannot be shown as rows gives null and stays text.
//
// Values: {v} a constant · {name} other data · {list: [v, …]}.

import { parse, tryParse, literal, write } from "./expression.js";
import { t } from "./words.js";

/** How each operator reads; `needs`: "one" value, "many", or none. */
export const OPERATORS = {
  "==": { words: () => t("adalah"), needs: "one" },
  "!=": { words: () => t("bukan"), needs: "one" },
  "in": { words: () => t("salah satu dari"), needs: "many" },
  "not in": { words: () => t("bukan salah satu dari"), needs: "many" },
  "has": { words: () => t("memuat"), needs: "one" },
  "has not": { words: () => t("tidak memuat"), needs: "one" },
  "<": { words: () => t("kurang dari"), needs: "one" },
  "<=": { words: () => t("paling banyak"), needs: "one" },
  ">": { words: () => t("lebih dari"), needs: "one" },
  ">=": { words: () => t("paling sedikit"), needs: "one" },
  "count >=": { words: () => t("jumlahnya paling sedikit"), needs: "one" },
  "count <=": { words: () => t("jumlahnya paling banyak"), needs: "one" },
  "count ==": { words: () => t("jumlahnya tepat"), needs: "one" },
  "yes": { words: () => t("ya"), needs: "" },
  "no": { words: () => t("tidak"), needs: "" },
  "filled": { words: () => t("terisi"), needs: "" },
  "empty": { words: () => t("kosong"), needs: "" },
};

const BY_TYPE = {
  boolean: ["yes", "no", "filled", "empty"],
  integer: ["==", "!=", "<", "<=", ">", ">=", "filled", "empty"],
  number: ["==", "!=", "<", "<=", ">", ">=", "filled", "empty"],
  rating: ["==", "<", "<=", ">", ">=", "filled", "empty"],
  date: ["==", "<", "<=", ">", ">=", "filled", "empty"],
  datetime: ["<", ">", "filled", "empty"],
  choices: ["has", "has not", "count >=", "count <="],
  photo: ["count >=", "count <=", "count =="],
  file: ["count >=", "count <=", "count =="],
  text: ["filled", "empty", "==", "!="],
  location: ["filled", "empty"],
};
const PICKED = ["==", "!=", "in", "not in", "filled", "empty"];
const FLIPPED = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!=" };

/** Operators that make sense for data of a type, `used` always among them. */
export function operatorsFor(type, used) {
  const list = BY_TYPE[type] ?? [...PICKED, ...(type ? [] : ["<", "<=", ">", ">=", "yes", "no"])];
  return !used || list.includes(used) ? list : [...list, used];
}

/** Picked rows of a text; null when it says more than rows can show. An empty text has no rows. */
export function readCondition(text) {
  if (!text?.trim()) return { join: "and", of: [] };
  const tree = tryParse(text);
  if (!tree) return null;
  const found = group(tree, 0);
  return found && (found.join ? found : { join: "and", of: [found] });
}

function group(tree, depth) {
  if (tree.t !== "and" && tree.t !== "or") return row(tree);
  if (depth > 1) return null;
  const of = tree.of.map((part) => group(part, depth + 1));
  return of.includes(null) ? null : { join: tree.t, of };
}

function row(tree) {
  const found = read(tree);
  return found && { ...found, tree };
}

function read(tree) {
  if (tree.t === "name") return { name: tree.id, op: "yes" };
  if (tree.t === "not" && tree.of.t === "name") return { name: tree.of.id, op: "no" };
  if (tree.t === "not" && tree.of.t === "cmp") return negated(read(tree.of));
  if (tree.t !== "cmp" || tree.rest.length !== 1) return null;
  const [[op, right]] = tree.rest;
  return compared(tree.left, op, right) ?? (FLIPPED[op] ? compared(right, FLIPPED[op], tree.left) : null);
}

function negated(found) {
  const other = { "==": "!=", "!=": "==", in: "not in", "not in": "in", has: "has not", "has not": "has" }[found?.op];
  return other ? { ...found, op: other } : null;
}

function compared(left, op, right) {
  if (op === "in" || op === "not in") return membership(left, op, right);
  if (left.t === "call" && left.name === "len" && left.of[0].t === "name" && `count ${op}` in OPERATORS) {
    const value = constant(right);
    return value && { name: left.of[0].id, op: `count ${op}`, value };
  }
  if (left.t !== "name") return null;
  if (right.t === "const" && (op === "==" || op === "!=")) {
    if (typeof right.v === "boolean") return { name: left.id, op: (op === "==") === right.v ? "yes" : "no" };
    if (right.v === null) return { name: left.id, op: op === "==" ? "empty" : "filled" };
  }
  const value = constant(right) ?? (right.t === "name" ? { name: right.id } : null);
  return value && { name: left.id, op, value };
}

function membership(left, op, right) {
  if (left.t === "name" && right.t === "list" && right.of.every((part) => constant(part))) {
    return { name: left.id, op, value: { list: right.of.map((part) => constant(part).v) } };
  }
  const value = right.t === "name" ? constant(left) ?? (left.t === "name" ? { name: left.id } : null) : null;
  return value && { name: right.id, op: op === "in" ? "has" : "has not", value };
}

/** {v} of a constant that is a text or a number, also below zero. */
function constant(tree) {
  if (tree.t === "sign" && tree.op === "-" && typeof tree.of.v === "number") return { v: -tree.of.v };
  return tree.t === "const" && (typeof tree.v === "string" || typeof tree.v === "number") ? { v: tree.v } : null;
}

/** The text of picked rows; null without rows. Rows that lack a part are left out. */
export function writeCondition(condition) {
  const parts = condition.of.map((part) => (part.join ? nested(part, condition.join) : rowText(part))).filter(Boolean);
  return parts.length ? parts.join(` ${condition.join} `) : null;
}

function nested(part, outer) {
  const text = writeCondition(part);
  return text && part.join !== outer && part.of.filter(isWhole).length > 1 ? `(${text})` : text;
}

/** Whether nothing is missing in a row. */
export function isWhole(part) {
  if (part.join) return part.of.some(isWhole);
  if (!part.name || !part.op) return false;
  const { needs } = OPERATORS[part.op];
  if (!needs) return true;
  if (needs === "many") return Boolean(part.value?.list?.length);
  return Boolean(part.value?.name) || (part.value?.v !== undefined && part.value.v !== "");
}

function rowText(part) {
  if (part.tree) return wrapped(part.tree);
  if (!isWhole(part)) return null;
  const value = () => (part.value.name ? part.value.name : literal(part.value.v));
  switch (part.op) {
    case "yes": return `${part.name} == True`;
    case "no": return `${part.name} == False`;
    case "filled": return `${part.name} != None`;
    case "empty": return `${part.name} == None`;
    case "in": case "not in": return `${part.name} ${part.op} [${part.value.list.map(literal).join(", ")}]`;
    case "has": return `${value()} in ${part.name}`;
    case "has not": return `${value()} not in ${part.name}`;
    default: return part.op.startsWith("count ") ? `len(${part.name}) ${part.op.slice(6)} ${value()}` : `${part.name} ${part.op} ${value()}`;
  }
}

function wrapped(tree) {
  return tree.t === "and" || tree.t === "or" || tree.t === "if" ? `(${write(tree)})` : write(tree);
}

/** What an expression says, as an Indonesian sentence part. `find(name)` gives {label, values} or undefined.
 *  Throws ExpressionFault for a text that is none. */
export function sentence(text, find = () => undefined) {
  const label = (name) => find(name)?.label || name;
  const value = (tree) => {
    switch (tree.t) {
      case "name": return label(tree.id);
      case "const": return valueWords(tree.v);
      case "bin": return `${value(tree.left)} ${tree.op} ${value(tree.right)}`;
      case "list": return tree.of.map(value).join(", ");
      case "if": return t("{then} bila {test}, selain itu {other}", { then: value(tree.then), test: truth(tree.test), other: value(tree.other) });
      case "call": return callWords(tree, value);
      case "and": case "or": case "not": case "cmp": return truth(tree, 1);
      default: return write(tree);
    }
  };
  const truth = (tree, rank = 0) => {
    if (tree.t === "and" || tree.t === "or") {
      const said = tree.of.map((part) => truth(part, 1)).join(` ${tree.t === "and" ? t("dan") : t("atau")} `);
      return rank ? `(${said})` : said;
    }
    const found = read(tree);
    if (found) return rowWords(found, find);
    if (tree.t === "not") return `${t("tidak benar bahwa")} ${truth(tree.of, 1)}`;
    if (tree.t !== "cmp") return value(tree);
    return value(tree.left) + tree.rest.map(([op, part]) => ` ${(OPERATORS[op]).words()} ${value(part)}`).join("");
  };
  return truth(parse(text));
}

function callWords(tree, value) {
  const of = tree.of.map(value);
  switch (tree.name) {
    case "len": return t("jumlah {of}", { of: of[0] });
    case "hari_kerja": return t("{n} hari kerja", { n: of[0] });
    case "jam_kerja": return t("{n} jam kerja", { n: of[0] });
    case "hari": return t("{n} hari kalender", { n: of[0] });
    case "jam": return t("{n} jam", { n: of[0] });
    case "menit": return t("{n} menit", { n: of[0] });
    case "tenggat": return t("{n} % dari batas waktu", { n: of[0] });
    case "sekarang": return t("saat ini");
    case "hari_ini": return t("hari ini");
    default: return `${tree.name}(${of.join(", ")})`;
  }
}

function rowWords(found, find) {
  const data = find(found.name);
  const { words, needs } = OPERATORS[found.op];
  if (found.op === "yes" || found.op === "no") return `${data?.label || found.name}: ${words()}`;
  const told = (v) => data?.values?.find((one) => one.value === v)?.label ?? v;
  let value = "";
  if (needs === "many") value = ` ${found.value.list.map((v) => valueWords(told(v))).join(", ")}`;
  else if (needs) value = ` ${found.value.name ? find(found.value.name)?.label || found.value.name : valueWords(told(found.value.v))}`;
  return `${data?.label || found.name} ${words()}${value}`;
}

function valueWords(v) {
  if (v === null) return t("kosong");
  if (v === true) return t("ya");
  if (v === false) return t("tidak");
  return typeof v === "number" ? String(v).replace(".", ",") : `“${v}”`;
}
