// Keeps what is edited: in this browser at once, on the server a moment later; through lost connections, closed
// laptops and colleagues who take over. Nothing edited is ever thrown away without having asked.

import { watchHolding } from "./holding.js";
import { forget, keep, kept } from "./kept.js";
import { dictionary } from "./dictionary.js";
import { ask } from "./dialogs.js";
import { copyMine } from "./transfer.js";
import { clockTime } from "./parts.js";

const say = dictionary({
  id: {
    saved: "Tersimpan pukul {time}",
    waiting: "Ada suntingan belum tersimpan",
    saving: "Menyimpan…",
    offline: "Sambungan terputus. Suntingan Anda tersimpan di peramban ini dan dikirim saat tersambung lagi.",
    offlineShort: "Tersimpan di peramban ini",
    unkept: "Sambungan terputus, dan peramban ini tidak dapat menyimpan. Jangan tutup halaman ini.",
    signedOut: "Anda sudah keluar. Masuk lagi di tab lain; suntingan Anda tersimpan di peramban ini dan dikirim sesudahnya.",
    refused: "Belum tersimpan: {why} Suntingan Anda tetap ada di peramban ini.",
    restored: "Suntingan terakhir Anda yang belum terkirim (pukul {time}) sudah dipulihkan.",
    movedTitle: "Konsep ini sudah berubah",
    moved: "Konsep ini disimpan dari tempat lain sejak Anda membukanya. Suntingan Anda masih ada di peramban ini.",
    takeTheirs: "Pakai yang tersimpan di peladen",
    copyMine: "Simpan suntingan saya sebagai konsep baru",
    downloadMine: "Unduh suntingan saya",
    later: "Nanti",
  },
  en: {
    saved: "Saved at {time}",
    waiting: "Some edits are not saved yet",
    saving: "Saving…",
    offline: "The connection is lost. Your edits are kept in this browser and sent once it is back.",
    offlineShort: "Kept in this browser",
    unkept: "The connection is lost and this browser cannot keep anything. Do not close this page.",
    signedOut: "You are signed out. Sign in again in another tab; your edits are kept here and sent afterwards.",
    refused: "Not saved: {why} Your edits stay in this browser.",
    restored: "Your last edits that were not sent (at {time}) have been restored.",
    movedTitle: "This draft has changed",
    moved: "This draft was saved from elsewhere since you opened it. Your edits are still in this browser.",
    takeTheirs: "Use what the server has",
    copyMine: "Keep my edits as a new draft",
    downloadMine: "Download my edits",
    later: "Later",
  },
});

const REST_MS = 1200;
const KEEP_MS = 300;
const RETRY_MS = 4000;

