// Trying the draft out: the browser keeps the steps, the server takes all of them again in memory and answers with
// the whole picture. Nothing is stored until a run is kept as a scenario.

import { start as startConditions } from "../conditions.js";
import { ask } from "./dialogs.js";
import { dictionary } from "./dictionary.js";
import { make } from "../dom.js";
import { button, emptyState, notice } from "./parts.js";
import { clearPlay, drawPlay } from "./play-marks.js";
import { addScenario, putScenarios } from "./play-keep.js";

const say = dictionary({
  id: {
    begin: "Menyiapkan percobaan…",
    stopped: "Percobaan belum dapat dimulai: {why}",
    again: "Coba lagi",
    changed: "Konsep berubah; langkah-langkah dijalankan ulang.",
    now: "{now}. {n} tugas terbuka.",
    keepTitle: "Simpan sebagai skenario",
    keepText: "Jalannya percobaan ini, beserta tugas, status, batas waktu, dan pesan yang terjadi, menjadi kasus yang selalu diperiksa lagi.",
    title: "Judul skenario",
    cancel: "Batal",
    keep: "Simpan",
    keepNew: "Simpan sebagai yang baru",
    replace: "Ganti “{title}”",
    kept: "Skenario “{title}” tersimpan. Tandai benar atau salah di tab Skenario.",
    open: "Buka Skenario",
    unkept: "Skenario belum tersimpan: {why}",
    gone: "Percobaan tidak dapat dijalankan: {why}",
    ended: "{now}. Laporan ditutup.",
  },
  en: {
    begin: "Preparing the try…",
    stopped: "It cannot be tried yet: {why}",
    again: "Try again",
    changed: "The draft has changed; the steps were run again.",
    now: "{now}. {n} open tasks.",
    keepTitle: "Keep as a scenario",
    keepText: "This run, with the tasks, statuses, deadlines and messages that came about, becomes a case that is always checked again.",
    title: "Title of the scenario",
    cancel: "Cancel",
    keep: "Keep",
    keepNew: "Keep as a new one",
    replace: "Replace “{title}”",
    kept: "Scenario “{title}” is kept. Mark it right or wrong in the tab Scenarios.",
    open: "Open scenarios",
    unkept: "The scenario was not kept: {why}",
    gone: "It could not be run: {why}",
    ended: "{now}. The report is closed.",
  },
});

const REST_MS = 900;

