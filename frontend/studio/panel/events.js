// The panels of events: what they wait for, and how an SOP ends.

import { Fragment, html } from "@bpmn-io/diagram-js-ui";
import { CheckField, SelectField, TextField } from "./controls.js";
import { placeOf } from "./duration.js";
import { literal, tryParse } from "./expression.js";
import { eventOf, extensionOf, is, timerOf } from "./reading.js";
import { MessageText } from "./task.js";
import { BOUNDARY_KINDS, TimeField, WAITING_KINDS } from "./time.js";
import { t } from "./words.js";

const FROM_REPORTER = () => [
  { value: "balasan_pelapor", label: t("Balasan pelapor") }, { value: "keberatan", label: t("Keberatan pelapor") },
  { value: "penarikan", label: t("Penarikan laporan") },
];

export function EventPanel({ desk }) {
  const event = eventOf(desk.bo);
  return html`<${Fragment}>
    ${is(event, "bpmn:TimerEventDefinition") && html`<${TimerFields} desk=${desk} />`}
    ${is(event, "bpmn:MessageEventDefinition") && html`<${MessageField} desk=${desk} part=${event} />`}
    ${is(event, "bpmn:ErrorEventDefinition") && html`<${CodeField} ...${{ desk, event }} kind="error" />`}
    ${is(event, "bpmn:EscalationEventDefinition") && html`<${CodeField} ...${{ desk, event }} kind="escalation" />`}
    ${desk.is("bpmn:BoundaryEvent") && !is(event, "bpmn:ErrorEventDefinition") && html`<${CheckField} label=${t("Menghentikan langkah yang ditempeli")} locked=${desk.locked}
      value=${desk.bo.cancelActivity !== false} commit=${(yes) => desk.pen.attributes(desk.element, { cancelActivity: yes })}
      help=${t("Bila tidak, langkah tetap terbuka dan jalur ini berjalan di sampingnya, misalnya pengingat.")} />`}
    ${!event && desk.is("bpmn:StartEvent") && html`<p class="sop-field__help">${t("SOP mulai di sini ketika laporan masuk atau ketika dipanggil.")}</p>`}
  <//>`;
}

function TimerFields({ desk }) {
  const { bo, pen, element } = desk;
  const event = eventOf(bo);
  const timer = timerOf(bo);
  const onHost = desk.is("bpmn:BoundaryEvent");
  const kinds = !onHost ? WAITING_KINDS : bo.cancelActivity === false ? [...BOUNDARY_KINDS, "putaran"] : BOUNDARY_KINDS;
  const commit = (text, time) => {
    const place = placeOf(time);
    if (text && timer.place === place) {
      pen.part(element, event[place], { body: text });
    } else {
      const fresh = text ? pen.create("bpmn:FormalExpression", { body: text }, event) : undefined;
      pen.part(element, event, { timeDate: undefined, timeDuration: undefined, timeCycle: undefined, ...(fresh ? { [place]: fresh } : {}) });
    }
  };
  const catchUp = desk.ext("sop:Timer")?.catchUp;
  return html`<${Fragment}>
    <${TimeField} label=${onHost ? t("Terjadi sesudah") : t("Menunggu selama")} value=${timer.text} kinds=${kinds} variables=${desk.variables} find=${desk.find}
      zone=${desk.zone} locked=${desk.locked} notes=${desk.notes("time")} none=${t("belum diatur")} commit=${commit}
      help=${onHost ? t("Dihitung sejak langkah yang ditempeli terbuka.") : t("Dihitung sejak laporan sampai di sini.")} />
    ${(timer.place === "timeCycle" || catchUp) && html`<${SelectField} label=${t("Putaran yang terlewat ketika sistem berhenti")} value=${catchUp} none=${t("dijadikan satu")} locked=${desk.locked}
      options=${[{ value: "replay", label: t("dijalankan satu per satu") }]} commit=${(value) => desk.set("sop:Timer", { catchUp: value })} />`}
  <//>`;
}

/** Named things at the root of the file: messages, errors, escalations. One is made when its name is new. */
function useNamed(desk, part, { type, ref, property }) {
  const known = (desk.root.rootElements ?? []).filter((one) => one.$type === type);
  const commit = (name) => desk.pen.together(() => {
    let found = known.find((one) => one[property] === name);
    if (name && !found) {
      const stem = `${{ "bpmn:Message": "pesan", "bpmn:Error": "galat", "bpmn:Escalation": "eskalasi" }[type]}_${name.toLowerCase().replace(/[^a-z0-9_]+/g, "_")}`;
      const taken = new Set((desk.root.rootElements ?? []).map((one) => one.id));
      let id = stem;
      for (let n = 2; taken.has(id); n += 1) id = `${stem}_${n}`;
      found = desk.pen.create(type, { id, name, ...(property === "name" ? {} : { [property]: name }) }, desk.root);
      desk.pen.part(desk.element, desk.root, { rootElements: [found, ...desk.root.rootElements] });
    }
    desk.pen.part(desk.element, part, { [ref]: found });
  });
  return { value: part[ref]?.[property], commit, names: known.map((one) => one[property]).filter(Boolean) };
}

