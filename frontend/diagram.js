// A large diagram in its window: it opens at the step where the report stands, or the worst, small enough to see the way.

const SMALLEST = 0.6;

/** Prepare every diagram inside `root`; one in a closed part is placed when that part opens. */
export function start(root) {
  for (const frame of root.querySelectorAll(".diagram-scroll")) {
    const hidden = frame.closest("details:not([open])");
    if (hidden) hidden.addEventListener("toggle", () => place(frame), { once: true });
    else place(frame);
  }
  for (const frame of root.querySelectorAll(".heat-overview")) bring(frame, frame.querySelector(".diagram-rank.is-first"));
}

function place(frame) {
  const drawing = frame.querySelector("svg");
  if (!drawing) return;
  const whole = drawing.viewBox.baseVal;
  const scale = Math.min(1, Math.max(SMALLEST, frame.clientWidth / whole.width));
  drawing.setAttribute("width", Math.round(whole.width * scale));
  drawing.setAttribute("height", Math.round(whole.height * scale));
  const here = drawing.querySelector(".diagram-userTask.is-current, .diagram-node.is-current, .diagram-rank.is-first");
  bring(frame, here);
}

/** Move the window over the drawing so that `here` is in its middle. */
function bring(frame, here) {
  if (!here) return;
  const spot = here.getBoundingClientRect();
  const window_ = frame.getBoundingClientRect();
  frame.scrollLeft += spot.left - window_.left - (window_.width - spot.width) / 2;
  frame.scrollTop += spot.top - window_.top - (window_.height - spot.height) / 2;
}
