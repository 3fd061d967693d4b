// Kinds of fields in the officer's words, and which details each has.

import { t } from "./words.js";

const kind = (group, words, icon, ...details) => ({ group, words, icon, details });

/** `details`: what can be set besides label, help, conditions and readers. */
export const KINDS = {
  string: kind("Tulisan", "Teks pendek", "pencil", "length", "pattern", "default"),
  text: kind("Tulisan", "Teks panjang", "message-square-text", "length", "pattern", "default"),
  choice: kind("Pilihan", "Pilih satu", "circle-dot", "options", "default"),
  choices: kind("Pilihan", "Pilih beberapa", "list", "options", "count", "default"),
  boolean: kind("Pilihan", "Ya atau tidak", "circle-check", "default"),
  rating: kind("Pilihan", "Nilai 1 sampai 5", "star", "default"),
  integer: kind("Angka dan waktu", "Bilangan bulat", "badge-check", "range", "default"),
  number: kind("Angka dan waktu", "Bilangan", "badge-check", "range", "default"),
  date: kind("Angka dan waktu", "Tanggal", "calendar-days", "range", "default"),
  datetime: kind("Angka dan waktu", "Tanggal dan jam", "clock", "range", "default"),
  photo: kind("Bukti", "Foto", "camera", "count"),
  file: kind("Bukti", "Berkas", "file-text", "count"),
  location: kind("Bukti", "Titik di peta", "map-pin"),
  unit: kind("Dari daftar kota", "Perangkat daerah", "landmark", "default"),
  person: kind("Dari daftar kota", "Petugas", "user", "default"),
  category: kind("Dari daftar kota", "Kategori", "filter", "default"),
  kelurahan: kind("Dari daftar kota", "Kelurahan", "map", "default"),
  report: kind("Dari daftar kota", "Laporan lain", "link", "default"),
  info: kind("Petunjuk", "Keterangan (tanpa isian)", "info"),
};

export function kindWords(type) {
  return KINDS[type] ? t(KINDS[type].words) : type || t("tanpa jenis");
}

/** Types as options of a select. */
export function kindOptions() {
  const groups = [...new Set(Object.values(KINDS).map((one) => one.group))];
  return groups.map((group) => ({
    group: t(group), of: Object.entries(KINDS).filter(([, one]) => one.group === group).map(([value, one]) => ({ value, label: t(one.words) })),
  }));
}
