// What stands beside a selected element: continue, attach, connect, change, remove; and lanes, which are roles.

import { BOUNDARIES, ENDS, GATEWAYS, HOSTS, TASKS, WAITS, kindsFor, say } from "./kinds.js";

const POPUP = { width: 320, search: true };

class ContextPad {
  static $inject = ["contextPad", "modeling", "elementFactory", "connect", "create", "autoPlace", "popupMenu",
    "appendPreview", "rules", "editRoles", "eventBus"];

  constructor(contextPad, modeling, elementFactory, connect, create, autoPlace, popupMenu, appendPreview, rules,
    editRoles, eventBus) {
    Object.assign(this, {
      contextPad, modeling, elementFactory, connect, create, autoPlace, popupMenu, appendPreview, rules, editRoles,
    });
    contextPad.registerProvider(this);
    popupMenu.registerProvider("sop-boundary", { getPopupMenuEntries: (target) => this.#boundaries(target) });
    eventBus.on("contextPad.close", () => appendPreview.cleanUp());
  }

  getMultiElementContextPadEntries(elements) {
    const allowed = this.rules.allowed("elements.delete", { elements });
    const all = Array.isArray(allowed) ? elements.every((one) => allowed.includes(one)) : allowed;
    return all ? { delete: this.#remove(() => this.modeling.removeElements([...elements])) } : {};
  }

  getContextPadEntries(element) {
    const entries = {};
    const bo = element.businessObject;
    const is = (...types) => types.some((type) => bo?.$instanceOf(type));
    if (element.type !== "label") {
      if (is("bpmn:Lane", "bpmn:Participant")) Object.assign(entries, this.#lanes(element));
      if (is("bpmn:FlowNode")) Object.assign(entries, this.#continue(element, is));
      if (is(...HOSTS)) {
        entries["attach-boundary"] = this.#popup("sop-boundary", "attach", "bpmn-icon-intermediate-event-none",
          say("otherEvent"));
      }
      if (is("bpmn:FlowNode", "bpmn:TextAnnotation")) {
        const start = (event, from) => this.connect.start(event, from);
        entries.connect = {
          group: "connect", className: "bpmn-icon-connection-multi", title: say("connect"),
          action: { click: start, dragstart: start },
        };
      }
      if (is("bpmn:FlowNode")) {
        entries.note = this.#append("connect", "bpmn:TextAnnotation", "bpmn-icon-text-annotation", say("note"));
      }
      const offersKinds = Object.keys(kindsFor(element)).length > 1 || is("bpmn:SequenceFlow");
      if (offersKinds && !this.popupMenu.isEmpty(element, "bpmn-replace")) {
        entries.replace = this.#popup("bpmn-replace", "edit", "bpmn-icon-screw-wrench", say("change"));
      }
    }
    const allowed = this.rules.allowed("elements.delete", { elements: [element] });
    if (Array.isArray(allowed) ? allowed.includes(element) : allowed) {
      entries.delete = this.#remove(() => this.modeling.removeElements([element]));
    }
    return entries;
  }

  #remove(click) {
    return { group: "edit", className: "bpmn-icon-trash", title: say("remove"), action: { click } };
  }

  #continue(element, is) {
    if (is("bpmn:EndEvent")) return {};
    const next = (name, one) => ({
      [`append.${name}`]: this.#append("model", one.target.type, one.className, say("next", { kind: one.words }),
        one.target),
    });
    if (is("bpmn:EventBasedGateway")) {
      return { ...next("waitMessage", WAITS.waitMessage), ...next("waitTime", WAITS.waitTime),
        ...next("receive", TASKS.receive) };
    }
    return { ...next("user", TASKS.user), ...next("exclusive", GATEWAYS.exclusive),
      ...next("service", TASKS.service), ...next("end", ENDS.end) };
  }

  #append(group, type, className, title, target = { type }) {
    const options = { ...target };
    const start = (event, element) => this.create.start(event, this.elementFactory.createShape({ ...options }),
      { source: element });
    return {
      group, className, title,
      action: {
        dragstart: start,
        click: (_, element) => this.autoPlace.append(element, this.elementFactory.createShape({ ...options })),
        hover: (_, element) => {
          this.appendPreview.create(element, type, options);
          return () => this.appendPreview.cleanUp();
        },
      },
    };
  }

