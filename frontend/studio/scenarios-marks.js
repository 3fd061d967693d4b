// Coverage on the diagram and on decision tables: what scenarios marked right have walked, and what not.

import { dictionary } from "./dictionary.js";

const say = dictionary({
  id: { yes: "terbukti oleh skenario yang ditandai benar", no: "belum terbukti" },
  en: { yes: "proven by a scenario marked right", no: "not proven yet" },
});

const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

/** Draw it. `told`: the judgement as the server gives it. */
export function drawCoverage(studio, told) {
  const proven = [...told.covered.flows, ...told.covered.boundaries].map(([, id]) => id);
  const missing = told.missing.filter((one) => one.kind !== "row").map((one) => one.id);
  studio.marks.set("cover-yes", proven.map((id) => ({ element: id, className: "cover-yes", title: say("yes") })));
  studio.marks.set("cover-no", missing.map((id) => ({ element: id, className: "cover-no", title: say("no") })));
  const rows = Object.values(told.tables ?? {}).flat();
  const rule = (wanted, name) => {
    const cells = rows.filter(([, done]) => done === wanted).map(([id]) => `.rule-index[data-row-id="${CSS.escape(id)}"]`);
    return cells.length ? `${cells.join(", ")} { box-shadow: inset 4px 0 0 var(${name}); }` : "";
  };
  sheet.replaceSync(`${rule(true, "--green")} ${rule(false, "--saffron")}`);
}

export function clearCoverage(studio) {
  studio.marks.clear("cover-yes");
  studio.marks.clear("cover-no");
  sheet.replaceSync("");
}
