// What the panel says. Sentences stand in the code in Indonesian, as on the server; english.js says them otherwise.

import { ENGLISH } from "./english.js";

const english = globalThis.document?.documentElement.lang === "en";

/** `text` in the language of the page, with `{name}` parts filled in. */
export function t(text, values = {}) {
  const said = (english && ENGLISH[text]) || text;
  return said.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
