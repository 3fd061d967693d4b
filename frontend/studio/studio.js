// Puts the studio together on the page of one draft.

import { icon, make } from "../dom.js";
import { watchSaving } from "./autosave.js";
import { giveCanvas } from "./canvas.js";
import { mountCompare } from "./compare.js";
import { Contents } from "./contents.js";
import { Refused, createStudio } from "./core.js";
import { dictionary } from "./dictionary.js";
import { mountDocument } from "./document.js";
import { showFiles } from "./filelist.js";
import { mountFindings, watchFindings } from "./findings.js";
import { mountImpact } from "./impact.js";
import { drawnAnew } from "./layout.js";
import { createModeler, draw, write } from "./modeler.js";
import { mountPanel } from "./panel.js";
import { notice } from "./parts.js";
import { mountPlay } from "./play.js";
import { mountScenarios } from "./scenarios.js";
import { buildDrawer, showState } from "./shell.js";
import { buildTools } from "./tools.js";
import { translate } from "./words-id.js";

const say = dictionary({
  id: {
    unreadable: "Berkas {file} tidak dapat digambar: {why} Isinya tetap tersimpan; lihat tab Temuan.",
    partly: "{n} bagian berkas {file} tidak dikenal penyunting ini. Bagian itu hilang bila diagram diubah lalu disimpan.",
    drawnAnew: "Berkas {file} tidak memuat gambar. Gambarnya disusun otomatis; geser seperlunya.",
    notBpmn: "Isinya bukan diagram BPMN 2.0.",
    failed: "Konsep tidak dapat dibuka. {why}",
    canvas: "Diagram SOP. Tekan T untuk membacanya sebagai teks, ? untuk pintasan papan ketik.",
  },
  en: {
    unreadable: "{file} cannot be drawn: {why} Its content is kept; see the findings.",
    partly: "{n} parts of {file} are not known to this editor. They are lost when the diagram is changed and saved.",
    drawnAnew: "{file} has no drawing. One was made by itself; move what should stand elsewhere.",
    notBpmn: "It holds no BPMN 2.0 diagram.",
    failed: "The draft cannot be opened. {why}",
    canvas: "Diagram of the SOP. Press T to read it as text, ? for keyboard shortcuts.",
  },
});

const root = document.getElementById("studio");

/** Say something above the diagram; the same `key` replaces what it said before. null takes it away. */
function createNotices() {
  const host = document.getElementById("studio-notices");
  return (key, kind, ...children) => {
    const before = [...host.children].find((one) => one.dataset.key === key);
    const icons = { success: "circle-check", error: "circle-alert", warning: "triangle-alert", info: "info" };
    if (kind === null) {
      before?.remove();
      return;
    }
    const next = notice(kind, icons[kind], ...children);
    next.dataset.key = key;
    if (before) before.replaceWith(next);
    else host.append(next);
  };
}

/** Why a file cannot be drawn, as people say it. */
function reason(error) {
  const words = error.message.split("\n")[0];
  return /unparsable|parse/.test(words) ? say("notBpmn") : translate(words);
}

/** Show another diagram of the draft; what was edited in the one before is written first. */
async function showFile(studio, name) {
  const { contents, modeler } = studio;
  if (studio.file && contents.has(studio.file)) await contents.close(studio.file);
  studio.file = name;
  studio.tell("file", null);
  try {
    const fresh = drawnAnew(contents.text(name));
    const warnings = await draw(modeler, fresh ?? contents.text(name));
    if (fresh) studio.tell("file", "info", say("drawnAnew", { file: name }));
    const lost = warnings.filter((words) => /unparsable|duplicate|failed to import/i.test(words));
    if (lost.length) studio.tell("file", "warning", say("partly", { n: lost.length, file: name }));
    contents.open(name, () => write(modeler));
  } catch (error) {
    modeler.clear();
    studio.tell("file", "error", say("unreadable", { file: name, why: reason(error) }));
  }
  studio.emit("drawn", { name });
  studio.emit("file", { name });
  studio.emit("selection", { element: null });
}

async function start() {
  const studio = createStudio(root);
  root.studio = studio; // so that a person at the console, and the tests, can ask it
  studio.tell = createNotices();
  try {
    [studio.draft, studio.catalog] = await Promise.all([
      studio.get(studio.urls.content), studio.get(studio.urls.catalog),
    ]);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    studio.tell("draft", "error", say("failed", { why: error.message }));
    return;
  }
  const contents = new Contents(studio.draft.files, studio.draft.main);
  studio.contents = contents;
  studio.files = () => contents.all();
  studio.main = () => contents.main;
  studio.modeler = createModeler(document.getElementById("studio-canvas"), {
    mayEdit: () => studio.can_edit, catalog: () => studio.catalog,
  });
  const drawing = root.querySelector(".djs-container > svg");
  drawing.setAttribute("role", "application");
  drawing.setAttribute("aria-label", say("canvas"));
  studio.together = (work) => studio.modeler.get("together").run(work);
  studio.showFile = (name) => showFile(studio, name);
  giveCanvas(studio, studio.showFile);
  const bus = studio.modeler.get("eventBus");
  bus.on("commandStack.changed", ({ trigger }) => {
    if (trigger === "clear") return;
    contents.touch(studio.file);
    studio.emit("changed", {});
  });
  bus.on("selection.changed", ({ newSelection }) => {
    studio.emit("selection", { element: newSelection.length === 1 ? newSelection[0] : null });
  });

  showState(studio);
  studio.on("saved", () => showState(studio));
  showFiles(studio);
  buildTools(studio);
  studio.drawer = buildDrawer(studio, {
    findings: mountFindings, play: mountPlay, scenarios: mountScenarios, compare: mountCompare, impact: mountImpact,
    document: mountDocument,
  });
  studio.openTab = studio.drawer.open;
  mountPanel(studio, document.getElementById("studio-panel"));
  watchFindings(studio);
  await watchSaving(studio);
  const first = contents.main.toLowerCase().endsWith(".bpmn") ? contents.main : contents.names(".bpmn")[0];
  if (first) await studio.showFile(first);
  document.getElementById("studio-loading")?.remove();
  root.dataset.ready = "yes"
  studio.emit("ready", {});
  if (matchMedia("(min-width: 60rem)").matches) studio.openTab("findings");
}

if (root) {
  start().catch((error) => {
    document.getElementById("studio-loading")?.replaceChildren(icon("circle-alert"),
      make("span", {}, say("failed", { why: error.message })));
    throw error;
  });
}
