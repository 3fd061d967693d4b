// A plan to move reports: how far it has come, and ticking many reports at once.

/** Ask again and again as long as something goes on, and reload once it is over; show what ticks all. */
export function start(root) {
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
