import { emptyState } from "./parts.js";

/** Fill `host` (a tab of the drawer, or the right side). */
export function mountDocument(studio, host) {
  host.replaceChildren(emptyState("file-text", "Dokumen SOP dari konsep ini."));
}
