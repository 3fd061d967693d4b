// Where a diagram reads a name, and giving data another name everywhere at once.

import { literal, namesIn, renameIn, tryParse, write } from "./expression.js";
import { assignments } from "./variables.js";
import { eventOf, everything, extensionOf, fieldsOf, is, processesOf, timerOf } from "./reading.js";

/** Every expression of a file: {node, part, property, text}; scripts come as a whole. */
function* expressions(root) {
  for (const process of processesOf(root)) {
    const total = extensionOf(process, "sop:Process");
    if (total?.total) yield { node: process, part: total, property: "total", text: total.total };
  }
  for (const node of everything(root)) {
    const task = extensionOf(node, "sop:Task");
    if (task?.deadline) yield { node, part: task, property: "deadline", text: task.deadline };
    if (node.conditionExpression?.body) yield { node, part: node.conditionExpression, property: "body", text: node.conditionExpression.body };
    const timer = timerOf(node);
    if (timer.text) yield { node, part: eventOf(node)[timer.place], property: "body", text: timer.text };
    for (const field of fieldsOf(node)) {
      for (const property of ["visibleWhen", "requiredWhen", "default"]) {
        if (field[property]) yield { node, part: field, property, text: field[property] };
      }
    }
    for (const part of extensionOf(node, "sop:Service")?.parameters ?? []) {
      if (part.value) yield { node, part, property: "value", text: part.value };
    }
    const ending = node.loopCharacteristics?.completionCondition;
    if (ending?.body) yield { node, part: ending, property: "body", text: ending.body };
    if (node.script) yield { node, part: node, property: "script", text: node.script, lines: true };
  }
}

function reads(one, name) {
  return one.lines ? assignments(one.text).some((line) => namesIn(line.expression).has(name)) : namesIn(one.text).has(name);
}

/** Nodes that read `name`, each once, in file order. */
export function usersOf(root, name) {
  const found = [...expressions(root)].filter((one) => reads(one, name)).map((one) => one.node);
  for (const node of everything(root)) {
    if (node.loopCharacteristics?.loopDataInputRef === name) found.push(node);
  }
  return [...new Set(found)];
}

/** Whether another form of the file asks for the same data. */
export function askedElsewhere(root, name, here) {
  return [...everything(root)].filter((node) => is(node, "bpmn:UserTask") && node !== here && fieldsOf(node).some((one) => one.id === name));
}

/** Write `to` wherever `from` is read; a step within pen.together. */
export function renameEverywhere(pen, element, root, from, to) {
  for (const one of [...expressions(root)]) {
    if (!reads(one, from)) continue;
    const text = one.lines ? assignments(one.text).map((line) => renamed(line, from, to)).join("\n") : renameIn(one.text, from, to);
    pen.part(element, one.part, { [one.property]: text });
  }
  for (const node of everything(root)) {
    const loop = node.loopCharacteristics;
    if (loop?.loopDataInputRef === from) pen.part(element, loop, { loopDataInputRef: to });
  }
}

function renamed(line, from, to) {
  if (!line.name || !namesIn(line.expression).has(from)) return line.raw;
  return `${line.name} = ${renameIn(line.expression, from, to)}`;
}

/** Where an answer is compared with `from`, compare it with `to`: an option was given another code. */
export function revalueEverywhere(pen, element, root, name, from, to) {
  for (const one of [...expressions(root)]) {
    if (one.lines || !reads(one, name)) continue;
    const tree = tryParse(one.text);
    const found = tree && revalued(tree, name, from, to);
    if (found && found !== tree) pen.part(element, one.part, { [one.property]: write(found) });
  }
}

/** The tree with another constant beside the name; the same tree when there is none. */
function revalued(tree, name, from, to) {
  const swap = (part) => {
    if (part.t === "const" && part.v === from) return { t: "const", v: to, raw: literal(to) };
    return part.t === "list" ? mapped(part, swap) : part;
  };
  const isIt = (part) => part.t === "name" && part.id === name;
  if (tree.t === "cmp" && [tree.left, ...tree.rest.map(([, part]) => part)].some(isIt)) {
    const left = swap(tree.left);
    const rest = tree.rest.map(([op, part]) => [op, swap(part)]);
    return left === tree.left && rest.every(([, part], at) => part === tree.rest[at][1]) ? tree : { ...tree, left, rest };
  }
  if (tree.t === "if") {
    const [test, then, other] = [tree.test, tree.then, tree.other].map((part) => revalued(part, name, from, to));
    return test === tree.test && then === tree.then && other === tree.other ? tree : { ...tree, test, then, other };
  }
  if (tree.t === "not") {
    const of = revalued(tree.of, name, from, to);
    return of === tree.of ? tree : { ...tree, of };
  }
  return tree.t === "and" || tree.t === "or" ? mapped(tree, (part) => revalued(part, name, from, to)) : tree;
}

function mapped(tree, change) {
  const of = tree.of.map(change);
  return of.every((part, at) => part === tree.of[at]) ? tree : { ...tree, of };
}
