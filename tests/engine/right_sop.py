"""An SOP a stranger might draw by the contract, with which nothing is wrong; each test spoils one thing."""

from __future__ import annotations

from app.engine.compiled import Source
from app.engine.declaration import Finding
from app.engine.lint import findings

_TELL = """<bpmn:serviceTask id="{0}" name="Memberi tahu pelapor"><bpmn:extensionElements>
<sop:service name="beritahu"><sop:parameter name="kepada" value="'pelapor'"/>
<sop:parameter name="pesan" value="'{1}'"/></sop:service></bpmn:extensionElements></bpmn:serviceTask>
<bpmn:endEvent id="{1}" name="{1}"><bpmn:extensionElements><sop:end reason="{2}"/></bpmn:extensionElements>
</bpmn:endEvent><bpmn:sequenceFlow id="ke_{1}" sourceRef="{0}" targetRef="{1}"/>"""

def _when(name: str, source: str, target: str, condition: str) -> str:
    return (f'<bpmn:sequenceFlow id="{name}" name="Ya" sourceRef="{source}" targetRef="{target}">'
            f"<bpmn:conditionExpression>{condition}</bpmn:conditionExpression></bpmn:sequenceFlow>")


_DUTY = ('<sop:duty cost="DPA Dinas" responsible="Kepala Seksi" public="Laporan sedang ditangani." '
         'message="dikerjakan" escalation="kepala_opd"/>'
         '<sop:standard inputs="Laporan" output="Hasil" note=""/>')

