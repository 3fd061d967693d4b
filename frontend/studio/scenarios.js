import { emptyState } from "./parts.js";

/** Fill `host` (a tab of the drawer, or the right side). */
export function mountScenarios(studio, host) {
  host.replaceChildren(emptyState("list", "Skenario yang harus tetap benar pada setiap perubahan."));
}
