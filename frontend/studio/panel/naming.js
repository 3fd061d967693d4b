// Names for data, made from what people write: "Foto sesudah" becomes `foto_sesudah`.

const RESERVED = new Set(["and", "or", "not", "in", "if", "else", "is", "none", "true", "false", "typename", "for", "lambda",
  "hari_kerja", "jam_kerja", "hari", "jam", "menit", "tenggat", "len", "round", "min", "max", "lower", "upper",
  "sekarang", "hari_ini", "def", "from", "import", "as", "with", "while", "return", "class", "del", "pass", "try", "global",
  "assert", "async", "await", "break", "continue", "elif", "except", "finally", "nonlocal", "raise", "yield"]);
const LONGEST = 40;

/** A valid name near `text`; `otherwise` when no letter of it can stand in one. */
export function nameFrom(text, otherwise = "isian") {
  const plain = text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/[^a-z0-9]+/g, "_").replace(/^[_0-9]+|_+$/g, "");
  const whole = plain.slice(0, LONGEST + 1);
  const short = whole.length > LONGEST ? whole.slice(0, Math.max(whole.lastIndexOf("_"), 20)).replace(/_+$/, "") : whole;
  const name = short || otherwise;
  return RESERVED.has(name) ? `${name}_isian` : name;
}

/** `name`, or with the first number that makes it new among `taken`. */
export function unique(name, taken) {
  const known = new Set(taken);
  if (!known.has(name)) return name;
  let n = 2;
  while (known.has(`${name}_${n}`)) n += 1;
  return `${name}_${n}`;
}

/** Whether data may carry this name. */
export function isName(text) {
  return /^[a-z_][a-z0-9_]*$/i.test(text) && !text.startsWith("__") && !RESERVED.has(text.toLowerCase());
}
