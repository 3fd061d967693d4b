// What our engine runs, in the officer's words: one list for palette, context pad and "change kind".
// The contract is sop-format, "Elements that run"; whatever is not here cannot be drawn.

import { dictionary } from "./dictionary.js";

export const say = dictionary({
  id: {
    user: "Tugas petugas atau pelapor",
    service: "Langkah sistem",
    script: "Hitungan",
    decision: "Tabel keputusan",
    receive: "Menunggu pesan",
    call: "Memanggil SOP lain",
    group: "Kelompok langkah",
    exclusive: "Percabangan: satu jalur",
    parallel: "Percabangan: semua jalur serentak",
    inclusive: "Percabangan: satu jalur atau lebih",
    either: "Percabangan: mana yang lebih dulu",
    start: "Awal",
    end: "Akhir",
    terminate: "Akhir yang menutup semua",
    error: "Akhir dengan galat",
    raise: "Akhir dengan eskalasi",
    waitMessage: "Peristiwa: tunggu pesan",
    waitTime: "Peristiwa: tunggu waktu",
    escalate: "Peristiwa: naikkan ke atasan",
    boundaryTime: "Batas waktu",
    boundaryTimeKeep: "Pengingat waktu (langkah tetap terbuka)",
    boundaryMessage: "Pesan masuk menghentikan langkah",
    boundaryMessageKeep: "Pesan masuk (langkah tetap terbuka)",
    boundaryError: "Galat di dalam langkah",
    boundaryRaise: "Eskalasi menghentikan langkah",
    boundaryRaiseKeep: "Eskalasi (langkah tetap terbuka)",
    pool: "Kolam dengan jalur peran",
    note: "Catatan",
    frame: "Bingkai",
    attach: "Tempelkan: {kind}",
    next: "Lanjutkan: {kind}",
    create: "{kind}",
    plainFlow: "Panah biasa",
    defaultFlow: "Panah bawaan (bila yang lain tidak cocok)",
    laneAbove: "Tambah jalur peran di atas",
    laneBelow: "Tambah jalur peran di bawah",
    laneRole: "Pilih peran jalur ini",
    chooseRole: "Pilih peran",
    noRoles: "Semua peran sudah dipakai",
    otherEvent: "Tempelkan peristiwa",
    change: "Ganti jenis",
    remove: "Hapus",
    connect: "Hubungkan ke unsur lain",
    hand: "Geser kanvas",
    lasso: "Pilih beberapa unsur",
    space: "Lapangkan atau rapatkan",
    join: "Hubungkan dua unsur",
    parallelMany: "Berganda serentak",
    sequentialMany: "Berganda berurutan",
  },
  en: {
    user: "Task of an officer or reporter",
    service: "System step",
    script: "Calculation",
    decision: "Decision table",
    receive: "Wait for a message",
    call: "Call another SOP",
    group: "Group of steps",
    exclusive: "Gateway: one path",
    parallel: "Gateway: all paths at once",
    inclusive: "Gateway: one path or more",
    either: "Gateway: whichever comes first",
    start: "Start",
    end: "End",
    terminate: "End that closes everything",
    error: "End with an error",
    raise: "End with an escalation",
    waitMessage: "Event: wait for a message",
    waitTime: "Event: wait for a time",
    escalate: "Event: escalate",
    boundaryTime: "Time limit",
    boundaryTimeKeep: "Reminder (step stays open)",
    boundaryMessage: "Message that stops the step",
    boundaryMessageKeep: "Message (step stays open)",
    boundaryError: "Error inside the step",
    boundaryRaise: "Escalation that stops the step",
    boundaryRaiseKeep: "Escalation (step stays open)",
    pool: "Pool with lanes of roles",
    note: "Note",
    frame: "Frame",
    attach: "Attach: {kind}",
    next: "Continue: {kind}",
    create: "{kind}",
    plainFlow: "Plain flow",
    defaultFlow: "Default flow (when no other fits)",
    laneAbove: "Add a lane above",
    laneBelow: "Add a lane below",
    laneRole: "Choose the role of this lane",
    chooseRole: "Choose a role",
    noRoles: "Every role is in use",
    otherEvent: "Attach an event",
    change: "Change kind",
    remove: "Remove",
    connect: "Connect to another element",
    hand: "Move the canvas",
    lasso: "Select several elements",
    space: "Make or take space",
    join: "Connect two elements",
    parallelMany: "Many at once",
    sequentialMany: "Many in a row",
  },
});

const event = (name) => `bpmn:${name}EventDefinition`;
const kind = (words, className, type, more = {}) => ({ words: say(words), className, target: { type, ...more } });

