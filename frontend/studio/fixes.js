// Repairs a finding brings along: plain edits, done on the diagram as one step that can be undone.

const upper = (tag) => tag.replace(/^sop:(.)/, (_, letter) => `sop:${letter.toUpperCase()}`);
const BOOLEANS = new Set(["isExecutable", "cancelActivity"]);

/** Whether every edit of a fix can be done here (file and elements are there). */
export function canFix(studio, finding) {
  return Boolean(finding.fix) && studio.can_edit && studio.contents.has(finding.file)
    && finding.file.toLowerCase().endsWith(".bpmn");
}

/** Do it. Opens the file it belongs to. Throws when an element is gone. */
export async function applyFix(studio, finding) {
  if (finding.file !== studio.file) await studio.showFile(finding.file);
  const pen = new Pen(studio.modeler);
  studio.together(() => finding.fix.edits.forEach((edit) => pen.apply(edit)));
  await studio.select(finding.element, { file: finding.file });
}

class Pen {
  constructor(modeler) {
    this.registry = modeler.get("elementRegistry");
    this.modeling = modeler.get("modeling");
    this.moddle = modeler.get("moddle");
    this.canvas = modeler.get("canvas");
  }

  apply(edit) {
    const { shape, bo } = this.find(edit.element);
    const work = {
      attribute: () => this.attribute(shape, bo, edit),
      extension: () => this.extension(shape, bo, edit),
      condition: () => this.modeling.updateProperties(shape, {
        conditionExpression: edit.value === null ? undefined : this.expression(edit.value),
      }),
      timer: () => this.timer(shape, bo, edit),
      field: () => this.field(shape, bo, edit.value),
      remove: () => this.modeling.removeElements([shape]),
    }[edit.do];
    if (!work) throw new Error(`unknown edit ${edit.do}`);
    work();
  }

  /** A shape with the business object of this id; a process is found through its pool, or as the canvas itself. */
  find(id) {
    const shape = this.registry.get(id);
    if (shape) return { shape, bo: shape.businessObject };
    const pool = this.registry.find((one) => one.businessObject?.processRef?.id === id);
    if (pool) return { shape: pool, bo: pool.businessObject.processRef };
    throw new Error(`no element ${id}`);
  }

  attribute(shape, bo, { name, value }) {
    let next = value === null ? undefined : value;
    if (BOOLEANS.has(name)) next = value === "true";
    if (name === "default" && value !== null) next = this.find(value).bo;
    this.write(shape, bo, { [name]: next });
  }

  write(shape, bo, properties) {
    if (shape.businessObject === bo) this.modeling.updateProperties(shape, properties);
    else this.modeling.updateModdleProperties(shape, bo, properties);
  }

  extension(shape, bo, { tag, attribute, value }) {
    const found = this.extensionOf(shape, bo, upper(tag));
    this.modeling.updateModdleProperties(shape, found, { [attribute]: value === null ? undefined : value });
  }

  /** The extension element of a type, made when it is missing. */
  extensionOf(shape, bo, type) {
    let box = bo.get("extensionElements");
    if (!box) {
      box = this.moddle.create("bpmn:ExtensionElements", { values: [] });
      box.$parent = bo;
      this.write(shape, bo, { extensionElements: box });
    }
    const known = box.get("values").find((one) => one.$type === type);
    if (known) return known;
    const made = this.moddle.create(type, {});
    made.$parent = box;
    this.modeling.updateModdleProperties(shape, box, { values: [...box.get("values"), made] });
    return made;
  }

  timer(shape, bo, { place, value }) {
    const definition = bo.eventDefinitions[0];
    const none = { timeDate: undefined, timeDuration: undefined, timeCycle: undefined };
    const made = this.expression(value);
    made.$parent = definition;
    this.modeling.updateModdleProperties(shape, definition, { ...none, [place]: made });
  }

  field(shape, bo, { options = [], ...attributes }) {
    const form = this.extensionOf(shape, bo, "sop:Form");
    const made = this.moddle.create("sop:Field", attributes);
    made.$parent = form;
    if (options.length) {
      made.options = options.map((option) => {
        const one = this.moddle.create("sop:Option", typeof option === "string" ? { value: option, label: option } : option);
        one.$parent = made;
        return one;
      });
    }
    this.modeling.updateModdleProperties(shape, form, { fields: [...(form.get("fields") ?? []), made] });
  }

  expression(body) {
    return this.moddle.create("bpmn:FormalExpression", { body });
  }
}
