// Reading what a diagram declares; moddle objects in, plain values out. Nothing here changes anything.

export const is = (bo, type) => Boolean(bo?.$instanceOf?.(type));

/** The sop: element of a node, e.g. extensionOf(bo, "sop:Task"); undefined when there is none. */
export function extensionOf(bo, type) {
  return bo?.extensionElements?.values?.find((one) => one.$type === type);
}

/** The fields of a user task's form. */
export function fieldsOf(bo) {
  return extensionOf(bo, "sop:Form")?.fields ?? [];
}

/** The event definition of an event, undefined for a plain one. */
export function eventOf(bo) {
  return bo?.eventDefinitions?.[0];
}

/** {place, text} of a timer. */
export function timerOf(bo) {
  const event = eventOf(bo);
  for (const place of ["timeDate", "timeDuration", "timeCycle"]) {
    if (event?.[place]) return { place, text: event[place].body ?? "" };
  }
  return { place: null, text: "" };
}

/** The definitions a node belongs to. */
export function rootOf(bo) {
  let at = bo;
  while (at?.$parent) at = at.$parent;
  return at;
}

export function processesOf(root) {
  return (root?.rootElements ?? []).filter((one) => one.$type === "bpmn:Process");
}

/** The process a node lies in. */
export function processOf(bo) {
  let at = bo;
  while (at && at.$type !== "bpmn:Process") at = at.$parent;
  return at;
}

/** Every flow element of a process or sub-process, those inside sub-processes too. */
export function* within(box) {
  for (const one of box?.flowElements ?? []) {
    yield one;
    if (one.flowElements) yield* within(one);
  }
}

/** Every flow element of a file. */
export function* everything(root) {
  for (const process of processesOf(root)) yield* within(process);
}

/** The innermost lane that names a node, or that of what encloses it; {lane, inherited}. */
export function laneOf(bo) {
  const process = processOf(bo);
  for (let at = bo; at && at !== process; at = at.$parent) {
    const lane = [...lanesOf(process)].reverse().find((one) => one.flowNodeRef?.includes(at));
    if (lane) return { lane, inherited: at !== bo };
  }
  return { lane: null, inherited: false };
}

/** Lanes of a process from the outermost inwards. */
export function lanesOf(process) {
  const found = [];
  const collect = (set) => {
    for (const lane of set?.lanes ?? []) {
      found.push(lane);
      collect(lane.childLaneSet);
    }
  };
  for (const set of process?.laneSets ?? []) collect(set);
  return found;
}

/** Nodes that may be behind a token that stands at `bo`: what was passed before. */
export function passedBefore(bo) {
  const passed = new Set();
  const seen = new Set();
  const waiting = [bo];
  while (waiting.length) {
    const node = waiting.pop();
    if (!node || seen.has(node)) continue;
    seen.add(node);
    if (is(node, "bpmn:SequenceFlow")) {
      pass(node.sourceRef, passed, waiting);
      continue;
    }
    for (const flow of node.incoming ?? []) pass(flow.sourceRef, passed, waiting);
    if (is(node, "bpmn:BoundaryEvent")) waiting.push(node.attachedToRef);
    if (is(node.$parent, "bpmn:SubProcess")) waiting.push(node.$parent);
  }
  return passed;
}

function pass(node, passed, waiting) {
  if (!node) return;
  passed.add(node);
  if (is(node, "bpmn:BoundaryEvent") && is(node.attachedToRef, "bpmn:SubProcess")) {
    for (const inner of within(node.attachedToRef)) passed.add(inner);
  }
  for (const inner of within(node)) passed.add(inner);
  waiting.push(node);
}
