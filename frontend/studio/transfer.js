// In and out: one file or the whole package to this computer, a file from it into the draft, and a copy as a new draft.

import { csrfToken, make } from "../dom.js";
import { Refused } from "./core.js";
import { dictionary } from "./dictionary.js";
import { ask } from "./dialogs.js";
import { zipped } from "./zip.js";

const say = dictionary({
  id: {
    importTitle: "Masukkan {n} berkas ke konsep ini?",
    importText: "Berkas yang bernama sama diganti. Langkah ini tidak dapat diurungkan dengan Ctrl+Z; unduh dahulu paket konsep bila ragu.",
    replaced: "{name} diganti", added: "{name} ditambahkan",
    cancel: "Batal", take: "Masukkan",
    imported: "Berkas dimasukkan: {names}.",
    unknown: "{name} tidak dimasukkan. Pilih berkas .bpmn, .dmn, atau paket .zip.",
    tooLarge: "{name} terlalu besar ({mb} MB). Batasnya 2 MB.",
    readOnly: "Anda membaca saja. Mulai menyunting dahulu, lalu masukkan berkas.",
    copyFailed: "Konsep baru belum dapat dibuat: {why} Suntingan Anda tetap ada di peramban ini.",
    outTitle: "Keluarkan {name}?", out: "Keluarkan",
    outText: "Berkas itu tidak lagi ikut dalam konsep ini. Unduh dahulu bila masih diperlukan.",
    unsavedFirst: "Simpan dahulu sebelum memasukkan paket.",
    drop: "Lepaskan berkas .bpmn, .dmn, atau .zip di sini",
  },
  en: {
    importTitle: "Take {n} files into this draft?",
    importText: "Files of the same name are replaced. This cannot be undone with Ctrl+Z; download the package first if in doubt.",
    replaced: "{name} is replaced", added: "{name} is added",
    cancel: "Cancel", take: "Take in",
    imported: "Taken in: {names}.",
    unknown: "{name} was not taken in. Choose a .bpmn or .dmn file, or a .zip package.",
    tooLarge: "{name} is too large ({mb} MB). The limit is 2 MB.",
    readOnly: "You are reading. Start editing first, then take files in.",
    copyFailed: "The new draft could not be made: {why} Your edits stay in this browser.",
    outTitle: "Take {name} out?", out: "Take out",
    outText: "The file no longer belongs to this draft. Download it first if it is still needed.",
    unsavedFirst: "Save before taking in a package.",
    drop: "Drop a .bpmn, .dmn or .zip file here",
  },
});

const MOST_BYTES = 2 * 1024 * 1024;

/** Hand a file to the person. */
export function download(name, blob) {
  const url = URL.createObjectURL(blob);
  const link = make("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export async function downloadFile(studio, name) {
  const files = await studio.files();
  download(name.split("/").pop(), new Blob([files[name]], { type: "application/xml" }));
}

/** The package as the server keeps it (with scenarios); without a connection, the files as they stand here. */
export async function downloadPackage(studio) {
  const saved = !studio.unsaved() || await studio.save().catch(() => false);
  if (saved && navigator.onLine) window.location.assign(studio.urls.package);
  else await copyMine.download(studio, { files: await studio.files() });
}

/** Send files as a new draft and open it; `kept` is called once the server has them. */
export async function copyMine(studio, mine, kept) {
  const body = new FormData();
  body.set("csrf_token", csrfToken());
  body.set("cara", "salinan");
  body.set("berkas", new File([zipped(mine.files)], `${studio.draft.key}.zip`, { type: "application/zip" }));
  try {
    const answer = await fetch("/studio/konsep", { method: "POST", body, headers: { "X-CSRFToken": csrfToken() } });
    if (!answer.ok || !answer.redirected) throw new Refused(answer.status || 500);
    await kept();
    window.location.assign(answer.url);
  } catch (error) {
    studio.tell("saving", "error", say("copyFailed", { why: error.message }));
  }
}
copyMine.download = async (studio, mine) => download(`${studio.draft.key}.zip`, zipped(mine.files));

/** Files that were chosen or dropped: into this draft, after asking; a package goes through the server's comparison. */
export async function takeIn(studio, fileList) {
  const given = [...fileList];
  if (!given.length) return;
  if (!studio.can_edit) {
    studio.tell("import", "warning", say("readOnly"));
    return;
  }
  const packed = given.find((file) => /\.zip$/i.test(file.name));
  if (packed) {
    await sendPackage(studio, packed);
    return;
  }
  const texts = {};
  for (const file of given) {
    if (!/\.(bpmn|dmn)$/i.test(file.name)) {
      studio.tell("import", "warning", say("unknown", { name: file.name }));
      return;
    }
    if (file.size > MOST_BYTES) {
      studio.tell("import", "warning", say("tooLarge", { name: file.name, mb: Math.ceil(file.size / 1048576) }));
      return;
    }
    texts[file.name] = await file.text();
  }
  const names = Object.keys(texts);
  const list = make("ul", {}, ...names.map((name) => make("li", {},
    say(studio.contents.has(name) ? "replaced" : "added", { name }))));
  const answer = await ask({
    title: say("importTitle", { n: names.length }), text: say("importText"), body: [list],
    choices: [["no", say("cancel"), "quiet"], ["yes", say("take"), ""]],
  });
  if (answer !== "yes") return;
  for (const [name, text] of Object.entries(texts)) studio.contents.put(name, text);
  studio.tell("import", "success", say("imported", { names: names.join(", ") }));
  studio.emit("files", {});
  studio.emit("changed", {});
  const drawn = names.find((name) => name.toLowerCase().endsWith(".bpmn"));
  if (drawn) await studio.showFile(drawn);
}

/** Take a file that is not the main one out of the draft, after asking. */
export async function takeOut(studio, name) {
  const answer = await ask({
    title: say("outTitle", { name }), text: say("outText"),
    choices: [["no", say("cancel"), "quiet"], ["yes", say("out"), "danger"]],
  });
  if (answer !== "yes") return;
  const shown = studio.file === name;
  if (shown) {
    await studio.contents.close(name).catch(() => undefined);
    studio.file = null;
  }
  studio.contents.remove(name);
  studio.emit("files", {});
  studio.emit("changed", {});
  if (shown) await studio.showFile(studio.contents.main);
}

/** The server's page compares the package with the draft before it is taken in. */
async function sendPackage(studio, packed) {
  if (studio.unsaved() && !(await studio.save())) {
    studio.tell("import", "warning", say("unsavedFirst"));
    return;
  }
  const form = make("form", { method: "post", action: studio.urls.import, enctype: "multipart/form-data", hidden: true });
  form.append(make("input", { type: "hidden", name: "csrf_token", value: csrfToken() }));
  const file = make("input", { type: "file", name: "berkas" });
  const carrier = new DataTransfer();
  carrier.items.add(packed);
  file.files = carrier.files;
  form.append(file);
  document.body.append(form);
  form.submit();
}

/** Dropping files anywhere on the diagram takes them in. */
export function watchDrops(studio) {
  const place = document.getElementById("studio-body");
  const hint = make("p", { className: "studio-drop", hidden: true }, say("drop"));
  place.append(hint);
  const holdsFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
  place.addEventListener("dragover", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    hint.hidden = false;
  });
  place.addEventListener("dragleave", (event) => { if (!place.contains(event.relatedTarget)) hint.hidden = true; });
  place.addEventListener("drop", (event) => {
    if (!holdsFiles(event)) return;
    event.preventDefault();
    hint.hidden = true;
    takeIn(studio, event.dataTransfer.files);
  });
}
