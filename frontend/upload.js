// Photos and files are sent one by one as soon as they are chosen, so that a weak connection loses one photo at
// most, and a refused form loses none. Each carries an id made here; sending it again is the same photo, so
// every failure is simply repeated. Without this module the plain file input sends them with the form.
//
// Markup: [data-upload] holds .photo-field__list, .photo-field__add and an input[type=file].
//   data-field            name of the answer; a sent photo becomes a ticked box of that name (task forms)
//   data-most             how many
//   data-keep-original    send the file untouched: the time and place in it belong to the proof (task forms always)
// The form (or the part itself) names data-upload-url and data-remove-url.
// POST multipart: photo, client_id, field, submission_key; answers {"client_id", "id", "thumb_url", "label"},
// or 4xx {"message"} in the reader's words.

import { csrfToken, icon, make } from "./dom.js";
import { say } from "./words.js";

const longestSide = 1600;
const smallEnough = 400 * 1024;
const pauses = [1000, 2000, 4000, 8000, 15000, 30000];

export function start(root) {
  for (const part of root.querySelectorAll("[data-upload]")) {
    const form = part.closest("form");
    const url = part.dataset.uploadUrl ?? form?.dataset.uploadUrl;
    if (url && !part.dataset.ready) new Photos(part, form, url);
  }
}

class Photos {
  constructor(part, form, url) {
    part.dataset.ready = "yes";
    part.classList.add("photo-field--enhanced");
    this.part = part;
    this.form = form;
    this.url = url;
    this.removeUrl = part.dataset.removeUrl ?? form.dataset.removeUrl;
    this.field = part.dataset.field;
    this.most = Number(part.dataset.most ?? 10);
    this.megabytes = Number(part.dataset.maxMegabytes ?? 15);
    this.original = part.dataset.upload !== "photo" || "keepOriginal" in part.dataset || Boolean(this.field);
    this.list = part.querySelector(".photo-field__list");
    this.input = part.querySelector("input[type=file]");
    this.words = part.appendChild(make("p", { className: "small", role: "status" }));
    this.waiting = [];
    this.open = new Set();
    this.input.addEventListener("change", () => this.take([...this.input.files]));
    for (const item of this.list.children) this.offerRemoval(item);
    form.addEventListener("submit", (event) => this.hold(event), { capture: true });
    this.tell();
  }

  take(files) {
    this.input.value = "";
    this.words.textContent = "";
    for (const file of files) {
      if (this.list.children.length >= this.most) {
        this.words.textContent = say("tooMany", { n: this.most });
        break;
      }
      this.add(file);
    }
    this.tell();
  }

  add(file) {
    const n = this.list.children.length + 1;
    const frame = make("span", { className: "photo" });
    if (file.type.startsWith("image/") && !/hei[cf]/.test(file.type)) {
      const picture = make("img", { alt: say("photo", { n }), src: URL.createObjectURL(file) });
      picture.addEventListener("error", () => picture.replaceWith(make("span", { className: "photo__waiting" }, icon("image"))));
      frame.append(picture);
    } else {
      frame.append(make("span", { className: "photo__waiting" }, icon(this.part.dataset.upload === "photo" ? "image" : "file-text"), file.name));
    }
    const item = make("li", { className: "photo-field__item" }, frame,
      make("progress", { className: "photo-field__bar", max: 100, value: 0, "aria-label": say("photo", { n }) }),
      make("span", { className: "photo-field__state", role: "status" }, say("preparing")));
    const job = { item, file, id: crypto.randomUUID?.() ?? fallbackId(), tries: 0 };
    item.dataset.clientId = job.id;
    this.list.append(item);
    this.offerRemoval(item, job);
    this.open.add(job);
    this.waiting.push(job);
    this.next();
  }

  /** One at a time: on a slow network two halves arrive later than one whole. */
  async next() {
    if (this.running || !this.waiting.length) return;
    this.running = true;
    const job = this.waiting.shift();
    try {
      await this.send(job);
    } finally {
      this.running = false;
      this.settle();
      this.next();
    }
  }

  async send(job) {
    job.body ??= this.original ? job.file : await shrink(job.file);
    if (job.body.size > this.megabytes * 1024 * 1024) {
      const mb = Math.round(job.body.size / 1024 / 1024);
      this.fail(job, say("tooLarge", { name: job.file.name, mb, max: this.megabytes }));
      return;
    }
    for (const pause of [...pauses, null]) {
      if (job.removed) return;
      this.state(job, say("sending"));
      const answer = await this.post(job).catch(() => null);
      if (job.removed) return;
      if (answer && answer.status < 300) {
        this.done(job, answer.values);
        return;
      }
      if (answer && answer.status >= 400 && answer.status < 500 && answer.status !== 429 && answer.status !== 408) {
        this.fail(job, answer.values.message ?? say("failed"));
        return;
      }
      if (pause === null) break;
      this.state(job, say("retrying"));
      await online(pause);
    }
    this.fail(job, say("failed"), true);
  }

