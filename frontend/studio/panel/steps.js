// The panels of steps nobody fills a form for: system steps, tables, calculations, other SOPs, groups of steps.

import { Fragment, html } from "@bpmn-io/diagram-js-ui";
import { CheckField, Group, Icon, IconButton, Labelled, Line, Notes, SelectField, TextField } from "./controls.js";
import { MessageField } from "./events.js";
import { ExpressionLine, ValueField } from "./pickers.js";
import { is } from "./reading.js";
import { tryParse } from "./expression.js";
import { DeadlineField, MessageText, RoleField, StandardSection } from "./task.js";
import { DEADLINE_KINDS, TimeField } from "./time.js";
import { assignments, itemName } from "./variables.js";
import { isName } from "./naming.js";
import { t } from "./words.js";

const OPERATIONS = {
  beritahu: () => t("Memberi tahu seseorang"), status: () => t("Mengganti status publik"), tetapkan_opd: () => t("Menetapkan unit pemegang laporan"),
  catat: () => t("Mencatat dalam riwayat"), perpanjang: () => t("Memindahkan batas waktu tugas"), mulai_sop: () => t("Memulai SOP lain"),
};
const PARAMETERS = {
  kepada: () => t("Kepada"), pesan: () => t("Pesan"), nilai: () => t("Status"), opd: () => t("Unit"), teks: () => t("Catatan"),
  tugas: () => t("Tugas"), sampai: () => t("Sampai"), kunci: () => t("SOP"), data: () => t("Data yang dibawa"),
};

export function ServicePanel({ desk }) {
  const service = desk.ext("sop:Service");
  const operation = desk.operations.find((one) => one.name === service?.name);
  const options = desk.operations.map((one) => ({ value: one.name, label: OPERATIONS[one.name]?.() ?? one.text ?? one.name }));
  const known = operation?.parameters ?? [];
  const extra = (service?.parameters ?? []).filter((one) => !known.some((each) => each.name === one.name));
  return html`<${Fragment}>
    <${SelectField} label=${t("Yang dilakukan sistem")} value=${service?.name} options=${options} none=${t("belum dipilih")} locked=${desk.locked} notes=${desk.notes("service")}
      commit=${(name) => chooseOperation(desk, name)} />
    ${known.map((one) => html`<${Parameter} key=${one.name} ...${{ desk, service }} name=${one.name} hint=${one.hint} />`)}
    ${extra.map((one) => html`<${Parameter} key=${one.name} ...${{ desk, service }} name=${one.name} hint=${t("Parameter ini tidak dikenal operasi yang dipilih.")} />`)}
    <${RoleField} desk=${desk} />
    <${StandardSection} desk=${desk} /><//>`;
}

function chooseOperation(desk, name) {
  const service = desk.ext("sop:Service");
  if (!name) {
    if (service) desk.pen.dropExtension(desk.element, desk.bo, service);
  } else if (service) {
    desk.pen.part(desk.element, service, { name, parameters: [] });
  } else {
    desk.pen.addExtension(desk.element, desk.bo, "sop:Service", { name });
  }
}

function Parameter({ desk, service, name, hint }) {
  const list = service.parameters ?? [];
  const found = list.find((one) => one.name === name);
  const commit = (value) => {
    if (found && value !== undefined) desk.pen.part(desk.element, found, { value });
    else if (found) desk.pen.list(desk.element, service, "parameters", list.filter((one) => one !== found));
    else if (value !== undefined) desk.pen.list(desk.element, service, "parameters", [...list, desk.pen.create("sop:Parameter", { name, value }, service)]);
  };
  const given = { label: PARAMETERS[name]?.() ?? name, help: name in PARAMETERS && name !== "teks" ? undefined : hint, value: found?.value, commit, variables: desk.variables, find: desk.find, locked: desk.locked };
  if (name === "sampai") return html`<${TimeField} ...${given} commit=${(text) => commit(text ?? undefined)} kinds=${[...DEADLINE_KINDS, "saat"]} zone=${desk.zone} />`;
  const tree = name === "pesan" && found?.value ? tryParse(found.value) : null;
  return html`<${Fragment}><${ValueField} ...${given} fixed=${fixedFor(desk, name)} typed=${name === "teks"} />
    ${tree?.t === "const" && html`<${MessageText} ...${{ desk }} name=${tree.v} />`}<//>`;
}

