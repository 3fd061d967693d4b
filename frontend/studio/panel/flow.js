// The panel of an arrow: when it is taken.

import { Fragment, html } from "@bpmn-io/diagram-js-ui";
import { CheckField, Group, IconButton, TextField } from "./controls.js";
import { ConditionField } from "./condition.js";
import { is } from "./reading.js";
import { t } from "./words.js";

export function FlowPanel({ desk }) {
  const { bo, element, pen, locked } = desk;
  const gateway = bo.sourceRef;
  const chooses = is(gateway, "bpmn:ExclusiveGateway") || is(gateway, "bpmn:InclusiveGateway");
  if (!chooses) {
    return html`<p class="sop-field__help">${is(gateway, "bpmn:EventBasedGateway") ? t("Jalur ini dilalui bila peristiwa di ujungnya terjadi lebih dulu.") : t("Panah ini selalu dilalui; tidak ada yang perlu diatur.")}</p>`;
  }
  const isDefault = gateway.default === bo;
  return html`<${Fragment}>
    ${!isDefault && html`<${ConditionField} label=${t("Dilalui bila")} value=${bo.conditionExpression?.body} variables=${desk.variables} find=${desk.find}
      locked=${locked} notes=${desk.notes("condition")} commit=${(text) => setCondition(desk, text)} />`}
    <${CheckField} label=${t("Jalur bawaan")} value=${isDefault} locked=${locked} notes=${isDefault ? desk.notes("condition") : []}
      help=${t("Dilalui bila tidak satu pun syarat jalur lain terpenuhi. Setiap percabangan sebaiknya punya satu.")}
      commit=${(yes) => pen.together(() => {
        if (yes) setCondition(desk, undefined);
        pen.attributes(element.source, { default: yes ? bo : undefined });
      })} />
    <${Order} desk=${desk} />
    <${TextField} label=${t("Tulisan pada panah")} value=${bo.name} optional=${true} locked=${locked} commit=${(name) => pen.attributes(element, { name })} />
  <//>`;
}

function setCondition(desk, text) {
  const { bo, element, pen } = desk;
  if (!text) pen.attributes(element, { conditionExpression: undefined });
  else if (bo.conditionExpression) pen.part(element, bo.conditionExpression, { body: text });
  else pen.attributes(element, { conditionExpression: pen.create("bpmn:FormalExpression", { body: text }, bo) });
}

/** Conditions of an exclusive gateway are tried in the order of the file; the first that holds wins. */
function Order({ desk }) {
  const { bo, element, pen, locked } = desk;
  if (!is(bo.sourceRef, "bpmn:ExclusiveGateway")) return null;
  const all = bo.$parent.flowElements;
  const ways = all.filter((one) => one.sourceRef === bo.sourceRef && one !== bo.sourceRef.default);
  const at = ways.indexOf(bo);
  if (at < 0 || ways.length < 2) return null;
  const swap = (other) => {
    const list = all.map((one) => (one === bo ? other : one === other ? bo : one));
    pen.part(element, bo.$parent, { flowElements: list });
  };
  return html`<${Group} label=${t("Urutan pemeriksaan")} className="sop-fact" help=${t("Bila dua syarat sama-sama benar, yang diperiksa lebih dulu yang dipakai.")}>
    <div class="sop-order"><span>${t("ke-{n} dari {of}", { n: at + 1, of: ways.length })}</span>
      ${!locked && html`<${IconButton} icon="chevron-up" label=${t("Periksa lebih dulu")} disabled=${at === 0} onClick=${() => swap(ways[at - 1])} />
      <${IconButton} icon="chevron-down" label=${t("Periksa kemudian")} disabled=${at === ways.length - 1} onClick=${() => swap(ways[at + 1])} />`}</div><//>`;
}

/** Gateways: which way each condition leads, one line each; a press opens the arrow. */
export function GatewayPanel({ desk }) {
  const { bo, studio } = desk;
  const words = is(bo, "bpmn:ParallelGateway") ? t("Semua jalur keluar dijalankan serentak; jalur masuk saling menunggu.")
    : is(bo, "bpmn:EventBasedGateway") ? t("Jalur yang peristiwanya terjadi lebih dulu dilalui; yang lain gugur.")
      : is(bo, "bpmn:InclusiveGateway") ? t("Setiap jalur yang syaratnya benar dilalui.") : t("Tepat satu jalur dilalui: yang pertama syaratnya benar.");
  const ways = bo.outgoing ?? [];
  return html`<${Fragment}><p class="sop-field__help">${words}</p>
    ${ways.length > 1 && html`<${Group} label=${t("Jalur keluar")}><ul class="sop-ways">${ways.map((flow) => html`<li key=${flow.id}>
      <button type="button" class="sop-way" onClick=${() => studio.select(flow.id)}><span class="sop-way__name">${flow.name || flow.targetRef?.name || flow.targetRef?.id}</span>
      <span class="sop-way__when">${wayWords(desk, flow)}</span></button></li>`)}</ul><//>`}<//>`;
}

function wayWords(desk, flow) {
  if (desk.bo.default === flow) return t("jalur bawaan");
  const text = flow.conditionExpression?.body;
  if (!text) return is(desk.bo, "bpmn:ParallelGateway") || is(desk.bo, "bpmn:EventBasedGateway") ? "" : t("belum ada syarat");
  return desk.said(text);
}
