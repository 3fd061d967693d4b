// The controls of the panel: one label, one help line, one input each; findings stand at the control they concern.
// What is typed is written when the control is left, on Enter, or after a moment of rest.

import { Fragment, html, useEffect, useRef, useState } from "@bpmn-io/diagram-js-ui";
import { t } from "./words.js";

const REST_MS = 900;

export const cx = (...names) => names.filter(Boolean).join(" ");

let ids = 0;

/** An id that nothing else on the page has. (Preact's useId counts anew whenever the panel is drawn again.) */
function useOwnId() {
  const id = useRef(null);
  id.current ??= `isian-${++ids}`;
  return id.current;
}

/** An icon of the page's sprite. */
export function Icon({ name, small = true }) {
  const href = document.querySelector("svg.icon use")?.getAttribute("href")?.split("#")[0] ?? "";
  return html`<svg class=${cx("icon", small && "icon--16")} aria-hidden="true"><use href=${`${href}#${name}`} /></svg>`;
}

/** Text being typed: [typed, {onInput, onBlur, onKeyDown}]. `commit(text)` is called once per real change. */
export function useTyped(value, commit) {
  const [typed, setTyped] = useState(value ?? "");
  const now = useRef({ sent: value ?? "", typed: value ?? "", timer: 0 });
  now.current.commit = commit;
  const flush = () => {
    clearTimeout(now.current.timer);
    const { typed: text, sent } = now.current;
    if (text === sent) return;
    now.current.sent = text;
    now.current.commit(text);
  };
  useEffect(() => {
    const known = value ?? "";
    if (known === now.current.sent && now.current.typed !== known) return;
    Object.assign(now.current, { sent: known, typed: known });
    setTyped(known);
  }, [value]);
  useEffect(() => flush, []);
  return [typed, {
    onInput: (event) => {
      now.current.typed = event.currentTarget.value;
      setTyped(event.currentTarget.value);
      clearTimeout(now.current.timer);
      now.current.timer = setTimeout(flush, REST_MS);
    },
    onBlur: flush,
    onKeyDown: (event) => {
      if (event.key === "Enter" && event.currentTarget.tagName === "INPUT") flush();
      // While something is typed that is not written yet, Ctrl+Z takes back letters; otherwise the last change.
      if ((event.ctrlKey || event.metaKey) && now.current.typed !== now.current.sent) event.stopPropagation();
    },
  }];
}

/** Findings under a control. */
export function Notes({ notes, id }) {
  if (!notes?.length) return null;
  return html`<ul class="sop-notes" id=${id}>${notes.map((note) => html`<li key=${note.rule + note.message}
      class=${cx("sop-note", note.severity === "warning" && "sop-note--warning")}>
    <${Icon} name=${note.severity === "warning" ? "triangle-alert" : "circle-alert"} />
    <span><span class="visually-hidden">${note.severity === "warning" ? t("Peringatan:") : t("Kesalahan:")} </span>${note.message}
      ${note.repair && html` <span class="sop-note__repair">${note.repair}</span>`}
      ${note.repairNow && html` <button type="button" class="sop-link" onClick=${note.repairNow}>${note.fix?.label || t("Perbaiki")}</button>`}</span></li>`)}</ul>`;
}

/** Label, help and findings around one control; `children` is a function of {id, describedBy, invalid}. */
export function Labelled({ label, help, notes, optional, children, className }) {
  const id = useOwnId();
  const about = [help && `${id}-bantuan`, notes?.length && `${id}-temuan`].filter(Boolean).join(" ") || undefined;
  return html`<div class=${cx("sop-field", className, notes?.length && "sop-field--noted")}>
    <label class="sop-field__label" for=${id}>${label}${optional && html` <span class="sop-field__optional">${t("boleh kosong")}</span>`}</label>
    ${children({ id, "aria-describedby": about, "aria-invalid": notes?.some((note) => note.severity === "error") || undefined })}
    ${help && html`<p class="sop-field__help" id=${`${id}-bantuan`}>${help}</p>`}
    <${Notes} notes=${notes} id=${`${id}-temuan`} />
  </div>`;
}

/** The same around several controls. */
export function Group({ label, help, notes, children, className }) {
  const id = useOwnId();
  return html`<fieldset class=${cx("sop-field sop-group", className, notes?.length && "sop-field--noted")} aria-describedby=${help ? `${id}-bantuan` : undefined}>
    <legend class="sop-field__label">${label}</legend>
    ${children}
    ${help && html`<p class="sop-field__help" id=${`${id}-bantuan`}>${help}</p>`}
    <${Notes} notes=${notes} />
  </fieldset>`;
}

