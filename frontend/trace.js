// Plays the way of a report on its diagrams, event after event. Without this the last picture stands.

const PACE = 900;

/** Prepare the player of every trace inside `root`. */
export function start(root) {
  for (const trace of root.querySelectorAll("[data-trace]")) play(trace);
}

function play(trace) {
  const player = trace.querySelector("[data-player]");
  const slider = player.querySelector("input");
  const words = player.querySelector("[data-words]");
  const button = player.querySelector("[data-play]");
  const label = player.querySelector("[data-play-words]");
  const events = [...trace.querySelectorAll("[data-event]")].map((item) => ({
    item, marks: JSON.parse(item.dataset.marks), said: item.dataset.said,
  }));
  const figures = new Map([...trace.querySelectorAll("[data-figure]")].map((one) => [one.dataset.figure, parts(one)]));
  if (events.length < 2) return;
  let running = 0;

  const show = (place, { follow = true } = {}) => {
    const states = new Map([...figures.keys()].map((id) => [id, { done: new Set(), flows: new Set(), now: new Set() }]));
    let seen = figures.keys().next().value;
    let spot = "";
    for (const event of events.slice(0, place)) {
      for (const [id, done, flows, now] of event.marks) {
        const state = states.get(id);
        const fresh = now.filter((one) => !state.now.has(one));
        if (id === event.marks[0][0]) spot = fresh.at(-1) ?? done.at(-1) ?? spot;
        done.forEach((one) => state.done.add(one));
        flows.forEach((one) => state.flows.add(one));
        state.now = new Set(now);
      }
      if (event.marks.length) seen = event.marks[0][0];
    }
    for (const [id, figure] of figures) {
      figure.frame.hidden = id !== seen;
      paint(figure, states.get(id));
    }
    events.forEach((event, n) => {
      event.item.classList.toggle("is-later", n >= place);
      if (n === place - 1) event.item.setAttribute("aria-current", "step");
      else event.item.removeAttribute("aria-current");
    });
    const said = events[place - 1].said;
    words.textContent = `${place} / ${events.length} · ${said}`;
    slider.value = String(place);
    slider.setAttribute("aria-valuetext", words.textContent);
    const figure = figures.get(seen);
    if (figure) bring(figure, spot);
    if (follow) reach(events[place - 1].item);
  };
  const halt = () => {
    clearInterval(running);
    running = 0;
    button.setAttribute("aria-pressed", "false");
    label.textContent = label.dataset.run;
  };
  // The slider says its own value to a screen reader; what a button moved has to be said beside it.
  const go = (place, { aloud = true } = {}) => {
    words.setAttribute("aria-live", aloud ? "polite" : "off");
    show(Math.min(events.length, Math.max(1, place)));
  };

  slider.addEventListener("input", () => { halt(); go(Number(slider.value), { aloud: false }); });
  player.querySelector("[data-back]").addEventListener("click", () => { halt(); go(Number(slider.value) - 1); });
  player.querySelector("[data-forward]").addEventListener("click", () => { halt(); go(Number(slider.value) + 1); });
  button.addEventListener("click", () => {
    if (running) return halt();
    if (Number(slider.value) >= events.length) go(1);
    button.setAttribute("aria-pressed", "true");
    label.textContent = label.dataset.halt;
    running = setInterval(() => {
      go(Number(slider.value) + 1);
      if (Number(slider.value) >= events.length) halt();
    }, PACE);
    return undefined;
  });
  trace.addEventListener("click", (event) => {
    const number = event.target.closest(".trace-event__number");
    if (!number) return;
    halt();
    go(events.findIndex((one) => one.item.contains(number)) + 1);
  });
  // On paper the whole story stands, wherever the player is.
  window.addEventListener("beforeprint", () => {
    halt();
    show(events.length, { follow: false });
    for (const { frame } of figures.values()) frame.hidden = false;
  });
  window.addEventListener("afterprint", () => show(events.length, { follow: false }));
  player.hidden = false;
  show(events.length, { follow: false });
}

function parts(frame) {
  const nodes = [...frame.querySelectorAll("[data-element]")];
  return { frame, window: frame.querySelector(".diagram-scroll"), nodes };
}

function paint(figure, state) {
  for (const node of figure.nodes) {
    const id = node.dataset.element;
    const now = state.now.has(id);
    node.classList.toggle("is-current", now);
    node.classList.toggle("is-done", !now && (state.done.has(id) || state.flows.has(id)));
  }
}

/** Move the diagram's own window so that the step `id` is in it; the page stays where it is. */
function bring(figure, id) {
  const here = figure.nodes.find((node) => node.dataset.element === id);
  if (!here || !figure.window) return;
  const spot = here.getBoundingClientRect();
  const view = figure.window.getBoundingClientRect();
  figure.window.scrollBy(spot.left - view.left - (view.width - spot.width) / 2,
    spot.top - view.top - (view.height - spot.height) / 2);
}

/** Move the list of events, where it has a window of its own. */
function reach(item) {
  const list = item.closest(".trace__events");
  if (!list || list.scrollHeight <= list.clientHeight) return;
  const spot = item.getBoundingClientRect();
  const view = list.getBoundingClientRect();
  list.scrollBy(0, spot.top - view.top - view.height / 3);
}
