// The details of one field: the question, when it is asked and needed, its limits, its readers, its name.

import { Fragment, html, useState } from "@bpmn-io/diagram-js-ui";
import { CheckField, Icon, IconButton, Labelled, Line, Section, SelectField, TextField } from "./controls.js";
import { ConditionField } from "./condition.js";
import { KINDS, kindOptions } from "./kinds.js";
import { isName, nameFrom, unique } from "./naming.js";
import { ValueField } from "./pickers.js";
import { fieldsOf } from "./reading.js";
import { askedElsewhere, renameEverywhere, revalueEverywhere, usersOf } from "./uses.js";
import { finder } from "./variables.js";
import { t } from "./words.js";

export function FieldDetails({ desk, field, acts }) {
  const set = (values) => desk.pen.part(desk.element, field, values);
  const { locked } = desk;
  const kind = KINDS[field.type];
  const has = (detail) => kind?.details.includes(detail);
  const asked = field.type !== "info";
  return html`<${Fragment}>
    <${TextField} label=${asked ? t("Pertanyaan") : t("Keterangan")} value=${field.label} locked=${locked} commit=${(label) => relabel(desk, field, acts, label)} />
    <${SelectField} label=${t("Jenis isian")} value=${field.type} options=${kindOptions()} locked=${locked} commit=${(type) => retype(desk, field, type)} />
    <${TextField} label=${t("Bantuan")} value=${field.help} optional=${true} locked=${locked} commit=${(help) => set({ help })} help=${t("Kalimat kecil di bawah pertanyaan.")} />
    ${has("options") && html`<${OptionList} ...${{ desk, field, acts }} />`}
    ${asked && html`<${Needed} ...${{ desk, field, set }} />`}
    <${Shown} ...${{ desk, field, set }} />
    ${asked && html`<${Section} title=${t("Batas dan isi awal")} state=${limitWords(field)}>
      ${has("length") && html`<${Pair} label=${t("Jumlah huruf")} ...${{ field, set, locked }} names=${["minLength", "maxLength"]} />`}
      ${has("range") && html`<${Pair} label=${t("Nilai")} ...${{ field, set, locked }} names=${["min", "max"]} type=${field.type === "date" ? "date" : undefined} />`}
      ${has("count") && html`<${Pair} label=${field.type === "photo" ? t("Jumlah foto") : field.type === "file" ? t("Jumlah berkas") : t("Jumlah pilihan")} ...${{ field, set, locked }} names=${["min", "max"]} />`}
      ${has("pattern") && html`<${TextField} label=${t("Pola")} value=${field.pattern} optional=${true} locked=${locked} commit=${(pattern) => set({ pattern })} spellcheck=${false}
        help=${t("Bentuk tulisan yang diterima, misalnya [0-9]{4}/[A-Z]+ untuk nomor surat.")} />`}
      ${has("default") && html`<${Default} ...${{ desk, field, set }} />`}<//>
    <${Readers} ...${{ field, set, locked }} />
    <${Named} ...${{ desk, field, acts }} />`}
  <//>`;
}

function relabel(desk, field, acts, label) {
  desk.pen.together(() => {
    desk.pen.part(desk.element, field, { label });
    if (!label || !acts.follows(field)) return;
    // A new question is new data: it must not overwrite what the report or another step already says.
    const taken = [...fieldsOf(desk.bo).filter((one) => one !== field).map((one) => one.id), ...desk.before.map((one) => one.name)];
    rename(desk, field, unique(nameFrom(label), taken));
  });
}

function rename(desk, field, id) {
  const old = field.id;
  if (id === old) return;
  desk.pen.together(() => {
    desk.pen.part(desk.element, field, { id });
    if (old && !askedElsewhere(desk.root, old, desk.bo).length) renameEverywhere(desk.pen, desk.element, desk.root, old, id);
  });
}

/** What the new kind cannot have goes, so that nothing is left behind unseen. */
function retype(desk, field, type) {
  const details = KINDS[type]?.details ?? [];
  const gone = {};
  if (!details.includes("length")) Object.assign(gone, { minLength: undefined, maxLength: undefined });
  if (!details.includes("range") && !details.includes("count")) Object.assign(gone, { min: undefined, max: undefined });
  if (!details.includes("pattern")) gone.pattern = undefined;
  if (type === "info") Object.assign(gone, { required: undefined, requiredWhen: undefined, default: undefined });
  desk.pen.together(() => {
    if (!details.includes("options")) gone.options = [];
    else if (!field.options?.length) {
      gone.options = [1, 2].map((n) => desk.pen.create("sop:Option", { value: `pilihan_${n}`, label: `Pilihan ${n}` }, field));
    }
    desk.pen.part(desk.element, field, { type, ...gone });
  });
}

