// Which lane a step belongs to after it moved. bpmn-js looks for lanes no further than the sub-process a step lies
// in, so a step inside a group of steps would lose its role with every move; here the lanes of the pool count for
// everything drawn in it. Source: section "Lanes are roles" of the SOP format.

import UpdateFlowNodeRefsHandler from "bpmn-js/lib/features/modeling/cmd/UpdateFlowNodeRefsHandler.js";
import Modeling from "bpmn-js/lib/features/modeling/Modeling.js";
import { collectLanes } from "bpmn-js/lib/features/modeling/util/LaneUtil.js";

const is = (shape, type) => Boolean(shape?.businessObject?.$instanceOf?.(type));

class LaneRefs extends UpdateFlowNodeRefsHandler {
  _computeUpdates(flowNodeShapes, laneShapes) {
    const moved = new Set(flowNodeShapes.filter((one) => is(one, "bpmn:FlowNode")));
    for (const pool of new Set(laneShapes.map(poolOf))) {
      for (const shape of inside(pool)) moved.add(shape);
    }
    const updates = [...moved].map((shape) => {
      const bo = shape.businessObject;
      return { flowNode: bo, remove: bo.get("lanes").slice(), add: lanesFor(shape) };
    }).filter(({ remove, add }) => remove.length !== add.length || remove.some((one) => !add.includes(one)));
    for (const lane of laneShapes.filter((one) => !one.parent)) {
      for (const flowNode of lane.businessObject.get("flowNodeRef").slice()) {
        if (![...moved].some((shape) => shape.businessObject === flowNode)) {
          updates.push({ flowNode, remove: [lane.businessObject], add: [] });
        }
      }
    }
    return updates;
  }
}

function poolOf(shape) {
  let at = shape;
  while (at && !is(at, "bpmn:Participant")) at = at.parent;
  return at;
}

function* inside(box) {
  for (const child of box?.children ?? []) {
    if (is(child, "bpmn:FlowNode") && !child.labelTarget) yield child;
    yield* inside(child);
  }
}

/** The lanes, from the outermost inwards, that hold a shape now. */
function lanesFor(shape) {
  if (!shape.parent) return [];
  if (shape.host?.parent) return lanesFor(shape.host);
  const known = shape.businessObject.get("lanes");
  const pool = poolOf(shape);
  const lanes = pool ? collectLanes(pool) : [];
  // On the plane of a folded group there are no lanes to be in: what was picked stays.
  if (!lanes.length) return known.slice();
  // A group of steps drawn across several lanes stays where it was put as long as it touches that lane.
  const spans = is(shape, "bpmn:SubProcess") && shape.children.some((one) => is(one, "bpmn:FlowNode"));
  const kept = lanes.filter((lane) => known.includes(lane.businessObject) && overlaps(shape, lane));
  if (spans && kept.length) return kept.map((lane) => lane.businessObject);
  return lanes.filter((lane) => holds(lane, shape)).map((lane) => lane.businessObject);
}

function holds(lane, shape) {
  const x = shape.x + shape.width / 2;
  const y = shape.y + shape.height / 2;
  return x > lane.x && x < lane.x + lane.width && y > lane.y && y < lane.y + lane.height;
}

function overlaps(shape, lane) {
  return shape.x < lane.x + lane.width && shape.x + shape.width > lane.x && shape.y < lane.y + lane.height && shape.y + shape.height > lane.y;
}

class SopModeling extends Modeling {
  getHandlers() {
    return { ...super.getHandlers(), "lane.updateRefs": LaneRefs };
  }
}
SopModeling.$inject = Modeling.$inject;

export const laneRefsModule = { modeling: ["type", SopModeling] };
