// The frame around the diagram: header, files, drawer with its tabs, and who looks at what.

import { icon, make } from "../dom.js";
import { dictionary } from "./dictionary.js";

const say = dictionary({
  id: {
    findings: "Temuan", play: "Coba jalankan", scenarios: "Skenario", compare: "Perbandingan", impact: "Dampak",
    document: "Dokumen", openDrawer: "Buka laci", closeDrawer: "Tutup laci", resize: "Tinggi laci",
    konsep: "Konsep", diperiksa: "Diperiksa, tanpa kesalahan", diusulkan: "Diusulkan, menunggu penetapan",
    disetujui: "Disetujui", dibuang: "Dibuang",
    basedOn: "dari versi {n}",
  },
  en: {
    findings: "Findings", play: "Try it", scenarios: "Scenarios", compare: "Comparison", impact: "Impact",
    document: "Document", openDrawer: "Open the drawer", closeDrawer: "Close the drawer", resize: "Height of the drawer",
    konsep: "Draft", diperiksa: "Checked, no errors", diusulkan: "Proposed, awaiting approval",
    disetujui: "Approved", dibuang: "Discarded",
    basedOn: "from version {n}",
  },
});

const TABS = ["findings", "play", "scenarios", "compare", "impact", "document"];
const KEPT = "tuntas-studio-laci";

/** The state in words, with its colour. */
export function showState(studio) {
  const { state, based_on: base, name } = studio.draft;
  const colours = { diperiksa: "badge--green", diusulkan: "badge--amber", disetujui: "badge--blue" };
  const badge = make("span", { className: `badge ${colours[state] ?? ""}` }, say(state));
  const from = base?.version ? make("span", { className: "soft" }, say("basedOn", { n: base.version })) : "";
  document.getElementById("studio-state").replaceChildren(badge, from);
  document.getElementById("studio-name").textContent = name;
}

/**
 * Build the drawer. `mounts`: {tab: (studio, host) => void}; a tab is mounted when it is first opened, the first one
 * at once. Answers { open(tab), close(), count(tab, n, kind) }.
 */
export function buildDrawer(studio, mounts) {
  const drawer = document.getElementById("studio-drawer");
  const list = make("div", { className: "studio-tabs", role: "tablist", "aria-label": drawer.getAttribute("aria-label") });
  const hosts = make("div", { className: "studio-drawer__body" });
  const grip = make("div", {
    className: "studio-grip", role: "separator", tabIndex: 0, "aria-orientation": "horizontal",
    "aria-label": say("resize"), "aria-valuemin": "15", "aria-valuemax": "75",
  });
  const tabs = new Map();
  for (const name of TABS) {
    const host = make("div", {
      className: `studio-tab studio-tab--${name}`, id: `studio-tab-${name}`, role: "tabpanel", tabIndex: 0,
      "aria-labelledby": `studio-tab-${name}-button`, hidden: true,
    });
    const count = make("span", { className: "studio-tabs__count", hidden: true });
    const button = make("button", {
      type: "button", className: "studio-tabs__tab", id: `studio-tab-${name}-button`, role: "tab", tabIndex: -1,
      "aria-controls": host.id, "aria-selected": "false",
    }, say(name), count);
    button.addEventListener("click", () => (current === name && isOpen() ? close() : open(name)));
    tabs.set(name, { button, host, count, mounted: false });
    list.append(button);
    hosts.append(host);
  }
  const toggle = make("button", { type: "button", className: "studio-iconbutton studio-tabs__toggle" });
  toggle.addEventListener("click", () => (isOpen() ? close() : open(current)));
  drawer.append(grip, make("div", { className: "studio-tabs__bar" }, list, toggle), hosts);

  let current = TABS[0];
  const isOpen = () => drawer.hasAttribute("data-open");

  function show() {
    for (const [name, tab] of tabs) {
      const chosen = name === current;
      tab.button.setAttribute("aria-selected", String(chosen && isOpen()));
      tab.button.tabIndex = chosen ? 0 : -1;
      tab.host.hidden = !(chosen && isOpen());
    }
    hosts.hidden = !isOpen();
    grip.hidden = !isOpen();
    toggle.replaceChildren(icon(isOpen() ? "chevron-down" : "chevron-up"),
      make("span", { className: "visually-hidden" }, say(isOpen() ? "closeDrawer" : "openDrawer")));
    toggle.setAttribute("aria-expanded", String(isOpen()));
    studio.modeler?.get("canvas").resized();
  }

  function open(name) {
    current = tabs.has(name) ? name : current;
    drawer.setAttribute("data-open", "");
    const tab = tabs.get(current);
    show();
    if (!tab.mounted) {
      tab.mounted = true;
      mounts[current](studio, tab.host);
    }
    studio.emit("tab", { name: current });
  }

  function close() {
    drawer.removeAttribute("data-open");
    show();
    studio.emit("tab", { name: null });
  }

  list.addEventListener("keydown", (event) => {
    const at = TABS.indexOf(current);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: TABS.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    open(TABS[(to + TABS.length) % TABS.length]);
    tabs.get(current).button.focus();
  });
  makeResizable(drawer, grip, () => studio.modeler?.get("canvas").resized());
  show();
  return {
    open,
    close,
    count(name, n, kind = "") {
      const { count } = tabs.get(name);
      count.hidden = n === 0;
      count.textContent = String(n);
      count.dataset.kind = kind;
    },
  };
}

/** The drawer's height, by pointer or by arrow keys; kept for the next visit. */
function makeResizable(drawer, grip, changed) {
  const set = (share) => {
    const height = Math.min(75, Math.max(15, Math.round(share)));
    drawer.style.setProperty("--drawer", `${height}vh`);
    grip.setAttribute("aria-valuenow", String(height));
    try { localStorage.setItem(KEPT, String(height)); } catch { /* a browser that keeps nothing still works */ }
    changed();
  };
  let kept = null;
  try { kept = localStorage.getItem(KEPT); } catch { /* as above */ }
  set(Number(kept) || 30);
  grip.addEventListener("pointerdown", (event) => {
    grip.setPointerCapture(event.pointerId);
    const move = (at) => set(((window.innerHeight - at.clientY) / window.innerHeight) * 100);
    grip.addEventListener("pointermove", move);
    grip.addEventListener("pointerup", () => grip.removeEventListener("pointermove", move), { once: true });
  });
  grip.addEventListener("keydown", (event) => {
    const now = Number(grip.getAttribute("aria-valuenow"));
    const to = { ArrowUp: now + 5, ArrowDown: now - 5 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    set(to);
  });
}