/** Fill `host` (a tab of the drawer). */
export function mountPlay(studio, host) {
  const live = make("p", { className: "visually-hidden", role: "status", "aria-live": "polite" });
  const above = make("div", { className: "play-notices" });
  const body = make("div", { className: "play-body" });
  host.replaceChildren(live, above, body);
  body.append(emptyState("route", say("begin")));

  let run = { at: null, data: null, calendar: {}, steps: [] };
  let last = null;
  let asking = null;
  let stale = false;
  let here = true;
  let from = null; // the scenario that is being played on, while it is
  let acted = null; // the form that was sent with the present question

  async function send(more = {}) {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    host.setAttribute("aria-busy", "true");
    acted = more.act ?? null;
    try {
      const sent = { files: await studio.files(), main: studio.main(), ...run, ...more };
      const told = await studio.post(studio.urls.play, sent, { signal: mine.signal });
      stale = false;
      take(told);
      return told;
    } catch (error) {
      if (error.name === "AbortError") return null;
      if (!("status" in error)) throw error;
      tell("error", say("gone", { why: error.message }), button(say("again"), () => send(more)));
      return null;
    } finally {
      if (asking === mine) host.removeAttribute("aria-busy");
    }
  }

  function take(told) {
    above.replaceChildren();
    if (told.stopped) {
      last = null;
      clearPlay(studio);
      tell("warning", say("stopped", { why: told.stopped }), button(say("again"), () => send()));
      body.hidden = true;
      return;
    }
    run = { at: told.at, data: told.data, calendar: told.calendar, steps: told.steps };
    last = told;
    body.hidden = false;
    const open = body.querySelector("[data-play-report]")?.open ?? false;
    const focused = signature(body);
    const typed = typedForms(body, acted);
    body.innerHTML = told.html; // our own template, which escapes what people wrote
    typeAgain(body, typed);
    if (!studio.can_edit) for (const one of body.querySelectorAll("[data-keep], [data-keep-refusal]")) one.remove();
    if (open) body.querySelector("[data-play-report]").open = true;
    startConditions(body);
    if (focused) refocus(body, focused);
    if (host.scrollTop > 0) host.scrollTop = 0;
    else if (host.getBoundingClientRect().top < 0) host.scrollIntoView();
    const words = body.querySelector("[data-play-now]").textContent;
    live.textContent = say(told.ended ? "ended" : "now", { now: words, n: body.querySelectorAll("[data-task]").length });
    if (here) drawPlay(studio, told, { follow: true });
  }

  function tell(kind, words, ...more) {
    const icons = { error: "circle-alert", warning: "triangle-alert", success: "circle-check", info: "info" };
    above.replaceChildren(notice(kind, icons[kind], make("span", {}, words), ...more));
  }

  const step = (one) => send({ steps: [...run.steps, one] });
  const rewind = (n) => {
    if (n === 0) from = null;
    return send({ steps: run.steps.slice(0, n) });
  };

  async function keepRun() {
    const old = studio.draft.scenarios.find((one) => one.name === from);
    const box = make("input", {
      className: "input", id: "play-judul", type: "text", maxLength: 200, required: true, value: old?.title ?? suggestion(),
    });
    box.dataset.first = "";
    const label = make("label", { className: "field__label", htmlFor: "play-judul" }, say("title"));
    const answer = await ask({
      title: say("keepTitle"), text: say("keepText"), body: [label, box],
      choices: [["keep", say(old ? "keepNew" : "keep"), ""],
        ...(old ? [["replace", say("replace", { title: old.title }), "quiet"]] : []), [null, say("cancel"), "cancel"]],
    });
    if (answer === null) return;
    const title = box.value.trim() || suggestion();
    const told = await send({ keep: title });
    if (!told?.scenario) return;
    try {
      if (answer === "replace") {
        await putScenarios(studio, studio.draft.scenarios.map((one) => (one.name === old.name
          ? { ...one, title, text: told.scenario, origin: "orang", covers: {} } : one)));
      } else await addScenario(studio, { title, text: told.scenario });
      tell("success", say("kept", { title }), button(say("open"), () => studio.openTab("scenarios")));
    } catch (error) {
      if (!("status" in error)) throw error;
      tell("error", say("unkept", { why: error.message }));
    }
  }

  /** The names of the last tasks done, as a first idea of a title. */
  function suggestion() {
    const names = run.steps.map((one) => one.complete).filter(Boolean).slice(-2)
      .map((id) => studio.elementName(id.split("/").pop()));
    return names.join(" → ") || say("keepTitle");
  }

  body.addEventListener("click", (event) => {
    const pressed = event.target.closest("button");
    if (!pressed) return;
    const { advance, advanceTo, jump, trail, sample } = pressed.dataset;
    if (advance) step({ advance: JSON.parse(advance) });
    else if (advanceTo) step({ advance: { to: advanceTo } });
    else if (jump !== undefined) rewind(Number(jump));
    else if (trail) studio.trail(trail.split(" "));
    else if (sample) addSample(body.querySelector(`#${CSS.escape(sample)}`));
    else if ("back" in pressed.dataset) rewind(run.steps.length - 1);
    else if ("restart" in pressed.dataset) rewind(0);
    else if ("keep" in pressed.dataset) keepRun();
    else if ("keepRefusal" in pressed.dataset) step({ refuse: { ...last.refused, because: last.trouble.name } });
  });

  body.addEventListener("input", (event) => {
    const form = event.target.closest("[data-task-trial]");
    if (form) form.dataset.touched = "";
  });

  body.addEventListener("submit", (event) => {
    event.preventDefault();
    const form = event.target;
    const pairs = [...new FormData(form)].filter(([, value]) => typeof value === "string");
    if ("advanceForm" in form.dataset) step({ advance: { to: form.querySelector("input").value } });
    else if (form.dataset.deliver) {
      const words = form.elements.isi.value.trim();
      step({ deliver: form.dataset.deliver, data: words ? { isi: words } : {} });
    } else if ("reportForm" in form.dataset) {
      const at = form.elements.at.value;
      send({ at, steps: [], report: pairs.filter(([name]) => name !== "at") });
    } else if ("taskTrial" in form.dataset) {
      const card = form.closest("[data-task]");
      const of = card.dataset.of === undefined ? null : JSON.parse(card.dataset.of);
      send({ act: {
        task: card.dataset.task, of, has_of: card.dataset.of !== undefined, by: form.elements.__by.value,
        form: pairs.filter(([name]) => name !== "__by"),
      } });
    }
  });

  // Looking at a task shows it on the diagram.
  body.addEventListener("toggle", (event) => {
    const card = event.target;
    if (card.open && card.dataset?.element && event.isTrusted && here && last) drawPlay(studio, last, { look: card.dataset.element });
  }, true);

  let timer = 0;
  studio.on("changed", () => {
    stale = true;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      if (!here || !stale) return;
      await send();
      live.textContent = say("changed");
    }, REST_MS);
  });
  studio.on("tab", ({ name }) => {
    here = name === "play";
    if (!here) clearPlay(studio);
    else if (stale) send();
    else if (last) drawPlay(studio, last);
  });
  studio.on("play-scenario", ({ text, name }) => {
    from = name;
    send({ text, at: null, data: null, calendar: {}, steps: [] });
  });
  send();
}