function fixedFor(desk, name) {
  switch (name) {
    case "kepada": return [{ value: "pelapor", label: t("Pelapor") }, { group: t("Peran"), of: desk.roleOptions.filter((one) => one.value !== "pelapor") }, { group: t("Unit"), of: desk.unitOptions }];
    case "pesan": return desk.messageOptions;
    case "nilai": return desk.statusOptions;
    case "opd": return desk.unitOptions;
    case "tugas": return desk.taskOptions;
    case "kunci": return desk.sopOptions;
    default: return [];
  }
}

export function DecisionPanel({ desk }) {
  const key = desk.bo.decision;
  const table = desk.decisions.find((one) => one.key === key) ?? (desk.catalog.decisions ?? []).find((one) => one.key === key);
  const names = (list) => list.map((one) => one.label || one.name || one).join(", ");
  return html`<${Fragment}>
    <${SelectField} label=${t("Tabel keputusan")} value=${key} options=${desk.decisionOptions} none=${t("belum dipilih")} locked=${desk.locked} notes=${desk.notes("decision")}
      commit=${(value) => desk.pen.attributes(desk.element, { decision: value })} help=${t("Hasilnya menjadi data yang dapat dipakai langkah berikutnya.")} />
    ${table?.file && html`<button type="button" class="button button--small button--quiet" onClick=${() => desk.studio.openTable(table.file)}><${Icon} name="list" />${t("Buka tabel")}</button>`}
    ${table && html`<dl class="sop-facts">
      ${table.inputs?.length > 0 && html`<div><dt>${t("Membaca")}</dt><dd>${table.inputs.map((one) => desk.find(one.name ?? one)?.label ?? one.label ?? one.name ?? one).join(", ")}</dd></div>`}
      ${table.outputs?.length > 0 && html`<div><dt>${t("Menghasilkan")}</dt><dd>${names(table.outputs)}</dd></div>`}</dl>`}
    <${RoleField} desk=${desk} />
    <${StandardSection} desk=${desk} /><//>`;
}

export function ReceivePanel({ desk }) {
  return html`<${Fragment}><${MessageField} desk=${desk} part=${desk.bo} /><${RoleField} desk=${desk} /><${StandardSection} desk=${desk} /><//>`;
}

export function CallPanel({ desk }) {
  return html`<${Fragment}>
    <${SelectField} label=${t("SOP yang dipanggil")} value=${desk.bo.calledElement} options=${desk.sopOptions} none=${t("belum dipilih")} locked=${desk.locked} notes=${desk.notes("called")}
      commit=${(key) => desk.pen.attributes(desk.element, { calledElement: key })} help=${t("Versi yang berlaku saat SOP ini ditetapkan ikut ditetapkan.")} />
    <${DeadlineField} desk=${desk} help=${t("Batas waktu seluruh SOP yang dipanggil.")} />
    <${RoleField} desk=${desk} /><${StandardSection} desk=${desk} /><//>`;
}

export function GroupPanel({ desk }) {
  return html`<${Fragment}>
    <${DeadlineField} desk=${desk} help=${t("Batas waktu untuk semua langkah di dalam kelompok ini bersama-sama.")} />
    <${RoleField} desk=${desk} /><${StandardSection} desk=${desk} /><//>`;
}

