// Palette and the menu that changes an element's kind: only what the engine runs.

import { ENDS, ESCALATE, GATEWAYS, GROUP, START, TASKS, WAITS, isKind, kindsFor, say } from "./kinds.js";

class Palette {
  static $inject = ["palette", "create", "elementFactory", "handTool", "lassoTool", "spaceTool", "globalConnect",
    "canvas", "eventBus"];

  constructor(palette, create, elementFactory, handTool, lassoTool, spaceTool, globalConnect, canvas, eventBus) {
    Object.assign(this, { create, elementFactory, canvas });
    this.tools = {
      "hand-tool": ["bpmn-icon-hand-tool", say("hand"), (event) => handTool.activateHand(event)],
      "lasso-tool": ["bpmn-icon-lasso-tool", say("lasso"), (event) => lassoTool.activateSelection(event)],
      "space-tool": ["bpmn-icon-space-tool", say("space"), (event) => spaceTool.activateSelection(event)],
      "global-connect-tool": ["bpmn-icon-connection-multi", say("join"), (event) => globalConnect.start(event)],
    };
    palette.registerProvider(this);
    eventBus.on("import.done", () => palette._rebuild?.());
  }

  getPaletteEntries() {
    const entries = {};
    for (const [name, [className, title, click]] of Object.entries(this.tools)) {
      entries[name] = { group: "tools", className, title, action: { click } };
    }
    entries["tool-separator"] = { group: "tools", separator: true };
    const offer = (group, name, one) => {
      const start = (event) => this.create.start(event, this.#shapes(one), { hints: { autoSelect: [] } });
      entries[`create.${name}`] = {
        group, className: one.className, title: say("create", { kind: one.words }),
        action: { dragstart: start, click: start },
      };
    };
    offer("event", "start", START);
    offer("event", "end", ENDS.end);
    for (const [name, one] of Object.entries(WAITS)) offer("event", name, one);
    offer("event", "escalate", ESCALATE);
    for (const [name, one] of Object.entries(TASKS)) offer("activity", name, one);
    offer("activity", "group", GROUP);
    for (const [name, one] of Object.entries(GATEWAYS)) offer("gateway", name, one);
    const pool = (event) => this.create.start(event, this.elementFactory.createParticipantShape());
    entries["create.pool"] = {
      group: "frame", className: "bpmn-icon-participant", title: say("pool"), action: { dragstart: pool, click: pool },
    };
    const note = (event) => this.create.start(event, this.elementFactory.createShape({ type: "bpmn:TextAnnotation" }));
    entries["create.note"] = {
      group: "frame", className: "bpmn-icon-text-annotation", title: say("note"),
      action: { dragstart: note, click: note },
    };
    return entries;
  }

  /** A group of steps comes with its start, as the engine needs one. */
  #shapes(one) {
    if (one !== GROUP) return this.elementFactory.createShape({ ...one.target });
    const group = this.elementFactory.createShape({ ...one.target, x: 0, y: 0 });
    const start = this.elementFactory.createShape({ type: "bpmn:StartEvent", x: 40, y: 82, parent: group });
    return [group, start];
  }
}

class KindMenu {
  static $inject = ["popupMenu", "bpmnReplace", "modeling", "moddle", "rules"];

  constructor(popupMenu, bpmnReplace, modeling, moddle, rules) {
    Object.assign(this, { bpmnReplace, modeling, moddle, rules });
    popupMenu.registerProvider("bpmn-replace", this);
  }

  getPopupMenuEntries(target) {
    if (Array.isArray(target) || !this.rules.allowed("shape.replace", { element: target })) return {};
    if (target.businessObject.$instanceOf("bpmn:SequenceFlow")) return this.#flow(target);
    const entries = {};
    for (const [name, one] of Object.entries(kindsFor(target))) {
      if (isKind(target, one.target)) continue;
      entries[`replace-${name}`] = {
        label: one.words, className: one.className,
        action: () => this.bpmnReplace.replaceElement(target, { ...one.target }),
      };
    }
    return entries;
  }

  getPopupMenuHeaderEntries(target) {
    if (Array.isArray(target) || !target.businessObject?.$instanceOf("bpmn:Activity")) return {};
    const loop = target.businessObject.loopCharacteristics;
    const toggle = (isSequential) => {
      const same = loop && Boolean(loop.isSequential) === isSequential;
      if (loop && !same) this.modeling.updateModdleProperties(target, loop, { isSequential });
      else {
        const made = same ? undefined
          : this.moddle.create("bpmn:MultiInstanceLoopCharacteristics", { isSequential });
        if (made) made.$parent = target.businessObject;
        this.modeling.updateProperties(target, { loopCharacteristics: made });
      }
    };
    return {
      "toggle-parallel-mi": {
        className: "bpmn-icon-parallel-mi-marker", title: say("parallelMany"),
        active: Boolean(loop) && !loop.isSequential, action: () => toggle(false),
      },
      "toggle-sequential-mi": {
        className: "bpmn-icon-sequential-mi-marker", title: say("sequentialMany"),
        active: Boolean(loop?.isSequential), action: () => toggle(true),
      },
    };
  }

  /** A flow out of a gateway may be its default; a condition is typed in the panel. */
  #flow(target) {
    const source = target.businessObject.sourceRef;
    const may = ["bpmn:ExclusiveGateway", "bpmn:InclusiveGateway"].some((type) => source.$instanceOf(type));
    if (!may) return {};
    const isDefault = source.default === target.businessObject;
    return {
      [isDefault ? "plain-flow" : "default-flow"]: {
        label: say(isDefault ? "plainFlow" : "defaultFlow"),
        className: isDefault ? "bpmn-icon-connection" : "bpmn-icon-default-flow",
        action: () => this.modeling.updateProperties(target.source,
          { default: isDefault ? undefined : target.businessObject }),
      },
    };
  }
}

export const offerings = {
  __init__: ["paletteProvider", "replaceMenuProvider"],
  paletteProvider: ["type", Palette],
  replaceMenuProvider: ["type", KindMenu],
};
