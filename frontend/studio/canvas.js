// What other parts draw on the diagram: marks in layers, a trail that is played, and the selection.

const STEP_MS = 450;
const READABLE = 0.65;
const ROOM = 160;

/** Give `studio` its marks, trail, select and elementName. */
export function giveCanvas(studio, showFile) {
  const registry = () => studio.modeler.get("elementRegistry");
  const canvas = () => studio.modeler.get("canvas");
  const layers = new Map();

  const put = (one) => {
    const element = registry().get(one.element);
    if (!element) return;
    canvas().addMarker(element, one.className);
    if (!one.title) return;
    const graphics = registry().getGraphics(element);
    const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
    title.dataset.mark = one.className;
    title.textContent = one.title;
    graphics.prepend(title);
  };
  const take = (one) => {
    const element = registry().get(one.element);
    if (!element) return;
    canvas().removeMarker(element, one.className);
    for (const title of registry().getGraphics(element).querySelectorAll("title[data-mark]")) {
      if (title.dataset.mark === one.className) title.remove();
    }
  };

  studio.marks = {
    set(layer, all) {
      studio.marks.clear(layer);
      layers.set(layer, all);
      all.forEach(put);
    },
    clear(layer) {
      (layers.get(layer) ?? []).forEach(take);
      layers.delete(layer);
    },
  };
  // A diagram that is drawn anew has lost its marks.
  studio.on("drawn", () => { for (const all of layers.values()) all.forEach(put); });

  const poolOf = (process) => registry().find((one) => one.businessObject?.processRef?.id === process);
  studio.elementName = (id) => {
    const bo = registry().get(id)?.businessObject ?? poolOf(id)?.businessObject.processRef;
    return bo?.name || id;
  };

  /** Select an element and bring it into sight; opens the file and the group it lies in. Answers whether found. */
  studio.select = async (id, { file } = {}) => {
    if (!id) return false;
    if (file && file !== studio.file) await showFile(file);
    let element = registry().get(id) ?? poolOf(id);
    if (!element) {
      const other = studio.contents.names(".bpmn")
        .find((name) => name !== studio.file && studio.contents.text(name).includes(`id="${id}"`));
      if (!other) return false;
      await showFile(other);
      element = registry().get(id) ?? poolOf(id);
      if (!element) return false;
    }
    const root = canvas().findRoot(element);
    if (root && root !== canvas().getRootElement()) canvas().setRootElement(root);
    if (element !== root) {
      bring(element);
      studio.modeler.get("selection").select(element);
    }
    return true;
  };

  /** Into the middle, large enough to be read. */
  function bring(element) {
    const scale = Math.max(canvas().zoom(), READABLE);
    const { width, height } = canvas().getSize();
    // Of what is larger than the view (lanes, groups) its beginning is shown.
    const at = element.waypoints
      ? element.waypoints[Math.floor((element.waypoints.length - 1) / 2)]
      : { x: element.x + Math.min(element.width, width / scale - ROOM) / 2,
        y: element.y + Math.min(element.height, height / scale - ROOM) / 2 };
    canvas().viewbox({ x: at.x - width / scale / 2, y: at.y - height / scale / 2,
      width: width / scale, height: height / scale });
  }

  let playing = 0;
  /** Play a path, element by element; a second call, or `trail([])`, ends the first. */
  studio.trail = async (ids) => {
    playing += 1;
    const mine = playing;
    studio.marks.clear("trail");
    studio.marks.clear("trail-now");
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const done = [];
    for (const id of ids) {
      const isGroup = Boolean(registry().get(id)?.children?.length);
      done.push({ element: id, className: isGroup ? "trail-group" : "trail" });
      studio.marks.set("trail", [...done]);
      studio.marks.set("trail-now", [{ element: id, className: "trail-now" }]);
      const element = registry().get(id);
      if (element && !still) canvas().scrollToElement(element, 100);
      if (!still) await new Promise((then) => { setTimeout(then, STEP_MS); });
      if (mine !== playing) return;
    }
    const last = ids.length ? registry().get(ids[ids.length - 1]) : null;
    if (last) canvas().scrollToElement(last, 100);
  };
}