export const TASKS = {
  user: kind("user", "bpmn-icon-user-task", "bpmn:UserTask"),
  service: kind("service", "bpmn-icon-service-task", "bpmn:ServiceTask"),
  script: kind("script", "bpmn-icon-script-task", "bpmn:ScriptTask"),
  decision: kind("decision", "bpmn-icon-business-rule-task", "bpmn:BusinessRuleTask"),
  receive: kind("receive", "bpmn-icon-receive-task", "bpmn:ReceiveTask"),
  call: kind("call", "bpmn-icon-call-activity", "bpmn:CallActivity"),
};
export const GROUP = kind("group", "bpmn-icon-subprocess-expanded", "bpmn:SubProcess", { isExpanded: true });
export const GATEWAYS = {
  exclusive: kind("exclusive", "bpmn-icon-gateway-xor", "bpmn:ExclusiveGateway"),
  parallel: kind("parallel", "bpmn-icon-gateway-parallel", "bpmn:ParallelGateway"),
  inclusive: kind("inclusive", "bpmn-icon-gateway-or", "bpmn:InclusiveGateway"),
  either: kind("either", "bpmn-icon-gateway-eventbased", "bpmn:EventBasedGateway"),
};
export const START = kind("start", "bpmn-icon-start-event-none", "bpmn:StartEvent");
export const ENDS = {
  end: kind("end", "bpmn-icon-end-event-none", "bpmn:EndEvent"),
  terminate: kind("terminate", "bpmn-icon-end-event-terminate", "bpmn:EndEvent",
    { eventDefinitionType: event("Terminate") }),
  error: kind("error", "bpmn-icon-end-event-error", "bpmn:EndEvent", { eventDefinitionType: event("Error") }),
  raise: kind("raise", "bpmn-icon-end-event-escalation", "bpmn:EndEvent",
    { eventDefinitionType: event("Escalation") }),
};
export const WAITS = {
  waitMessage: kind("waitMessage", "bpmn-icon-intermediate-event-catch-message", "bpmn:IntermediateCatchEvent",
    { eventDefinitionType: event("Message") }),
  waitTime: kind("waitTime", "bpmn-icon-intermediate-event-catch-timer", "bpmn:IntermediateCatchEvent",
    { eventDefinitionType: event("Timer") }),
};
export const ESCALATE = kind("escalate", "bpmn-icon-intermediate-event-throw-escalation",
  "bpmn:IntermediateThrowEvent", { eventDefinitionType: event("Escalation") });

const boundary = (words, icon, definition, cancelActivity = true) => kind(words, icon, "bpmn:BoundaryEvent",
  { eventDefinitionType: event(definition), cancelActivity });
export const BOUNDARIES = {
  boundaryTime: boundary("boundaryTime", "bpmn-icon-intermediate-event-catch-timer", "Timer"),
  boundaryTimeKeep: boundary("boundaryTimeKeep", "bpmn-icon-intermediate-event-catch-non-interrupting-timer",
    "Timer", false),
  boundaryMessage: boundary("boundaryMessage", "bpmn-icon-intermediate-event-catch-message", "Message"),
  boundaryMessageKeep: boundary("boundaryMessageKeep",
    "bpmn-icon-intermediate-event-catch-non-interrupting-message", "Message", false),
  boundaryError: boundary("boundaryError", "bpmn-icon-intermediate-event-catch-error", "Error"),
  boundaryRaise: boundary("boundaryRaise", "bpmn-icon-intermediate-event-catch-escalation", "Escalation"),
  boundaryRaiseKeep: boundary("boundaryRaiseKeep",
    "bpmn-icon-intermediate-event-catch-non-interrupting-escalation", "Escalation", false),
};

/** Activities that may carry boundary events. */
export const HOSTS = ["bpmn:UserTask", "bpmn:ReceiveTask", "bpmn:SubProcess", "bpmn:CallActivity"];

/** The kinds an element may become; empty: it stays what it is. */
export function kindsFor(element) {
  const bo = element.businessObject;
  const is = (type) => bo.$instanceOf(type);
  if (is("bpmn:BoundaryEvent")) return BOUNDARIES;
  if (is("bpmn:StartEvent")) return { start: START };
  if (is("bpmn:EndEvent")) return ENDS;
  if (is("bpmn:IntermediateCatchEvent") || is("bpmn:IntermediateThrowEvent")) return { ...WAITS, escalate: ESCALATE };
  if (is("bpmn:Gateway")) return GATEWAYS;
  if (is("bpmn:SubProcess")) return { group: GROUP };
  if (is("bpmn:Activity")) return { ...TASKS, group: GROUP };
  return {};
}

/** Whether an element already is of a kind. */
export function isKind(element, target) {
  const bo = element.businessObject;
  const definition = bo.eventDefinitions?.[0]?.$type;
  return bo.$type === target.type && (definition ?? undefined) === target.eventDefinitionType
    && (target.cancelActivity === undefined || (bo.cancelActivity !== false) === target.cancelActivity);
}
