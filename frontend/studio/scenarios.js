// The draft's scenarios: how each comes out against the draft as it stands, which are marked right or wrong, and what
// of the SOP nobody has proven yet, in a list and on the diagram.

import { ask } from "./dialogs.js";
import { dictionary } from "./dictionary.js";
import { make } from "../dom.js";
import { button, emptyState, notice } from "./parts.js";
import { freeName, markScenario, putScenarios } from "./play-keep.js";
import { clearCoverage, drawCoverage } from "./scenarios-marks.js";

const say = dictionary({
  id: {
    judging: "Menjalankan skenario…",
    show: "Tampilkan",
    all: "Semua", open: "Belum ditandai", differs: "Berbeda", benar: "Benar", salah: "Salah",
    write: "Tulis skenario yang kurang", writing: "Menulis skenario…", again: "Jalankan ulang",
    wrote: "{n} skenario baru ditulis. Baca, lalu tandai benar atau salah.",
    wroteNone: "Tidak ada jalur baru yang dapat ditulis mesin.",
    left: "{n} bagian tidak terjangkau mesin; cobalah sendiri di Coba jalankan.",
    more: "Waktunya habis sebelum semua jalur tertulis. Tekan sekali lagi untuk melanjutkan.",
    failed: "Skenario tidak dapat dijalankan: {why}",
    notKept: "Perubahan belum tersimpan: {why}",
    told: "{n} skenario; {agree} sesuai; terbukti {percent} persen.",
    renameTitle: "Ganti judul", title: "Judul", keep: "Simpan", cancel: "Batal",
    deleteTitle: "Hapus skenario ini?", deleteText: "“{title}” tidak diperiksa lagi. Ini tidak dapat diurungkan.", remove: "Hapus",
    marked: "Ditandai {verdict}.",
  },
  en: {
    judging: "Running the scenarios…",
    show: "Show",
    all: "All", open: "Not marked", differs: "Different", benar: "Right", salah: "Wrong",
    write: "Write missing scenarios", writing: "Writing scenarios…", again: "Run again",
    wrote: "{n} new scenarios were written. Read them and mark them right or wrong.",
    wroteNone: "There is no new path the machine could write.",
    left: "{n} parts are out of the machine's reach; try them yourself.",
    more: "Time ran out before every path was written. Press once more to go on.",
    failed: "The scenarios could not be run: {why}",
    notKept: "The change was not kept: {why}",
    told: "{n} scenarios; {agree} agree; proven {percent} per cent.",
    renameTitle: "Change the title", title: "Title", keep: "Keep", cancel: "Cancel",
    deleteTitle: "Delete this scenario?", deleteText: "“{title}” is no longer checked. This cannot be undone.", remove: "Delete",
    marked: "Marked {verdict}.",
  },
});

const REST_MS = 1200;
const FILTERS = ["all", "open", "differs", "benar", "salah"];

