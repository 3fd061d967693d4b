// The draft's list of scenarios, as the server keeps it. Others hear of a change by the event `scenarios`.

const LONGEST_NAME = 60;

/** Keep one more. Throws `Refused`. Answers its name. */
export async function addScenario(studio, { title, text, origin = "orang", covers = {} }) {
  const name = freeName(studio, title);
  await putScenarios(studio, [...studio.draft.scenarios, { name, title, text, origin, covers, verdict: null }]);
  return name;
}

/** Keep this whole list. Throws `Refused`. */
export async function putScenarios(studio, scenarios) {
  await quiet(studio);
  take(studio, await studio.put(studio.urls.scenarios, { scenarios }));
}

/** Say of one that it is right (`benar`), wrong (`salah`), or take the mark back (null). Throws `Refused`. */
export async function markScenario(studio, name, verdict) {
  await quiet(studio);
  take(studio, await studio.post(studio.urls.mark(name), { verdict }));
}

/** A name that none of the draft's scenarios has, made of letters and digits of the title. */
export function freeName(studio, title, taken = new Set(studio.draft.scenarios.map((one) => one.name))) {
  const plain = title.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "")
    .slice(0, LONGEST_NAME) || "skenario";
  let name = plain;
  for (let n = 2; taken.has(name); n += 1) name = `${plain}-${n}`;
  return name;
}

function take(studio, told) {
  studio.draft.scenarios = told.scenarios;
  if (told.revision !== undefined) studio.draft.revision = told.revision;
  studio.emit("scenarios", {});
}

/** Wait until what is being saved is saved, so that both do not ask with the same revision. */
async function quiet(studio) {
  for (let waited = 0; waited < 60 && ["saving", "waiting"].includes(studio.root.dataset.saving); waited += 1) {
    await new Promise((then) => { setTimeout(then, 100); });
  }
}
