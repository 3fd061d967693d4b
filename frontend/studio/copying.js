// What goes along when a step is copied, pasted, or turned into another kind: each sop: element where the contract
// allows it (`meta.allowedIn` in sop-moddle.json), and nothing that would then be refused.

const EARLY = 2000;

class SopCopying {
  static $inject = ["eventBus", "moddle"];

  constructor(eventBus, moddle) {
    eventBus.on("moddleCopy.canCopyProperty", EARLY, ({ parent, property, propertyName }) => {
      // bpmn-js leaves every `default` behind, for it means a gateway's flow; in a field it is a value.
      if (propertyName === "default" && parent?.$type === "sop:Field") return property;
      const places = property?.$type && moddle.getTypeDescriptor(property.$type)?.meta?.allowedIn;
      return places && !places.some((type) => isWithin(parent, type)) ? false : undefined;
    });
  }
}

function isWithin(part, type) {
  for (let at = part; at; at = at.$parent) if (at.$instanceOf?.(type)) return true;
  return false;
}

export const copyingModule = { __init__: ["sopCopying"], sopCopying: ["type", SopCopying] };
