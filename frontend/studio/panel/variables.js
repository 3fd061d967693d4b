// The data an SOP may read at one place: what the report brings, what earlier tasks answered, what tables and
// calculations set; each with where it comes from.

import { tryParse } from "./expression.js";
import { everything, extensionOf, fieldsOf, is, passedBefore, processOf } from "./reading.js";
import { t } from "./words.js";

/**
 * [{name, label, type, values, from, group, before}], one entry a name.
 * `group`: form (this very form) · answers · tables · counted · report · later. `before`: surely or possibly set
 * when a token comes to `at`. `catalog`: {report_data, decisions, units …}; `decisions`: those of the draft's files.
 */
export function variablesAt(root, at, catalog, decisions = [], { form = true } = {}) {
  const passed = at ? passedBefore(at) : new Set();
  const found = new Map();
  const add = (one) => {
    const known = found.get(one.name);
    if (!known) {
      found.set(one.name, one);
      return;
    }
    const [first, second] = known.group === "later" && one.group !== "later" ? [one, known] : [known, one];
    const label = first.label === first.name ? second.label : first.label;
    found.set(one.name, { ...first, label, type: first.type || second.type, values: first.values?.length ? first.values : second.values });
  };
  if (form) for (const field of fieldsOf(at)) if (field.type !== "info" && field.id) add(ofField(field, at, "form"));
  for (const one of loopData(at)) add(one);
  for (const node of everything(root)) {
    if (node === at) continue;
    const group = (name) => (!at || passed.has(node) || processOf(node) !== processOf(at) ? name : "later");
    for (const one of setBy(node, group, [...decisions, ...(catalog.decisions ?? [])])) add(one);
  }
  for (const one of catalog.report_data ?? []) {
    add({ name: one.name, label: one.text || one.name, type: one.type, values: listed(one, catalog), group: "report", from: t("dibawa laporan") });
  }
  return [...found.values()].map((one) => ({ ...one, values: one.values ?? listed(one, catalog) }));
}

function setBy(node, group, decisions) {
  if (is(node, "bpmn:UserTask")) {
    return fieldsOf(node).filter((field) => field.type !== "info" && field.id).map((field) => ofField(field, node, group("answers")));
  }
  if (is(node, "bpmn:BusinessRuleTask")) return ofDecision(node, group("tables"), decisions);
  if (is(node, "bpmn:ScriptTask")) return ofScript(node, group("counted"));
  if (is(node, "bpmn:ServiceTask") && extensionOf(node, "sop:Service")?.name === "tetapkan_opd") {
    return [{ name: "opd", label: t("Unit pemegang laporan"), type: "unit", group: group("counted"), from: named(node) }];
  }
  return [];
}

function ofField(field, node, group) {
  return {
    name: field.id, label: field.label || field.id, type: field.type, group,
    values: ["choice", "choices"].includes(field.type) ? (field.options ?? []).map(({ value, label }) => ({ value, label: label || value })) : undefined,
    from: group === "form" ? t("isian formulir ini") : t("isian “{task}”", { task: named(node) }),
  };
}

function ofDecision(node, group, decisions) {
  const table = decisions.find((one) => one.key === node.decision);
  return (table?.outputs ?? []).map((output) => ({
    name: output.name ?? output, label: output.label || output.name || output, type: plainType(output.type), group,
    from: t("tabel “{table}”", { table: table.name || table.key }),
  }));
}

function plainType(type) {
  return { string: "string", number: "number", integer: "integer", boolean: "boolean", date: "date" }[type] ?? "";
}

function ofScript(node, group) {
  return assignments(node.script ?? "").filter((one) => one.name).map(({ name, expression }) => ({
    name, label: name, type: typeOf(expression), group, from: t("hitungan “{task}”", { task: named(node) }),
  }));
}

function typeOf(expression) {
  const tree = tryParse(expression);
  if (tree?.t === "and" || tree?.t === "or" || tree?.t === "not" || tree?.t === "cmp") return "boolean";
  if (tree?.t === "bin") return "number";
  if (tree?.t !== "const") return "";
  return { boolean: "boolean", number: "number", string: "string" }[typeof tree.v] ?? "";
}

/** [{name, expression, raw}] of a script; lines that assign nothing keep their text in `raw` only. */
export function assignments(script) {
  return script.split(/\r\n|\r|\n/).map((raw) => {
    const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=(?!=)\s*(.*?)\s*$/.exec(raw);
    return match ? { raw, name: match[1], expression: match[2] } : { raw, name: "", expression: "" };
  });
}

/** Inside a multi-instance: the item of this child. */
function loopData(at) {
  const found = [];
  for (let node = at; node; node = node.$parent) {
    const item = node.loopCharacteristics?.inputDataItem;
    if (item) {
      const name = itemName(item);
      found.push({ name, label: name, type: name === "opd" ? "unit" : "", group: "counted", from: t("satu dari daftar “{task}”", { task: named(node) }) });
    }
  }
  return found;
}

/** Variable of a data item: its name where that is a word, else its id. */
export function itemName(item) {
  return /^[a-z_][a-z0-9_]*$/.test(item?.name ?? "") ? item.name : item?.id ?? "";
}

function named(node) {
  return node.name || node.id;
}

function listed(one, catalog) {
  if (one.values?.length) return one.values.map((value) => (typeof value === "object" ? value : { value, label: value }));
  const named = (list) => (list ?? []).map((row) => ({ value: row.code, label: row.name }));
  if (one.type === "unit") return named(catalog.units);
  if (one.type === "category") return named(catalog.categories);
  return undefined;
}

/** {name → entry} for words. */
export function finder(variables) {
  const byName = new Map(variables.map((one) => [one.name, one]));
  return (name) => byName.get(name);
}

/** Decisions of DMN files as the catalog tells them: {key, name, file, inputs, outputs: [{name, label, type}]}. */
export function decisionsIn(files) {
  return Object.entries(files).flatMap(([file, text]) => {
    const page = new DOMParser().parseFromString(text, "application/xml");
    return [...page.getElementsByTagNameNS("*", "decision")].map((one) => ({
      key: one.getAttribute("id"), name: one.getAttribute("name") || one.getAttribute("id"), file,
      inputs: [...one.getElementsByTagNameNS("*", "inputExpression")].map((part) => part.textContent.trim()),
      outputs: [...one.getElementsByTagNameNS("*", "output")].map((part) => ({
        name: part.getAttribute("name"), label: part.getAttribute("label"), type: part.getAttribute("typeRef") })),
    }));
  });
}
