// The form builder: fields are added by kind, put in order, copied and removed; each opens to its details.

import { html, useEffect, useRef, useState } from "@bpmn-io/diagram-js-ui";
import { Icon, IconButton, Notes, cx } from "./controls.js";
import { FieldDetails } from "./field.js";
import { KINDS, kindWords } from "./kinds.js";
import { nameFrom, unique } from "./naming.js";
import { Preview } from "./preview.js";
import { fieldsOf } from "./reading.js";
import { t } from "./words.js";

/** Fields made in this session whose name still follows their label. */
const following = new WeakSet();

/** What the officer does to the list of fields; each act is one step of undo. */
export function fieldActs(desk) {
  const { pen, element, bo } = desk;
  const fields = fieldsOf(bo);
  const put = (list) => {
    const form = desk.ext("sop:Form");
    if (!list.length) pen.dropExtension(element, bo, form);
    else if (form) pen.list(element, form, "fields", list);
    else addForm(pen, element, bo, list);
  };
  return {
    add(type) {
      const label = KINDS[type].words;  // what a diagram says is Indonesian in every language of the page
      const id = unique(nameFrom(label), [...fields.map((one) => one.id), ...desk.variables.map((one) => one.name)]);
      const field = pen.create("sop:Field", { id, type, label });
      if (["choice", "choices"].includes(type)) {
        field.options = [1, 2].map((n) => pen.create("sop:Option", { value: `pilihan_${n}`, label: `Pilihan ${n}` }, field));
        field.options.forEach((option) => following.add(option));
      }
      following.add(field);
      put([...fields, field]);
      return field;
    },
    insert(values) {
      put([...fields, pen.create("sop:Field", values)]);
    },
    copy(field) {
      const own = field.$descriptor.properties.filter((one) => one.isAttr).map((one) => one.name.split(":").pop());
      const values = Object.fromEntries(own.map((name) => [name, field[name]]).filter(([, value]) => value !== undefined));
      const made = pen.create("sop:Field", { ...field.$attrs, ...values, label: `${field.label ?? ""} (salinan)`, id: unique(field.id, fields.map((one) => one.id)) });
      if (field.options?.length) made.options = field.options.map(({ value, label }) => pen.create("sop:Option", { value, label }, made));
      put(fields.flatMap((one) => (one === field ? [one, made] : [one])));
      return made;
    },
    remove(field) {
      put(fields.filter((one) => one !== field));
    },
    move(field, to) {
      const rest = fields.filter((one) => one !== field);
      rest.splice(Math.max(0, Math.min(to, rest.length)), 0, field);
      if (rest.some((one, at) => one !== fields[at])) put(rest);
    },
    follows: (part) => following.has(part),
    unfollow: (part) => following.delete(part),
    follow: (part) => following.add(part),
  };
}

function addForm(pen, element, bo, list) {
  const form = pen.addExtension(element, bo, "sop:Form", { fields: list });
  for (const one of list) one.$parent = form;
}

export function FormBuilder({ desk }) {
  const [open, setOpen] = useState(null);
  const [adding, setAdding] = useState(false);
  const [said, say] = useState("");
  const [dragged, setDragged] = useState(null);
  const fresh = useRef(null);
  const list = useRef(null);
  const adder = useRef(null);
  const fields = fieldsOf(desk.bo);
  const acts = fieldActs(desk);

  useEffect(() => {
    if (!fresh.current) return;
    const { field, what } = fresh.current;
    const row = list.current?.children[fieldsOf(desk.bo).indexOf(field)];
    const target = row?.querySelector(what);
    // The diagram's own news may draw the list once before the row is unfolded: wait for the next drawing.
    fresh.current.seen = (fresh.current.seen ?? 0) + 1;
    if (!target && fresh.current.seen < 5) return;
    fresh.current = null;
    target?.focus();
    if (target?.tagName === "INPUT") target.select();
  });

  /** Moving takes the row out of the page for a moment: whoever moved it by key or button stays on it. */
  const move = (field, by, wanted) => {
    const to = fields.indexOf(field) + by;
    if (to < 0 || to >= fields.length) return;
    acts.move(field, to);
    fresh.current = { field, what: wanted };
    say(t("{label} sekarang nomor {n} dari {of}.", { label: field.label || field.id, n: to + 1, of: fields.length }));
  };
  const add = (type) => {
    const field = acts.add(type);
    setAdding(false);
    setOpen(field);
    fresh.current = { field, what: ".sop-formfield__details input" };
  };
  const copy = (field) => {
    const made = acts.copy(field);
    setOpen(made);
    fresh.current = { field: made, what: ".sop-formfield__details input" };
  };
  const remove = (field) => {
    acts.remove(field);
    setOpen(null);
    adder.current?.focus();
    say(t("{label} dihapus. Urungkan dengan Ctrl+Z.", { label: field.label || field.id }));
  };
  const drop = (event, at) => {
    event.preventDefault();
    if (dragged) acts.move(dragged, at > fields.indexOf(dragged) ? at - 1 : at);
    setDragged(null);
  };

  return html`<div class="sop-form">
    <${Notes} notes=${desk.notes("form")} />
    ${fields.length === 0 && html`<p class="sop-field__help">${t("Belum ada isian. Tambahkan yang perlu ditulis atau dipilih pelaksana.")}</p>`}
    <ol class="sop-form__list" ref=${list} onDragOver=${(event) => dragged && event.preventDefault()} onDrop=${(event) => drop(event, fields.length)}>
      ${fields.map((field, at) => html`<${FormRow} key=${rowKey(field)} ...${{ desk, acts, field, at, count: fields.length }} open=${open === field}
        dragged=${dragged === field} toggle=${() => setOpen(open === field ? null : field)}
        drag=${setDragged} drop=${(event) => { event.stopPropagation(); drop(event, at); }} move=${(by, wanted) => move(field, by, wanted)} copy=${() => copy(field)} remove=${() => remove(field)} />`)}
    </ol>
    <p class="visually-hidden" role="status">${said}</p>
    ${!desk.locked && html`<div class="sop-form__add">
      <button type="button" class="button button--small button--quiet button--block" ref=${adder} aria-expanded=${adding} onClick=${() => setAdding(!adding)}><${Icon} name="plus" />${t("Tambah isian")}</button>
      ${adding && html`<${KindMenu} pick=${add} close=${() => { setAdding(false); adder.current.focus(); }} />`}</div>`}
    ${fields.length > 0 && html`<${Preview} desk=${desk} fields=${fields} />`}</div>`;
}

