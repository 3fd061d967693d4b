// A drawing for a file that has none: SOPs written by hand or by a program run without one, but can only be edited
// when they are drawn. Steps stand in columns by how far they are from the start, lanes are bands, a group of steps
// is laid out by itself. Places mean nothing to the engine; the officer moves what should stand elsewhere.

const BPMN = "http://www.omg.org/spec/BPMN/20100524/MODEL";
const BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI";
const DC = "http://www.omg.org/spec/DD/20100524/DC";
const DI = "http://www.omg.org/spec/DD/20100524/DI";
const GAP_X = 60;
const GAP_Y = 40;
const EDGE = 40;
const TITLE = 30;
const BESIDE = 44;
const INSIDE = 20;
const LEAST_BAND = 120;
const NODE = /(Task|^task|Gateway|Event|^subProcess|^callActivity)$/;

const parts = (box, ...names) => [...box.children].filter((one) => one.namespaceURI === BPMN && names.includes(one.localName));
const id = (node) => node.getAttribute("id");

/** The same file with a drawing; null when it has no process to draw, or one already. */
export function drawnAnew(xml) {
  const file = new DOMParser().parseFromString(xml, "application/xml");
  const root = file.documentElement;
  if (root.namespaceURI !== BPMN || file.querySelector("parsererror")) return null;
  const processes = parts(root, "process").filter((one) => nodesOf(one).length);
  if (!processes.length || file.getElementsByTagNameNS(BPMNDI, "BPMNShape").length) return null;
  const laned = processes.map((process) => leafLanes(process));
  const pools = processes.length > 1 || laned.some((lanes) => lanes.length) || parts(root, "collaboration").length > 0;
  const collaboration = pools ? withPools(file, root, processes) : null;
  for (const old of [...file.getElementsByTagNameNS(BPMNDI, "BPMNDiagram")]) old.remove();

  const paper = new Paper(file, id(collaboration ?? processes[0]));
  let top = EDGE;
  processes.forEach((process, n) => {
    const pool = pools && parts(collaboration, "participant").find((one) => one.getAttribute("processRef") === id(process));
    const left = pool ? EDGE + TITLE + (laned[n].length ? TITLE : 0) : 0;
    const plan = layOut(process, laned[n]);
    const bands = [];
    let y = top;
    for (let band = 0; band < Math.max(1, laned[n].length); band += 1) {
      bands.push({ y, height: Math.max(LEAST_BAND, tallest(plan, band)) });
      y += bands[band].height;
    }
    if (pool) {
      const isHorizontal = "true";
      const right = left + plan.width;
      paper.shape(id(pool), { x: EDGE, y: top, width: right - EDGE, height: y - top }, { isHorizontal });
      laned[n].forEach((lane, band) => paper.shape(id(lane),
        { ...bands[band], x: EDGE + TITLE, width: right - EDGE - TITLE }, { isHorizontal }));
    }
    paper.put(plan, places(plan, left, bands));
    top = y + GAP_Y;
  });
  root.append(paper.diagram);
  return new XMLSerializer().serializeToString(file);
}

function withPools(file, root, processes) {
  let collaboration = parts(root, "collaboration")[0];
  const make = (name) => file.createElementNS(BPMN, root.prefix ? `${root.prefix}:${name}` : name);
  if (!collaboration) {
    collaboration = make("collaboration");
    collaboration.setAttribute("id", `kerja_sama_${id(processes[0])}`);
    root.insertBefore(collaboration, processes[0]);
  }
  for (const process of processes) {
    if (parts(collaboration, "participant").some((one) => one.getAttribute("processRef") === id(process))) continue;
    const pool = make("participant");
    pool.setAttribute("id", `kolam_${id(process)}`);
    pool.setAttribute("name", process.getAttribute("name") ?? "");
    pool.setAttribute("processRef", id(process));
    collaboration.append(pool);
  }
  return collaboration;
}

const nodesOf = (scope) => [...scope.children].filter((one) => one.namespaceURI === BPMN && NODE.test(one.localName) && id(one));

function leafLanes(process) {
  return [...process.getElementsByTagNameNS(BPMN, "lane")].filter((lane) => !parts(lane, "childLaneSet").length);
}

/**
 * The columns of a scope, from left to right: { cells: per band the ids that stand in it } or, for a group of steps,
 * { group, plan }. A group has a column of its own and crosses every band its steps stand in.
 */
