// What the check found: asked a moment after every change, drawn on the elements, listed with repairs.

import { icon, make } from "../dom.js";
import { dictionary } from "./dictionary.js";
import { applyFix, canFix } from "./fixes.js";
import { button, emptyState } from "./parts.js";

const say = dictionary({
  id: {
    error: "Kesalahan", warning: "Peringatan",
    errors: "{n} kesalahan", warnings: "{n} peringatan",
    none: "Tidak ada temuan. SOP ini dapat dijalankan, lengkap, dan tidak macet.",
    checking: "Memeriksa…",
    calm: "Tidak ada temuan",
    count: "{errors} dan {warnings}.",
    took: "Diperiksa dalam {ms} ms",
    fix: "Perbaiki: {label}",
    path: "Perlihatkan jalurnya",
    whole: "Seluruh SOP",
    onElement: "{n} temuan pada {name}",
    unreachable: "Pemeriksaan belum dapat dijalankan: {why} Dicoba lagi pada suntingan berikutnya.",
    stopped: "Pemeriksaan dihentikan: {why}",
    gone: "Perbaikan itu tidak dapat dipakai lagi: unsurnya sudah berubah. Periksa lagi.",
    fixed: "Diperbaiki: {label}. Ctrl+Z mengurungkannya.",
    close: "Tutup",
    selected: "Dipilih: {name}",
  },
  en: {
    error: "Error", warning: "Warning",
    errors: "{n} errors", warnings: "{n} warnings",
    none: "Nothing found. This SOP runs, is complete and does not get stuck.",
    checking: "Checking…",
    calm: "Nothing found",
    count: "{errors} and {warnings}.",
    took: "Checked in {ms} ms",
    fix: "Repair: {label}",
    path: "Show the path",
    whole: "The whole SOP",
    onElement: "{n} findings on {name}",
    unreachable: "The check could not run: {why} It is tried again with the next edit.",
    stopped: "The check was stopped: {why}",
    gone: "That repair no longer fits: the element has changed. Check again.",
    fixed: "Repaired: {label}. Ctrl+Z takes it back.",
    close: "Close",
    selected: "Selected: {name}",
  },
});

const REST_MS = 400;
const SMALL = 60; // events and gateways: their own sign must stay in sight
const ORDER = { error: 0, warning: 1 };
const ICONS = { error: "circle-alert", warning: "triangle-alert" };
const LAYER = "findings";

/** Ask the server a moment after each change; an older question is given up. */
export function watchFindings(studio) {
  let timer = 0;
  let asking = null;
  const live = make("p", { className: "visually-hidden", role: "status", "aria-live": "polite" });
  studio.root.append(live);

  async function check() {
    clearTimeout(timer);
    timer = 0;
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    studio.root.dataset.checking = "yes";
    try {
      const files = await studio.files();
      const { findings, stopped, milliseconds } = await studio.post(studio.urls.check,
        { files, main: studio.main() }, { signal: mine.signal });
      if (asking !== mine) return;
      const ordered = findings.map((one, at) => ({ ...one, at }))
        .sort((a, b) => ORDER[a.severity] - ORDER[b.severity] || a.at - b.at);
      studio.findings = ordered;
      studio.checked = { stopped, milliseconds, trouble: null };
      show();
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!("status" in error)) throw error;
      studio.checked = { stopped: null, milliseconds: 0, trouble: error.message };
      studio.emit("findings", { findings: studio.findings });
    } finally {
      if (asking === mine) {
        asking = null;
        if (!timer) delete studio.root.dataset.checking;
      }
    }
  }

  function show() {
    const errors = studio.findings.filter((one) => one.severity === "error").length;
    const warnings = studio.findings.length - errors;
    studio.drawer.count("findings", studio.findings.length, errors ? "error" : "warning");
    const words = say("count", { errors: say("errors", { n: errors }), warnings: say("warnings", { n: warnings }) });
    const told = studio.findings.length ? words : say("calm");
    if (live.textContent !== told) live.textContent = told;
    drawOnDiagram(studio);
    studio.emit("findings", { findings: studio.findings });
  }

  studio.on("selection", ({ element }) => {
    if (element) live.textContent = say("selected", { name: studio.elementName(element.id) });
  });
  studio.check = check;
  // From the change on, not only from the question on, the findings shown are those of an older diagram.
  const later = () => {
    studio.root.dataset.checking = "yes";
    clearTimeout(timer);
    timer = setTimeout(check, REST_MS);
  };
  studio.on("changed", later);
  studio.on("files", later);
  studio.on("ready", check);
  studio.on("drawn", () => drawOnDiagram(studio));
}