/** Restore what was kept, take the draft in hand, and save from now on. */
export async function watchSaving(studio) {
  const status = document.getElementById("studio-saved");
  const { contents } = studio;
  const draftKey = studio.urls.draft;
  let edits = 0; // how many changes there were; what is on the server is known by `sent`
  let sent = 0;
  let keptEdits = 0; // how many of them this browser keeps
  let saving = null;
  let restTimer = 0;
  let keepTimer = 0;
  let asking = false;

  const tellSaved = (moment) => { status.textContent = say("saved", { time: clockTime(moment) }); };

  async function keepHere() {
    clearTimeout(keepTimer);
    if (edits === sent) return true;
    const these = edits;
    const files = await contents.all();
    const done = await keep(draftKey, { files, main: contents.main, revision: studio.draft.revision, at: Date.now() });
    if (done) keptEdits = these;
    return done;
  }

  async function save() {
    clearTimeout(restTimer);
    if (saving || edits === sent || !studio.can_edit) return;
    saving = edits;
    root().dataset.saving = "saving";
    status.textContent = say("saving");
    let again = 0;
    try {
      const files = await contents.all();
      const { revision, saved_at: at } = await studio.put(studio.urls.content,
        { revision: studio.draft.revision, files, main: contents.main });
      sent = saving;
      studio.tell("saving", null);
      tellSaved(at ? new Date(at) : new Date());
      root().dataset.saving = edits === sent ? "saved" : "waiting";
      if (edits === sent) await forget(draftKey);
      studio.emit("saved", { revision });
      again = REST_MS;
    } catch (error) {
      again = await trouble(error);
    } finally {
      saving = null;
      if (again && edits !== sent) restTimer = setTimeout(save, again);
    }
  }

  /** What to say and when to try again (0: not by itself). */
  async function trouble(error) {
    if (!("status" in error)) throw error;
    const isKept = await keepHere();
    root().dataset.saving = "failed";
    status.textContent = isKept ? say("offlineShort") : say("waiting");
    if (error.status === 401) studio.tell("saving", "warning", say("signedOut"));
    else if (error.status === 409) {
      studio.tell("saving", null);
      if (error.told.editor && !error.told.editor.mine) holding.lost(error.told.editor);
      else await chooseMoved();
      return 0;
    } else if (error.status === 0 || error.status >= 500 || error.status === 429) {
      studio.tell("saving", "warning", say(isKept ? "offline" : "unkept"));
    } else {
      studio.tell("saving", "error", say("refused", { why: error.message }));
      return 0;
    }
    return RETRY_MS;
  }

  /** Somebody (or another tab) saved since: theirs, or mine as a draft of its own. */
  async function chooseMoved() {
    if (asking) return;
    asking = true;
    const mine = { files: await contents.all(), main: contents.main };
    const answer = await ask({
      title: say("movedTitle"), text: say("moved"),
      choices: [["copy", say("copyMine"), ""], ["theirs", say("takeTheirs")], ["download", say("downloadMine")],
        ["later", say("later"), "text"]],
    });
    asking = false;
    if (answer === "copy") await copyMine(studio, mine, () => forget(draftKey));
    else if (answer === "download") await copyMine.download(studio, mine);
    else if (answer === "theirs") {
      await forget(draftKey);
      await takeTheirs();
    }
  }

  async function takeTheirs() {
    studio.draft = await studio.get(studio.urls.content);
    contents.replaceAll(studio.draft.files, studio.draft.main);
    edits = sent;
    root().dataset.saving = "saved";
    studio.tell("saving", null);
    studio.tell("restored", null);
    const shown = studio.file;
    const next = contents.has(shown) ? shown : contents.names(".bpmn")[0];
    const { x, y, width, height } = studio.modeler.get("canvas").viewbox();
    studio.file = null;
    if (next) await studio.showFile(next);
    if (next === shown) studio.modeler.get("canvas").viewbox({ x, y, width, height }); // one reads on where one was
    studio.emit("files", {});
  }

  studio.on("changed", () => {
    edits += 1;
    root().dataset.saving = "waiting";
    status.textContent = say("waiting");
    clearTimeout(keepTimer);
    keepTimer = setTimeout(keepHere, KEEP_MS);
    clearTimeout(restTimer);
    restTimer = setTimeout(save, REST_MS);
  });
  studio.save = async () => {
    while (saving) await new Promise((then) => { setTimeout(then, 50); });
    await save();
    return edits === sent;
  };
  studio.unsaved = () => edits !== sent;
  window.addEventListener("online", save);
  window.addEventListener("focus", () => { if (edits !== sent) save(); });
  document.addEventListener("visibilitychange", () => { if (document.hidden) keepHere(); else save(); });
  window.addEventListener("beforeunload", (event) => {
    if (edits === sent) return;
    // Offline and kept here there is nothing to wait for; else a moment's patience saves it.
    if (root().dataset.saving !== "failed" || keptEdits !== edits) event.preventDefault();
    keepHere();
  });

  if (studio.draft.saved_at) tellSaved(new Date(studio.draft.saved_at));
  const holding = watchHolding(studio, { takeTheirs, keepHere, hasEdits: () => edits !== sent, chooseMoved });
  await holding.start();

  const before = await kept(draftKey);
  if (before && JSON.stringify(before.files) !== JSON.stringify(studio.draft.files)) {
    if (studio.can_edit && before.revision === studio.draft.revision) {
      contents.replaceAll(before.files, before.main);
      studio.tell("restored", "success", say("restored", { time: clockTime(new Date(before.at)) }));
      studio.on("ready", () => studio.emit("changed", {}));
    } else if (studio.draft.may_edit) {
      const mine = { files: before.files, main: before.main };
      studio.on("ready", async () => {
        const answer = await ask({
          title: say("movedTitle"), text: say("moved"),
          choices: [["copy", say("copyMine"), ""], ["theirs", say("takeTheirs")], ["download", say("downloadMine")],
            ["later", say("later"), "text"]],
        });
        if (answer === "copy") await copyMine(studio, mine, () => forget(draftKey));
        else if (answer === "download") await copyMine.download(studio, mine);
        else if (answer === "theirs") await forget(draftKey);
      });
    }
  }

  function root() {
    return studio.root;
  }
}