/** What the conditions of a field may read: other answers of the form, and what was known before. */
function conditionData(desk, field) {
  const variables = desk.variables.filter((one) => !(one.group === "form" && one.name === field.id));
  return { variables, find: finder(variables) };
}

function Needed({ desk, field, set }) {
  const [asking, ask] = useState(false);
  const value = field.required === "true" ? "ya" : field.requiredWhen || asking ? "bila" : "";
  const pick = (next) => {
    ask(next === "bila");
    set({ required: next === "ya" ? "true" : undefined, requiredWhen: next === "bila" ? field.requiredWhen ?? field.visibleWhen : undefined });
  };
  return html`<${Fragment}>
    <${SelectField} label=${t("Wajib diisi")} value=${value} none=${t("tidak")} locked=${desk.locked} commit=${pick}
      options=${[{ value: "ya", label: t("ya, selalu") }, { value: "bila", label: t("bila syarat terpenuhi …") }]} />
    ${value === "bila" && html`<${ConditionField} label=${t("Wajib bila")} value=${field.requiredWhen} locked=${desk.locked} ...${conditionData(desk, field)}
      commit=${(text) => { ask(true); set({ requiredWhen: text }); }} />`}<//>`;
}

function Shown({ desk, field, set }) {
  const [asking, ask] = useState(false);
  const conditional = Boolean(field.visibleWhen) || asking;
  const pick = (next) => {
    ask(Boolean(next));
    if (!next && field.visibleWhen !== undefined) set({ visibleWhen: undefined });
  };
  return html`<${Fragment}>
    <${SelectField} label=${t("Ditanyakan")} value=${conditional ? "bila" : ""} none=${t("selalu")} locked=${desk.locked} commit=${pick}
      options=${[{ value: "bila", label: t("bila syarat terpenuhi …") }]} />
    ${conditional && html`<${ConditionField} label=${t("Ditanyakan bila")} value=${field.visibleWhen} locked=${desk.locked} ...${conditionData(desk, field)}
      commit=${(text) => { ask(true); set({ visibleWhen: text }); }} />`}<//>`;
}

function limitWords(field) {
  const said = [];
  if (field.minLength || field.maxLength) said.push(t("{range} huruf", { range: [field.minLength, field.maxLength].map((one) => one ?? "…").join("–") }));
  if (field.min || field.max) said.push([field.min, field.max].map((one) => one ?? "…").join("–"));
  if (field.default) said.push(t("ada isi awal"));
  return said.join(", ") || t("tanpa batas");
}

function Pair({ label, field, set, names, locked, type }) {
  return html`<div class="sop-pair">${names.map((name, at) => html`<${TextField} key=${name} ...${{ locked, type }} value=${field[name]} inputmode=${type ? undefined : "numeric"}
    label=${at ? t("{label}, paling banyak", { label }) : t("{label}, paling sedikit", { label })} commit=${(value) => set({ [name]: value })} />`)}</div>`;
}

function Default({ desk, field, set }) {
  const variables = desk.before;
  const fixed = { choice: field.options ?? [], unit: desk.unitOptions }[field.type] ?? [];
  return html`<${ValueField} label=${t("Isi awal")} optional=${true} none=${t("kosong")} value=${field.default} locked=${desk.locked} typed=${["string", "text"].includes(field.type)}
    fixed=${fixed.map(({ value, label }) => ({ value, label }))} variables=${variables} find=${finder(variables)} commit=${(value) => set({ default: value })}
    help=${t("Sudah terisi ketika formulir dibuka; pelaksana dapat menggantinya.")} />`;
}

function Readers({ field, set, locked }) {
  const value = field.public === "true" ? "publik" : field.reporter === "true" ? "pelapor" : "";
  return html`<${Fragment}>
    <${SelectField} label=${t("Siapa yang membaca jawabannya")} value=${value} none=${t("hanya petugas")} locked=${locked}
      options=${[{ value: "pelapor", label: t("pelapor dan petugas") }, { value: "publik", label: t("siapa saja (publik)") }]}
      commit=${(next) => set({ public: next === "publik" ? "true" : undefined, reporter: next === "pelapor" ? "true" : undefined })} />
    <${CheckField} label=${t("Memuat data pribadi")} value=${field.personal === "true"} locked=${locked} commit=${(yes) => set({ personal: yes ? "true" : undefined })}
      help=${t("Disimpan terpisah dan tidak pernah ditampilkan kepada publik (UU 27/2022).")} /><//>`;
}