/** Findings of the file shown, on the element they belong to; a process's own stand at its pool. */
function shapesWithFindings(studio) {
  const registry = studio.modeler.get("elementRegistry");
  const found = new Map();
  for (const one of studio.findings) {
    if (!one.element || one.file !== studio.file) continue;
    const shape = registry.get(one.element)
      ?? registry.find((any) => any.businessObject?.processRef?.id === one.element);
    if (!shape || !shape.parent) continue;
    if (!found.has(shape)) found.set(shape, []);
    found.get(shape).push(one);
  }
  return found;
}

function drawOnDiagram(studio) {
  const overlays = studio.modeler.get("overlays");
  overlays.remove({ type: LAYER });
  const marks = [];
  for (const [shape, all] of shapesWithFindings(studio)) {
    const kind = all[0].severity;
    marks.push({ element: shape.id, className: `has-${kind}` });
    const isSmall = !shape.waypoints && shape.width < SMALL;
    const badge = make("button", {
      type: "button", className: `studio-badge studio-badge--${kind}${isSmall ? " studio-badge--small" : ""}`,
      "aria-label": say("onElement", { n: all.length, name: studio.elementName(shape.id) }),
      "aria-expanded": "false",
    }, icon(ICONS[kind]), ...(all.length > 1 ? [make("span", {}, String(all.length))] : []));
    badge.addEventListener("click", (event) => {
      event.stopPropagation();
      popover(studio, badge, shape, all);
    });
    const position = shape.waypoints
      ? { top: 0, left: 0 }
      : isSmall ? { top: -14, left: shape.width - 10 } : { top: -11, left: -8 };
    overlays.add(shape, LAYER, { position, show: { minZoom: 0.3 }, scale: { min: 1, max: 1.15 }, html: badge });
  }
  studio.marks.set(LAYER, marks);
}

/** The words of an element's findings beside it. */
function popover(studio, badge, shape, all) {
  const before = document.querySelector(".studio-popover");
  before?.remove();
  if (before?.dataset.of === shape.id) {
    badge.setAttribute("aria-expanded", "false");
    return;
  }
  const box = make("div", { className: "studio-popover", role: "dialog", tabIndex: -1,
    "aria-label": say("onElement", { n: all.length, name: studio.elementName(shape.id) }) });
  box.dataset.of = shape.id;
  const close = () => {
    box.remove();
    badge.setAttribute("aria-expanded", "false");
    if (badge.isConnected) badge.focus();
  };
  box.append(
    make("div", { className: "studio-popover__head" }, make("strong", {}, studio.elementName(shape.id)),
      closeButton(close)),
    make("ul", { className: "studio-findings" }, ...all.map((one) => item(studio, one, { named: false, done: close }))),
  );
  box.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.stopPropagation(); close(); } });
  const frame = document.getElementById("studio-body");
  frame.append(box);
  const place = badge.getBoundingClientRect();
  const area = frame.getBoundingClientRect();
  const left = Math.min(Math.max(8, place.left - area.left), area.width - box.offsetWidth - 8);
  const below = place.bottom - area.top + 6;
  const top = below + box.offsetHeight > area.height ? Math.max(8, place.top - area.top - box.offsetHeight - 6) : below;
  box.style.left = `${left}px`;
  box.style.top = `${top}px`;
  badge.setAttribute("aria-expanded", "true");
  box.focus();
  const outside = (event) => {
    if (box.contains(event.target) || badge.contains(event.target)) return;
    box.remove();
    badge.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside, true);
  };
  document.addEventListener("pointerdown", outside, true);
}

