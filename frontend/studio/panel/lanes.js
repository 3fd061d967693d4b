// Moving a step into the lane of another role, to a free place at the same height of the flow where there is one.

import { is } from "./reading.js";

const STEP = 10;
const AIR = 20;

/** [{shape, bo}] of the innermost lanes of the pool a shape stands in, from top to bottom. */
export function lanesBeside(modeler, element) {
  let pool = element;
  while (pool && !is(pool.businessObject, "bpmn:Participant")) pool = pool.parent;
  if (!pool) return [];
  const lanes = modeler.get("elementRegistry").filter((one) => one.type === "bpmn:Lane" && !one.labelTarget && belongs(one, pool));
  return lanes.filter((one) => !one.children.some((child) => child.type === "bpmn:Lane"))
    .sort((one, other) => one.y - other.y).map((shape) => ({ shape, bo: shape.businessObject }));
}

function belongs(shape, pool) {
  for (let at = shape.parent; at; at = at.parent) if (at === pool) return true;
  return false;
}

/** Move `element` (with what is attached to it) up or down into `lane`. */
export function moveInto(modeler, element, lane) {
  const others = modeler.get("elementRegistry").filter((one) => is(one.businessObject, "bpmn:FlowNode") && one.width && !one.labelTarget
    && one !== element && one.host !== element && one.type !== "bpmn:SubProcess" && one.parent === element.parent);
  const y = freePlace(element, lane, others);
  modeler.get("modeling").moveElements([element], { x: 0, y: y - element.y }, element.parent);
}

/** The top of the nearest free place to the middle of the lane; its middle when everything is taken. */
function freePlace(element, lane, others) {
  const middle = Math.round(lane.y + lane.height / 2 - element.height / 2);
  const isFree = (y) => y >= lane.y && y + element.height <= lane.y + lane.height && !others.some((one) => (
    one.x < element.x + element.width + AIR && one.x + one.width + AIR > element.x && one.y < y + element.height + AIR && one.y + one.height + AIR > y));
  for (let away = 0; away < lane.height; away += STEP) {
    if (isFree(middle - away)) return middle - away;
    if (isFree(middle + away)) return middle + away;
  }
  return middle;
}
