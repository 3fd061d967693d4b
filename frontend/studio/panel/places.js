// Which control a finding belongs to. Findings without one stand above the controls of the element.

const PLACES = {
  "tanpa-tenggat": "deadline", "tanpa-peran": "role", "tanpa-kata-kerja": "name", "mutu-baku-kurang": "standard",
  "tanpa-formulir": "form", "pemeriksaan-tanpa-keputusan": "form", "isian-ganda": "form", "jenis-isian": "form",
  "foto-tidak-wajib": "form", "pemilik-tidak-wajib": "form", "tanpa-pemilik-yang-benar": "form", "bukti-tanpa-foto": "form",
  "tanpa-alasan-akhir": "end", "alasan-tak-dikenal": "end", "jalur-tanpa-nama": "lane", "jalur-ganda": "lane",
  "peran-tak-dikenal": "lane", "tanpa-keputusan": "decision", "keputusan-hilang": "decision", "operasi-tak-dikenal": "service",
  "parameter-kurang": "service", "parameter-tak-dikenal": "service", "tanpa-pesan": "message", "pesan-tanpa-naskah": "message",
  "rujukan-hilang": "message", "waktu-kosong": "time", "durasi-tanpa-kutip": "time", "durasi-bulan": "time", "waktu-negatif": "time",
  "waktu-tanpa-zona": "time", "tenggat-tanpa-tenggat": "time", "tenggat-tanpa-induk": "time", "putaran-di-tempat-lain": "time",
  "putaran-tanpa-batas": "time", "catch-up": "time", "batas-penyelesaian": "total", "tanpa-syarat": "condition",
  "syarat-bawaan": "condition", "syarat-diabaikan": "condition", "syarat-tumpang-tindih": "condition", "proses-hilang": "called",
  "panggilan-melingkar": "called", "skrip-kosong": "script", "verifies-hilang": "verifies", "status-tak-dikenal": "status",
  "ulang-tanpa-jumlah": "loop", "ulang-hasil": "loop", "ulang-di-tempat-lain": "loop", "ulang-banyak": "loop", "tanpa-identitas": "document",
};
const DUTIES = [["cost", /anggaran/], ["responsible", /penanggung jawab/], ["public", /keterangan publik/],
  ["message", /pesan/], ["escalation", /eskalasi/]];
const ATTRIBUTES = { deadline: "deadline", total: "total", reason: "end", verifies: "verifies", status: "status", cost: "cost",
  responsible: "responsible", public: "public", message: "message", escalation: "escalation" };
const EDITS = { condition: "condition", timer: "time", field: "form" };

const STEP = ["name", "role", "standard", "loop"];
/** What each kind of element has controls for. */
const SHOWN = {
  "bpmn:UserTask": [...STEP, "deadline", "form", "public", "message", "status", "cost", "responsible", "escalation", "verifies"],
  "bpmn:ServiceTask": [...STEP, "service"], "bpmn:ScriptTask": [...STEP, "script"], "bpmn:BusinessRuleTask": [...STEP, "decision"],
  "bpmn:ReceiveTask": [...STEP, "message"], "bpmn:CallActivity": [...STEP, "called", "deadline"], "bpmn:SubProcess": [...STEP, "deadline"],
  "bpmn:EndEvent": ["name", "end", "message"], "bpmn:BoundaryEvent": ["name", "time", "message"],
  "bpmn:IntermediateCatchEvent": ["name", "time", "message"], "bpmn:IntermediateThrowEvent": ["name", "message"],
  "bpmn:SequenceFlow": ["condition"], "bpmn:Lane": ["lane"], "bpmn:Process": ["total", "document"],
};

/** Name of the control of an element of `type` that a finding belongs to, or null. */
export function placeOf(finding, type) {
  const shown = SHOWN[type] ?? [];
  const edit = finding.fix?.edits?.find((one) => one.element === finding.element);
  const wanted = finding.rule === "tanggung-jawab-kurang"
    ? ATTRIBUTES[edit?.attribute] ?? DUTIES.find(([, words]) => words.test(finding.message))?.[0]
    : PLACES[finding.rule] ?? ATTRIBUTES[edit?.attribute] ?? EDITS[edit?.do];
  const place = wanted === "message" && type === "bpmn:ServiceTask" ? "service" : wanted;
  return shown.includes(place) ? place : null;
}
