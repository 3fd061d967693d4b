import { emptyState } from "./parts.js";

/** Fill `host` (a tab of the drawer, or the right side). */
export function mountPlay(studio, host) {
  host.replaceChildren(emptyState("route", "Jalankan konsep ini langkah demi langkah, tanpa akibat apa pun."));
}