function layOut(scope, lanes, around = 0) {
  const all = nodesOf(scope);
  const isBoundary = (node) => node.localName === "boundaryEvent";
  const hostOf = new Map(all.filter(isBoundary).map((node) => [id(node), node.getAttribute("attachedToRef")]));
  const nodes = all.filter((node) => !isBoundary(node));
  const ids = new Set(all.map(id));
  const flows = parts(scope, "sequenceFlow").map((flow) => ({
    id: id(flow), from: flow.getAttribute("sourceRef"), to: flow.getAttribute("targetRef"),
  })).filter(({ from, to }) => ids.has(from) && ids.has(to));
  const rank = ranks(nodes.map(id), flows.map(({ from, to }) => [hostOf.get(from) ?? from, to]));
  const bandOf = (node) => {
    const own = lanes.findIndex((lane) => parts(lane, "flowNodeRef").some((ref) => ref.textContent.trim() === id(node)));
    return own < 0 ? around : own;
  };
  const plan = { columns: [], sizes: new Map(nodes.map((node) => [id(node), sizeOf(node, all)])), flows, hostOf };
  for (let at = 0; at <= Math.max(0, ...rank.values()); at += 1) {
    const here = nodes.filter((node) => rank.get(id(node)) === at);
    const isGroup = (node) => node.localName === "subProcess" && nodesOf(node).length > 0;
    const cells = [];
    for (const node of here.filter((one) => !isGroup(one))) (cells[bandOf(node)] ??= []).push(id(node));
    if (cells.length) plan.columns.push({ cells, width: Math.max(...cells.flat().map((one) => plan.sizes.get(one).width)) });
    for (const node of here.filter(isGroup)) {
      const inner = layOut(node, lanes, bandOf(node));
      plan.columns.push({ group: id(node), plan: inner, width: Math.max(plan.sizes.get(id(node)).width, inner.width) });
    }
  }
  plan.width = plan.columns.reduce((sum, column) => sum + column.width + GAP_X, 2 * EDGE - GAP_X);
  return plan;
}

/** How tall a band must be for everything that stands in it. */
function tallest(plan, band) {
  return Math.max(0, ...plan.columns.map((column) => {
    if (column.plan) return uses(column.plan).includes(band) ? tallest(column.plan, band) + 2 * INSIDE : 0;
    return (column.cells[band] ?? []).reduce((sum, one) => sum + plan.sizes.get(one).height + GAP_Y, GAP_Y);
  }));
}

/** The bands a scope's steps stand in. */
function uses(plan) {
  return plan.columns.flatMap((column) => (column.plan ? uses(column.plan)
    : Object.keys(column.cells).filter((band) => column.cells[band]?.length).map(Number)));
}

/** Where everything comes to stand: Map id -> box, groups before what is in them. */
function places(plan, left, bands, depth = 0, boxes = new Map()) {
  let x = left + EDGE;
  for (const column of plan.columns) {
    if (column.plan) {
      const used = uses(column.plan).map((band) => bands[band]);
      const top = Math.min(...used.map((band) => band.y)) + INSIDE * (depth + 1) / 2;
      const bottom = Math.max(...used.map((band) => band.y + band.height)) - INSIDE * (depth + 1) / 2;
      boxes.set(column.group, { x, y: top, width: column.width, height: bottom - top, isGroup: true });
      places(column.plan, x, bands, depth + 1, boxes);
    } else {
      for (const [band, cell] of Object.entries(column.cells)) {
        const tall = cell.reduce((sum, one) => sum + plan.sizes.get(one).height + GAP_Y, -GAP_Y);
        let y = bands[band].y + (bands[band].height - tall) / 2;
        for (const one of cell) {
          const { width, height } = plan.sizes.get(one);
          boxes.set(one, { x: x + (column.width - width) / 2, y, width, height });
          y += height + GAP_Y;
        }
      }
    }
    x += column.width + GAP_X;
  }
  const beside = new Map();
  for (const [event, host] of plan.hostOf) {
    const box = boxes.get(host);
    if (!box) continue;
    const n = beside.get(host) ?? 0;
    beside.set(host, n + 1);
    boxes.set(event, { x: box.x + 12 + n * BESIDE, y: box.y + box.height - 18, width: 36, height: 36, hangs: true });
  }
  return boxes;
}

