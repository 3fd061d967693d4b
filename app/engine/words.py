"""Indonesian words for BPMN tags, so that a refusal names what the officer sees on the canvas."""

from __future__ import annotations

_WORDS = {
    "startEvent": "peristiwa mulai", "endEvent": "peristiwa akhir",
    "intermediateCatchEvent": "peristiwa tunggu", "intermediateThrowEvent": "peristiwa kirim",
    "boundaryEvent": "peristiwa batas", "userTask": "tugas petugas", "serviceTask": "tugas layanan",
    "scriptTask": "tugas skrip", "businessRuleTask": "tugas keputusan", "receiveTask": "tugas terima",
    "subProcess": "sub-proses", "callActivity": "panggilan proses",
    "exclusiveGateway": "gerbang pilihan", "parallelGateway": "gerbang paralel",
    "inclusiveGateway": "gerbang inklusif", "eventBasedGateway": "gerbang peristiwa",
    "task": "tugas tanpa jenis", "manualTask": "tugas manual", "sendTask": "tugas kirim",
    "complexGateway": "gerbang kompleks", "transaction": "transaksi", "adHocSubProcess": "sub-proses bebas",
    "subConversation": "percakapan", "choreographyTask": "koreografi",
    "dataObject": "objek data", "dataObjectReference": "objek data", "dataStore": "simpanan data",
    "dataStoreReference": "simpanan data", "ioSpecification": "daftar masukan dan keluaran",
    "dataInputAssociation": "kaitan data masuk", "dataOutputAssociation": "kaitan data keluar",
    "property": "properti data", "standardLoopCharacteristics": "pengulangan biasa",
    "linkEventDefinition": "peristiwa tautan", "signalEventDefinition": "peristiwa sinyal",
    "compensateEventDefinition": "peristiwa kompensasi", "conditionalEventDefinition": "peristiwa bersyarat",
    "cancelEventDefinition": "peristiwa batal transaksi",
    "messageEventDefinition": "peristiwa pesan", "timerEventDefinition": "pengatur waktu",
    "errorEventDefinition": "peristiwa galat", "escalationEventDefinition": "peristiwa eskalasi",
    "terminateEventDefinition": "peristiwa akhir tuntas", "correlationSubscription": "langganan korelasi",
    "resourceRole": "peran sumber daya", "performer": "pelaksana", "humanPerformer": "pelaksana",
    "potentialOwner": "calon pelaksana",
}


def element_words(tag: str) -> str:
    """What an element is called in Indonesian; the tag itself where nobody gave it a name."""
    return _WORDS.get(tag, f"unsur {tag}")