function nodeWords(node) {
  const name = (one) => one?.name || one?.id || "";
  return node.sourceRef ? t("panah dari “{name}”", { name: name(node.sourceRef) }) : name(node);
}

/** The name that conditions and tables use. Another name is written everywhere it is read. */
function Named({ desk, field, acts }) {
  const users = usersOf(desk.root, field.id).filter((node) => node !== desk.bo);
  const shared = askedElsewhere(desk.root, field.id, desk.bo);
  const twice = fieldsOf(desk.bo).some((one) => one !== field && one.id === field.id);
  const notes = [
    !isName(field.id ?? "") && { rule: "nama", severity: "error", message: t("Nama data hanya memuat huruf kecil, angka, dan garis bawah.") },
    twice && { rule: "ganda", severity: "error", message: t("Dua isian formulir ini memakai nama yang sama.") },
  ].filter(Boolean);
  const told = [
    users.length > 0 && t("Dibaca oleh: {list}.", { list: [...new Set(users.map(nodeWords))].join("; ") }),
    shared.length > 0 && t("Juga diisi pada: {list}.", { list: shared.map((node) => node.name || node.id).join("; ") }),
  ].filter(Boolean).join(" ");
  return html`<${TextField} label=${t("Nama data")} value=${field.id} locked=${desk.locked} notes=${notes} spellcheck=${false}
    help=${told || t("Dipakai syarat dan tabel keputusan untuk membaca jawaban ini.")}
    commit=${(text) => { acts.unfollow(field); rename(desk, field, nameFrom(text ?? field.label ?? "")); }} />`;
}

/** The options of a choice: what one reads, and the value that is kept. */
function OptionList({ desk, field, acts }) {
  const options = field.options ?? [];
  const put = (list) => desk.pen.list(desk.element, field, "options", list);
  const taken = (option) => options.filter((one) => one !== option).map((one) => one.value);
  const recode = (option, value) => {
    const old = option.value;
    desk.pen.part(desk.element, option, { value });
    if (old && !askedElsewhere(desk.root, field.id, desk.bo).length) revalueEverywhere(desk.pen, desk.element, desk.root, field.id, old, value);
  };
  const relabelOption = (option, label) => desk.pen.together(() => {
    desk.pen.part(desk.element, option, { label });
    if (acts.follows(option) && label) recode(option, unique(nameFrom(label, "pilihan"), taken(option)));
  });
  const add = () => {
    const n = options.length + 1;
    const made = desk.pen.create("sop:Option", { value: unique(`pilihan_${n}`, taken()), label: `Pilihan ${n}` }, field);
    acts.follow(made);
    put([...options, made]);
  };
  const move = (option, by) => {
    const rest = options.filter((one) => one !== option);
    rest.splice(options.indexOf(option) + by, 0, option);
    put(rest);
  };
  return html`<${Labelled} label=${t("Pilihan")} help=${t("Kode di bawah tiap pilihan disimpan sebagai jawaban dan dibaca syarat; ubah seperlunya saja.")}>${(given) => html`<ol class="sop-options">
    ${options.map((option, at) => html`<li key=${at} class="sop-options__row">
      <${Line} label=${t("Pilihan {n}", { n: at + 1 })} value=${option.label} locked=${desk.locked} ...${at === 0 ? { id: given.id } : {}} commit=${(text) => relabelOption(option, text.trim())} />
      <${Line} label=${t("Kode pilihan {n}", { n: at + 1 })} value=${option.value} locked=${desk.locked} spellcheck=${false}
        commit=${(text) => { acts.unfollow(option); desk.pen.together(() => recode(option, text.trim())); }} />
      ${!desk.locked && html`<span class="sop-options__acts">
        <${IconButton} icon="chevron-up" label=${t("Naikkan pilihan {n}", { n: at + 1 })} disabled=${at === 0} onClick=${() => move(option, -1)} />
        <${IconButton} icon="x" label=${t("Hapus pilihan {n}", { n: at + 1 })} onClick=${() => put(options.filter((one) => one !== option))} /></span>`}</li>`)}</ol>
    ${!desk.locked && html`<button type="button" class="sop-link" onClick=${add}><${Icon} name="plus" />${t("Tambah pilihan")}</button>`}`}<//>`;
}