function Typed({ given, value, commit, rows, locked, list, ...more }) {
  const [typed, handlers] = useTyped(value, commit);
  if (rows) return html`<textarea class="input sop-input" rows=${rows} value=${typed} readonly=${locked} ...${given} ...${more} ...${handlers}></textarea>`;
  return html`<input class="input sop-input" type="text" autocomplete="off" value=${typed} readonly=${locked} list=${list} ...${given} ...${more} ...${handlers} />`;
}

/** One line, or with `rows` several. `commit(text | undefined)`; `keepEmpty` writes "" instead of nothing. */
export function TextField({ label, help, notes, optional, value, commit, rows, locked, keepEmpty, suggestions, ...more }) {
  const list = useOwnId();
  const send = (text) => commit(text.trim() || keepEmpty ? text.trim() : undefined);
  return html`<${Labelled} ...${{ label, help, notes, optional }}>${(given) => html`
    <${Typed} ...${{ given, value, commit: send, rows, locked, ...more }} list=${suggestions ? list : undefined} />
    ${suggestions && html`<datalist id=${list}>${suggestions.map((one) => html`<option key=${one.value} value=${one.value}>${one.label}</option>`)}</datalist>`}`}<//>`;
}

/** A bare input for places that bring their own label. */
export function Line({ label, value, commit, locked, ...more }) {
  return html`<${Typed} given=${{ "aria-label": label }} ...${{ value, commit, locked, ...more }} />`;
}

/** Options in a select: [{value, label, disabled}] or [{group, of: […]}]. A value that is not offered is shown too. */
export function Options({ options, value, none }) {
  const flat = options.flatMap((one) => one.of ?? [one]);
  const row = (one) => html`<option key=${one.value} value=${one.value} selected=${one.value === (value ?? "")} disabled=${one.disabled}>${one.label}</option>`;
  return html`<${Fragment}>
    ${none !== undefined && html`<option value="" selected=${!value}>${none}</option>`}
    ${value && !flat.some((one) => one.value === value) && html`<option value=${value} selected>${t("{value} (tidak ada dalam daftar)", { value })}</option>`}
    ${options.map((one) => (one.of ? one.of.length > 0 && html`<optgroup key=${one.group} label=${one.group}>${one.of.map(row)}</optgroup>` : row(one)))}<//>`;
}

/** One of a list. `commit(value | undefined)`. */
export function SelectField({ label, help, notes, optional, value, commit, options, none, locked }) {
  return html`<${Labelled} ...${{ label, help, notes, optional }}>${(given) => html`
    <${Select} ...${{ given, value, commit, options, none, locked }} />`}<//>`;
}

export function Select({ given = {}, label, value, commit, options, none, locked, className }) {
  return html`<select class=${cx("input sop-input", className)} value=${value ?? ""} disabled=${locked} aria-label=${label} ...${given}
    onChange=${(event) => commit(event.currentTarget.value || undefined)}><${Options} ...${{ options, value, none }} /></select>`;
}

/** Yes or no. */
export function CheckField({ label, help, notes, value, commit, locked }) {
  const id = useOwnId();
  return html`<div class=${cx("sop-field sop-check", notes?.length && "sop-field--noted")}>
    <label class="sop-check__row" for=${id}><input type="checkbox" id=${id} checked=${value} disabled=${locked}
      aria-describedby=${help ? `${id}-bantuan` : undefined} onChange=${(event) => commit(event.currentTarget.checked)} /> <span>${label}</span></label>
    ${help && html`<p class="sop-field__help" id=${`${id}-bantuan`}>${help}</p>`}
    <${Notes} notes=${notes} /></div>`;
}

const unfolded = new Map();

/** A part that folds; how it was left is remembered while the page is open. `count`: findings inside. */
export function Section({ title, state, count = 0, open = false, children }) {
  const shown = unfolded.get(title) ?? open;
  return html`<details class="sop-section" open=${shown} onToggle=${(event) => unfolded.set(title, event.currentTarget.open)}>
    <summary class="sop-section__head"><${Icon} name="chevron-right" /><span class="sop-section__title">${title}</span>
      ${state && html`<span class="sop-section__state">${state}</span>`}
      ${count > 0 && html`<span class="sop-count">${count}<span class="visually-hidden"> ${t("temuan")}</span></span>`}</summary>
    <div class="sop-section__body">${children}</div></details>`;
}

/** A button with an icon and no words of its own; `label` is said and shown on hovering. */
export function IconButton({ icon, label, onClick, disabled, className, ...more }) {
  return html`<button type="button" class=${cx("sop-icon-button", className)} aria-label=${label} title=${label} disabled=${disabled} onClick=${onClick} ...${more}><${Icon} name=${icon} /></button>`;
}
