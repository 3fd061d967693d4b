// Which control a finding belongs to. Findings without one stand above the controls of the element.

const PLACES = {
  "tanpa-tenggat": "deadline", "tanpa-peran": "role", "tanpa-formulir": "form", "tanpa-tanggung-jawab": "duty",
  "tanpa-alasan-akhir": "end", "jalur-tanpa-nama": "lane", "jalur-ganda": "lane", "tanpa-keputusan": "decision",
  "keputusan-hilang": "decision", "operasi-tak-dikenal": "service", "parameter-kurang": "service",
  "parameter-tak-dikenal": "service", "tanpa-pesan": "message", "rujukan-hilang": "message", "waktu-kosong": "time",
  "durasi-tanpa-kutip": "time", "waktu-tanpa-zona": "time", "tenggat-tanpa-tenggat": "time", "tenggat-tanpa-induk": "time",
  "putaran-di-tempat-lain": "time", "catch-up": "time", "tanpa-syarat": "condition", "syarat-bawaan": "condition",
  "syarat-diabaikan": "condition", "proses-hilang": "called", "panggilan-melingkar": "called", "skrip-kosong": "script",
  "verifies-hilang": "verifies", "pemeriksaan-tanpa-keputusan": "form", "isian-ganda": "form", "jenis-isian": "form",
  "ulang-tanpa-jumlah": "loop", "ulang-hasil": "loop", "ulang-di-tempat-lain": "loop",
};
const DUTIES = [["cost", /anggaran/], ["responsible", /penanggung jawab/], ["public", /keterangan publik/],
  ["message", /pesan/], ["escalation", /eskalasi/]];

/** Name of a control, or null. */
export function placeOf(finding) {
  const edit = finding.fix?.edits?.[0];
  if (finding.rule === "tanggung-jawab-kurang") {
    return edit?.attribute ?? DUTIES.find(([, words]) => words.test(finding.message))?.[0] ?? "duty";
  }
  return PLACES[finding.rule] ?? ({ condition: "condition", timer: "time", field: "form" })[edit?.do] ?? null;
}

export const DUTY_PLACES = ["duty", ...DUTIES.map(([place]) => place)];
