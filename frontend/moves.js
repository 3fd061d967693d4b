// A plan to move reports: how far it has come, ticking many reports at once, and what a proposal would mean.

import { csrfToken, make } from "./dom.js";
import { say } from "./words.js";

/** Ask again and again as long as something goes on, and reload once it is over; show what ticks all. */
export function start(root) {
  for (const part of root.querySelectorAll("[data-impact-of]")) {
    part.hidden = false;
    const button = part.querySelector("[data-impact-ask]");
    button.addEventListener("click", () => askImpact(part, button));
  }
  for (const tools of root.querySelectorAll("[data-move-all]")) {
    tools.hidden = false;
    const boxes = tools.closest("section").querySelectorAll("input[name=laporan]");
    for (const button of tools.querySelectorAll("[data-check]")) {
      button.addEventListener("click", () => {
        for (const box of boxes) box.checked = button.dataset.check === "yes";
      });
    }
  }
  for (const panel of root.querySelectorAll("[data-move-progress]")) {
    if (panel.dataset.watching) continue;
    panel.dataset.watching = "yes";
    watch(panel);
  }
}

async function watch(panel) {
  const bar = panel.querySelector("progress");
  const words = panel.querySelector("[data-move-words]");
  let pause = 600;
  while (panel.isConnected) {
    await new Promise((done) => setTimeout(done, pause));
    let told = null;
    try {
      const answer = await fetch(panel.dataset.moveProgress, { headers: { Accept: "application/json" } });
      if (answer.ok) told = await answer.json();
    } catch {
      told = null;
    }
    // Without an answer the page keeps what it shows and asks more seldom.
    pause = told ? Math.min(pause * 1.2, 2000) : 5000;
    if (!told) continue;
    bar.max = told.total || 1;
    bar.value = told.done;
    words.textContent = words.textContent.replace(/\d+(\D+)\d+/, `${told.done}$1${told.total}`);
    if (!told.busy) return window.location.reload();
  }
}

/** Have the impact of a proposal worked out, and show how it grows. */
async function askImpact(part, button) {
  const result = part.querySelector("[data-impact-result]");
  button.disabled = true;
  let body = { usulan: part.dataset.impactOf };
  for (let pause = 500; ; pause = Math.min(pause * 1.3, 2000)) {
    const told = await post(body);
    if (told.html === undefined) {
      result.replaceChildren(make("p", { className: "small" }, told.error ?? say("unanswered")));
      break;
    }
    const unfolded = [...result.querySelectorAll("details")].map((one) => one.open);
    result.replaceChildren(make("template", { innerHTML: told.html }).content);
    [...result.querySelectorAll("details")].forEach((one, at) => { one.open = unfolded[at] ?? one.open; });
    if (told.state !== "berjalan") break;
    body = { id: told.id };
    await new Promise((done) => setTimeout(done, pause));
  }
  button.disabled = false;
}

async function post(body) {
  try {
    const answer = await fetch("/studio/dampak.json", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": csrfToken() },
      body: JSON.stringify(body),
    });
    return await answer.json();
  } catch {
    return {};
  }
}
