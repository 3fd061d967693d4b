"""What the editor's pickers offer: the city's roles, units, topics and words, and what the engine knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db.models import Category, MessageTemplate, Role, Unit
from app.domain.words import told
from app.engine.compiled import Source
from app.engine.decision_reader import read_dmn
from app.engine.decision_table import DecisionTable
from app.engine.declaration import FIELD_TYPES
from app.engine.refusals_text import OPERATIONS
from app.services.history_words import END_WORDS
from app.services.sop_versions import published_files, published_sops

FIELD_NAMES: Mapping[str, str] = {
    "string": told("Teks satu baris"),
    "text": told("Teks panjang"),
    "integer": told("Bilangan bulat"),
    "number": told("Angka"),
    "boolean": told("Ya atau tidak"),
    "date": told("Tanggal"),
    "datetime": told("Tanggal dan jam"),
    "choice": told("Pilih satu"),
    "choices": told("Pilih beberapa"),
    "unit": told("Unit atau Perangkat Daerah"),
    "person": told("Petugas"),
    "category": told("Topik"),
    "kelurahan": told("Kelurahan"),
    "location": told("Titik lokasi"),
    "photo": told("Foto"),
    "file": told("Berkas"),
    "report": told("Laporan lain"),
    "rating": told("Nilai 1–5"),
    "info": told("Keterangan saja"),
}
STATUSES: Mapping[str, str] = {
    "diterima": told("Diterima"),
    "diverifikasi": told("Diverifikasi"),
    "menunggu_pelapor": told("Menunggu jawaban pelapor"),
    "koordinasi": told("Koordinasi"),
    "didisposisikan": told("Didisposisikan"),
    "diproses": told("Diproses"),
    "menunggu_verifikasi_bukti": told("Menunggu pemeriksaan bukti"),
    "dibuka_kembali": told("Dibuka kembali"),
}
HINTS: Mapping[tuple[str, str], str] = {
    ("beritahu", "kepada"): told("Penerima: pelapor, sebuah peran, atau kode unit"),
    ("beritahu", "pesan"): told("Kunci pesan kota"),
    ("beritahu", "teks"): told("Kalimat yang dipakai bila pesannya belum ada"),
    ("status", "nilai"): told("Status yang dibaca warga"),
    ("tetapkan_opd", "opd"): told("Kode unit pelaksana"),
    ("catat", "teks"): told("Catatan untuk jejak laporan"),
    ("perpanjang", "tugas"): told("Id tugas yang batasnya digeser"),
    ("perpanjang", "sampai"): told("Batas waktu yang baru"),
    ("mulai_sop", "kunci"): told("Kunci SOP yang dimulai"),
    ("mulai_sop", "data"): told("Data awal untuk SOP itu"),
    ("samarkan", "bagian"): told("Bagian teks yang disembunyikan, satu per baris"),
    ("samarkan", "seluruhnya"): told("Sembunyikan seluruh teks"),
    ("samarkan", "pesan"): told("Kunci pesan kota"),
}
TIME_FUNCTIONS: Mapping[str, tuple[str, str]] = {
    "hari_kerja": ("hari_kerja(3)", told("Jam tutup pada hari kerja ke-3 setelah hari ini")),
    "jam_kerja": ("jam_kerja(4)", told("Empat jam kerja dari sekarang")),
    "hari": ("hari(14)", told("Empat belas hari kalender dari sekarang")),
    "jam": ("jam(24)", told("Dua puluh empat jam dari sekarang")),
    "menit": ("menit(30)", told("Tiga puluh menit dari sekarang")),
    "tenggat": ("tenggat(80)", told("Saat 80 persen batas waktu tugas ini terpakai")),
    "sekarang": ("sekarang()", told("Waktu saat ini")),
    "hari_ini": ("hari_ini()", told("Tanggal hari ini")),
}
KINDS: Mapping[str, str] = {
    "pengaduan": told("Pengaduan"),
    "aspirasi": told("Aspirasi"),
    "permintaan_informasi": told("Permintaan informasi"),
}
PLAIN_WORDS: Mapping[str, tuple[str, str]] = {
    "len": ("len(daftar)", told("Banyaknya huruf atau isi daftar")),
    "round": ("round(angka, 2)", told("Dibulatkan")),
    "min": ("min(a, b)", told("Yang terkecil")),
    "max": ("max(a, b)", told("Yang terbesar")),
    "lower": ("lower(teks)", told("Dengan huruf kecil")),
    "upper": ("upper(teks)", told("Dengan huruf besar")),
}


def catalog(session: Session, *, channels: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Everything a picker may offer, as plain JSON; what a city deleted or switched off is not among it.
    `channels`: code -> name of the ways in which reports come."""
    roles = session.scalars(select(Role).order_by(Role.name)).all()
    units = session.scalars(select(Unit).where(Unit.active).order_by(Unit.name)).all()
    topics = session.scalars(
        select(Category).where(Category.active).order_by(Category.position, Category.name)
    ).all()
    messages = session.scalars(select(MessageTemplate).order_by(MessageTemplate.key)).all()
    categories = [{"code": one.code, "name": one.name} for one in topics]
    return {
        "roles": [
            {"code": one.code, "name": one.name, "unit_bound": one.unit_variable is not None}
            for one in roles
        ],
        "units": [{"code": one.code, "name": one.name, "kind": one.kind} for one in units],
        "categories": categories,
        "messages": [{"key": one.key, "text": one.body or one.subject} for one in messages],
        "operations": operations(),
        "functions": functions(),
        "statuses": named(STATUSES),
        "end_reasons": [
            *({"code": code, "name": words.rstrip(".")} for code, words in END_WORDS.items()),
            {"code": "cabang", "name": told("Hanya mengakhiri cabang, misalnya pengingat")},
        ],
        "field_types": [{"type": kind, "name": FIELD_NAMES[kind]} for kind in FIELD_TYPES],
        "decisions": [_decision(table) for table in _tables(published_files(session, now))],
        "sops": _newest(session, now),
        "report_data": report_data(categories, named(channels)),
    }