function sizeOf(node, all) {
  const events = all.filter((one) => one.getAttribute("attachedToRef") === id(node)).length;
  const least = Math.max(120, 24 + events * BESIDE);
  if (/Event$/.test(node.localName)) return { width: 36, height: 36 };
  return /Gateway$/.test(node.localName) ? { width: 50, height: 50 } : { width: least, height: 80 };
}

/** Node -> column: the longest way from a start, flows that lead back left out. */
function ranks(ids, edges) {
  const next = new Map(ids.map((one) => [one, []]));
  for (const [from, to] of edges) if (next.has(from) && next.has(to)) next.get(from).push(to);
  const state = new Map();
  const order = [];
  const ahead = new Map(ids.map((one) => [one, []]));
  const entered = new Set(edges.map(([, to]) => to));
  for (const start of [...ids.filter((one) => !entered.has(one)), ...ids]) {
    const stack = state.has(start) ? [] : [[start, 0]];
    if (stack.length) state.set(start, "open");
    while (stack.length) {
      const top = stack[stack.length - 1];
      const to = next.get(top[0])[top[1]];
      top[1] += 1;
      if (to === undefined) {
        state.set(top[0], "done");
        order.unshift(top[0]);
        stack.pop();
      } else if (state.get(to) !== "open") {
        ahead.get(top[0]).push(to);
        if (!state.has(to)) {
          state.set(to, "open");
          stack.push([to, 0]);
        }
      }
    }
  }
  const rank = new Map(ids.map((one) => [one, 0]));
  for (const one of order) for (const to of ahead.get(one)) rank.set(to, Math.max(rank.get(to), rank.get(one) + 1));
  return rank;
}

/** The drawing being written. */
class Paper {
  constructor(file, plane) {
    this.file = file;
    this.diagram = this.#make(BPMNDI, "bpmndi:BPMNDiagram", { id: `gambar_${plane}` });
    this.plane = this.#make(BPMNDI, "bpmndi:BPMNPlane", { id: `bidang_${plane}`, bpmnElement: plane });
    this.diagram.append(this.plane);
  }

  shape(element, box, more = {}) {
    const shape = this.#make(BPMNDI, "bpmndi:BPMNShape", { id: `${element}_di`, bpmnElement: element, ...more });
    const bounds = Object.fromEntries(["x", "y", "width", "height"].map((name) => [name, Math.round(box[name])]));
    shape.append(this.#make(DC, "dc:Bounds", bounds));
    this.plane.append(shape);
  }

  put(plan, boxes) {
    for (const [one, box] of boxes) this.shape(one, box, box.isGroup ? { isExpanded: "true" } : {});
    this.#flows(plan, boxes);
  }

  #flows(plan, boxes) {
    for (const flow of plan.flows) this.#flow(flow.id, boxes.get(flow.from), boxes.get(flow.to));
    for (const column of plan.columns) if (column.plan) this.#flows(column.plan, boxes);
  }

  #flow(element, from, to) {
    if (!from || !to) return;
    const edge = this.#make(BPMNDI, "bpmndi:BPMNEdge", { id: `${element}_di`, bpmnElement: element });
    for (const [x, y] of way(from, to)) edge.append(this.#make(DI, "di:waypoint", { x: Math.round(x), y: Math.round(y) }));
    this.plane.append(edge);
  }

  #make(namespace, name, attributes) {
    const element = this.file.createElementNS(namespace, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
    return element;
  }
}

/** Right angles from the right side (or from below) to the left side; back flows run underneath. */
function way(from, to) {
  const end = [to.x, to.y + to.height / 2];
  if (to.x > from.x + from.width) {
    if (from.hangs) return [[from.x + 18, from.y + 36], [from.x + 18, Math.max(end[1], from.y + 56)],
      [to.x - GAP_X / 3, Math.max(end[1], from.y + 56)], [to.x - GAP_X / 3, end[1]], end];
    const begin = [from.x + from.width, from.y + from.height / 2];
    if (begin[1] === end[1]) return [begin, end];
    const middle = to.x - GAP_X / 2;
    return [begin, [middle, begin[1]], [middle, end[1]], end];
  }
  const below = Math.max(from.y + from.height, to.y + to.height) + GAP_Y / 2;
  const begin = from.x + from.width / 2;
  const under = to.x + to.width / 2;
  return [[begin, from.y + from.height], [begin, below], [under, below], [under, to.y + to.height]];
}
