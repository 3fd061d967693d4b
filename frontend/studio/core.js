// The `studio` object every part gets: what is being edited, and how parts talk to each other.
//
// studio = { urls, draft, catalog, modeler, findings, can_edit, files(), main(), on, emit, select, marks,
//            trail, post, together, elementName }
// Events: ready, selection {element}, changed, findings, saved, locked, tab {name}, file {name}.

import { csrfToken } from "../dom.js";
import { dictionary } from "./dictionary.js";

const say = dictionary({
  id: {
    offline: "Sambungan terputus.",
    broken: "Peladen tidak dapat menjawab. Coba lagi sebentar lagi.",
    refused: "Permintaan ini ditolak. Muat ulang halaman, lalu coba lagi.",
  },
  en: {
    offline: "The connection is lost.",
    broken: "The server cannot answer. Try again in a moment.",
    refused: "This request was refused. Reload the page and try again.",
  },
});

/** What the server refused, in its words. `status` 0: no connection. `told`: the whole JSON answer. */
export class Refused extends Error {
  constructor(status, told) {
    super(told?.error || (status === 0 ? say("offline") : status >= 500 ? say("broken") : say("refused")));
    this.status = status;
    this.told = told ?? {};
  }
}

let renewing = null;

/** After signing in again in another tab, this page's form token is an old one: take the one in force, once for all. */
function renewToken() {
  renewing ??= (async () => {
    const text = await fetch(window.location.pathname, { credentials: "same-origin" })
      .then((answer) => answer.text()).catch(() => "");
    const fresh = new DOMParser().parseFromString(text, "text/html").querySelector('meta[name="csrf-token"]')?.content;
    const meta = document.querySelector('meta[name="csrf-token"]');
    if (fresh && meta) meta.content = fresh;
    renewing = null;
  })();
  return renewing;
}

/** Send JSON, answer JSON. Throws `Refused`; an aborted request throws its AbortError. */
export async function send(method, url, body, options = {}, again = true) {
  const token = csrfToken();
  let answer;
  try {
    answer = await fetch(url, {
      method,
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRFToken": token },
      body: body === undefined ? undefined : JSON.stringify(body),
      credentials: "same-origin",
      ...options,
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0);
  }
  if (answer.status === 400 && again && method !== "GET") {
    if (token === csrfToken()) await renewToken();
    if (token !== csrfToken()) return send(method, url, body, options, false);
  }
  const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json().catch(() => null) : null;
  if (!answer.ok || told === null) throw new Refused(answer.ok ? 500 : answer.status, told);
  return told;
}

function createBus() {
  const listeners = new Map();
  return {
    on(name, fn) {
      if (!listeners.has(name)) listeners.set(name, new Set());
      listeners.get(name).add(fn);
      return () => listeners.get(name).delete(fn);
    },
    emit(name, detail) {
      for (const fn of [...(listeners.get(name) ?? [])]) {
        try {
          fn(detail);
        } catch (error) {
          // One part that fails must not silence the others; the console and the tests still see it.
          setTimeout(() => { throw error; });
        }
      }
    },
  };
}

/** The object without its parts; `studio.js` adds modeler, marks, trail and select. */
export function createStudio(root) {
  const { on, emit } = createBus();
  const draftUrl = root.dataset.draft;
  /** What writes to the draft counts its revisions on; everybody writes with the newest. */
  const write = async (method, url, body, options) => {
    const told = await send(method, url, body, options);
    if (url.startsWith(draftUrl) && Number.isInteger(told.revision) && studio.draft) {
      studio.draft.revision = told.revision;
      if (told.state) studio.draft.state = told.state;
      if (told.name) studio.draft.name = told.name;
    }
    return told;
  };
  const studio = {
    root,
    urls: {
      draft: draftUrl,
      content: `${draftUrl}/isi.json`,
      hold: `${draftUrl}/pegang`,
      release: `${draftUrl}/lepas`,
      scenarios: `${draftUrl}/skenario.json`,
      mark: (name) => `${draftUrl}/skenario/${encodeURIComponent(name)}/tanda`,
      propose: `${draftUrl}/usulkan`,
      withdraw: `${draftUrl}/tarik`,
      package: `${draftUrl}/paket.zip`,
      import: `${draftUrl}/impor`,
      catalog: "/studio/katalog.json",
      check: "/studio/periksa.json",
      play: "/studio/coba.json",
      cases: "/studio/skenario.json",
      compare: "/studio/banding.json",
      text: "/studio/teks.json",
      documentPdf: "/studio/dokumen.pdf",
      documentHtml: "/studio/dokumen.html",
      impact: "/studio/dampak.json",
      list: "/studio",
    },
    draft: null,
    catalog: null,
    modeler: null,
    findings: [],
    can_edit: false,
    on,
    emit,
    post: (url, body, options) => write("POST", url, body, options),
    put: (url, body, options) => write("PUT", url, body, options),
    get: (url, options) => send("GET", url, undefined, options),
  };
  return studio;
}
