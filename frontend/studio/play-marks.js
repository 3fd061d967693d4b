// Where a try stands, on the diagram: what was walked, where it waits now, what may come next.

import { dictionary } from "./dictionary.js";

const say = dictionary({
  id: { done: "sudah dilalui", now: "di sini sekarang", next: "mungkin berikutnya" },
  en: { done: "walked already", now: "here now", next: "may come next" },
});

const LAYERS = ["play-done", "play-next", "play-now"];

/** Draw it. `follow`: bring where it waits into sight; `look`: this element instead. */
export function drawPlay(studio, told, { follow = false, look = null } = {}) {
  const { done, tokens, next } = told.marks;
  const registry = studio.modeler.get("elementRegistry");
  const holds = (id) => registry.get(id)?.children?.some((child) => !child.labelTarget) ?? false;
  const now = new Set(tokens);
  const walked = [...done.flows, ...done.elements].map(([, id]) => id).filter((id) => !now.has(id) && !holds(id));
  studio.marks.set("play-done", walked.map((id) => ({ element: id, className: "play-done", title: say("done") })));
  studio.marks.set("play-next", next.map(([, id]) => id).filter((id) => !now.has(id))
    .map((id) => ({ element: id, className: "play-next", title: say("next") })));
  studio.marks.set("play-now", tokens.filter((id) => !holds(id)).map((id) => ({ element: id, className: "play-now", title: say("now") })));
  const wanted = look ?? (follow ? deepest(studio, tokens) : null);
  const element = wanted && registry.get(wanted);
  if (element) studio.modeler.get("canvas").scrollToElement(element, 80);
}

export function clearPlay(studio) {
  for (const layer of LAYERS) studio.marks.clear(layer);
}

/** The waiting element that holds no other: a task rather than the sub-process around it. */
function deepest(studio, tokens) {
  const registry = studio.modeler.get("elementRegistry");
  const found = tokens.filter((id) => registry.get(id));
  return found.find((id) => registry.get(id).type === "bpmn:UserTask") ?? found[0] ?? null;
}
