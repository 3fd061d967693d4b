import { emptyState } from "./parts.js";

/** Fill `host` (a tab of the drawer, or the right side). */
export function mountPanel(studio, host) {
  host.replaceChildren(emptyState("info", "Pilih unsur pada diagram untuk mengubah isinya."));
}