/** The message an event or a receive task waits for. */
export function MessageField({ desk, part }) {
  const named = useNamed(desk, part, { type: "bpmn:Message", ref: "messageRef", property: "name" });
  const offered = FROM_REPORTER();
  const others = [...new Set([...named.names, named.value])].filter((name) => name && !offered.some((one) => one.value === name));
  return html`<${Fragment}>
    <${SelectField} label=${t("Menunggu pesan")} value=${named.value} none=${t("belum dipilih")} locked=${desk.locked} notes=${desk.notes("message")} commit=${named.commit}
      options=${[{ group: t("Dari halaman lacak"), of: offered }, { group: t("Lainnya dalam SOP ini"), of: others.map((value) => ({ value, label: value })) }]}
      help=${t("Isi pesan tersimpan sebagai data begitu pesan datang.")} />
    ${!desk.locked && html`<${TextField} label=${t("Pesan lain (dari sistem luar)")} value="" optional=${true} spellcheck=${false}
      commit=${(name) => name && named.commit(name.toLowerCase().replace(/[^a-z0-9_]+/g, "_"))} />`}<//>`;
}

function CodeField({ desk, event, kind }) {
  const named = useNamed(desk, event, kind === "error" ? { type: "bpmn:Error", ref: "errorRef", property: "errorCode" }
    : { type: "bpmn:Escalation", ref: "escalationRef", property: "escalationCode" });
  return html`<${TextField} label=${kind === "error" ? t("Nama galat") : t("Nama eskalasi")} value=${named.value} locked=${desk.locked} notes=${desk.notes("message")}
    suggestions=${named.names.map((value) => ({ value, label: value }))} commit=${(name) => named.commit(name && name.toLowerCase().replace(/[^a-z0-9_]+/g, "_"))}
    help=${t("Nama yang sama menghubungkan yang menaikkan dengan yang menangkap.")} />`;
}

export function EndPanel({ desk }) {
  const event = eventOf(desk.bo);
  const reason = desk.ext("sop:End")?.reason;
  return html`<${Fragment}>
    <${SelectField} label=${t("Alasan akhir")} value=${reason} options=${desk.endReasons} none=${t("belum dipilih")} locked=${desk.locked} notes=${desk.notes("end")}
      commit=${(value) => desk.set("sop:End", { reason: value })} help=${t("Tercatat sebagai hasil laporan. “Cabang” hanya mengakhiri jalur samping, misalnya pengingat.")} />
    ${is(event, "bpmn:TerminateEventDefinition") && html`<p class="sop-field__help">${t("Akhir ini menutup semua jalur yang masih berjalan.")}</p>`}
    ${(is(event, "bpmn:ErrorEventDefinition") || is(event, "bpmn:EscalationEventDefinition")) && html`<${EventPanel} desk=${desk} />`}
    ${reason && reason !== "cabang" && html`<${LastWord} desk=${desk} />`}
  <//>`;
}

/** What the reporter is told before this end: the message of the steps that lead straight to it. */
function LastWord({ desk }) {
  const steps = (desk.bo.incoming ?? []).map((flow) => flow.sourceRef)
    .filter((one) => extensionOf(one, "sop:Service")?.name === "beritahu");
  if (!steps.length) {
    return html`<p class="sop-field__help">${t("Warga belum diberi tahu tepat sebelum akhir ini. Taruh langkah sistem “Memberi tahu” di depannya.")}</p>`;
  }
  return html`<${Fragment}>${steps.map((step) => {
    const parameter = extensionOf(step, "sop:Service").parameters?.find((one) => one.name === "pesan");
    const tree = tryParse(parameter?.value ?? "");
    if (tree?.t !== "const") return null;
    return html`<${Fragment} key=${step.id}><${SelectField} label=${t("Pesan ke warga")} value=${tree.v} options=${desk.messageOptions} none=${t("belum dipilih")} locked=${desk.locked}
      commit=${(key) => key && desk.pen.part(desk.element, parameter, { value: literal(key) })} help=${t("Dikirim oleh langkah “{step}” tepat sebelum akhir ini.", { step: step.name || step.id })} />
      <${MessageText} ...${{ desk }} name=${tree.v} /><//>`;
  })}<//>`;
}