/** Fill `host` (a tab of the drawer). */
export function mountScenarios(studio, host) {
  const live = make("p", { className: "visually-hidden", role: "status", "aria-live": "polite" });
  const above = make("div", { className: "play-notices" });
  const body = make("div", { className: "cases-body" });
  const choose = make("select", { className: "input input--short", id: "skenario-saring" },
    ...FILTERS.map((name) => make("option", { value: name }, say(name))));
  const write = button(say("write"), writeMissing, "", "pencil");
  const bar = make("div", { className: "cases-bar" },
    make("label", { htmlFor: "skenario-saring" }, say("show")), choose, write,
    button(say("again"), () => judge(), "quiet", "refresh-cw"));
  host.replaceChildren(live, bar, above, body);
  body.append(emptyState("list", say("judging")));

  let last = null;
  let asking = null;
  let stale = false;
  let here = true;
  let drawn = true;

  async function judge(more = {}) {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    host.setAttribute("aria-busy", "true");
    try {
      const sent = { files: await studio.files(), main: studio.main(), scenarios: studio.draft.scenarios, ...more };
      const told = await studio.post(studio.urls.cases, sent, { signal: mine.signal });
      stale = false;
      show(told);
      return told;
    } catch (error) {
      if (error.name === "AbortError") return null;
      if (!("status" in error)) throw error;
      tell("error", say("failed", { why: error.message }));
      return null;
    } finally {
      if (asking === mine) host.removeAttribute("aria-busy");
    }
  }

  function show(told) {
    last = told;
    const focused = body.contains(document.activeElement) ? document.activeElement.closest("[data-scenario]") : null;
    const open = new Set([...body.querySelectorAll(".case-item > details[open]")].map((one) => one.parentElement.dataset.scenario));
    body.innerHTML = told.html; // our own template, which escapes what people wrote
    for (const item of body.querySelectorAll("[data-scenario]")) {
      if (open.has(item.dataset.scenario)) item.querySelector("details").open = true;
      if (!studio.can_edit) for (const one of item.querySelectorAll("[data-mark], [data-rename], [data-delete]")) one.remove();
    }
    write.hidden = !studio.can_edit;
    const box = body.querySelector("[data-draw-coverage]");
    if (box) box.checked = drawn;
    filter();
    if (focused) itemOf(focused.dataset.scenario)?.querySelector("summary").focus({ preventScroll: true });
    draw();
    const bad = told.results.filter((one) => !one.agrees).length;
    studio.drawer?.count("scenarios", bad || told.results.length, bad ? "error" : "");
    if (told.coverage) {
      live.textContent = say("told", {
        n: told.results.length, agree: told.results.length - bad, percent: told.coverage.percent,
      });
    }
    studio.emit("judged", { complete: told.complete, coverage: told.coverage, reasons: told.reasons });
  }

  const itemOf = (name) => body.querySelector(`[data-scenario="${CSS.escape(name ?? "")}"]`);

  /** Close the one that was just marked, open the one to be judged next; the list is drawn anew a moment later. */
  function turnTo(from, to) {
    const [old, next] = [itemOf(from), itemOf(to)];
    if (old && next && next !== old) old.querySelector("details").open = false;
    const there = next && !next.hidden ? next : old;
    if (!there) return;
    if (there === next) next.querySelector("details").open = true;
    there.querySelector("summary").focus({ preventScroll: true });
    there.scrollIntoView({ block: "start" });
  }

  function draw() {
    if (here && drawn && last?.covered) drawCoverage(studio, last);
    else clearCoverage(studio);
  }

  function filter() {
    const wanted = choose.value;
    let shown = 0;
    for (const item of body.querySelectorAll("[data-scenario]")) {
      const { verdict, agrees } = item.dataset;
      const fits = wanted === "all" || (wanted === "open" && verdict === "belum")
        || (wanted === "differs" && agrees === "tidak") || verdict === wanted;
      item.hidden = !fits;
      shown += fits ? 1 : 0;
    }
    const none = body.querySelector("[data-none]");
    if (none) none.hidden = shown > 0 || !last?.results.length;
  }

  function tell(kind, words, ...more) {
    const icons = { error: "circle-alert", warning: "triangle-alert", success: "circle-check", info: "info" };
    above.replaceChildren(...(kind ? [notice(kind, icons[kind], make("span", {}, words), ...more)] : []));
  }

  /** Do something with the list on the server, and judge it anew. */
  async function keep(work, words = "") {
    try {
      await work();
      tell(null);
      live.textContent = words;
      return true;
    } catch (error) {
      if (!("status" in error)) throw error;
      tell("error", say("notKept", { why: error.message }));
      return false;
    }
  }

  async function writeMissing() {
    write.disabled = true;
    tell("info", say("writing"));
    try {
      const told = await judge({ write: true });
      if (!told) return;
      const names = new Set(studio.draft.scenarios.map((one) => one.name));
      const fresh = (told.written ?? []).map((one) => {
        const name = freeName(studio, one.name || one.title, names);
        names.add(name);
        return { ...one, name, origin: "mesin", verdict: null };
      });
      if (told.stopped) {
        tell("error", say("failed", { why: told.stopped }));
        return;
      }
      const left = unreached(told.unreached ?? []);
      if (!fresh.length) {
        tell("info", say("wroteNone"), ...left);
        return;
      }
      if (await keep(() => putScenarios(studio, [...studio.draft.scenarios, ...fresh]))) {
        if (told.finished === false) left.push(make("span", {}, say("more")));
        tell("success", say("wrote", { n: fresh.length }), ...left);
        choose.value = "open";
        filter();
      }
    } finally {
      write.disabled = false;
    }
  }

  async function rename(one) {
    const box = make("input", { className: "input", id: "skenario-judul", type: "text", maxLength: 200, required: true, value: one.title });
    box.dataset.first = "";
    const answer = await ask({
      title: say("renameTitle"), body: [make("label", { className: "field__label", htmlFor: "skenario-judul" }, say("title")), box],
      choices: [["keep", say("keep"), ""], [null, say("cancel"), "cancel"]],
    });
    const title = box.value.trim();
    if (answer !== "keep" || !title) return;
    await keep(() => putScenarios(studio, studio.draft.scenarios.map((each) => (each.name === one.name ? { ...each, title } : each))));
  }

  async function remove(one) {
    const answer = await ask({
      title: say("deleteTitle"), text: say("deleteText", { title: one.title }),
      choices: [[null, say("cancel"), "cancel"], ["remove", say("remove"), "danger"]],
    });
    if (answer !== "remove") return;
    await keep(() => putScenarios(studio, studio.draft.scenarios.filter((each) => each.name !== one.name)));
  }

  choose.addEventListener("change", filter);
  body.addEventListener("change", (event) => {
    if (!event.target.matches("[data-draw-coverage]")) return;
    drawn = event.target.checked;
    draw();
  });
  body.addEventListener("click", async (event) => {
    const pressed = event.target.closest("button");
    if (!pressed) return;
    if (pressed.dataset.missing) {
      lookAt(pressed.dataset);
      return;
    }
    const name = pressed.closest("[data-scenario]")?.dataset.scenario;
    const one = studio.draft.scenarios.find((each) => each.name === name);
    if (!one) return;
    if (pressed.dataset.mark !== undefined) {
      const verdict = pressed.dataset.mark || null;
      const next = verdict ? unmarkedAfter(pressed.closest("[data-scenario]")) : name;
      const done = await keep(() => markScenario(studio, name, verdict), verdict ? say("marked", { verdict: say(verdict) }) : "");
      if (done) turnTo(name, next);
    } else if ("playOn" in pressed.dataset) {
      studio.openTab("play");
      studio.emit("play-scenario", { text: one.text, name });
    } else if ("showPath" in pressed.dataset) {
      studio.trail(pathOf(last.results.find((each) => each.name === name)));
    } else if ("rename" in pressed.dataset) await rename(one);
    else if ("delete" in pressed.dataset) await remove(one);
  });

  function lookAt({ missing, id }) {
    if (missing !== "row") {
      studio.select(id);
      return;
    }
    const file = Object.keys(studio.contents.names ? studio.draft.files : {}).find((name) => name.endsWith(".dmn")
      && (studio.contents.text(name) ?? "").includes(`id="${id}"`));
    if (file) studio.openTable?.(file);
  }

  let timer = 0;
  studio.on("changed", () => {
    stale = true;
    clearTimeout(timer);
    timer = setTimeout(() => { if (here && stale) judge(); }, REST_MS);
  });
  studio.on("scenarios", () => {
    stale = true;
    if (here) judge();
  });
  studio.on("locked", () => { if (last) show(last); });
  studio.on("tab", ({ name }) => {
    here = name === "scenarios";
    if (here && stale) judge();
    else draw();
  });
  judge();
}

/** Name of the next scenario behind this one, else of the first, that nobody has marked; null when all are. */
function unmarkedAfter(item) {
  const all = [...item.parentElement.querySelectorAll("[data-scenario]")];
  const behind = all.slice(all.indexOf(item) + 1);
  return [...behind, ...all].find((one) => one !== item && one.dataset.verdict === "belum")?.dataset.scenario ?? null;
}

/** What the machine could not reach, with the reasons behind a fold. */
function unreached(all) {
  if (!all.length) return [];
  const list = make("ul", {}, ...all.slice(0, 40).map((one) => make("li", {}, one.reason)));
  return [make("details", { className: "disclosure small" }, make("summary", {}, say("left", { n: all.length })), list)];
}

/** The user tasks of a walk, in order, as far as it got. */
function pathOf(result) {
  return (result?.path ?? []).map((id) => id.split("/").pop());
}
