// The panels of the whole SOP: its document, its total deadline; and of a lane, which is a role.

import { Fragment, html } from "@bpmn-io/diagram-js-ui";
import { Group, Icon, IconButton, Line, Notes, Section, SelectField, TextField } from "./controls.js";
import { everything, lanesOf, processOf } from "./reading.js";
import { DEADLINE_KINDS, TimeField } from "./time.js";
import { t } from "./words.js";

export function ProcessPanel({ desk }) {
  const { bo, pen, element, locked } = desk;
  const document = desk.ext("sop:Document");
  const given = (name) => ({ value: document?.[name], locked, commit: (value) => setDocument(desk, { [name]: value }) });
  const steps = [...everything(desk.root)].filter((one) => one.$type === "bpmn:UserTask" && processOf(one) === bo).length;
  const blank = ["number", "approvedBy", "qualification", "equipment"].filter((name) => !document?.[name]).length;
  return html`<${Fragment}>
    <${TextField} label=${t("Nama SOP")} value=${bo.name} locked=${locked} commit=${(name) => pen.part(element, bo, { name })} />
    <p class="sop-field__help">${t("Kunci {key}, {n} tugas.", { key: bo.id, n: steps })}</p>
    <${TimeField} label=${t("Batas waktu keseluruhan")} value=${desk.ext("sop:Process")?.total} kinds=${DEADLINE_KINDS} variables=${desk.variables} find=${desk.find} zone=${desk.zone}
      locked=${locked} notes=${desk.notes("total")} commit=${(text) => desk.set("sop:Process", { total: text ?? undefined })} help=${t("Dari laporan masuk sampai selesai. Berhenti pada langkah yang menghentikan jam total.")} />
    <${Section} title=${t("Identitas dokumen")} open=${true} count=${desk.notes("document").length} state=${blank ? t("{n} belum diisi", { n: blank }) : t("lengkap")}>
      <${Notes} notes=${desk.notes("document")} />
      <${TextField} label=${t("Nomor SOP")} ...${given("number")} />
      <div class="sop-pair">
        <${TextField} label=${t("Tanggal pembuatan")} type="date" ...${given("createdOn")} />
        <${TextField} label=${t("Tanggal revisi")} type="date" ...${given("revisedOn")} />
      </div>
      <${TextField} label=${t("Tanggal efektif")} type="date" ...${given("effectiveOn")} />
      <${TextField} label=${t("Instansi")} ...${given("organization")} help=${t("Tercetak di kepala dokumen, misalnya Pemerintah Kota Palu.")} />
      <${TextField} label=${t("Disahkan oleh")} ...${given("approvedBy")} help=${t("Jabatan yang mengesahkan.")} />
      <${TextField} label=${t("Kualifikasi pelaksana")} rows=${3} ...${given("qualification")} />
      <${TextField} label=${t("Keterkaitan")} rows=${2} ...${given("related")} help=${t("SOP lain yang berhubungan, dipisahkan titik koma.")} />
      <${TextField} label=${t("Peralatan dan perlengkapan")} rows=${2} ...${given("equipment")} />
      <${TextField} label=${t("Peringatan")} rows=${3} ...${given("warning")} />
      <${TextField} label=${t("Pencatatan dan pendataan")} rows=${2} ...${given("records")} />
    <//>
    <${Section} title=${t("Dasar hukum")} state=${t("{n} peraturan", { n: document?.legalBasis?.length ?? 0 })}><${LegalBasis} desk=${desk} /><//>
    <${Section} title=${t("Uraian")}>
      <${SelectField} label=${t("Yang diurus SOP ini")} value=${desk.ext("sop:Process")?.subject} none=${t("laporan warga")} options=${[{ value: "sop", label: t("penetapan sebuah SOP") }]}
        locked=${locked} commit=${(subject) => desk.set("sop:Process", { subject })} />
      <${TextField} label=${t("Uraian singkat")} rows=${4} value=${desk.documentation} locked=${locked} optional=${true}
        commit=${(text) => desk.document(text)} /><//>
  <//>`;
}

/** Empty dates stay written as empty, as they print; a document without anything goes. */
function setDocument(desk, values) {
  desk.set("sop:Document", values);
}

function LegalBasis({ desk }) {
  const document = desk.ext("sop:Document");
  const list = document?.legalBasis ?? [];
  const make = (text, parent) => desk.pen.create("sop:LegalBasis", { text }, parent);
  const put = (next) => {
    if (document && next.length) desk.pen.list(desk.element, document, "legalBasis", next);
    else desk.set("sop:Document", { legalBasis: next });
  };
  const move = (at, by) => {
    const rest = list.filter((_, index) => index !== at);
    rest.splice(at + by, 0, list[at]);
    put(rest);
  };
  return html`<div class="sop-laws"><ol class="sop-laws__list">${list.map((one, at) => html`<li key=${at} class="sop-laws__row">
      <${Line} label=${t("Dasar hukum {n}", { n: at + 1 })} rows=${2} value=${one.text} locked=${desk.locked}
        commit=${(text) => (text.trim() ? desk.pen.part(desk.element, one, { text: text.trim() }) : put(list.filter((each) => each !== one)))} />
      ${!desk.locked && html`<span class="sop-options__acts"><${IconButton} icon="chevron-up" label=${t("Naikkan dasar hukum {n}", { n: at + 1 })} disabled=${at === 0} onClick=${() => move(at, -1)} />
        <${IconButton} icon="x" label=${t("Hapus dasar hukum {n}", { n: at + 1 })} onClick=${() => put(list.filter((each) => each !== one))} /></span>`}</li>`)}</ol>
    ${!desk.locked && html`<button type="button" class="sop-link" onClick=${() => put([...list, make("Peraturan …", document)])}><${Icon} name="plus" />${t("Tambah dasar hukum")}</button>`}</div>`;
}

export function LanePanel({ desk }) {
  const { bo, pen, element, locked } = desk;
  const used = new Set(lanesOf(processOf(bo)).filter((one) => one !== bo).map((one) => one.id));
  const options = desk.roleOptions.map((one) => ({ ...one, disabled: used.has(one.value) }));
  const role = (desk.catalog.roles ?? []).find((one) => one.code === bo.id);
  const pick = (code) => {
    if (!code) return;
    const named = desk.roleName(bo.id);
    pen.attributes(element, { id: code, ...(!bo.name || bo.name === named || !role ? { name: desk.roleName(code) } : {}) });
  };
  return html`<${Fragment}>
    <${SelectField} label=${t("Peran")} value=${bo.id} options=${options} locked=${locked} notes=${desk.notes("lane")} commit=${pick}
      help=${role?.unit_bound ? t("Tugas dalam jalur ini masuk ke satu unit: yang memegang laporan ketika tugas terbuka.") : t("Langkah dalam jalur ini dikerjakan peran ini.")} />
    <${TextField} label=${t("Tulisan pada jalur")} value=${bo.name} locked=${locked} commit=${(name) => pen.attributes(element, { name })} />
    <${Group} label=${t("Langkah dalam jalur ini")} className="sop-fact"><p class="sop-fact__value">${t("{n} unsur", { n: bo.flowNodeRef?.length ?? 0 })}</p><//>
  <//>`;
}
