// Questions that must be answered before one goes on.

import { make } from "../dom.js";

/**
 * Ask in a dialog. `choices`: [[answer, words, look]]; the first is the safe one and gets the focus.
 * Answers what was chosen, or null when the dialog was closed by Escape (unless `must`).
 */
export function ask({ title, text, body = [], choices, must = false }) {
  return new Promise((done) => {
    const dialog = make("dialog", { className: "studio-dialog", "aria-labelledby": "studio-dialog-title" });
    const form = make("form", { method: "dialog", className: "stack" });
    form.append(make("h2", { id: "studio-dialog-title" }, title), ...(text ? [make("p", {}, text)] : []), ...body);
    const row = make("div", { className: "studio-dialog__choices" });
    let answer = null;
    for (const [value, words, look = "quiet"] of choices) {
      const button = make("button", {
        type: look === "cancel" ? "button" : "submit", className: `button button--small${look && look !== "cancel" ? ` button--${look}` : look ? " button--quiet" : ""}`,
      }, words);
      button.addEventListener("click", () => {
        answer = value;
        if (look === "cancel") dialog.close();
      });
      row.append(button);
    }
    form.append(row);
    dialog.append(form);
    dialog.addEventListener("cancel", (event) => { if (must) event.preventDefault(); });
    dialog.addEventListener("close", () => { dialog.remove(); done(answer); });
    document.body.append(dialog);
    dialog.showModal();
    (form.querySelector("[data-first]") ?? row.firstElementChild).focus();
  });
}
