// The diagram: bpmn-js with our offerings, our words and our colours.

import Modeler from "bpmn-js/lib/Modeler.js";
import minimap from "diagram-js-minimap";
import { besides } from "./contextpad.js";
import { copyingModule } from "./copying.js";
import { wordIdsModule } from "./ids.js";
import { laneRefsModule } from "./lanerefs.js";
import { lockingModule } from "./locking.js";
import { offerings } from "./palette.js";
import sopModdle from "./sop-moddle.json";
import { togetherModule } from "./together.js";
import { translateModule } from "./words-id.js";

const SHOW_ALL = 1;
const READABLE = 0.65;
const MARGIN = 24;
const LETTERS = '12px "Plus Jakarta Sans"';

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
      defaultStyle: { fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12, lineHeight: 1.25 },
      externalStyle: { fontSize: 11, lineHeight: 1.25 },
    },
    contextPad: { scale: { min: 1, max: 1.3 } },
    minimap: { open: false },
    moddleExtensions: { sop: sopModdle },
    additionalModules: [translateModule, togetherModule, offerings, besides, lockingModule, wordIdsModule,
      laneRefsModule, copyingModule, minimap],
  });
}

/**
 * Draw `xml`. Answers what could not be taken in, as sentences of the library; the diagram is drawn as far as it
 * goes. Throws when nothing can be drawn.
 */
export async function draw(modeler, xml) {
  await document.fonts.load(LETTERS); // labels are measured while they are drawn
  const { warnings } = await modeler.importXML(xml);
  fit(modeler);
  return warnings.map((one) => one.message ?? String(one));
}

/** The whole diagram, never larger than life; a wide one begins at its left end, large enough to be read. */
export function fit(modeler) {
  const canvas = modeler.get("canvas");
  canvas.zoom("fit-viewport");
  if (canvas.zoom() > SHOW_ALL) canvas.zoom(SHOW_ALL, "auto");
  if (canvas.zoom() >= READABLE) return;
  const { inner } = canvas.viewbox();
  const { width, height } = canvas.getSize();
  const palette = canvas.getContainer().querySelector(".djs-palette");
  const beside = palette?.offsetWidth ? palette.offsetWidth + MARGIN : 0;
  canvas.viewbox({ x: inner.x - (MARGIN + beside) / READABLE, y: inner.y - MARGIN / READABLE,
    width: width / READABLE, height: height / READABLE });
}

/** The XML as the diagram stands. */
export async function write(modeler) {
  const { xml } = await modeler.saveXML({ format: true });
  return xml;
}