const keys = new WeakMap();
let lastKey = 0;

function rowKey(field) {
  if (!keys.has(field)) keys.set(field, (lastKey += 1));
  return keys.get(field);
}

function FormRow({ desk, acts, field, at, count, open, dragged, toggle, drag, drop, move, copy, remove }) {
  const label = field.label || field.id || t("tanpa nama");
  const facts = [kindWords(field.type), field.required === "true" && t("wajib")].filter(Boolean).join(" · ");
  const when = field.visibleWhen ? t("bila {condition}", { condition: desk.said(field.visibleWhen) })
    : field.requiredWhen ? t("wajib bila {condition}", { condition: desk.said(field.requiredWhen) }) : "";
  const onKeys = (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || desk.locked || !event.altKey) return;
    event.preventDefault();
    move(by, ".sop-formfield__title");
  };
  return html`<li class=${cx("sop-formfield", open && "sop-formfield--open", dragged && "sop-formfield--dragged")} onDragOver=${(event) => event.preventDefault()} onDrop=${drop}>
    <div class="sop-formfield__head">
      ${!desk.locked && html`<span class="sop-formfield__grip" draggable="true" aria-hidden="true" title=${t("Geser untuk mengurutkan")}
        onDragStart=${(event) => { event.dataTransfer.setData("text/plain", field.id ?? ""); event.dataTransfer.effectAllowed = "move"; drag(field); }} onDragEnd=${() => drag(null)}><${Icon} name="grip-vertical" /></span>`}
      <button type="button" class="sop-formfield__title" aria-expanded=${open} onClick=${toggle} onKeyDown=${onKeys} title=${t("Alt+↑ dan Alt+↓ memindahkan")}>
        <${Icon} name=${KINDS[field.type]?.icon ?? "circle-help"} /><span class="sop-formfield__label">${label}</span>
        <span class="sop-formfield__facts">${facts}${when && html`<br />${when}`}</span></button>
      ${!desk.locked && html`<span class="sop-formfield__order">
        <${IconButton} icon="chevron-up" label=${t("Naikkan {label}", { label })} disabled=${at === 0} onClick=${() => move(-1, `[data-move="${at === 1 ? 1 : -1}"]`)} data-move="-1" />
        <${IconButton} icon="chevron-down" label=${t("Turunkan {label}", { label })} disabled=${at === count - 1} onClick=${() => move(1, `[data-move="${at === count - 2 ? -1 : 1}"]`)} data-move="1" /></span>`}
    </div>
    ${open && html`<div class="sop-formfield__details">
      <${FieldDetails} ...${{ desk, field, acts }} />
      ${!desk.locked && html`<div class="sop-formfield__acts">
        <button type="button" class="sop-link" onClick=${copy}><${Icon} name="copy" />${t("Salin isian")}</button>
        <button type="button" class="sop-link sop-link--danger" onClick=${remove}><${Icon} name="trash-2" />${t("Hapus isian")}</button></div>`}</div>`}
  </li>`;
}

/** All kinds of fields, in groups; Escape closes. */
function KindMenu({ pick, close }) {
  const menu = useRef(null);
  useEffect(() => menu.current.querySelector("button").focus(), []);
  const groups = [...new Set(Object.values(KINDS).map((one) => one.group))];
  return html`<div class="sop-kinds" ref=${menu} onKeyDown=${(event) => event.key === "Escape" && close()}>
    ${groups.map((group) => html`<div class="sop-kinds__group" role="group" aria-label=${t(group)} key=${group}><p class="sop-kinds__title" aria-hidden="true">${t(group)}</p>
      ${Object.entries(KINDS).filter(([, one]) => one.group === group).map(([type, one]) => html`<button type="button" key=${type} class="sop-kinds__kind" onClick=${() => pick(type)}><${Icon} name=${one.icon} />${t(one.words)}</button>`)}</div>`)}</div>`;
}
