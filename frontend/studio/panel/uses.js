// Where a diagram reads a name, and giving data another name everywhere at once.

import { namesIn, renameIn } from "./expression.js";
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
