// The diagram as a list to be read: one step after the other, each leading to its element.

import { make } from "../dom.js";
import { dictionary } from "./dictionary.js";
import { button, emptyState, notice } from "./parts.js";

const say = dictionary({
  id: {
    making: "Menyusun teks…",
    empty: "Belum ada langkah untuk dibacakan.",
    failed: "Teks belum dapat dibuat: {why}",
    again: "Coba lagi",
  },
  en: {
    making: "Putting the text together…",
    empty: "There are no steps to be read yet.",
    failed: "The text cannot be made yet: {why}",
    again: "Try again",
  },
});

const REST_MS = 700;

/** Fill `host` (in the diagram's place). */
export function mountText(studio, host) {
  host.replaceChildren(emptyState("list", say("making")));
  let timer = 0;

  async function show() {
    if (host.hidden) return;
    try {
      const { lines } = await studio.post(studio.urls.text, { files: await studio.files(), main: studio.main() });
      const at = host.scrollTop;
      host.replaceChildren(lines.length ? walk(lines) : emptyState("list", say("empty")));
      host.scrollTop = at;
    } catch (error) {
      if (!("status" in error)) throw error;
      host.replaceChildren(notice("error", "circle-alert", make("span", {}, say("failed", { why: error.message })),
        button(say("again"), show)));
    }
  }

  function walk(lines) {
    const whole = make("div", { className: "text-walk", lang: "id" });
    let steps = null;
    let more = null;
    for (const line of lines) {
      if (line.depth === 0) {
        steps = make("ul", { className: "text-walk__steps" });
        whole.append(make("p", { className: "text-walk__name" }, line.text), steps);
      } else if (line.depth === 1) {
        more = make("ul", { className: "text-walk__more" });
        const words = make("button", { type: "button", className: "text-walk__words" }, line.text);
        words.addEventListener("click", () => {
          studio.showDiagram();
          studio.select(line.element);
        });
        steps.append(make("li", { className: "text-walk__step" }, words, more));
      } else {
        more.append(make("li", {}, line.text));
      }
    }
    return whole;
  }

  studio.on("changed", () => {
    clearTimeout(timer);
    timer = setTimeout(show, REST_MS);
  });
  studio.on("text", ({ shown }) => {
    if (shown) show();
  });
  show();
}
