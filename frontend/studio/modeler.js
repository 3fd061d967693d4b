// The diagram: bpmn-js with our offerings, our words and our colours.

import Modeler from "bpmn-js/lib/Modeler.js";
import minimap from "diagram-js-minimap";
import { besides } from "./contextpad.js";
import { wordIdsModule } from "./ids.js";
import { lockingModule } from "./locking.js";
import { offerings } from "./palette.js";
import sopModdle from "./sop-moddle.json";
import { togetherModule } from "./together.js";
import { translateModule } from "./words-id.js";

const SHOW_ALL = 1;

/** A modeler in `container`; `mayEdit()` and `catalog()` are asked anew each time they matter. */
export function createModeler(container, { mayEdit, catalog }) {
  return new Modeler({
    container,
    mayEdit,
    catalog,
    bpmnRenderer: {
      defaultFillColor: "var(--studio-shape)",
      defaultStrokeColor: "var(--studio-stroke)",
      defaultLabelColor: "var(--ink)",
    },
    textRenderer: {
      defaultStyle: { fontFamily: "var(--font)", fontSize: 12, lineHeight: 1.25 },
      externalStyle: { fontSize: 11, lineHeight: 1.25 },
    },
    minimap: { open: false },
    moddleExtensions: { sop: sopModdle },
    additionalModules: [translateModule, togetherModule, offerings, besides, lockingModule, wordIdsModule, minimap],
  });
}

/**
 * Draw `xml`. Answers what could not be taken in, as sentences of the library; the diagram is drawn as far as it
 * goes. Throws when nothing can be drawn.
 */
export async function draw(modeler, xml) {
  const { warnings } = await modeler.importXML(xml);
  fit(modeler);
  return warnings.map((one) => one.message ?? String(one));
}

/** The whole diagram, never larger than life; a wide one begins at its left end, large enough to be read. */
export function fit(modeler) {
  const canvas = modeler.get("canvas");
  canvas.zoom("fit-viewport");
  const readable = 0.55;
  if (canvas.zoom() > SHOW_ALL) canvas.zoom(SHOW_ALL, "auto");
  if (canvas.zoom() >= readable) return;
  const { inner } = canvas.viewbox();
  const scale = readable + 0.1;
  const { width, height } = canvas.getSize();
  const above = Math.min(0, (inner.height * scale - height) / 2);
  canvas.viewbox({ x: inner.x - 24 / scale, y: inner.y - 24 / scale + above / scale,
    width: width / scale, height: height / scale });
}

/** The XML as the diagram stands. */
export async function write(modeler) {
  const { xml } = await modeler.saveXML({ format: true });
  return xml;
}
