// A small reader and writer of the expression language of our SOPs (app/engine/expressions.py, which decides).
// The panel only needs to know what an expression says, to show it as picked parts and as a sentence. What it
// cannot read stays as it was typed.
//
// Trees: {t: "const", v, raw} · {t: "name", id} · {t: "and" | "or", of} · {t: "not", of} · {t: "cmp", left,
// rest: [[op, tree]]} · {t: "bin", op, left, right} · {t: "sign", op, of} · {t: "list", of} · {t: "dict", of:
// [[key, value]]} · {t: "call", name, of} · {t: "key", of, name} · {t: "item", of, key} · {t: "if", test, then, other}

import { t } from "./words.js";

export class ExpressionFault extends Error {}

export const FUNCTIONS = {
  hari_kerja: [1, 1], jam_kerja: [1, 1], hari: [1, 1], jam: [1, 1], menit: [1, 1], tenggat: [1, 1],
  len: [1, 1], round: [1, 2], min: [1, 50], max: [1, 50], lower: [1, 1], upper: [1, 1], sekarang: [0, 0], hari_ini: [0, 0],
};

const WORDS = new Set(["and", "or", "not", "in", "if", "else"]);
const CONSTANTS = { True: true, False: false, None: null };
const BORROWED = { true: "True", false: "False", null: "None", nil: "None" };
const TOKEN = /\s+|(?<name>[A-Za-z_][A-Za-z0-9_]*)|(?<number>(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)|(?<string>'(?:[^'\\\n]|\\['"\\nt])*'|"(?:[^"\\\n]|\\['"\\nt])*")|(?<sign>==|!=|<=|>=|[<>+\-*/%()[\]{},:.])/y;
const ESCAPES = { n: "\n", t: "\t" };

/** [{kind: "name" | "number" | "string" | "sign", text, at}]. Throws ExpressionFault. */
export function tokens(text) {
  const found = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new ExpressionFault(advice(text, at));
    for (const kind of ["name", "number", "string", "sign"]) {
      if (match.groups[kind] !== undefined) found.push({ kind, text: match[0], at });
    }
  }
  return found;
}

function advice(text, at) {
  if (text.includes("${") || text.includes("#{")) return t("Tulis namanya saja, tanpa ${…}.");
  if (text.includes("&&") || text.includes("||")) return t("Tulis and atau or.");
  if (text[at] === "=") return t("Pakai == untuk membandingkan.");
  if (text[at] === "'" || text[at] === '"') return t("Tanda kutip belum ditutup.");
  return t("Bagian “{part}” tidak dapat dibaca.", { part: text.slice(at, at + 12) });
}

/** The tree of an expression. Throws ExpressionFault with an Indonesian sentence. */
export function parse(text) {
  const reader = new Reader(tokens(text));
  if (!reader.now) throw new ExpressionFault(t("Ungkapan kosong."));
  const tree = reader.choice();
  if (reader.now) throw new ExpressionFault(t("Bagian “{part}” tidak dapat dibaca.", { part: reader.now.text }));
  return tree;
}

/** The tree, or null when the text is none of ours. */
export function tryParse(text) {
  try {
    return parse(text);
  } catch (fault) {
    if (fault instanceof ExpressionFault) return null;
    throw fault;
  }
}

class Reader {
  constructor(list) {
    this.list = list;
    this.at = 0;
  }

  get now() {
    return this.list[this.at];
  }

  is(text) {
    return this.now && this.now.kind !== "string" && this.now.text === text;
  }

  take(text) {
    if (!this.is(text)) return false;
    this.at += 1;
    return true;
  }

  need(text) {
    if (!this.take(text)) throw new ExpressionFault(t("Tanda {sign} belum ada.", { sign: text }));
  }

  choice() {
    const then = this.joined("or", () => this.joined("and", () => this.negation()));
    if (!this.take("if")) return then;
    const test = this.joined("or", () => this.joined("and", () => this.negation()));
    this.need("else");
    return { t: "if", test, then, other: this.choice() };
  }

  joined(word, part) {
    const of = [part()];
    while (this.take(word)) of.push(part());
    return of.length === 1 ? of[0] : { t: word, of };
  }

  negation() {
    return this.take("not") ? { t: "not", of: this.negation() } : this.comparison();
  }

  comparison() {
    const left = this.sum();
    const rest = [];
    for (let op = this.comparator(); op; op = this.comparator()) rest.push([op, this.sum()]);
    return rest.length ? { t: "cmp", left, rest } : left;
  }

  comparator() {
    for (const op of ["==", "!=", "<=", ">=", "<", ">", "in"]) if (this.take(op)) return op;
    if (this.is("not") && this.list[this.at + 1]?.text === "in") {
      this.at += 2;
      return "not in";
    }
    return null;
  }

  sum() {
    return this.chain(["+", "-"], () => this.chain(["*", "/", "%"], () => this.signed()));
  }

  chain(signs, part) {
    let left = part();
    for (;;) {
      const op = signs.find((sign) => this.take(sign));
      if (!op) return left;
      left = { t: "bin", op, left, right: part() };
    }
  }

  signed() {
    for (const op of ["-", "+"]) if (this.take(op)) return { t: "sign", op, of: this.signed() };
    return this.reached();
  }

  reached() {
    let tree = this.single();
    for (;;) {
      if (this.take(".")) {
        tree = { t: "key", of: tree, name: this.word() };
      } else if (this.take("[")) {
        tree = { t: "item", of: tree, key: this.choice() };
        this.need("]");
      } else {
        return tree;
      }
    }
  }

  word() {
    const token = this.now;
    if (token?.kind !== "name" || WORDS.has(token.text)) throw new ExpressionFault(t("Nama belum ada sesudah titik."));
    this.at += 1;
    return token.text;
  }

  single() {
    const token = this.now;
    if (!token) throw new ExpressionFault(t("Ungkapan terputus di akhir."));
    this.at += 1;
    if (token.kind === "number") return { t: "const", v: Number(token.text), raw: token.text };
    if (token.kind === "string") return { t: "const", v: unquote(token.text), raw: token.text };
    if (token.kind === "name" && !WORDS.has(token.text)) return this.named(token.text);
    if (token.text === "(") {
      const tree = this.choice();
      this.need(")");
      return tree;
    }
    if (token.text === "[") return { t: "list", of: this.several("]", () => this.choice()) };
    if (token.text === "{") return { t: "dict", of: this.several("}", () => this.pair()) };
    throw new ExpressionFault(t("Bagian “{part}” tidak dapat dibaca.", { part: token.text }));
  }

  named(id) {
    if (id in CONSTANTS) return { t: "const", v: CONSTANTS[id], raw: id };
    if (id in BORROWED) throw new ExpressionFault(t("Tulis {right}, bukan {wrong}.", { right: BORROWED[id], wrong: id }));
    if (!this.is("(")) {
      if (id in FUNCTIONS) throw new ExpressionFault(t("“{name}” adalah fungsi: tulis {name}(…).", { name: id }));
      return { t: "name", id };
    }
    if (!(id in FUNCTIONS)) throw new ExpressionFault(t("Fungsi “{name}” tidak ada.", { name: id }));
    this.at += 1;
    const of = this.several(")", () => this.choice());
    const [least, most] = FUNCTIONS[id];
    if (of.length < least || of.length > most) {
      throw new ExpressionFault(t("Fungsi {name} memerlukan {n} nilai.", { name: id, n: least }));
    }
    return { t: "call", name: id, of };
  }

  several(close, part) {
    const found = [];
    while (!this.take(close)) {
      found.push(part());
      if (!this.take(",") && !this.is(close)) throw new ExpressionFault(t("Tanda {sign} belum ada.", { sign: close }));
    }
    return found;
  }

  pair() {
    const key = this.choice();
    this.need(":");
    return [key, this.choice()];
  }
}

function unquote(raw) {
  return raw.slice(1, -1).replace(/\\(.)/g, (_, letter) => ESCAPES[letter] ?? letter);
}

/** A text, number, truth value or null as the language writes it. */
export function literal(value) {
  if (value === null || value === undefined) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "number") return String(value);
  return `'${value.replace(/\\/g, "\\\\").replace(/'/g, "\\'").replace(/\n/g, "\\n").replace(/\t/g, "\\t")}'`;
}

