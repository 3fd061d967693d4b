// Who has the draft in hand: one person edits, the others read and may take over, visibly.

import { icon, make } from "../dom.js";
import { ask } from "./dialogs.js";
import { dictionary } from "./dictionary.js";
import { button, clockTime } from "./parts.js";

const say = dictionary({
  id: {
    mine: "Anda menyunting",
    readOnly: "Anda membaca saja",
    fixed: "Sedang diusulkan, tidak dapat disunting",
    theirs: "{name} menyunting sejak {time}",
    free: "Tidak ada yang menyunting",
    start: "Mulai menyunting",
    take: "Ambil alih",
    takeTitle: "Ambil alih penyuntingan?",
    takeText: "{name} sedang menyunting konsep ini. Yang sudah tersimpan tetap ada. {name} akan melihat bahwa Anda mengambil alih, dan membaca saja sesudahnya.",
    cancel: "Batal",
    lost: "{name} mengambil alih penyuntingan. Anda membaca saja.",
    lostEdits: "{name} mengambil alih penyuntingan. Suntingan Anda yang terakhir belum sempat terkirim dan tersimpan di peramban ini.",
    chooseEdits: "Tentukan nasib suntingan saya",
  },
  en: {
    mine: "You are editing",
    readOnly: "You are reading",
    fixed: "Proposed, cannot be edited",
    theirs: "{name} is editing since {time}",
    free: "Nobody is editing",
    start: "Start editing",
    take: "Take over",
    takeTitle: "Take over editing?",
    takeText: "{name} is editing this draft. What is saved stays. {name} will see that you took over and can only read afterwards.",
    cancel: "Cancel",
    lost: "{name} took over editing. You are reading.",
    lostEdits: "{name} took over editing. Your last edits were not sent yet and are kept in this browser.",
    chooseEdits: "Decide about my edits",
  },
});

const BEAT_MS = 20_000;

/** `work`: what to do about edits, from autosave. Answers { start(), lost(editor) }. */
export function watchHolding(studio, work) {
  const host = document.getElementById("studio-people");
  const mayHold = () => studio.draft.may_edit;

  function show(editor) {
    const line = (iconName, words) => make("span", { className: "studio-person" }, icon(iconName), words);
    const shown = [];
    if (["diusulkan", "disetujui"].includes(studio.draft.state)) shown.push(line("lock", say("fixed")));
    else if (!studio.draft.may_edit) shown.push(line("eye", say("readOnly")));
    else if (editor?.mine && studio.can_edit) shown.push(line("pencil", say("mine")));
    else if (editor && !editor.mine) {
      shown.push(line("user", say("theirs", { name: editor.name, time: clockTime(new Date(editor.since)) })),
        button(say("take"), () => takeOver(editor)));
    } else shown.push(line("eye", say("free")), button(say("start"), () => hold(true)));
    host.replaceChildren(...shown);
  }

  function allow(may, editor) {
    const changed = studio.can_edit !== may;
    studio.can_edit = may;
    studio.draft.editor = editor;
    studio.root.toggleAttribute("data-readonly", !may);
    show(editor);
    if (changed) studio.emit("locked", { can_edit: may, editor });
  }

  let since = null; // from when on it is in our hands without a break

  /** Take the draft in hand, or keep it there. Reads anew when somebody may have written meanwhile. */
  async function hold(take) {
    const had = studio.can_edit;
    const { editor } = await studio.post(studio.urls.hold, { ambil_alih: take });
    const isNew = Boolean(editor?.mine) && editor.since !== since;
    since = editor?.mine ? editor.since : null;
    if (isNew) {
      const now = await studio.get(studio.urls.content);
      if (now.revision !== studio.draft.revision) await (work.hasEdits() ? work.chooseMoved() : work.takeTheirs());
    }
    if (had && editor && !editor.mine) lost(editor);
    else allow(Boolean(editor?.mine), editor);
    if (editor?.mine) studio.tell("holding", null);
  }

  async function takeOver(editor) {
    const answer = await ask({
      title: say("takeTitle"), text: say("takeText", { name: editor.name }),
      choices: [["no", say("cancel"), "quiet"], ["yes", say("take"), ""]],
    });
    if (answer === "yes") await hold(true);
  }

  /** Somebody else has it now. */
  async function lost(editor) {
    allow(false, editor);
    if (work.hasEdits()) {
      await work.keepHere();
      studio.tell("holding", "warning", say("lostEdits", { name: editor.name }), " ",
        button(say("chooseEdits"), work.chooseMoved));
    } else studio.tell("holding", "warning", say("lost", { name: editor.name }));
  }

  async function beat() {
    if (!mayHold()) return;
    try {
      if (studio.can_edit) await hold(false);
      else {
        const { editor, revision } = await studio.get(studio.urls.content);
        if (revision !== studio.draft.revision && !work.hasEdits()) await work.takeTheirs();
        show(editor);
      }
    } catch (error) {
      if (!("status" in error)) throw error; // offline: autosave speaks about that
    }
  }

  async function start() {
    const { editor } = studio.draft;
    allow(false, editor);
    if (mayHold() && (!editor || editor.mine)) {
      try {
        await hold(false);
      } catch (error) {
        if (!("status" in error)) throw error;
        studio.tell("holding", "warning", error.message);
      }
    }
    setInterval(beat, BEAT_MS);
    // A laptop that was closed asks at once who has it now.
    document.addEventListener("visibilitychange", () => { if (!document.hidden) beat(); });
    window.addEventListener("pagehide", () => {
      if (studio.can_edit) studio.post(studio.urls.release, {}, { keepalive: true }).catch(() => undefined);
    });
  }
  return { start, lost };
}
