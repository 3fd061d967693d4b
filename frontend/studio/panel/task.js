// The panel of a user task: what an officer decides about one step.

import { Fragment, html } from "@bpmn-io/diagram-js-ui";
import { CheckField, Group, Notes, Section, SelectField, TextField } from "./controls.js";
import { FormBuilder } from "./form.js";
import { fieldsOf } from "./reading.js";
import { DEADLINE_KINDS, TimeField } from "./time.js";
import { t } from "./words.js";

const count = (desk, places) => places.reduce((sum, place) => sum + desk.notes(place).length, 0);

export function TaskPanel({ desk }) {
  const fields = fieldsOf(desk.bo);
  return html`<${Fragment}>
    <${RoleField} desk=${desk} />
    <${DeadlineField} desk=${desk} help=${t("Lewat batas ini langkah terlambat. Waktu yang sama tercetak sebagai mutu baku.")} />
    <${Section} title=${t("Formulir")} open=${true} count=${count(desk, ["form"])} state=${fields.length ? t("{n} isian", { n: fields.length }) : t("belum ada isian")}>
      <${TextField} label=${t("Petunjuk di atas formulir")} value=${desk.documentation} rows=${2} optional=${true} locked=${desk.locked} commit=${(text) => desk.document(text)} />
      <${FormBuilder} desk=${desk} /><//>
    <${Public} desk=${desk} />
    <${Duty} desk=${desk} />
    <${StandardSection} desk=${desk} />
    <${Rules} desk=${desk} />
  <//>`;
}

/** Lanes say who does it: picking another role moves the step into its lane. */
export function RoleField({ desk }) {
  const { lane, inherited } = desk.role;
  const lanes = desk.lanes;
  const options = lanes.map(({ bo }) => ({ value: bo.id, label: bo.name || desk.roleName(bo.id) }));
  const notes = desk.notes("role");
  if (!lanes.length) return html`<${Group} label=${t("Peran")} notes=${notes} className="sop-fact"><p class="sop-fact__value">${t("SOP ini belum punya jalur peran.")}</p><//>`;
  return html`<${SelectField} label=${t("Peran")} ...${{ options, notes }} value=${inherited ? undefined : lane?.id} locked=${desk.locked}
    none=${lane ? t("mengikuti kelompoknya: {role}", { role: lane.name || desk.roleName(lane.id) }) : t("belum berada dalam jalur peran")}
    help=${t("Mengganti peran memindahkan langkah ini ke jalurnya pada diagram.")} commit=${(id) => id && desk.moveToLane(id)} />`;
}

export function DeadlineField({ desk, help, label = t("Batas waktu") }) {
  const value = desk.ext("sop:Task")?.deadline;
  return html`<${TimeField} ...${{ label, help, value }} kinds=${DEADLINE_KINDS} variables=${desk.variables} find=${desk.find} zone=${desk.zone}
    locked=${desk.locked} notes=${desk.notes("deadline")} commit=${(text) => desk.set("sop:Task", { deadline: text ?? undefined })} />`;
}

function Public({ desk }) {
  const duty = desk.ext("sop:Duty");
  const task = desk.ext("sop:Task");
  const set = (name) => (value) => desk.set("sop:Duty", { [name]: value });
  const silent = duty?.message === "";
  return html`<${Section} title=${t("Kabar untuk warga")} open=${true} count=${count(desk, ["public", "message", "status"])}>
    <${TextField} label=${t("Keterangan publik")} value=${duty?.public} commit=${set("public")} locked=${desk.locked} notes=${desk.notes("public")}
      help=${t("Kalimat yang dibaca siapa saja pada halaman lacak selama langkah ini terbuka.")} rows=${2} />
    <${SelectField} label=${t("Pesan ke warga")} value=${silent ? "(diam)" : duty?.message} locked=${desk.locked} notes=${desk.notes("message")}
      none=${t("belum dipilih")} options=${[{ value: "(diam)", label: t("Tidak mengirim pesan") }, { group: t("Pesan kota"), of: desk.messageOptions }]}
      commit=${(value) => set("message")(value === "(diam)" ? "" : value)} help=${t("Dikirim kepada pelapor ketika langkah ini terbuka.")} />
    <${MessageText} ...${{ desk }} name=${duty?.message} />
    <${SelectField} label=${t("Status publik")} value=${task?.status} options=${desk.statusOptions} none=${t("tidak berubah")} locked=${desk.locked} notes=${desk.notes("status")}
      commit=${(status) => desk.set("sop:Task", { status })} help=${t("Status laporan ketika langkah ini terbuka.")} />
  <//>`;
}

/** The words of a message, so that nobody chooses by its name alone. */
export function MessageText({ desk, name }) {
  const text = name && desk.messageText(name);
  return text ? html`<blockquote class="sop-message">${text}</blockquote>` : null;
}

