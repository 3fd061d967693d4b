// Buttons of the header and above the diagram, the one next action, and the keys.

import { csrfToken, icon, isTyping, make } from "../dom.js";
import { dictionary } from "./dictionary.js";
import { fit } from "./modeler.js";
import { shareClipboard } from "./clipboard.js";
import { mountText } from "./text.js";
import { downloadFile, downloadPackage, takeIn, takeOut, watchDrops } from "./transfer.js";

const say = dictionary({
  id: {
    undo: "Urungkan (Ctrl+Z)", redo: "Ulangi (Ctrl+Y)", fit: "Lihat seluruh diagram (Ctrl+0)",
    larger: "Perbesar (Ctrl + +)", smaller: "Perkecil (Ctrl + −)", asText: "Baca sebagai teks",
    asDiagram: "Lihat diagram", panel: "Isi unsur", keys: "Pintasan papan ketik (?)", files: "Berkas",
    downloadDiagram: "Unduh {name}", downloadPackage: "Unduh paket SOP (.zip)", takeIn: "Masukkan berkas…", takeOut: "Keluarkan {name}…",
    findings: "{n} temuan", keysTitle: "Pintasan papan ketik", close: "Tutup",
    unsaved: "Suntingan terakhir belum tersimpan. Tunggu sampai tersambung, lalu coba lagi.",
    phone: "Menyunting lebih nyaman di layar besar. Di sini Anda dapat membaca, mencoba, dan mengubah hal kecil.",
    view: "Tampilan diagram", remarks: "Catatan penelaah: {words}",
  },
  en: {
    undo: "Undo (Ctrl+Z)", redo: "Redo (Ctrl+Y)", fit: "See the whole diagram (Ctrl+0)",
    larger: "Zoom in (Ctrl + +)", smaller: "Zoom out (Ctrl + −)", asText: "Read as text",
    asDiagram: "See the diagram", panel: "Element", keys: "Keyboard shortcuts (?)", files: "Files",
    downloadDiagram: "Download {name}", downloadPackage: "Download the SOP package (.zip)", takeIn: "Take in files…", takeOut: "Take out {name}…",
    findings: "{n} findings", keysTitle: "Keyboard shortcuts", close: "Close",
    unsaved: "The last edits are not saved. Wait for the connection, then try again.",
    phone: "Editing is easier on a large screen. Here you can read, try and change small things.",
    view: "View of the diagram", remarks: "Remarks of the reviewer: {words}",
  },
});

const KEYS = {
  id: [["Tab", "Ke bagian berikutnya: berkas, diagram, isi unsur, laci"], ["Ctrl+Z · Ctrl+Y", "Urungkan · ulangi"],
    ["Ctrl+C · Ctrl+V", "Salin · tempel, juga ke konsep lain"], ["Panah", "Geser unsur yang dipilih (Shift: lebih jauh)"],
    ["Ctrl+panah", "Geser kanvas"], ["Del", "Hapus yang dipilih"], ["E", "Ubah nama"], ["R", "Ganti jenis"],
    ["L", "Pilih beberapa unsur"], ["S", "Lapangkan"], ["C", "Hubungkan"], ["H", "Geser kanvas dengan tetikus"],
    ["Ctrl+A", "Pilih semua"], ["Ctrl+F", "Cari di diagram"], ["Ctrl+0", "Seluruh diagram"], ["T", "Baca sebagai teks"],
    ["?", "Daftar ini"]],
  en: [["Tab", "To the next part: files, diagram, element, drawer"], ["Ctrl+Z · Ctrl+Y", "Undo · redo"],
    ["Ctrl+C · Ctrl+V", "Copy · paste, also into another draft"], ["Arrows", "Move the selected element (Shift: further)"],
    ["Ctrl+arrows", "Move the canvas"], ["Del", "Remove what is selected"], ["E", "Rename"], ["R", "Change kind"],
    ["L", "Select several"], ["S", "Make space"], ["C", "Connect"], ["H", "Move the canvas by mouse"],
    ["Ctrl+A", "Select all"], ["Ctrl+F", "Search in the diagram"], ["Ctrl+0", "The whole diagram"], ["T", "Read as text"],
    ["?", "This list"]],
};

function tool(iconName, words, click) {
  const element = make("button", { type: "button", className: "studio-iconbutton", title: words }, icon(iconName),
    make("span", { className: "visually-hidden" }, words));
  element.addEventListener("click", click);
  return element;
}

