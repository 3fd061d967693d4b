// The right side of the studio: what is selected, in the officer's words.

import { html, render } from "@bpmn-io/diagram-js-ui";
import { applyFix, canFix } from "./fixes.js";
import { Icon, Notes, TextField } from "./panel/controls.js";
import { Desk, subject } from "./panel/desk.js";
import { EndPanel, EventPanel } from "./panel/events.js";
import { FlowPanel, GatewayPanel } from "./panel/flow.js";
import { createPen } from "./panel/pen.js";
import { LanePanel, ProcessPanel } from "./panel/process.js";
import { CallPanel, DecisionPanel, GroupPanel, LoopFields, ReceivePanel, ScriptPanel, ServicePanel } from "./panel/steps.js";
import { TaskPanel } from "./panel/task.js";
import { decisionsIn } from "./panel/variables.js";
import { t } from "./panel/words.js";

/** What an element is called and which panel it has, the first that fits. */
const KINDS = [
  ["bpmn:UserTask", () => t("Tugas"), "clipboard-list", TaskPanel],
  ["bpmn:ServiceTask", () => t("Langkah sistem"), "settings", ServicePanel],
  ["bpmn:ScriptTask", () => t("Hitungan"), "file-text", ScriptPanel],
  ["bpmn:BusinessRuleTask", () => t("Tabel keputusan"), "list", DecisionPanel],
  ["bpmn:ReceiveTask", () => t("Menunggu pesan"), "mail", ReceivePanel],
  ["bpmn:CallActivity", () => t("Memanggil SOP lain"), "external-link", CallPanel],
  ["bpmn:SubProcess", () => t("Kelompok langkah"), "files", GroupPanel],
  ["bpmn:EndEvent", () => t("Akhir"), "flag", EndPanel],
  ["bpmn:StartEvent", () => t("Awal"), "circle", EventPanel],
  ["bpmn:BoundaryEvent", () => t("Peristiwa pada langkah"), "clock-alert", EventPanel],
  ["bpmn:Event", () => t("Peristiwa"), "clock", EventPanel],
  ["bpmn:Gateway", () => t("Percabangan"), "waypoints", GatewayPanel],
  ["bpmn:SequenceFlow", () => t("Panah"), "arrow-right", FlowPanel],
  ["bpmn:Lane", () => t("Jalur peran"), "users", LanePanel],
  ["bpmn:Process", () => t("SOP"), "route", ProcessPanel],
];
const UNNAMED = ["bpmn:Process", "bpmn:SequenceFlow", "bpmn:Lane"];
const SMALL_WORDS = ["bpmn:TextAnnotation", "bpmn:Association", "bpmn:Group"];

/** Fill `host` with the panel of whatever is selected; nothing selected: the SOP itself. */
export function mountPanel(studio, host) {
  let selected = null;
  let decisions = [];
  let pen = null;
  let waiting = false;

  const draw = () => {
    waiting = false;
    const element = selected ?? root(studio.modeler);
    if (!element) {
      render(html`<${Empty} words=${t("Diagram belum terbuka.")} />`, host);
      return;
    }
    pen ??= createPen(studio.modeler);
    render(html`<${Panel} ...${{ studio, pen, element, decisions }} />`, host);
  };
  const later = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(draw);
  };
  const learn = async () => {
    const files = await studio.files();
    decisions = decisionsIn(Object.fromEntries(Object.entries(files).filter(([name]) => name.toLowerCase().endsWith(".dmn"))));
    later();
  };

  host.addEventListener("keydown", (event) => {
    const act = historyAct(event);
    if (!act || !studio.can_edit) return;
    event.preventDefault();
    studio.modeler.get("commandStack")[act]();
  });
  studio.on("selection", ({ element }) => {
    selected = element;
    later();
  });
  for (const name of ["changed", "findings", "locked", "drawn", "ready"]) studio.on(name, later);
  for (const name of ["file", "saved", "ready"]) studio.on(name, () => void learn());
  draw();
}

/** "undo" or "redo" for Ctrl+Z, Ctrl+Y and Ctrl+Shift+Z. */
function historyAct({ key, ctrlKey, metaKey, shiftKey, altKey }) {
  if (!(ctrlKey || metaKey) || altKey) return null;
  if (key.toLowerCase() === "y" || (key.toLowerCase() === "z" && shiftKey)) return "redo";
  return key.toLowerCase() === "z" ? "undo" : null;
}

/** The plane of the diagram, null before one is drawn. */
function root(modeler) {
  const element = modeler.get("canvas").getRootElement();
  return element?.businessObject ? element : null;
}

function Empty({ words }) {
  return html`<div class="studio-empty"><${Icon} name="info" small=${false} /><p>${words}</p></div>`;
}

function Panel({ studio, pen, element, decisions }) {
  const bo = subject(element);
  const found = KINDS.find(([type]) => bo.$instanceOf(type));
  if (!found) return html`<${Plain} ...${{ studio, pen, element }} />`;
  const [, words, icon, Body] = found;
  const desk = new Desk({ studio, pen, element, decisions, findings: findingsOf(studio, bo) });
  const general = desk.notes(null);
  return html`<section class="sop-panel" key=${bo.id + bo.$type} data-of=${element.id} aria-label=${t("Sifat {kind}", { kind: words() })}>
    <header class="sop-panel__head"><p class="sop-panel__kind"><${Icon} name=${icon} />${words()}</p>
      <h2 class="sop-panel__title">${bo.name || (bo.$type === "bpmn:SequenceFlow" ? flowWords(bo) : t("Tanpa nama"))}</h2></header>
    <${Notes} notes=${general} />
    ${!UNNAMED.includes(bo.$type) && html`<${TextField} label=${t("Nama")} value=${bo.name} locked=${desk.locked} notes=${desk.notes("name")} commit=${(name) => pen.attributes(element, { name })}
      help=${bo.$instanceOf("bpmn:Activity") ? t("Kata kerja lebih dulu, misalnya “Memeriksa bukti”.") : undefined} />`}
    <${Body} desk=${desk} />
    ${bo.$instanceOf("bpmn:Activity") && html`<${LoopFields} desk=${desk} />`}
  </section>`;
}

function flowWords(bo) {
  const name = (one) => one?.name || one?.id || "…";
  return `${name(bo.sourceRef)} → ${name(bo.targetRef)}`;
}

/** Notes and frames: only their words. */
function Plain({ studio, pen, element }) {
  const bo = subject(element);
  const isNote = bo.$type === "bpmn:TextAnnotation";
  return html`<section class="sop-panel" key=${bo.id} data-of=${element.id}>
    <header class="sop-panel__head"><p class="sop-panel__kind"><${Icon} name="info" />${isNote ? t("Catatan") : t("Gambar")}</p></header>
    ${isNote ? html`<${TextField} label=${t("Catatan")} rows=${4} value=${bo.text} locked=${!studio.can_edit} commit=${(text) => pen.attributes(element, { text })} />`
      : html`<p class="sop-field__help">${SMALL_WORDS.includes(bo.$type) ? t("Unsur ini hanya gambar; tidak dijalankan.") : t("Unsur ini tidak punya sifat yang dapat diatur.")}</p>`}</section>`;
}

/** Findings of an element in the file that is shown; each knows how to repair itself where it can. */
function findingsOf(studio, bo) {
  return (studio.findings ?? []).filter((one) => one.element === bo.id && (!studio.file || !one.file || one.file === studio.file))
    .map((one) => (canFix(studio, one) ? { ...one, repairNow: () => void applyFix(studio, one) } : one));
}

