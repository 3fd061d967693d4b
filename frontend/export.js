// Taking an event log away: the browser saves the file by itself, this tells how far it is.

/** Watch every file that is asked for inside `root`. */
export function start(root) {
  for (const part of root.querySelectorAll("[data-export]")) {
    const form = part.querySelector("form");
    if (!form || part.dataset.ready) continue;
    part.dataset.ready = "yes";
    form.addEventListener("submit", () => {
      const key = form.querySelector("[data-export-key]");
      const asked = key.value;
      // The next file is another one. The form has been read by the time this runs.
      setTimeout(() => { key.value = crypto.randomUUID?.() ?? ""; });
      if (asked) watch(part, asked);
    });
  }
}

async function watch(part, id) {
  const frame = part.querySelector("[data-export-progress]");
  const bar = frame.querySelector("progress");
  const words = frame.querySelector("[data-export-words]");
  const number = new Intl.NumberFormat(document.documentElement.lang);
  frame.dataset.file = id;
  frame.hidden = false;
  bar.removeAttribute("value");
  words.textContent = "";
  for (let pause = 400, unheard = 0; part.isConnected && frame.dataset.file === id; pause = Math.min(pause * 1.3, 2000)) {
    await new Promise((done) => setTimeout(done, pause));
    const told = await ask(id);
    if (!told || told.state === "menunggu") {
      // Not begun yet, or no answer; after a while nothing is promised any more.
      if (++unheard > 20) frame.hidden = true;
      continue;
    }
    const say = { berjalan: words.dataset.running, selesai: words.dataset.done, putus: words.dataset.broken }[told.state];
    bar.max = Math.max(told.total, told.written, 1);
    bar.value = told.state === "selesai" ? bar.max : told.written;
    words.textContent = say.replace("{n}", number.format(told.written)).replace("{all}", number.format(told.total));
    if (told.state !== "berjalan") return;
  }
}

async function ask(id) {
  try {
    const answer = await fetch(`/audit/ekspor/${id}.json`, {
      headers: { Accept: "application/json" },
    });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}