/** Fill header and row of files with what one can do. */
export function buildTools(studio) {
  const get = (name) => studio.modeler.get(name);
  const undo = tool("undo-2", say("undo"), () => get("commandStack").undo());
  const redo = tool("redo-2", say("redo"), () => get("commandStack").redo());
  const stacks = () => {
    undo.disabled = !studio.can_edit || !get("commandStack").canUndo();
    redo.disabled = !studio.can_edit || !get("commandStack").canRedo();
  };
  const text = textToggle(studio);
  const showPanel = (shown) => {
    studio.root.toggleAttribute("data-nopanel", !shown);
    panel.setAttribute("aria-pressed", String(shown));
    get("canvas").resized();
  };
  const panel = tool("panel-right", say("panel"), () => showPanel(studio.root.hasAttribute("data-nopanel")));
  const isPhone = matchMedia("(max-width: 47.99rem)").matches;
  showPanel(!isPhone);
  // On a phone the panel stands under the diagram, and only while it speaks about a chosen element.
  if (isPhone) studio.on("selection", ({ element }) => showPanel(Boolean(element)));
  const zoom = get("zoomScroll");
  const row = make("div", { className: "studio-files__tools", role: "toolbar", "aria-label": say("view") },
    undo, redo, tool("zoom-out", say("smaller"), () => zoom.stepZoom(-1)),
    tool("zoom-in", say("larger"), () => zoom.stepZoom(1)), tool("maximize", say("fit"), () => get("canvas").zoom("fit-viewport")),
    text, panel);
  document.getElementById("studio-files").append(row);
  get("eventBus").on("commandStack.changed", stacks);
  studio.on("locked", stacks);
  studio.on("file", stacks);

  const keys = keysDialog();
  document.getElementById("studio-tools").append(filesMenu(studio),
    tool("keyboard", say("keys"), () => keys.showModal()));
  nextAction(studio);
  watchDrops(studio);
  shareClipboard(studio);
  document.addEventListener("keydown", (event) => {
    if (isTyping(event.target) || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.key === "?") keys.showModal();
    else if (event.key === "t" && !event.ctrlKey && !event.metaKey && !event.altKey) text.click();
    else if (event.key === "0" && (event.ctrlKey || event.metaKey)) fit(studio.modeler);
    else if (undoes(event) && !event.target.closest?.(".studio-table")) {
      const isRedo = event.shiftKey || event.key.toLowerCase() === "y";
      get("commandStack")[isRedo ? "redo" : "undo"]();
    }
    else return;
    event.preventDefault();
  });
  if (isPhone) studio.tell("phone", "info", say("phone"));
}

/** Ctrl+Z and Ctrl+Y count everywhere on the page, not only while the diagram has the focus. */
function undoes(event) {
  return (event.ctrlKey || event.metaKey) && !event.altKey && ["z", "y"].includes(event.key.toLowerCase());
}

/** The diagram as structured text in its place, for screen readers and for whoever prefers reading. */
function textToggle(studio) {
  const host = document.getElementById("studio-text");
  const canvas = document.getElementById("studio-canvas");
  let mounted = false;
  const toggle = tool("text", say("asText"), () => {
    const shown = host.hidden;
    host.hidden = !shown;
    canvas.hidden = shown;
    toggle.setAttribute("aria-pressed", String(shown));
    toggle.title = say(shown ? "asDiagram" : "asText");
    if (shown && !mounted) {
      mounted = true;
      mountText(studio, host);
    }
    studio.emit("text", { shown });
    if (shown) host.focus();
    else studio.modeler.get("canvas").resized();
  });
  toggle.setAttribute("aria-pressed", "false");
  studio.showDiagram = () => {
    if (!host.hidden) toggle.click();
  };
  return toggle;
}

function filesMenu(studio) {
  const menu = make("details", { className: "studio-menu" });
  const body = make("div", { className: "studio-menu__body" });
  menu.append(make("summary", { className: "button button--small button--quiet" }, icon("files"), say("files")), body);
  const choose = make("input", { type: "file", accept: ".bpmn,.dmn,.zip", multiple: true, hidden: true });
  choose.setAttribute("aria-label", say("takeIn"));
  choose.addEventListener("change", async () => {
    await takeIn(studio, choose.files);
    choose.value = "";
  });
  const entry = (iconName, words, click) => {
    const element = make("button", { type: "button", className: "studio-menu__item" }, icon(iconName), words);
    element.addEventListener("click", () => { menu.open = false; click(); });
    return element;
  };
  const fill = () => body.replaceChildren(
    entry("download", say("downloadPackage"), () => downloadPackage(studio)),
    ...studio.contents.names().map((name) => entry("file-text", say("downloadDiagram", { name }), () => downloadFile(studio, name))),
    ...(studio.can_edit ? [entry("upload", say("takeIn"), () => choose.click()),
      ...studio.contents.names(".bpmn").filter((name) => name !== studio.main())
        .map((name) => entry("trash-2", say("takeOut", { name }), () => takeOut(studio, name)))] : []), choose,
  );
  menu.addEventListener("toggle", () => { if (menu.open) fill(); });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  fill();
  return menu;
}

function keysDialog() {
  const list = make("dl", { className: "shortcuts" });
  for (const [keys, words] of KEYS[document.documentElement.lang] ?? KEYS.id) {
    list.append(make("dt", {}, make("kbd", {}, keys)), make("dd", {}, words));
  }
  const close = make("button", { className: "button button--small button--quiet" }, say("close"));
  const dialog = make("dialog", { className: "studio-dialog", "aria-labelledby": "studio-keys" },
    make("form", { method: "dialog", className: "stack" }, make("h2", { id: "studio-keys" }, say("keysTitle")), list, close));
  document.body.append(dialog);
  return dialog;
}

/** The one thing to do next, from the server; what was edited is saved first. */
function nextAction(studio) {
  const host = document.getElementById("studio-next");
  const { next_action: next, remarks } = studio.draft;
  if (remarks) studio.tell("remarks", "info", say("remarks", { words: remarks }));
  if (!next) return;
  const isPage = next.do === "usulkan";
  const form = make("form", { method: isPage ? "get" : "post", action: next.url });
  if (!isPage) form.append(make("input", { type: "hidden", name: "csrf_token", value: csrfToken() }));
  form.append(make("button", { className: "button button--small" }, icon(isPage ? "send" : "undo-2"), next.label));
  form.addEventListener("submit", async (event) => {
    if (!studio.unsaved() || !studio.can_edit) return;
    event.preventDefault();
    if (await studio.save()) form.submit();
    else studio.tell("next", "warning", say("unsaved"));
  });
  host.replaceChildren(form);
}