  post(job) {
    const data = new FormData();
    data.append("client_id", job.id);
    if (this.field) data.append("field", this.field);
    const key = this.form.elements.namedItem("submission_key");
    if (key) data.append("submission_key", key.value);
    data.append("photo", job.body, job.body === job.file ? job.file.name : job.file.name.replace(/\.\w+$/, "") + ".jpg");
    const bar = job.item.querySelector("progress");
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      job.request = request;
      request.open("POST", this.url);
      request.setRequestHeader("X-CSRFToken", csrfToken());
      request.setRequestHeader("Accept", "application/json");
      request.timeout = 180000;
      request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total; });
      request.addEventListener("load", () => {
        let values = {};
        try { values = JSON.parse(request.responseText); } catch { /* an answer without JSON carries its status only */ }
        resolve({ status: request.status, values });
      });
      for (const kind of ["error", "timeout", "abort"]) request.addEventListener(kind, () => reject(new Error(kind)));
      request.send(data);
    });
  }

  done(job, values) {
    this.open.delete(job);
    job.item.querySelector("progress")?.remove();
    job.item.classList.remove("photo-field__item--failed");
    job.item.classList.add("photo-field__item--sent");
    this.state(job, values.label ?? say("sent"), "check");
    if (this.field) {
      job.item.append(make("input", { type: "hidden", name: this.field, value: values.id ?? values.client_id }));
      this.form.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }

  fail(job, words, again = false) {
    this.open.delete(job);
    job.item.querySelector("progress")?.remove();
    job.item.classList.add("photo-field__item--failed");
    this.state(job, words, "circle-alert");
    if (!again) return;
    const button = make("button", { type: "button", className: "button button--quiet button--small" }, say("again"));
    button.addEventListener("click", () => {
      button.remove();
      job.item.classList.remove("photo-field__item--failed");
      this.open.add(job);
      this.waiting.push(job);
      this.next();
    });
    job.item.append(button);
  }

  state(job, words, symbol) {
    const line = job.item.querySelector(".photo-field__state");
    line.replaceChildren(...(symbol ? [icon(symbol)] : []), make("span", {}, words));
  }

  /** Items of earlier rounds keep their own tick box on task forms; elsewhere a button stands in for it. */
  offerRemoval(item, job) {
    const ticked = item.querySelector("input[type=checkbox]");
    if (ticked && this.field) return;
    ticked?.closest("label")?.remove();
    const n = [...this.list.children].indexOf(item) + 1;
    const button = make("button", { type: "button", className: "photo-field__remove", "aria-label": say("removePhoto", { n }) }, icon("x"));
    button.addEventListener("click", () => {
      if (job) {
        job.removed = true;
        job.request?.abort();
        this.open.delete(job);
      }
      this.forget(item.dataset.clientId);
      item.remove();
      this.tell();
      this.settle();
      this.input.focus();
    });
    item.append(button);
  }

  forget(clientId) {
    if (!this.removeUrl || !clientId) return;
    const data = new FormData();
    data.append("client_id", clientId);
    const key = this.form.elements.namedItem("submission_key");
    if (key) data.append("submission_key", key.value);
    fetch(this.removeUrl, { method: "POST", body: data, headers: { "X-CSRFToken": csrfToken() }, keepalive: true })
      .catch(() => this.form.append(make("input", { type: "hidden", name: "remove_photo", value: clientId })));
  }

  /** The form waits for photos under way, then sends itself with the button that was pressed. */
  hold(event) {
    if (!this.open.size) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    this.held = { button: event.submitter };
    const words = event.submitter?.querySelector("[data-submit-words]");
    if (words) {
      this.held.words = words.textContent;
      words.textContent = say("waitingPhotos");
    }
    this.words.textContent = say("waitingPhotos");
  }

  settle() {
    if (this.open.size || !this.held) return;
    const { button, words } = this.held;
    this.held = null;
    this.words.textContent = "";
    if (words) button.querySelector("[data-submit-words]").textContent = words;
    if (this.list.querySelector(".photo-field__item--failed")) {
      this.part.scrollIntoView({ block: "center" });
      return;
    }
    this.form.requestSubmit(button ?? undefined);
  }

  tell() {
    this.part.classList.toggle("photo-field--full", this.list.children.length >= this.most);
  }
}

/** A JPEG of at most 1,600 pixels; the file itself where it is small, or where this browser cannot read it (HEIC). */
async function shrink(file) {
  if (file.size <= smallEnough || !file.type.startsWith("image/")) return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, longestSide / Math.max(bitmap.width, bitmap.height));
    if (scale === 1 && file.size <= 2 * smallEnough) return file;
    const canvas = make("canvas", { width: Math.round(bitmap.width * scale), height: Math.round(bitmap.height * scale) });
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    const small = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.85));
    return small && small.size < file.size ? small : file;
  } catch {
    return file;
  }
}

/** After `pause` milliseconds, or as soon as the phone is back online. */
function online(pause) {
  return new Promise((resolve) => {
    const done = () => { clearTimeout(timer); window.removeEventListener("online", done); resolve(); };
    const timer = setTimeout(done, pause);
    window.addEventListener("online", done);
  });
}

/** For pages without TLS, where browsers offer no randomUUID. */
function fallbackId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
