// What this draft changes: sentences and tables from the server, colours on the diagram, the older diagram beside it.

import { make } from "../dom.js";
import { dictionary } from "./dictionary.js";
import { button, emptyState, notice } from "./parts.js";
import { unzipped } from "./unzip.js";

const say = dictionary({
  id: {
    against: "Dibandingkan dengan",
    version: "Versi {n}",
    inForce: "Versi {n}, yang berlaku",
    none: "Belum ada versi: semuanya baru",
    file: "Berkas lain…",
    chosen: "Berkas {name}",
    working: "Membandingkan…",
    failed: "Belum dapat dibandingkan: {why}",
    again: "Coba lagi",
    oldPicture: "Diagram lama",
    newPicture: "Diagram baru ada di atas, dengan warna dan tanda yang sama.",
    added: "ditambahkan", removed: "dihapus", changed: "diubah",
    legend: "Di diagram: hijau ditambahkan, kuning diubah, merah dihapus (pada diagram lama).",
    unreadable: "{name} bukan paket SOP. Pilih berkas .bpmn, .dmn, atau paket .zip.",
    many: "{n} perubahan",
  },
  en: {
    against: "Compared with",
    version: "Version {n}",
    inForce: "Version {n}, in force",
    none: "No version yet: everything is new",
    file: "Another file…",
    chosen: "File {name}",
    working: "Comparing…",
    failed: "It cannot be compared yet: {why}",
    again: "Try again",
    oldPicture: "Older diagram",
    newPicture: "The newer diagram is above, with the same colours and signs.",
    added: "added", removed: "removed", changed: "changed",
    legend: "On the diagram: green is added, amber changed, red removed (on the older diagram).",
    unreadable: "{name} is no SOP package. Choose a .bpmn or .dmn file, or a .zip package.",
    many: "{n} changes",
  },
});

const REST_MS = 700;
const LAYER = "compare";

/** Fill `host` (a tab of the drawer). */
export function mountCompare(studio, host) {
  const live = make("p", { className: "visually-hidden", role: "status", "aria-live": "polite" });
  const above = make("div", {});
  const choice = make("select", { className: "field__input", id: "banding-dengan" });
  const upload = make("input", { type: "file", accept: ".bpmn,.dmn,.zip", multiple: true, hidden: true });
  const bar = make("div", { className: "compare-bar" },
    make("label", { className: "field__label", htmlFor: choice.id }, say("against")), choice, upload,
    make("p", { className: "small soft" }, say("legend")));
  const body = make("div", { className: "difference" });
  const old = make("details", { className: "disclosure compare-old", hidden: true },
    make("summary", {}, say("oldPicture")));
  const picture = make("div", { className: "diagram-scroll", tabIndex: 0, role: "region", "aria-label": say("oldPicture") });
  old.append(make("p", { className: "small soft" }, say("newPicture")), picture);
  host.replaceChildren(live, bar, above, body, old);
  body.append(emptyState("files", say("working")));

  let against = {};
  let here = true;
  let stale = true;
  let timer = 0;
  let asking = null;
  let marks = [];

  async function ask() {
    clearTimeout(timer);
    if (!here) {
      stale = true;
      return;
    }
    stale = false;
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    host.setAttribute("aria-busy", "true");
    try {
      const sent = { files: await studio.files(), main: studio.main(), old: against };
      show(await studio.post(studio.urls.compare, sent, { signal: mine.signal }));
    } catch (error) {
      if (error.name === "AbortError") return;
      if (!("status" in error)) throw error;
      tell("error", say("failed", { why: error.message }), button(say("again"), ask));
    } finally {
      if (asking === mine) host.removeAttribute("aria-busy");
    }
  }

  function show(told) {
    above.replaceChildren();
    offer(told);
    body.innerHTML = told.html; // our own template, which escapes what people wrote
    picture.innerHTML = told.old; // drawn by the server, which escapes what people wrote
    old.hidden = !told.old || told.difference.changes.length === 0;
    marks = Object.entries(told.difference.elements).filter(([, state]) => state !== "removed")
      .map(([place, state]) => ({
        element: place.slice(place.indexOf("/") + 1), className: `compare-${state}`, title: say(state),
      }));
    if (here) studio.marks.set(LAYER, marks);
    const n = told.difference.changes.length;
    studio.drawer?.count("compare", n);
    live.textContent = say("many", { n });
  }

  function offer(told) {
    const options = told.versions.map((one) => {
      const text = say(one.version === told.against && !against.version ? "inForce" : "version", { n: one.version });
      return make("option", { value: `v${one.version}`, selected: one.version === told.against }, text);
    });
    if (!options.length) options.push(make("option", { value: "none" }, say("none")));
    if (against.files) {
      const name = Object.keys(against.files).join(", ");
      options.unshift(make("option", { value: "given", selected: true }, say("chosen", { name })));
    }
    choice.replaceChildren(...options, make("option", { value: "file" }, say("file")));
  }

  function tell(kind, words, ...more) {
    above.replaceChildren(notice(kind, kind === "error" ? "circle-alert" : "info", make("span", {}, words), ...more));
  }

  choice.addEventListener("change", () => {
    if (choice.value === "file") {
      upload.click();
      return;
    }
    if (choice.value.startsWith("v")) {
      against = { version: Number(choice.value.slice(1)) };
      ask();
    }
  });
  upload.addEventListener("change", async () => {
    const files = {};
    for (const file of upload.files) {
      try {
        Object.assign(files, /\.zip$/i.test(file.name) ? await unzipped(file) : { [file.name]: await file.text() });
      } catch {
        tell("error", say("unreadable", { name: file.name }));
        return;
      }
    }
    const main = Object.keys(files).includes(studio.main()) ? studio.main()
      : Object.keys(files).find((name) => /\.bpmn$/i.test(name)) ?? Object.keys(files)[0];
    if (!main) {
      tell("error", say("unreadable", { name: [...upload.files].map((file) => file.name).join(", ") }));
      return;
    }
    against = { files, main };
    upload.value = "";
    ask();
  });
  body.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-element]");
    if (!chosen) return;
    if (chosen.dataset.state === "removed") {
      old.open = true;
      const gone = document.getElementById(`lama-${chosen.dataset.element}`);
      (gone ?? old).scrollIntoView({ block: "center", inline: "center" });
      picture.focus({ preventScroll: true });
      return;
    }
    studio.select(chosen.dataset.element);
  });

  studio.on("changed", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, REST_MS);
  });
  studio.on("tab", ({ name }) => {
    here = name === "compare";
    if (!here) studio.marks.clear(LAYER);
    else if (stale) ask();
    else studio.marks.set(LAYER, marks);
  });
  ask();
}
