// A decision table beside the diagram: dmn-js's table editor, for what our engine runs. Loaded when first opened.

import DecisionTable from "dmn-js-decision-table/lib/Editor.js";
import { HIT_POLICIES } from "dmn-js-decision-table/lib/features/hit-policy/HitPolicies.js";
import EditingManager from "dmn-js-shared/lib/base/EditingManager.js";
import { is } from "dmn-js-shared/lib/util/ModelUtil.js";
import { icon, make } from "../dom.js";
import { ask } from "./dialogs.js";
import { dictionary } from "./dictionary.js";
import { translate, translateModule } from "./words-id.js";

const say = dictionary({
  id: {
    close: "Tutup tabel", remove: "Hapus tabel", undo: "Urungkan", redo: "Ulangi",
    removeTitle: "Hapus tabel {name}?", removeText: "Berkas {name} keluar dari konsep ini. Langkah yang memakainya akan muncul sebagai temuan.",
    cancel: "Batal", doRemove: "Hapus",
    none: "Berkas ini tidak memuat tabel keputusan yang dapat disunting di sini.",
    hint: "Sel berisi satu nilai (\"a\"), beberapa (\"a\",\"b\"), batas (< 5, [1..10)), atau - untuk semua.",
    input: "Masukan", output: "Keluaran",
  },
  en: {
    close: "Close the table", remove: "Remove the table", undo: "Undo", redo: "Redo",
    removeTitle: "Remove the table {name}?", removeText: "The file {name} leaves this draft. Steps that use it will appear as findings.",
    cancel: "Cancel", doRemove: "Remove",
    none: "This file holds no decision table that can be edited here.",
    hint: "A cell holds one value (\"a\"), several (\"a\",\"b\"), bounds (< 5, [1..10)), or - for all.",
    input: "Input", output: "Output",
  },
});

const NOT_RUN = "OUTPUT ORDER";
HIT_POLICIES.splice(0, HIT_POLICIES.length, ...HIT_POLICIES.filter((one) => one.value.hitPolicy !== NOT_RUN)
  .map((one) => ({ ...one, label: translate(one.label), explanation: translate(one.label) })));

class TableManager extends EditingManager {
  _getViewProviders() {
    return [{
      id: "decisionTable",
      constructor: DecisionTable,
      opens: (element) => is(element, "dmn:Decision") && is(element.decisionLogic, "dmn:DecisionTable"),
    }];
  }
}

/** Open a file in `place`. Answers { close() }. Throws when it cannot be read. */
export async function openTable(studio, name, place) {
  const host = make("div", { className: "studio-table__body" });
  const tools = make("div", { className: "studio-table__tools" });
  const act = (iconName, words, click) => {
    const element = make("button", { type: "button", className: "studio-iconbutton", title: words }, icon(iconName),
      make("span", { className: "visually-hidden" }, words));
    element.addEventListener("click", click);
    return element;
  };
  const undo = act("undo-2", say("undo"), () => stack()?.undo());
  const redo = act("redo-2", say("redo"), () => stack()?.redo());
  const remove = act("trash-2", say("remove"), () => removeTable(studio, name));
  tools.append(make("p", { className: "small soft" }, say("hint")), undo, redo, remove,
    act("x", say("close"), () => studio.closeTable()));
  const manager = new TableManager({
    container: host,
    decisionTable: { additionalModules: [translateModule] },
  });
  place.replaceChildren(tools, host);
  const stack = () => manager.getActiveViewer()?.get("commandStack", false);
  const tell = () => {
    undo.disabled = !studio.can_edit || !stack()?.canUndo();
    redo.disabled = !studio.can_edit || !stack()?.canRedo();
    remove.disabled = !studio.can_edit;
    host.toggleAttribute("inert", !studio.can_edit);
  };
  manager.on("viewer.created", ({ viewer }) => {
    viewer.on("commandStack.changed", ({ trigger }) => {
      tell();
      if (trigger === "clear") return;
      studio.contents.touch(name);
      studio.emit("changed", {});
    });
  });
  await manager.importXML(studio.contents.text(name));
  if (!manager.getActiveView()) throw new Error(say("none"));
  studio.contents.open(name, async () => (await manager.saveXML({ format: true })).xml);
  tell();
  const stop = studio.on("locked", tell);
  return {
    close: async () => {
      stop();
      manager.destroy();
    },
  };
}

async function removeTable(studio, name) {
  const answer = await ask({
    title: say("removeTitle", { name }), text: say("removeText", { name }),
    choices: [["no", say("cancel"), "quiet"], ["yes", say("doRemove"), "danger"]],
  });
  if (answer !== "yes") return;
  await studio.closeTable();
  studio.contents.remove(name);
  studio.emit("files", {});
  studio.emit("changed", {});
}

const escape = (text) => text.replace(/[&<>"]/g, (one) => `&#${one.charCodeAt(0)};`);

/** A table with one input, one output and one row that answers for everything. */
export function blankTable(key, name) {
  return `<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="berkas_${key}" name="${escape(name)}" namespace="urn:tuntas:sop">
  <decision id="${key}" name="${escape(name)}">
    <decisionTable id="tabel_${key}" hitPolicy="FIRST">
      <input id="masukan_1" label="${say("input")}">
        <inputExpression id="ungkapan_1" typeRef="string"><text>kategori</text></inputExpression>
      </input>
      <output id="keluaran_1" label="${say("output")}" name="${key === "hasil" ? "keputusan" : "hasil"}" typeRef="string"/>
      <rule id="baris_1">
        <inputEntry id="sel_1"><text>-</text></inputEntry>
        <outputEntry id="jawab_1"><text>""</text></outputEntry>
      </rule>
    </decisionTable>
  </decision>
</definitions>
`;
}
