// What the parts of the studio share: empty states, notices, and dates as people say them.

import { icon, make } from "../dom.js";

/** A calm sentence where nothing is to be seen yet. */
export function emptyState(iconName, text) {
  return make("div", { className: "studio-empty" }, icon(iconName), make("p", {}, text));
}

/** One line of words with an icon; `kind`: info, success, warning, error. */
export function notice(kind, iconName, ...children) {
  return make("div", { className: `notice notice--${kind} studio-notice` }, icon(iconName),
    make("div", { className: "notice__body" }, ...children));
}

/** A button as the design has it; `look`: "", "quiet", "text", "danger". */
export function button(text, onclick, look = "quiet", iconName = "") {
  const element = make("button", {
    type: "button", className: `button button--small${look ? ` button--${look}` : ""}`,
  }, ...(iconName ? [icon(iconName)] : []), text);
  element.addEventListener("click", onclick);
  return element;
}

/** "10.05", in the city's zone. */
export function clockTime(moment) {
  const zone = document.getElementById("studio")?.dataset.zone;
  return new Intl.DateTimeFormat("id-ID", { hour: "2-digit", minute: "2-digit", timeZone: zone })
    .format(moment).replace(":", ".");
}
