// What every part of the panel needs about the element that is selected: its words, its data, its findings, the pen.

import { sentence } from "./conditions.js";
import { ExpressionFault } from "./expression.js";
import { fieldActs } from "./form.js";
import { everything, extensionOf, is, laneOf, processOf, processesOf, rootOf } from "./reading.js";
import { lanesBeside, moveInto } from "./lanes.js";
import { placeOf } from "./places.js";
import { finder, variablesAt } from "./variables.js";

/** Operations, should the catalogue not be at hand; the contract's. */
const OPERATIONS = [
  { name: "beritahu", parameters: ["kepada", "pesan"] }, { name: "status", parameters: ["nilai"] },
  { name: "tetapkan_opd", parameters: ["opd"] }, { name: "catat", parameters: ["teks"] },
  { name: "perpanjang", parameters: ["tugas", "sampai"] }, { name: "mulai_sop", parameters: ["kunci", "data"] },
].map(({ name, parameters }) => ({ name, parameters: parameters.map((one) => ({ name: one })) }));

export class Desk {
  #variables = null;
  #find = null;

  constructor({ studio, pen, element, decisions, findings }) {
    const bo = subject(element);
    Object.assign(this, { studio, pen, element, decisions, bo, findings });
    this.root = rootOf(bo);
    this.process = bo.$type === "bpmn:Process" ? bo : processOf(bo);
    this.catalog = studio.catalog ?? {};
    this.locked = !studio.can_edit;
    this.zone = document.getElementById("studio").dataset.zone;
  }

  is(...types) {
    return types.some((type) => is(this.bo, type));
  }

  /** The sop: element of this node. */
  ext(type) {
    return extensionOf(this.bo, type);
  }

  /** Set attributes of a sop: element; undefined removes. */
  set(type, values) {
    this.pen.extension(this.element, this.bo, type, values);
  }

  get variables() {
    this.#variables ??= variablesAt(this.root, this.bo, this.catalog, this.decisions);
    return this.#variables;
  }

  /** The same without what this very form asks: what is known before it opens. */
  get before() {
    return variablesAt(this.root, this.bo, this.catalog, this.decisions, { form: false });
  }

  /** Words and values of a name. */
  get find() {
    this.#find ??= finder(this.variables);
    return this.#find;
  }

  /** An expression in words; as it stands when it cannot be read. */
  said(text) {
    try {
      return sentence(text, this.find);
    } catch (fault) {
      if (fault instanceof ExpressionFault) return text;
      throw fault;
    }
  }

  /** Findings that concern a control, e.g. notes("deadline"); those of the element that name no control: notes(null). */
  notes(place) {
    return this.findings.filter((one) => placeOf(one, this.bo.$type) === place);
  }

  /** The words of BPMN's own documentation: the first, as the engine reads it. */
  get documentation() {
    return this.bo.documentation?.[0]?.text;
  }

  document(text) {
    const [first, ...rest] = this.bo.documentation ?? [];
    if (first && text) this.pen.part(this.element, first, { text });
    else this.pen.part(this.element, this.bo, { documentation: text ? [this.pen.create("bpmn:Documentation", { text }, this.bo), ...rest] : rest });
  }

  addField(values) {
    fieldActs(this).insert(values);
  }

  /** Shapes of the lanes this step could stand in, from top to bottom; only innermost ones. */
  get lanes() {
    return lanesBeside(this.studio.modeler, this.element);
  }

  moveToLane(id) {
    moveInto(this.studio.modeler, this.element, this.lanes.find((one) => one.bo.id === id).shape);
  }

  get role() {
    return laneOf(this.bo);
  }

  roleName(code) {
    return (this.catalog.roles ?? []).find((one) => one.code === code)?.name ?? code;
  }

  get roleOptions() {
    return (this.catalog.roles ?? []).map((one) => ({ value: one.code, label: one.name }));
  }

  get unitOptions() {
    return (this.catalog.units ?? []).map((one) => ({ value: one.code, label: one.name }));
  }

  get messageOptions() {
    return (this.catalog.messages ?? []).map((one) => ({ value: one.key, label: plain(one.key) }));
  }

  /** What a message of the city says, for reading beside its name. */
  messageText(key) {
    return (this.catalog.messages ?? []).find((one) => one.key === key)?.text ?? "";
  }

  get statusOptions() {
    return options(this.catalog.statuses);
  }

  get endReasons() {
    return options(this.catalog.end_reasons);
  }

  get operations() {
    return this.catalog.operations?.length ? this.catalog.operations : OPERATIONS;
  }

  /** User tasks of this process, as options. */
  get taskOptions() {
    return [...everything(this.root)].filter((one) => is(one, "bpmn:UserTask") && one !== this.bo && processOf(one) === this.process)
      .map((one) => ({ value: one.id, label: one.name || one.id }));
  }

  /** SOPs that can be called or started: of this file, then the published. */
  get sopOptions() {
    const own = processesOf(this.root).filter((one) => one !== this.process).map((one) => ({ value: one.id, label: one.name || one.id }));
    const published = (this.catalog.sops ?? []).filter((one) => !own.some((mine) => mine.value === one.key))
      .map((one) => ({ value: one.key, label: one.name || one.key }));
    return [...own, ...published];
  }

  get decisionOptions() {
    const all = [...this.decisions, ...(this.catalog.decisions ?? [])];
    return [...new Map(all.map((one) => [one.key, { value: one.key, label: one.name || one.key }])).values()];
  }
}

/** Statuses and reasons come as words or as {code, name}. */
function options(list) {
  return (list ?? []).map((one) => (typeof one === "string" ? { value: one, label: plain(one) }
    : { value: one.code ?? one.key ?? one.value, label: one.name ?? one.text ?? one.label }));
}

function plain(code) {
  return code.charAt(0).toUpperCase() + code.slice(1).replaceAll("_", " ");
}

/** The part of the file a shape stands for; for a pool or an empty plane the process. */
export function subject(element) {
  const bo = (element.labelTarget ?? element).businessObject;
  if (bo.$type === "bpmn:Participant") return bo.processRef ?? bo;
  if (bo.$type !== "bpmn:Collaboration") return bo;
  const pools = bo.participants ?? [];
  return pools.find((one) => one.processRef?.isExecutable)?.processRef ?? pools.find((one) => one.processRef)?.processRef ?? bo;
}
