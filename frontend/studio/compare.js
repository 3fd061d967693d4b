import { emptyState } from "./parts.js";

/** Fill `host` (a tab of the drawer, or the right side). */
export function mountCompare(studio, host) {
  host.replaceChildren(emptyState("files", "Yang berbeda dari versi yang berlaku."));
}
