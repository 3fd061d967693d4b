// The inbox by keyboard: j/k next and previous, Enter opens, a takes, / searches, ? helps, Ctrl+Enter sends the
// task's form. The list keeps its place when one comes back. On a wide screen a task opens beside the list
// (htmx swaps the part #tugas-isi of its page in); elsewhere and without scripts it is an ordinary link.

import htmx from "htmx.org";
import { isTyping } from "./dom.js";

const wide = window.matchMedia("(min-width: 80rem)");

export function start(root, enhance) {
  const inbox = root.querySelector("[data-inbox]");
  if (!inbox || inbox.dataset.ready) return;
  inbox.dataset.ready = "yes";
  keepPlace(inbox);
  document.addEventListener("keydown", (event) => press(event, inbox));
  inbox.addEventListener("click", (event) => openBeside(event, inbox));
  document.addEventListener("htmx:after:swap", () => enhance(inbox));
}

function rows(inbox) {
  return [...inbox.querySelectorAll("[data-row]")];
}

function current(inbox) {
  return document.activeElement?.closest("[data-row]") ?? inbox.querySelector("[data-row][data-open]");
}

function step(inbox, by) {
  const all = rows(inbox);
  if (!all.length) return;
  const at = all.indexOf(current(inbox));
  const next = all[Math.min(all.length - 1, Math.max(0, at < 0 ? 0 : at + by))];
  next.querySelector("[data-row-link]").focus();
  next.scrollIntoView({ block: "nearest" });
}

function press(event, inbox) {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    document.querySelector("[data-task-form]")?.requestSubmit();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || document.querySelector("dialog[open]")) return;
  const acts = {
    j: () => step(inbox, 1),
    k: () => step(inbox, -1),
    a: () => (current(inbox) ?? document.querySelector("#tugas"))?.querySelector("[data-claim]")?.click(),
    "/": () => inbox.querySelector("[data-search]")?.focus(),
    "?": () => document.getElementById("bantuan-tombol")?.showModal(),
  };
  const act = acts[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

let opened = 0;

/** Open the task of a row beside the list. Until it stands there and has the focus, its place is aria-busy. */
async function openBeside(event, inbox) {
  const link = event.target.closest?.("[data-row-link]");
  const pane = document.getElementById("tugas");
  if (!link || !pane || !wide.matches || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  for (const row of rows(inbox)) row.toggleAttribute("data-open", row.contains(link));
  opened += 1;
  const mine = opened;
  pane.setAttribute("aria-busy", "true");
  await htmx.ajax("GET", link.href, { source: pane, target: "#tugas", select: "#tugas-isi, .stop", swap: "innerHTML" });
  if (mine !== opened) return; // another row was chosen meanwhile
  pane.querySelector("h1, h2")?.focus();
  pane.removeAttribute("aria-busy");
}

/** The place in the list survives opening a task and coming back, per set of filters. */
function keepPlace(inbox) {
  const list = inbox.querySelector("[data-list]");
  const key = `kotak-masuk:${location.search}`;
  const kept = JSON.parse(sessionStorage.getItem(key) ?? "null");
  if (kept) {
    list.scrollTop = kept.list;
    window.scrollTo(0, kept.page);
  }
  window.addEventListener("pagehide", () => {
    sessionStorage.setItem(key, JSON.stringify({ list: list.scrollTop, page: window.scrollY }));
  });
}
