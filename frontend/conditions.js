// Shows and hides fields while somebody types, by the condition trees of app/forms/conditions.py. The server
// decides again; nothing typed into a hidden field is thrown away here.

export function start(root) {
  const forms = new Set([...root.querySelectorAll("[data-visible-when], [data-required-when]")].map((part) => part.closest("form")));
  for (const form of forms) {
    if (!form || form.dataset.conditions) continue;
    form.dataset.conditions = "yes";
    const tell = () => apply(form);
    form.addEventListener("input", tell);
    form.addEventListener("change", tell);
    tell();
  }
}

function apply(form) {
  for (const part of form.querySelectorAll("[data-visible-when]")) {
    part.hidden = !truth(value(JSON.parse(part.dataset.visibleWhen), reader(form, part)));
  }
  for (const part of form.querySelectorAll("[data-required-when]")) {
    const mark = part.querySelector("[data-required-mark]");
    if (mark) mark.hidden = !truth(value(JSON.parse(part.dataset.requiredWhen), reader(form, part)));
  }
}

/** Answers as seen from a part; around a button that itself answers a question, data-assume holds that answer. */
function reader(form, part) {
  const assumed = JSON.parse(part.closest("[data-assume]")?.dataset.assume ?? "{}");
  return (name) => (name in assumed ? assumed[name] : answer(form, name));
}

/** What a field answers now, as the server will read it; null when nothing, and when it is not shown itself. */
function answer(form, name) {
  const inputs = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  const first = inputs[0];
  if (!first || first.closest("[data-visible-when]")?.hidden) return null;
  if (first.type === "checkbox" || first.type === "hidden") {
    return inputs.filter((input) => input.type === "hidden" || input.checked).map((input) => input.value);
  }
  if (first.type === "radio") {
    const chosen = inputs.find((input) => input.checked);
    if (!chosen) return null;
    if (inputs.every((input) => input.value === "true" || input.value === "false")) return chosen.value === "true";
    return first.closest(".field--rating") ? Number(chosen.value) : chosen.value;
  }
  const text = first.value.trim();
  if (text === "") return null;
  return first.closest(".field--number") ? number(text) : first.value;
}

function number(text) {
  const plain = /^[+-]?\d{1,3}(\.\d{3})+(,\d+)?$/.test(text) ? text.replaceAll(".", "") : text;
  const read = Number(plain.replace(",", "."));
  return Number.isNaN(read) ? text : read;
}

function truth(result) {
  return Array.isArray(result) ? result.length > 0 : Boolean(result);
}

function value(tree, answers) {
  if ("field" in tree) return answers(tree.field);
  if ("value" in tree) return tree.value;
  if (tree.op === "and" || tree.op === "or") {
    let last = tree.op === "and";
    for (const part of tree.of) {
      last = value(part, answers);
      if (truth(last) !== (tree.op === "and")) return last;
    }
    return last;
  }
  const [left, right] = tree.of.map((part) => value(part, answers));
  switch (tree.op) {
    case "not": return !truth(left);
    case "list": return tree.of.map((part) => value(part, answers));
    case "len": return left?.length ?? 0;
    case "lower": return String(left ?? "").toLowerCase();
    case "upper": return String(left ?? "").toUpperCase();
    case "==": return same(left, right);
    case "!=": return !same(left, right);
    case "in": return within(left, right);
    case "not in": return !within(left, right);
    default: return ordered(tree.op, left, right);
  }
}

function same(left, right) {
  return JSON.stringify(left ?? null) === JSON.stringify(right ?? null);
}

function within(left, right) {
  if (Array.isArray(right)) return right.some((one) => same(left, one));
  return typeof right === "string" && typeof left === "string" && right.includes(left);
}

function ordered(op, left, right) {
  if (left === null || right === null || left === undefined || right === undefined) return false;
  switch (op) {
    case "<": return left < right;
    case "<=": return left <= right;
    case ">": return left > right;
    default: return left >= right;
  }
}