/** What stands half-filled in forms of open tasks, but for the one just sent: {task and item: [[name, value]]}. */
function typedForms(body, acted) {
  const kept = new Map();
  for (const form of body.querySelectorAll("[data-task-trial][data-touched]")) {
    const { task, of = "" } = form.closest("[data-task]").dataset;
    if (acted && acted.task === task && JSON.stringify(acted.of ?? "") === (of || '""')) continue;
    kept.set(`${task} ${of}`, [...new FormData(form)]);
  }
  return kept;
}

function typeAgain(body, kept) {
  for (const card of body.querySelectorAll("[data-task]")) {
    const pairs = kept.get(`${card.dataset.task} ${card.dataset.of ?? ""}`);
    if (!pairs) continue;
    const form = card.querySelector("form");
    form.dataset.touched = "";
    for (const box of form.elements) {
      if (!box.name) continue;
      const values = pairs.filter(([name]) => name === box.name).map(([, value]) => value);
      if (box.type === "radio" || box.type === "checkbox") box.checked = values.includes(box.value);
      else if (values.length) [box.value] = values;
    }
    card.open = true;
  }
}

/** What had the focus, so that it can have it again after the picture was drawn anew; null when it was elsewhere. */
function signature(body) {
  const active = document.activeElement;
  if (!body.contains(active)) return null;
  const named = ["advance", "back", "restart", "keep"].find((name) => name in active.dataset);
  return named ? `[data-${named}${active.dataset[named] ? `='${active.dataset[named]}'` : ""}]` : "#play-tugas";
}

function refocus(body, selector) {
  const same = body.querySelector(selector);
  (same && !same.disabled ? same : body.querySelector("#play-tugas")).focus({ preventScroll: true });
}

/** One more name in a field of photos. */
function addSample(box) {
  const names = box.value.split(",").map((name) => name.trim()).filter(Boolean);
  box.value = [...names, `contoh-${names.length + 1}.jpg`].join(", ");
  box.dispatchEvent(new Event("input", { bubbles: true }));
}
