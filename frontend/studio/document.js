// The printed SOP of this draft, as it would be signed: on the page, and as PDF.

import { csrfToken, make } from "../dom.js";
import { Refused } from "./core.js";
import { dictionary } from "./dictionary.js";
import { button, emptyState, notice } from "./parts.js";
import { download } from "./transfer.js";

const say = dictionary({
  id: {
    pdf: "Unduh PDF",
    making: "Menyusun dokumen…",
    about: "Dokumen SOP menurut PermenPANRB 35/2012, dibuat dari konsep ini. Waktu pada dokumen adalah batas waktu yang berjalan.",
    failed: "Dokumen belum dapat dibuat: {why}",
    again: "Coba lagi",
    old: "Konsep berubah sejak dokumen ini dibuat.",
    renew: "Susun lagi",
  },
  en: {
    pdf: "Download PDF",
    making: "Setting the document…",
    about: "The SOP document of PermenPANRB 35/2012, made from this draft. Its times are the deadlines that run.",
    failed: "The document cannot be made yet: {why}",
    again: "Try again",
    old: "The draft has changed since this document was made.",
    renew: "Make it again",
  },
});

/** Fill `host` (a tab of the drawer). */
export function mountDocument(studio, host) {
  const above = make("div", { role: "status", "aria-live": "polite" });
  const pdf = button(say("pdf"), getPdf, "quiet", "download");
  const bar = make("div", { className: "compare-bar" }, pdf, make("p", { className: "small soft" }, say("about")));
  const body = make("div", { className: "document-host" });
  host.replaceChildren(bar, above, body);
  body.append(emptyState("file-text", say("making")));
  let fresh = false;
  let here = true;

  const given = async () => ({ files: await studio.files(), main: studio.main() });

  async function show() {
    fresh = true;
    host.setAttribute("aria-busy", "true");
    try {
      const told = await studio.post(studio.urls.documentHtml, await given());
      body.innerHTML = told.html; // our own template, which escapes what people wrote
      above.replaceChildren();
    } catch (error) {
      fail(error, show);
    } finally {
      host.removeAttribute("aria-busy");
    }
  }

  async function getPdf() {
    pdf.disabled = true;
    try {
      const answer = await fetch(studio.urls.documentPdf, {
        method: "POST", credentials: "same-origin", body: JSON.stringify(await given()),
        headers: { "Content-Type": "application/json", Accept: "application/json, application/pdf;q=0.9", "X-CSRFToken": csrfToken() },
      }).catch(() => { throw new Refused(0); });
      if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => null));
      download(`SOP-${studio.draft.key}-konsep.pdf`, await answer.blob());
    } catch (error) {
      fail(error, getPdf);
    } finally {
      pdf.disabled = false;
    }
  }

  function fail(error, again) {
    if (!("status" in error)) throw error;
    above.replaceChildren(notice("error", "circle-alert", make("span", {}, say("failed", { why: error.message })),
      button(say("again"), again)));
  }

  studio.on("changed", () => {
    if (!fresh) return;
    fresh = false;
    if (here) above.replaceChildren(notice("info", "info", make("span", {}, say("old")), button(say("renew"), show)));
  });
  studio.on("tab", ({ name }) => {
    here = name === "document";
    if (here && !fresh) show();
  });
  show();
}
