// Loads what the page asks for by its data attributes; a page without any loads nothing more than this file.
// Every page works without it.

import { say } from "./words.js";

const parts = [
  ["[data-upload]", () => import("./upload.js")],
  ["[data-place], [data-point], [data-show-map]", () => import("./map.js")],
  ["[data-visible-when], [data-required-when], [data-visible-now]", () => import("./conditions.js")],
  ["form[data-draft-url]", () => import("./drafts.js")],
  ["[data-before-after]", () => import("./beforeafter.js")],
  ["[data-inbox]", () => import("./inbox.js")],
  ["[data-move-progress], [data-move-all], [data-impact-of]", () => import("./moves.js")],
  ["[data-export]", () => import("./export.js")],
  ["[data-trace]", () => import("./trace.js")],
  [".diagram-scroll, .heat-overview", () => import("./diagram.js")],
];

let starting = 0;

/**
 * Enhance everything inside `root`; called again for parts that are put into the page later. While a part is still
 * on its way <html> has no data-ready. Settles when all have started; one that fails is reported, the others go on.
 */
async function enhance(root) {
  starting += 1;
  delete document.documentElement.dataset.ready;
  const started = parts.filter(([selector]) => root.matches?.(selector) || root.querySelector(selector))
    .map(([, load]) => load().then((module) => module.start(root, enhance)));
  for (const field of root.querySelectorAll("[data-counter]")) count(field);
  for (const button of root.querySelectorAll("[data-print], [data-copy]")) button.hidden = false;
  for (const box of root.querySelectorAll("[data-hides]")) hideWith(box);
  for (const steps of root.querySelectorAll("[data-steps]")) follow(steps);
  root.querySelector("[data-focus]")?.focus();
  for (const { status, reason } of await Promise.allSettled(started)) {
    if (status === "rejected") setTimeout(() => { throw reason; });
  }
  starting -= 1;
  if (!starting) document.documentElement.dataset.ready = "yes";
}

/** Tell how many characters still fit, once few are left. */
function count(field) {
  const limit = Number(field.dataset.counter) || field.maxLength;
  if (!(limit > 0) || field.dataset.counting) return;
  field.dataset.counting = "yes";
  const words = document.createElement("p");
  words.className = "field__meta field__counter";
  words.setAttribute("aria-live", "polite");
  field.after(words);
  const tell = () => {
    const left = limit - field.value.length;
    words.textContent = left < 0 ? say("charactersOver", { n: -left })
      : left < Math.max(40, limit / 10) ? say("charactersLeft", { n: left }) : "";
    words.classList.toggle("field__counter--over", left < 0);
  };
  field.addEventListener("input", tell);
  tell();
}

/** A ticked box hides what it makes needless (name and phone of an anonymous report). */
function hideWith(box) {
  const part = document.getElementById(box.dataset.hides);
  const tell = () => { part.hidden = box.checked; };
  box.addEventListener("change", tell);
  tell();
}

/** Mark in the list of steps where the reader is. */
function follow(steps) {
  const links = new Map([...steps.querySelectorAll("a")].map((link) => [link.hash.slice(1), link]));
  const sections = [...links.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const tell = () => {
    const line = window.innerHeight * 0.4;
    let at = sections.findIndex((section) => section.getBoundingClientRect().bottom > line);
    if (at < 0) at = sections.length - 1;
    sections.forEach((section, n) => {
      const link = links.get(section.id);
      if (n === at) link.setAttribute("aria-current", "step");
      else link.removeAttribute("aria-current");
      link.toggleAttribute("data-done", n < at);
    });
  };
  let waiting = false;
  window.addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => { waiting = false; tell(); });
  }, { passive: true });
  tell();
}

// One press of a button sends one form.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || !form.matches("form[data-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  const button = event.submitter ?? form.querySelector("[data-submit]");
  // After the browser has read the form, so that the pressed button's own value is sent along.
  setTimeout(() => {
    button?.setAttribute("aria-disabled", "true");
    const words = button?.querySelector("[data-submit-words]");
    if (words) words.textContent = say("busy");
  });
});
// Coming back by the browser's own button must not find the form locked.
window.addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
});

document.addEventListener("click", async (event) => {
  const button = event.target.closest?.("[data-print], [data-copy], [data-open-dialog], [data-close-dialog]");
  if (!button) return;
  if (button.matches("[data-print]")) window.print();
  if (button.matches("[data-open-dialog]")) document.getElementById(button.dataset.openDialog)?.showModal();
  if (button.matches("[data-close-dialog]")) button.closest("dialog")?.close();
  if (button.matches("[data-copy]")) {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.querySelector("span").textContent = say("copied");
  }
});

// The menu's drop-down closes by Escape and by a click elsewhere.
for (const kind of ["click", "keydown"]) {
  document.addEventListener(kind, (event) => {
    const menu = document.querySelector("[data-menu][open]");
    if (!menu) return;
    const inside = menu.contains(event.target);
    if (event.type === "click" ? inside : event.key !== "Escape") return;
    menu.open = false;
    if (event.type === "keydown" && inside) menu.querySelector("summary").focus();
  });
}

// A link to a closed part (privacy notice, report details) opens it.
function openTarget() {
  const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
  if (target instanceof HTMLDetailsElement) target.open = true;
}
window.addEventListener("hashchange", openTarget);
openTarget();
enhance(document.body);
