// Keeps what is being typed: POSTs the form's fields (no files) to data-draft-url a moment after the last change,
// and when the page is left. Answered by 204; a failure is told and tried again with the next change.

import { csrfToken } from "./dom.js";
import { say } from "./words.js";

const pause = 1500;

export function start(root) {
  const forms = root.matches?.("form[data-draft-url]") ? [root] : root.querySelectorAll("form[data-draft-url]");
  for (const form of forms) if (!form.dataset.drafting) keep(form);
}

function keep(form) {
  form.dataset.drafting = "yes";
  const status = form.querySelector("[data-draft-status]");
  let timer;
  let dirty = false;

  async function save() {
    clearTimeout(timer);
    if (!dirty || form.dataset.sent) return;
    dirty = false;
    const data = new FormData(form);
    for (const [name, entry] of [...data.entries()]) if (entry instanceof File) data.delete(name);
    tell(say("draftSaving"));
    try {
      const answer = await fetch(form.dataset.draftUrl, {
        method: "POST",
        body: new URLSearchParams(data),
        headers: { "X-CSRFToken": csrfToken(), Accept: "application/json" },
        keepalive: true,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const time = new Date().toLocaleTimeString("id-ID", { hour: "2-digit", minute: "2-digit" });
      tell(say("draftSaved", { time }));
    } catch {
      dirty = true;
      tell(say("draftFailed"));
    }
  }

  function tell(words) {
    if (status) status.textContent = words;
  }

  function note() {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, pause);
  }

  form.addEventListener("input", note);
  // On a slow network somebody types before this file has arrived.
  if ([...form.elements].some(changed)) note();
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") save(); });
}

/** Whether a field no longer holds what the page came with. */
function changed(field) {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.type === "file" || field.type === "hidden") return false;
  if (field.options) {
    const chosen = [...field.options].findIndex((option) => option.defaultSelected);
    return field.selectedIndex !== Math.max(0, chosen);
  }
  return field.defaultValue !== undefined && field.value !== field.defaultValue;
}
