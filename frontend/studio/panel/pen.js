// Writing to the diagram. Whatever one act of the officer needs is one step of undo; parts that become empty go.

import { extensionOf } from "./reading.js";

/** Attributes that say something by being empty: an empty message key sends nothing. */
const MEANT_EMPTY = new Set(["message"]);

/** What the panel writes with. `element` is always the shape or connection that changes with it. */
export function createPen(modeler) {
  const factory = modeler.get("bpmnFactory");
  const modeling = modeler.get("modeling");
  const pen = {
    /** Several changes as one step of undo; inside, the other functions take part. */
    together(work) {
      modeler.get("together").run(() => work(pen));
    },

    /** Attributes of BPMN itself: name, id, default flow … */
    attributes(element, values) {
      modeling.updateProperties(element, values);
    },

    /** Properties of any part of the file; undefined removes. */
    part(element, part, values) {
      modeling.updateModdleProperties(element, part, values);
    },

    /** A new part, e.g. pen.create("sop:Field", {id: "hasil"}, form). */
    create(type, values, parent) {
      const made = factory.create(type, values);
      if (parent) made.$parent = parent;
      return made;
    },

    /** Attributes of sop:… on a node; made when missing, removed when nothing is left in it. */
    extension(element, bo, type, values) {
      pen.together(() => {
        const known = extensionOf(bo, type);
        const left = { ...plain(known), ...values };
        if (Object.entries(left).every(([name, value]) => isNothing(value) || (value === "" && !MEANT_EMPTY.has(name)))) {
          if (known) pen.dropExtension(element, bo, known);
        } else if (known) {
          pen.part(element, known, values);
        } else {
          pen.addExtension(element, bo, type, values);
        }
      });
    },

    addExtension(element, bo, type, values) {
      const box = bo.extensionElements;
      const made = pen.create(type, Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)));
      pen.together(() => {
        if (box) {
          made.$parent = box;
          pen.part(element, box, { values: [...(box.values ?? []), made] });
        } else {
          const fresh = pen.create("bpmn:ExtensionElements", { values: [made] }, bo);
          made.$parent = fresh;
          pen.part(element, bo, { extensionElements: fresh });
        }
      });
      return made;
    },

    dropExtension(element, bo, part) {
      const box = bo.extensionElements;
      const left = (box?.values ?? []).filter((one) => one !== part);
      if (left.length) pen.part(element, box, { values: left });
      else pen.part(element, bo, { extensionElements: undefined });
    },

    /** The members of a list inside a part, e.g. the fields of a form. */
    list(element, part, name, members) {
      for (const one of members) one.$parent = part;
      pen.part(element, part, { [name]: members });
    },
  };
  return pen;
}

function isNothing(value) {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

/** Declared properties of a part as plain values. */
function plain(part) {
  if (!part) return {};
  const own = part.$descriptor.properties.filter((one) => one.ns.prefix === "sop").map((one) => one.name.split(":").pop());
  return { ...part.$attrs, ...Object.fromEntries(own.map((name) => [name, part[name]])) };
}
