// The tab "Dampak": what this draft would mean for the reports that run. A job of the server moves a copy of each,
// loads it back and walks it to an end; here its progress and result are shown.

import { make } from "../dom.js";
import { Refused } from "./core.js";
import { dictionary } from "./dictionary.js";
import { button, emptyState, notice } from "./parts.js";

const say = dictionary({
  id: {
    again: "Periksa lagi",
    stale: "Konsep sudah berubah sejak diperiksa.",
    asking: "Memeriksa laporan yang sedang berjalan…",
    waits: "{n} laporan perlu keputusan di sini",
    slow: "Pemeriksaan belum dimulai. Pekerja latar mungkin sedang sibuk; hasilnya muncul di sini.",
  },
  en: {
    again: "Check again",
    stale: "The draft has changed since it was checked.",
    asking: "Checking the reports that run…",
    waits: "{n} reports need a decision here",
    slow: "The check has not begun yet. The worker may be busy; the result appears here.",
  },
});

const LAYER = "impact";
const PATIENCE = 15_000;

/** Fill `host`, the tab of the drawer. */
export function mountImpact(studio, host) {
  const top = make("div", { className: "impact-bar cluster" });
  const result = make("div", { "aria-live": "polite", "aria-busy": "false" });
  host.replaceChildren(top, result);
  let round = 0;
  let places = {};
  let open = true;

  const asker = (words, look) => button(words, ask, look, "users");
  function draw() {
    const marks = Object.entries(places).map(([element, n]) => ({
      element, className: "impact-asks", title: say("waits", { n }),
    }));
    if (open && marks.length) studio.marks.set(LAYER, marks);
    else studio.marks.clear(LAYER);
  }

  function show(told) {
    const fragment = make("template", { innerHTML: told.html }).content;
    const opened = [...result.querySelectorAll("details")].map((one) => one.open);
    result.replaceChildren(fragment);
    if (opened.length) [...result.querySelectorAll("details")].forEach((one, at) => { one.open = opened[at] ?? one.open; });
    places = told.places;
    studio.drawer?.count("impact", told.asks, told.asks ? "warning" : "");
    draw();
  }

  async function ask() {
    const mine = ++round;
    top.replaceChildren();
    result.setAttribute("aria-busy", "true");
    result.replaceChildren(emptyState("loader-circle", say("asking")));
    try {
      let told = await studio.post(studio.urls.impact, { files: await studio.files(), main: studio.main() });
      const began = Date.now();
      for (let pause = 400; mine === round && told.state === "berjalan"; pause = Math.min(pause * 1.3, 2000)) {
        show(told);
        if (told.done === 0 && Date.now() - began > PATIENCE) result.append(notice("info", "info", say("slow")));
        await new Promise((done) => setTimeout(done, pause));
        if (mine === round) told = await studio.post(studio.urls.impact, { id: told.id });
      }
      if (mine === round) show(told);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (mine === round) result.replaceChildren(notice("error", "circle-alert", error.message));
    } finally {
      if (mine === round) {
        result.setAttribute("aria-busy", "false");
        top.replaceChildren(asker(say("again"), "quiet"));
      }
    }
  }

  studio.on("changed", () => {
    if (!round || top.querySelector(".impact-stale")) return;
    round += 1;
    result.setAttribute("aria-busy", "false");
    top.replaceChildren(asker(say("again"), ""), make("span", { className: "impact-stale small soft" }, say("stale")));
  });
  studio.on("tab", ({ name }) => {
    open = name === "impact";
    draw();
  });
  studio.on("drawn", draw);
  ask();
}
