// Before and after, zoomed and moved as one: press a photo to look closer at that spot in both, drag to move,
// +, −, 0 and the arrow keys do the same. Without this module a photo is a link to its full size.

import { icon, make } from "./dom.js";
import { say } from "./words.js";

const closest = 8;

export function start(root) {
  for (const part of root.querySelectorAll("[data-before-after] .pair")) if (!part.dataset.ready) new Pair(part);
}

class Pair {
  constructor(part) {
    part.dataset.ready = "yes";
    this.frames = [...part.querySelectorAll("[data-zoom]")];
    if (!this.frames.length) return;
    this.zoom = 1;
    this.x = 0;
    this.y = 0;
    this.fingers = new Map();
    part.after(this.tools());
    for (const frame of this.frames) this.listen(frame);
  }

  tools() {
    const button = (words, name, act) => {
      const made = make("button", { type: "button", className: "button button--quiet button--small" }, icon(name), words);
      made.addEventListener("click", act);
      return made;
    };
    return make("div", { className: "pair__tools" },
      button(say("zoomIn"), "zoom-in", () => this.scale(1.6)),
      button(say("zoomOut"), "zoom-out", () => this.scale(1 / 1.6)),
      button(say("zoomReset"), "rotate-ccw", () => this.reset()),
      make("span", { className: "small soft" }, say("zoomHelp")));
  }

  listen(frame) {
    const link = frame.querySelector("a");
    link.addEventListener("dragstart", (event) => event.preventDefault());
    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      if (this.moved) return;
      if (this.zoom > 1) this.reset();
      else this.scale(2.5, ...this.place(frame, event));
    });
    link.addEventListener("keydown", (event) => {
      const step = 40;
      const acts = {
        "+": () => this.scale(1.6), "=": () => this.scale(1.6), "-": () => this.scale(1 / 1.6), 0: () => this.reset(),
        ArrowLeft: () => this.move(step, 0), ArrowRight: () => this.move(-step, 0),
        ArrowUp: () => this.move(0, step), ArrowDown: () => this.move(0, -step),
      };
      const act = acts[event.key];
      if (!act || (event.key.startsWith("Arrow") && this.zoom === 1)) return;
      event.preventDefault();
      act();
    });
    frame.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && this.zoom === 1) return;
      event.preventDefault();
      this.scale(event.deltaY < 0 ? 1.15 : 1 / 1.15, ...this.place(frame, event));
    }, { passive: false });
    frame.addEventListener("pointerdown", (event) => {
      this.fingers.set(event.pointerId, event);
      this.moved = false;
    });
    frame.addEventListener("pointermove", (event) => {
      const before = this.fingers.get(event.pointerId);
      if (!before) return;
      if (this.fingers.size === 2) this.pinch(frame, before, event);
      else if (this.zoom > 1) {
        if (!this.moved) frame.setPointerCapture(event.pointerId);
        this.move(event.clientX - before.clientX, event.clientY - before.clientY);
        this.moved = true;
      }
      this.fingers.set(event.pointerId, event);
    });
    for (const kind of ["pointerup", "pointercancel", "pointerleave"]) {
      frame.addEventListener(kind, (event) => this.fingers.delete(event.pointerId));
    }
  }

  pinch(frame, before, now) {
    const other = [...this.fingers.values()].find((finger) => finger.pointerId !== now.pointerId);
    const span = (finger) => Math.hypot(finger.clientX - other.clientX, finger.clientY - other.clientY) || 1;
    this.scale(span(now) / span(before), ...this.place(frame, now));
    this.moved = true;
  }

  /** Where in the frame an event happened, as shares of its sides. */
  place(frame, event) {
    const box = frame.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  scale(by, atX = 0.5, atY = 0.5) {
    const zoom = Math.min(closest, Math.max(1, this.zoom * by));
    const box = this.frames[0].getBoundingClientRect();
    const px = atX * box.width;
    const py = atY * box.height;
    this.x = px - ((px - this.x) * zoom) / this.zoom;
    this.y = py - ((py - this.y) * zoom) / this.zoom;
    this.zoom = zoom;
    this.show();
  }

  move(byX, byY) {
    this.x += byX;
    this.y += byY;
    this.show();
  }

  reset() {
    this.zoom = 1;
    this.x = 0;
    this.y = 0;
    this.show();
  }

  show() {
    const box = this.frames[0].getBoundingClientRect();
    this.x = Math.min(0, Math.max(box.width * (1 - this.zoom), this.x));
    this.y = Math.min(0, Math.max(box.height * (1 - this.zoom), this.y));
    for (const frame of this.frames) {
      frame.querySelector("img").style.transform = `translate(${this.x}px, ${this.y}px) scale(${this.zoom})`;
      frame.toggleAttribute("data-zoomed", this.zoom > 1);
    }
  }
}