const RANK = { if: 0, or: 1, and: 2, not: 3, cmp: 4, sign: 7 };

function rank(tree) {
  if (tree.t === "bin") return tree.op === "+" || tree.op === "-" ? 5 : 6;
  return RANK[tree.t] ?? 9;
}

/** The text of a tree, with the brackets it needs. */
export function write(tree) {
  const inside = (part, least) => (rank(part) < least ? `(${write(part)})` : write(part));
  switch (tree.t) {
    case "const": return tree.raw ?? literal(tree.v);
    case "name": return tree.id;
    case "and": case "or": return tree.of.map((part) => inside(part, rank(tree) + 1)).join(` ${tree.t} `);
    case "not": return `not ${inside(tree.of, 3)}`;
    case "cmp": return [inside(tree.left, 5), ...tree.rest.map(([op, part]) => `${op} ${inside(part, 5)}`)].join(" ");
    case "bin": return `${inside(tree.left, rank(tree))} ${tree.op} ${inside(tree.right, rank(tree) + 1)}`;
    case "sign": return `${tree.op}${inside(tree.of, 7)}`;
    case "list": return `[${tree.of.map(write).join(", ")}]`;
    case "dict": return `{${tree.of.map(([key, value]) => `${write(key)}: ${write(value)}`).join(", ")}}`;
    case "call": return `${tree.name}(${tree.of.map(write).join(", ")})`;
    case "key": return `${inside(tree.of, 9)}.${tree.name}`;
    case "item": return `${inside(tree.of, 9)}[${write(tree.key)}]`;
    case "if": return `${inside(tree.then, 1)} if ${inside(tree.test, 1)} else ${write(tree.other)}`;
    default: throw new TypeError(`no such tree: ${tree.t}`);
  }
}

/** Variables an expression reads; none when it cannot be read. */
export function namesIn(text) {
  let list;
  try {
    list = tokens(text);
  } catch (fault) {
    if (fault instanceof ExpressionFault) return new Set();
    throw fault;
  }
  return new Set(list.filter((token, at) => isVariable(list, at)).map((token) => token.text));
}

/** The same expression reading `to` where it read `from`; every other letter stays. */
export function renameIn(text, from, to) {
  if (!namesIn(text).has(from)) return text;
  const list = tokens(text);
  let made = "";
  let end = 0;
  list.forEach((token, at) => {
    if (token.text !== from || !isVariable(list, at)) return;
    made += text.slice(end, token.at) + to;
    end = token.at + token.text.length;
  });
  return made + text.slice(end);
}

function isVariable(list, at) {
  const token = list[at];
  return token.kind === "name" && !WORDS.has(token.text) && !(token.text in CONSTANTS)
    && list[at - 1]?.text !== "." && !(list[at + 1]?.text === "(" && token.text in FUNCTIONS);
}