/** Lines `name = expression`. A line that says something else is kept as it is. */
export function ScriptPanel({ desk }) {
  const lines = assignments(desk.bo.script ?? "");
  const shown = desk.bo.script ? lines : [];
  const put = (list) => desk.pen.attributes(desk.element, { script: list.map((one) => one.raw).join("\n") || undefined });
  const change = (at, name, expression) => put(shown.map((one, index) => (index === at ? { raw: `${name} = ${expression}` } : one)));
  return html`<${Fragment}>
    <${Group} label=${t("Hitungan")} notes=${desk.notes("script")} help=${t("Dijalankan berurutan, semua atau tidak sama sekali.")}><ol class="sop-script">
      ${shown.map((line, at) => (line.name || !line.raw.trim() ? html`<li key=${at} class="sop-script__line">
        <${Line} label=${t("Nama data {n}", { n: at + 1 })} value=${line.name} locked=${desk.locked} spellcheck=${false} commit=${(name) => change(at, name.trim() || "data", line.expression || "None")} />
        ${!desk.locked && html`<${IconButton} icon="x" label=${t("Hapus baris {n}", { n: at + 1 })} onClick=${() => put(shown.filter((_, index) => index !== at))} />`}
        <${ExpressionLine} label=${t("Isi {n}", { n: at + 1 })} value=${line.expression} find=${desk.find} locked=${desk.locked} commit=${(text) => change(at, line.name || "data", text ?? "None")} />
        ${line.name && !isName(line.name) && html`<${Notes} notes=${[{ rule: "nama", severity: "error", message: t("Nama ini tidak boleh dipakai.") }]} />`}</li>`
        : html`<li key=${at} class="sop-script__other"><code>${line.raw}</code></li>`))}</ol>
      ${!desk.locked && html`<button type="button" class="sop-link" onClick=${() => put([...shown, { raw: `data_${shown.length + 1} = None` }])}><${Icon} name="plus" />${t("Tambah baris")}</button>`}<//>
    <${RoleField} desk=${desk} /><${StandardSection} desk=${desk} /><//>`;
}

/** The same step for each of a list. Which kind it is, the context menu of the diagram says. */
export function LoopFields({ desk }) {
  const { bo, pen, element, locked } = desk;
  const loop = bo.loopCharacteristics;
  if (!is(loop, "bpmn:MultiInstanceLoopCharacteristics")) return null;
  const set = (values) => pen.part(element, loop, values);
  const item = (property, type) => (name) => {
    if (!name) set({ [property]: undefined });
    else if (loop[property]) pen.part(element, loop[property], { name });
    else set({ [property]: pen.create(type, { name }, loop) });
  };
  const text = (property) => (value) => {
    if (!value) set({ [property]: undefined });
    else if (loop[property]) pen.part(element, loop[property], { body: value });
    else set({ [property]: pen.create("bpmn:FormalExpression", { body: value }, loop) });
  };
  const names = desk.variables.map((one) => ({ value: one.name, label: `${one.label} · ${one.from}` }));
  return html`<${Group} label=${t("Dijalankan untuk setiap isi daftar")} notes=${desk.notes("loop")} className="sop-loop">
    <${CheckField} label=${t("Satu per satu, berurutan")} value=${loop.isSequential === true} locked=${locked} commit=${(yes) => set({ isSequential: yes || undefined })}
      help=${t("Bila tidak, semuanya terbuka serentak.")} />
    <${TextField} label=${t("Daftar")} value=${loop.loopDataInputRef} suggestions=${names} locked=${locked} spellcheck=${false} commit=${(value) => set({ loopDataInputRef: value })} help=${t("Data berisi daftar, misalnya beberapa perangkat daerah.")} />
    <${TextField} label=${t("Nama tiap isi")} value=${loop.inputDataItem && itemName(loop.inputDataItem)} locked=${locked} spellcheck=${false} commit=${item("inputDataItem", "bpmn:DataInput")}
      help=${t("Bernama opd: setiap langkah masuk ke unitnya sendiri.")} />
    <${Labelled} label=${t("Jumlah (bila tanpa daftar)")} optional=${true}>${(given) => html`<${ExpressionLine} ...${{ given, locked }} find=${desk.find} value=${loop.loopCardinality?.body} commit=${text("loopCardinality")} />`}<//>
    <${TextField} label=${t("Kumpulkan hasil ke")} value=${loop.loopDataOutputRef} optional=${true} locked=${locked} spellcheck=${false} commit=${(value) => set({ loopDataOutputRef: value })} />
    <${TextField} label=${t("Hasil tiap langkah")} value=${loop.outputDataItem && itemName(loop.outputDataItem)} optional=${true} locked=${locked} spellcheck=${false} commit=${item("outputDataItem", "bpmn:DataOutput")} />
    <${Labelled} label=${t("Cukup bila")} optional=${true} help=${t("Sisanya dihentikan begitu syarat ini benar.")}>${(given) => html`<${ExpressionLine} ...${{ given, locked }} find=${desk.find} value=${loop.completionCondition?.body} commit=${text("completionCondition")} />`}<//>
  <//>`;
}