def operations() -> list[dict[str, Any]]:
    """What a service task may ask for, with its parameters."""
    return [
        {
            "name": name,
            "parameters": [
                {"name": one, "hint": HINTS.get((name, one), ""), "required": one in needed}
                for one in (*sorted(needed), *sorted(optional))
            ],
        }
        for name, (needed, optional) in OPERATIONS.items()
    ]


def functions() -> list[dict[str, Any]]:
    """What an expression may call."""
    known = {**TIME_FUNCTIONS, **PLAIN_WORDS}
    return [{"name": name, "form": form, "text": words} for name, (form, words) in known.items()]


def named(names: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"code": code, "name": name} for code, name in names.items()]


def report_data(
    categories: Sequence[Mapping[str, Any]], channels: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What a report brings to its process."""
    yes_no: list[dict[str, Any]] = []
    rows: tuple[tuple[str, str, str, Sequence[Mapping[str, Any]]], ...] = (
        ("nomor", "string", told("Nomor laporan"), yes_no),
        ("jenis", "choice", told("Jenis laporan"), named(KINDS)),
        ("kategori", "category", told("Topik"), categories),
        ("kelurahan", "kelurahan", told("Kelurahan"), yes_no),
        ("kecamatan", "string", told("Kecamatan"), yes_no),
        ("kanal", "choice", told("Lewat apa laporan masuk"), channels),
        ("anonim", "boolean", told("Pelapor tidak menyebut diri"), yes_no),
        ("rahasia", "boolean", told("Isi laporan tidak dibuka untuk umum"), yes_no),
        ("jumlah_foto", "integer", told("Banyaknya foto dari pelapor"), yes_no),
        ("diterima", "datetime", told("Saat laporan diterima"), yes_no),
    )
    return [
        {"name": name, "type": kind, "text": words, **({"values": list(values)} if values else {})}
        for name, kind, words, values in rows
    ]


def _decision(table: DecisionTable) -> dict[str, Any]:
    return {
        "key": table.key,
        "name": table.name or table.key,
        "inputs": [
            {"name": one.expression.text, "label": one.label, "type": one.kind} for one in table.inputs
        ],
        "outputs": [{"name": one.name, "label": one.label, "type": one.kind} for one in table.outputs],
    }


def _tables(sources: Sequence[Source]) -> list[DecisionTable]:
    found: dict[str, DecisionTable] = {}
    for source in sources:
        if source.name.endswith(".dmn"):
            table, _findings = read_dmn(source)
            if table is not None:
                found[table.key] = table
    return [found[key] for key in sorted(found)]


def _newest(session: Session, now: datetime) -> list[dict[str, Any]]:
    """SOPs in force now, once each."""
    newest: dict[str, dict[str, Any]] = {}
    for one in published_sops(session):
        if one.effective_at <= now:
            newest.setdefault(one.key, {"key": one.key, "name": one.name, "version": one.version})
    return list(newest.values())

