import { emptyState } from "./parts.js";

/** Fill `host` (a tab of the drawer, or the right side). */
export function mountImpact(studio, host) {
  host.replaceChildren(emptyState("users", "Akibatnya bagi laporan yang sedang berjalan."));
}