function Duty({ desk }) {
  const duty = desk.ext("sop:Duty");
  const set = (name) => (value) => desk.set("sop:Duty", { [name]: value });
  const given = (name) => ({ value: duty?.[name], commit: set(name), locked: desk.locked, notes: desk.notes(name) });
  const missing = ["responsible", "cost", "escalation"].filter((name) => !duty?.[name]).length;
  return html`<${Section} title=${t("Tanggung jawab")} count=${count(desk, ["responsible", "cost", "escalation"])}
    state=${missing ? t("{n} belum diisi", { n: missing }) : t("lengkap")}>
    <${TextField} label=${t("Penanggung jawab")} ...${given("responsible")} help=${t("Jabatan yang bertanggung jawab atas langkah ini, bukan nama orang.")} />
    <${TextField} label=${t("Biaya (sumber anggaran)")} ...${given("cost")} help=${t("Misalnya DPA Dinas PU. Tulis “Tanpa biaya” bila tidak ada.")} />
    <${SelectField} label=${t("Eskalasi")} ...${given("escalation")} options=${desk.roleOptions} none=${t("belum dipilih")}
      help=${t("Peran yang menerima perkara ini bila langkah terlambat.")} />
  <//>`;
}

/** Kelengkapan, keluaran, keterangan: columns of the printed SOP (PermenPANRB 35/2012). */
export function StandardSection({ desk, open = false }) {
  const standard = desk.ext("sop:Standard");
  const given = (name) => ({ value: standard?.[name], locked: desk.locked, commit: (value) => desk.set("sop:Standard", { [name]: value }) });
  return html`<${Section} title=${t("Mutu baku")} open=${open} count=${count(desk, ["standard"])} state=${standard?.inputs && standard?.output ? t("lengkap") : t("belum lengkap")}>
    <${Notes} notes=${desk.notes("standard")} />
    <${TextField} label=${t("Kelengkapan")} ...${given("inputs")} rows=${2} help=${t("Yang harus tersedia sebelum langkah dimulai. Pisahkan dengan titik koma.")} />
    <${TextField} label=${t("Keluaran")} ...${given("output")} rows=${2} help=${t("Hasil langkah ini. Tercetak pada kolom mutu baku.")} />
    <${TextField} label=${t("Keterangan")} ...${given("note")} rows=${2} optional=${true} />
  <//>`;
}

function Rules({ desk }) {
  const task = desk.ext("sop:Task");
  const set = (name) => (value) => desk.set("sop:Task", { [name]: value });
  const used = [task?.verifies && t("memeriksa bukti"), task?.fresh === "true" && t("orang baru"), task?.pauses && t("jam berhenti")].filter(Boolean);
  return html`<${Section} title=${t("Aturan khusus")} count=${count(desk, ["verifies"])} state=${used.join(", ") || t("tidak ada")}>
    <${SelectField} label=${t("Memeriksa bukti dari")} value=${task?.verifies} options=${desk.taskOptions} none=${t("bukan langkah pemeriksaan")} locked=${desk.locked}
      commit=${(value) => verify(desk, value)} notes=${desk.notes("verifies")}
      help=${t("Foto sebelum dan sesudah ditampilkan berdampingan. Yang mengerjakan tidak dapat memeriksa pekerjaannya sendiri.")} />
    <${CheckField} label=${t("Hanya orang yang belum pernah menangani laporan ini")} value=${task?.fresh === "true"} locked=${desk.locked}
      commit=${(yes) => set("fresh")(yes ? "true" : undefined)} help=${t("Bila tidak ada lagi orang lain, tugas masuk ke Kominfo dengan peringatan.")} />
    <${CheckField} label=${t("Menghentikan jam total")} value=${task?.pauses === "total"} locked=${desk.locked}
      commit=${(yes) => set("pauses")(yes ? "total" : undefined)} help=${t("Batas waktu keseluruhan laporan tidak berjalan selama langkah ini terbuka.")} />
    <${SelectField} label=${t("Prioritas")} value=${task?.priority === "normal" ? undefined : task?.priority} none=${t("biasa")} locked=${desk.locked} commit=${set("priority")}
      options=${[{ value: "high", label: t("didahulukan") }]} help=${t("Tugas yang didahulukan bertanda bendera di kotak masuk.")} />
  <//>`;
}

/** A check needs the question whether the proof is accepted; picking the checked task asks it. */
function verify(desk, value) {
  desk.pen.together(() => {
    desk.set("sop:Task", { verifies: value });
    if (!value || fieldsOf(desk.bo).some((one) => one.id === "bukti_diterima")) return;
    desk.addField({ id: "bukti_diterima", type: "boolean", label: "Bukti diterima", required: "true" });
  });
}