  #popup(provider, group, className, title) {
    return {
      group, className, title,
      action: {
        click: (event, element) => {
          const pad = document.querySelector(".djs-context-pad.open")?.getBoundingClientRect();
          const at = { x: pad?.left ?? event.x, y: (pad?.bottom ?? event.y) + 5 };
          this.popupMenu.open(element, provider, { ...at, cursor: at }, { title, ...POPUP });
        },
      },
    };
  }

  /** Boundary events land on the lower edge of their host, one beside the other. */
  #boundaries(host) {
    const entries = {};
    for (const [name, one] of Object.entries(BOUNDARIES)) {
      entries[`attach-${name}`] = {
        label: one.words, className: one.className,
        action: () => {
          const at = host.width - 20 - 44 * (host.attachers?.length ?? 0);
          const position = { x: host.x + Math.max(18, at), y: host.y + host.height };
          this.modeling.createShape(this.elementFactory.createShape({ ...one.target, host }), position, host,
            { attach: true });
        },
      };
    }
    return entries;
  }

  #lanes(element) {
    const entries = {};
    const add = (name, location, icon) => {
      entries[name] = {
        group: name, className: icon, title: say(location === "top" ? "laneAbove" : "laneBelow"),
        action: { click: (event, target) => this.editRoles.choose(event, target, location) },
      };
    };
    add("lane-insert-above", "top", "bpmn-icon-lane-insert-above");
    add("lane-insert-below", "bottom", "bpmn-icon-lane-insert-below");
    if (element.businessObject.$instanceOf("bpmn:Lane")) {
      entries["lane-role"] = {
        group: "edit", className: "bpmn-icon-user", title: say("laneRole"),
        action: { click: (event, target) => this.editRoles.choose(event, target) },
      };
    }
    return entries;
  }
}

/** Lanes are roles: a lane is made, or renamed, by picking one of the city's roles that has no lane yet. */
class Roles {
  static $inject = ["popupMenu", "modeling", "elementRegistry", "together", "config.catalog"];

  constructor(popupMenu, modeling, elementRegistry, together, catalog) {
    Object.assign(this, { popupMenu, modeling, elementRegistry, together, catalog });
    this.location = undefined;
    popupMenu.registerProvider("sop-roles", { getPopupMenuEntries: (target) => this.#entries(target) });
  }

  choose(event, target, location) {
    this.location = location;
    this.popupMenu.open(target, "sop-roles", { x: event.x, y: event.y, cursor: { x: event.x, y: event.y } },
      { title: say("chooseRole"), ...POPUP });
  }

  #entries(target) {
    const used = new Set(this.elementRegistry.filter((one) => one.type === "bpmn:Lane").map((one) => one.id));
    const free = (this.catalog()?.roles ?? []).filter((role) => !used.has(role.code));
    const location = this.location;
    return Object.fromEntries(free.map((role) => [`role-${role.code}`, {
      label: role.name, className: "bpmn-icon-user",
      action: () => this.together.run(() => {
        const lane = location ? this.#lane(target, location) : target;
        this.modeling.updateProperties(lane, { id: role.code, name: role.name });
      }),
    }]));
  }

  /** The first lane of a pool fills it; every further one stands above or below another. */
  #lane(target, location) {
    const isPool = target.businessObject.$instanceOf("bpmn:Participant");
    if (!isPool || target.children.some((one) => one.type === "bpmn:Lane")) {
      return this.modeling.addLane(target, location);
    }
    const title = 30;
    return this.modeling.createShape({ type: "bpmn:Lane", isHorizontal: true },
      { x: target.x + title, y: target.y, width: target.width - title, height: target.height }, target);
  }
}

export const besides = {
  __init__: ["contextPadProvider"],
  contextPadProvider: ["type", ContextPad],
  editRoles: ["type", Roles],
};