RIGHT = f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:sop="urn:tuntas:sop:1"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="berkas" targetNamespace="urn:x">
<bpmn:message id="m_tarik" name="penarikan"/>
<bpmn:process id="jalan_rusak" name="Menangani jalan rusak" isExecutable="true">
<bpmn:extensionElements>
<sop:document number="1/2026"><sop:legalBasis>Perwal 1/2026</sop:legalBasis></sop:document>
<sop:process total="hari(60)"/></bpmn:extensionElements>
<bpmn:laneSet id="peran">
<bpmn:lane id="admin_kominfo" name="Admin"><bpmn:flowNodeRef>mulai</bpmn:flowNodeRef>
<bpmn:flowNodeRef>verifikasi</bpmn:flowNodeRef><bpmn:flowNodeRef>layak</bpmn:flowNodeRef></bpmn:lane>
<bpmn:lane id="operator_opd" name="Operator"><bpmn:flowNodeRef>tindak_lanjut</bpmn:flowNodeRef></bpmn:lane>
<bpmn:lane id="kepala_opd" name="Kepala"><bpmn:flowNodeRef>tegur</bpmn:flowNodeRef></bpmn:lane>
<bpmn:lane id="verifikator" name="Verifikator"><bpmn:flowNodeRef>periksa_bukti</bpmn:flowNodeRef></bpmn:lane>
</bpmn:laneSet>
<bpmn:startEvent id="mulai" name="Laporan masuk"/>
<bpmn:userTask id="verifikasi" name="Memverifikasi laporan"><bpmn:extensionElements>
<sop:task deadline="hari_kerja(3)" status="diverifikasi"/>
<sop:form><sop:field id="keputusan" type="choice" label="Keputusan" required="true">
<sop:option value="terima" label="Terima"/><sop:option value="tolak" label="Tolak"/></sop:field>
<sop:field id="opd" type="unit" label="Unit" required="true"/></sop:form>{_DUTY}</bpmn:extensionElements>
</bpmn:userTask>
<bpmn:exclusiveGateway id="layak" name="Layak?" default="f_tolak"/>
{_TELL.format("kabar_tolak", "ditolak", "ditolak")}
<bpmn:userTask id="tindak_lanjut" name="Menindaklanjuti laporan"><bpmn:extensionElements>
<sop:task deadline="hari_kerja(5)" status="diproses"/>
<sop:form><sop:field id="hasil" type="choice" label="Hasil" required="true">
<sop:option value="selesai" label="Selesai dikerjakan"/>
<sop:option value="bukan_wewenang" label="Bukan wewenang kami"/></sop:field>
<sop:field id="opd_usulan" type="unit" label="Pemilik yang benar" requiredWhen="hasil == 'bukan_wewenang'"/>
<sop:field id="foto_sesudah" type="photo" label="Foto" min="1" max="5" requiredWhen="hasil == 'selesai'"/>
</sop:form>{_DUTY}</bpmn:extensionElements></bpmn:userTask>
<bpmn:boundaryEvent id="lewat" attachedToRef="tindak_lanjut" cancelActivity="false">
<bpmn:timerEventDefinition><bpmn:timeDate>tenggat(100)</bpmn:timeDate></bpmn:timerEventDefinition></bpmn:boundaryEvent>
<bpmn:userTask id="tegur" name="Menegur petugas"><bpmn:extensionElements><sop:task deadline="hari_kerja(1)"/>
<sop:form><sop:field id="teguran" type="text" label="Teguran"/></sop:form>{_DUTY}</bpmn:extensionElements>
</bpmn:userTask>
<bpmn:endEvent id="ditegur" name="Ditegur"><bpmn:extensionElements><sop:end reason="cabang"/>
</bpmn:extensionElements></bpmn:endEvent>
<bpmn:boundaryEvent id="tarik" attachedToRef="tindak_lanjut">
<bpmn:messageEventDefinition messageRef="m_tarik"/></bpmn:boundaryEvent>
<bpmn:endEvent id="ditarik" name="Ditarik"><bpmn:extensionElements><sop:end reason="dibatalkan"/>
</bpmn:extensionElements></bpmn:endEvent>
<bpmn:exclusiveGateway id="wewenang" name="Wewenang kami?" default="f_bukan"/>
{_TELL.format("kabar_bukan", "bukan_wewenang", "bukan_wewenang")}
<bpmn:userTask id="periksa_bukti" name="Memeriksa bukti"><bpmn:extensionElements>
<sop:task deadline="hari_kerja(2)" status="menunggu_verifikasi_bukti" verifies="tindak_lanjut"/>
<sop:form><sop:field id="bukti_diterima" type="boolean" label="Diterima" required="true"/></sop:form>{_DUTY}
</bpmn:extensionElements></bpmn:userTask>
<bpmn:exclusiveGateway id="diterima" name="Bukti diterima?" default="f_ulang"/>
{_TELL.format("kabar_selesai", "selesai", "selesai")}
<bpmn:sequenceFlow id="f_mulai" sourceRef="mulai" targetRef="verifikasi"/>
<bpmn:sequenceFlow id="f_layak" sourceRef="verifikasi" targetRef="layak"/>
{_when("f_terima", "layak", "tindak_lanjut", "keputusan == 'terima'")}
<bpmn:sequenceFlow id="f_tolak" name="Tidak" sourceRef="layak" targetRef="kabar_tolak"/>
<bpmn:sequenceFlow id="f_lewat" sourceRef="lewat" targetRef="tegur"/>
<bpmn:sequenceFlow id="f_ditegur" sourceRef="tegur" targetRef="ditegur"/>
<bpmn:sequenceFlow id="f_tarik" sourceRef="tarik" targetRef="ditarik"/>
<bpmn:sequenceFlow id="f_hasil" sourceRef="tindak_lanjut" targetRef="wewenang"/>
{_when("f_kami", "wewenang", "periksa_bukti", "hasil == 'selesai'")}
<bpmn:sequenceFlow id="f_bukan" name="Tidak" sourceRef="wewenang" targetRef="kabar_bukan"/>
<bpmn:sequenceFlow id="f_bukti" sourceRef="periksa_bukti" targetRef="diterima"/>
{_when("f_ya", "diterima", "kabar_selesai", "bukti_diterima")}
<bpmn:sequenceFlow id="f_ulang" name="Tidak" sourceRef="diterima" targetRef="tindak_lanjut"/>
</bpmn:process></bpmn:definitions>"""


def spoilt(*changes: tuple[str, str]) -> str:
    """The right SOP with each text replaced once. What is to be replaced must be there."""
    text = RIGHT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def found(text: str, **more: object) -> tuple[Finding, ...]:
    return findings([Source("sop.bpmn", text.encode())], **more)  # type: ignore[arg-type]
