// Ids are words: an element that was drawn here gets an id from its first name ("Periksa bukti" -> periksa_bukti).
// Ids that people or other tools chose stay: scenarios, running reports and other files may name them.

const MADE = /^(Activity|Event|Gateway|Flow|Task|SubProcess|StartEvent|EndEvent|Process|Participant|Group)_[0-9a-z]{7}$/;
const LONGEST = 40;

/** "Menindaklanjuti laporan!" -> "menindaklanjuti_laporan"; "" when nothing is left. */
export function wordFrom(name) {
  return name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase()
    .replace(/[^a-z0-9]+/g, "_").slice(0, LONGEST).replace(/^[_0-9]+|_+$/g, "");
}

class WordIds {
  static $inject = ["eventBus", "modeling", "moddle"];

  constructor(eventBus, modeling, moddle) {
    const rename = ({ context }) => {
      const element = context.element?.labelTarget ?? context.element;
      const bo = element?.businessObject;
      if (!bo?.name || !MADE.test(bo.id) || !bo.$instanceOf("bpmn:FlowNode")) return;
      const word = wordFrom(bo.name);
      if (!word) return;
      let id = word;
      for (let n = 2; moddle.ids.assigned(id); n += 1) id = `${word}_${n}`;
      modeling.updateProperties(element, { id });
    };
    eventBus.on("commandStack.element.updateLabel.postExecuted", 250, rename);
    eventBus.on("commandStack.element.updateProperties.postExecuted", 250, (event) => {
      if ("name" in (event.context.properties ?? {})) rename(event);
    });
  }
}

export const wordIdsModule = { __init__: ["wordIds"], wordIds: ["type", WordIds] };
