// Copy in one draft, paste in another: what was copied is also kept in this browser, for its other tabs.

const KEPT = "tuntas-studio-salinan";

/** Tell every tab what was copied, and paste what another tab copied last. */
export function shareClipboard(studio) {
  const bus = studio.modeler.get("eventBus");
  const clipboard = studio.modeler.get("clipboard");
  const moddle = studio.modeler.get("moddle");
  let mine = "";
  bus.on("copyPaste.elementsCopied", ({ tree }) => {
    mine = JSON.stringify(tree);
    try {
      localStorage.setItem(KEPT, mine);
    } catch {
      // Too large or not allowed: copying within this tab still works.
    }
  });
  const paste = studio.modeler.get("copyPaste");
  const original = paste.paste;
  paste.paste = function fromAnyTab(context) {
    let stored = null;
    try { stored = localStorage.getItem(KEPT); } catch { /* only this tab's copy then */ }
    if (stored && stored !== mine) {
      clipboard.set(JSON.parse(stored, reviver(moddle)));
      mine = stored;
    }
    return original.call(this, context);
  };
}

/** Plain JSON back into parts of a BPMN file. */
function reviver(moddle) {
  const known = new Map();
  return (key, value) => {
    if (typeof value !== "object" || value === null || typeof value.$type !== "string") return value;
    const { $type: type, ...attributes } = value;
    if (value.id && known.has(value.id)) return known.get(value.id);
    const made = moddle.create(type, attributes);
    if (value.id) known.set(value.id, made);
    return made;
  };
}