function closeButton(close) {
  const element = make("button", { type: "button", className: "studio-iconbutton" }, icon("x"),
    make("span", { className: "visually-hidden" }, say("close")));
  element.addEventListener("click", close);
  return element;
}

/** One finding: what, where, what to do, and what can be done at once. */
function item(studio, finding, { named = true, done = () => undefined } = {}) {
  const acts = [];
  if (canFix(studio, finding)) {
    acts.push(button(say("fix", { label: finding.fix.label }), async () => {
      done();
      try {
        await applyFix(studio, finding);
        studio.tell("fix", "success", say("fixed", { label: finding.fix.label }));
        setTimeout(() => studio.tell("fix", null), 8000);
      } catch {
        studio.tell("fix", "warning", say("gone"));
        studio.check();
      }
    }, "quiet", "wrench"));
  }
  if (finding.path?.length) {
    acts.push(button(say("path"), async () => {
      done();
      if (finding.file !== studio.file) await studio.showFile(finding.file);
      await studio.trail(finding.path);
    }, "text", "route"));
  }
  const where = finding.element && finding.file === studio.file ? studio.elementName(finding.element)
    : finding.element || say("whole");
  const head = named
    ? make("button", { type: "button", className: "studio-finding__where" }, where,
      ...(finding.file && (finding.file !== studio.file || !finding.element) ? [make("span", { className: "soft" }, ` · ${finding.file}`)] : []))
    : null;
  head?.addEventListener("click", () => studio.show(finding));
  return make("li", { className: `studio-finding studio-finding--${finding.severity}` },
    make("span", { className: "studio-finding__mark" }, icon(ICONS[finding.severity]),
      make("span", { className: "visually-hidden" }, say(finding.severity))),
    make("div", { className: "studio-finding__body" }, ...(head ? [head] : []),
      make("p", {}, finding.message),
      ...(finding.repair ? [make("p", { className: "soft" }, finding.repair)] : []),
      ...(acts.length ? [make("div", { className: "studio-finding__acts" }, ...acts)] : [])));
}

/** The drawer's tab: all of them, errors first. */
export function mountFindings(studio, host) {
  const head = make("p", { className: "studio-findings__head small soft" });
  const list = make("ul", { className: "studio-findings" });
  host.append(head, list);
  studio.show = async (finding) => {
    if (finding.file?.toLowerCase().endsWith(".dmn")) await studio.openTable(finding.file);
    else if (finding.element) await studio.select(finding.element, { file: finding.file });
  };

  const show = () => {
    const { stopped, milliseconds, trouble } = studio.checked ?? {};
    if (!studio.checked) {
      head.textContent = say("checking");
      return;
    }
    head.textContent = trouble ? say("unreachable", { why: trouble })
      : stopped ? say("stopped", { why: stopped }) : say("took", { ms: Math.round(milliseconds) });
    const at = [...list.children].findIndex((one) => one.contains(document.activeElement));
    list.replaceChildren(...studio.findings.map((one) => item(studio, one)));
    // Whoever works through the list with the keyboard goes on where the repaired finding stood.
    if (at >= 0) (list.children[Math.min(at, list.children.length - 1)]?.querySelector("button") ?? host).focus();
    if (!studio.findings.length && !trouble && !stopped) {
      list.replaceChildren(make("li", { className: "studio-findings__none" }, emptyState("circle-check", say("none"))));
    }
  };
  studio.on("findings", show);
  studio.on("locked", show);
  studio.on("drawn", show);
  show();
}
