// The files of the SOP as a row: diagrams, and decision tables that open beside the diagram.

import { icon, make } from "../dom.js";
import { ask } from "./dialogs.js";
import { dictionary } from "./dictionary.js";
import { wordFrom } from "./ids.js";

const say = dictionary({
  id: {
    diagram: "Diagram", table: "Tabel", add: "Tabel baru",
    addTitle: "Tabel keputusan baru", addText: "Namanya menjadi nama yang dipilih pada langkah Tabel keputusan.",
    name: "Nama keputusan", make: "Buat tabel", cancel: "Batal",
    taken: "Sudah ada tabel bernama itu. Pilih nama lain.",
    opening: "Membuka tabel…", failed: "Tabel tidak dapat dibuka. {why}",
  },
  en: {
    diagram: "Diagram", table: "Table", add: "New table",
    addTitle: "New decision table", addText: "Its name is the one picked on a decision step.",
    name: "Name of the decision", make: "Make the table", cancel: "Cancel",
    taken: "There is a table of that name. Choose another.",
    opening: "Opening the table…", failed: "The table cannot be opened. {why}",
  },
});

/** What a table is called: its decision's name. */
export function tableName(file, text) {
  const name = /<(?:\w+:)?decision\b[^>]*\bname="([^"]*)"/.exec(text)?.[1];
  const box = document.createElement("textarea");
  box.innerHTML = (name ?? "").replace(/</g, "");
  return box.value || file.replace(/\.dmn$/i, "");
}

/** Fill the row and keep it; gives studio.openTable(name) and studio.closeTable(). */
export function showFiles(studio) {
  const host = document.getElementById("studio-files");
  const place = document.getElementById("studio-table");
  const list = make("ul", { className: "studio-files__list" });
  host.prepend(list);
  let open = null;

  function show() {
    const entry = (name, iconName, words, current, click) => {
      const choose = make("button", { type: "button", className: "studio-files__file", title: name }, icon(iconName), words);
      if (current) choose.setAttribute("aria-current", "true");
      choose.addEventListener("click", click);
      return make("li", {}, choose);
    };
    const { contents } = studio;
    const diagrams = contents.names(".bpmn").map((name, n, all) => entry(name, "waypoints",
      all.length > 1 ? name.replace(/\.bpmn$/i, "") : say("diagram"), studio.file === name,
      () => { if (studio.file !== name) studio.showFile(name); }));
    const tables = contents.names(".dmn").map((name) => entry(name, "list", tableName(name, contents.text(name)),
      open?.name === name, () => (open?.name === name ? studio.closeTable() : studio.openTable(name))));
    list.replaceChildren(...diagrams, ...tables);
    if (!studio.can_edit) return;
    const add = make("button", { type: "button", className: "studio-files__file studio-files__add" }, icon("plus"), say("add"));
    add.addEventListener("click", addTable);
    list.append(make("li", {}, add));
  }

  studio.openTable = async (name) => {
    if (open) await closeQuietly();
    place.hidden = false;
    studio.root.setAttribute("data-table", "");
    place.replaceChildren(make("p", { className: "studio-loading" }, icon("loader-circle"), say("opening")));
    const { openTable } = await import("./tables.js");
    try {
      open = { name, ...await openTable(studio, name, place) };
    } catch (error) {
      place.replaceChildren(make("p", { className: "studio-loading", role: "alert" }, icon("circle-alert"),
        say("failed", { why: error.message })));
      open = { name, close: async () => undefined };
    }
    show();
    studio.modeler.get("canvas").resized();
  };

  async function closeQuietly() {
    const was = open;
    open = null;
    await studio.contents.close(was.name);
    await was.close();
  }

  studio.closeTable = async () => {
    if (!open) return;
    await closeQuietly();
    place.replaceChildren();
    place.hidden = true;
    studio.root.removeAttribute("data-table");
    show();
    studio.modeler.get("canvas").resized();
  };

  async function addTable() {
    const input = make("input", { className: "input", required: true, maxLength: 80, id: "tabel-nama" });
    input.dataset.first = "";
    const label = make("label", { htmlFor: "tabel-nama", className: "field__label" }, say("name"));
    const answer = await ask({
      title: say("addTitle"), text: say("addText"), body: [make("div", { className: "field" }, label, input)],
      choices: [["yes", say("make"), ""], ["no", say("cancel"), "cancel"]],
    });
    const key = wordFrom(input.value);
    if (answer !== "yes" || !key) return;
    const name = `${key}.dmn`;
    if (studio.contents.has(name)) {
      studio.tell("table", "warning", say("taken"));
      return;
    }
    studio.tell("table", null);
    const { blankTable } = await import("./tables.js");
    studio.contents.put(name, blankTable(key, input.value.trim()));
    studio.emit("files", {});
    studio.emit("changed", {});
    await studio.openTable(name);
  }

  studio.on("file", show);
  studio.on("locked", show);
  studio.on("ready", show);
  studio.on("files", async () => {
    if (open && !studio.contents.has(open.name)) await studio.closeTable();
    else if (open) await studio.openTable(open.name);
    show();
  });
}
