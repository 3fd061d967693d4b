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
    Object.assign(this, { modeling, moddle });
    const named = ({ context }) => this.#node(context.element?.labelTarget ?? context.element);
    eventBus.on("commandStack.element.updateLabel.postExecuted", 250, named);
    eventBus.on("commandStack.element.updateProperties.postExecuted", 250, (event) => {
      if ("name" in (event.context.properties ?? {})) named(event);
    });
    eventBus.on("commandStack.connection.create.postExecuted", 250, ({ context }) => this.#flow(context.connection));
  }

  #node(element) {
    const bo = element?.businessObject;
    if (!bo?.name || !MADE.test(bo.id) || !bo.$instanceOf("bpmn:FlowNode")) return;
    this.#give(element, wordFrom(bo.name));
    for (const flow of [...element.incoming, ...element.outgoing]) this.#flow(flow);
  }

  /** A flow is called after its two ends, once both have words. */
  #flow(connection) {
    const bo = connection?.businessObject;
    if (!bo?.$instanceOf("bpmn:SequenceFlow") || !MADE.test(bo.id)) return;
    const ends = [connection.source?.id, connection.target?.id];
    if (ends.every((id) => id && !MADE.test(id))) this.#give(connection, ends.join("_ke_"));
  }

  #give(element, word) {
    if (!word) return;
    let id = word;
    for (let n = 2; this.moddle.ids.assigned(id); n += 1) id = `${word}_${n}`;
    this.modeling.updateProperties(element, { id, di: { id: `${id}_di` } });
  }
}

export const wordIdsModule = { __init__: ["wordIds"], wordIds: ["type", WordIds] };
