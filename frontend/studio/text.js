import { emptyState } from "./parts.js";

/** Fill `host` (a tab of the drawer, or the right side). */
export function mountText(studio, host) {
  host.replaceChildren(emptyState("list", "Diagram ini sebagai teks."));
}
