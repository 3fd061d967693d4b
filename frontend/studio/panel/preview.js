// The form as the one who fills it will see it, drawn by the server with the same templates; its conditions work.

import { html, useEffect, useRef, useState } from "@bpmn-io/diagram-js-ui";
import { start as followConditions } from "../../conditions.js";
import { make } from "../../dom.js";
import { Icon } from "./controls.js";
import { t } from "./words.js";

const PAUSE_MS = 250;

export function Preview({ desk, fields }) {
  const [open, setOpen] = useState(false);
  return html`<details class="sop-preview" onToggle=${(event) => setOpen(event.currentTarget.open)}>
    <summary class="sop-preview__head"><${Icon} name="eye" />${t("Pratinjau: seperti dilihat pelaksana")}</summary>
    ${open && html`<${Shown} desk=${desk} fields=${fields} />`}</details>`;
}

function Shown({ desk, fields }) {
  const host = useRef(null);
  const [failed, setFailed] = useState("");
  const told = JSON.stringify(fields.map(plain));
  const role = desk.role.lane?.id ?? null;
  useEffect(() => {
    let over = false;
    const timer = setTimeout(async () => {
      try {
        const answer = await desk.studio.post("/studio/pratinjau.json", { fields: JSON.parse(told), role });
        if (over) return;
        setFailed("");
        const form = make("form", { "aria-label": t("Pratinjau formulir"), onsubmit: (event) => event.preventDefault() });
        form.append(...new DOMParser().parseFromString(answer.html, "text/html").body.childNodes);
        host.current.replaceChildren(form);
        followConditions(form);
      } catch (error) {
        if (!over) setFailed(error.message);
      }
    }, PAUSE_MS);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [told, role]);
  return html`<div class="sop-preview__page">
    ${failed && html`<p class="sop-field__help" role="status">${t("Pratinjau belum dapat ditampilkan. {why}", { why: failed })}</p>`}
    <div ref=${host}></div></div>`;
}

/** A field as the server reads it. */
function plain(field) {
  const names = ["id", "type", "label", "required", "requiredWhen", "visibleWhen", "default", "min", "max", "minLength",
    "maxLength", "pattern", "help", "public", "personal", "reporter"];
  const found = Object.fromEntries(names.filter((name) => field[name] !== undefined).map((name) => [name, field[name]]));
  return { ...found, options: (field.options ?? []).map(({ value, label }) => ({ value, label: label ?? value })) };
}
