"""Words for planted reports: common ones and rare ones, as citizens use them."""

from __future__ import annotations

import random

THINGS = (
    "Jalan", "Lampu jalan", "Sampah", "Got", "Saluran", "Trotoar", "Jembatan", "Pohon", "Air bersih", "Taman",
    "Parkir liar", "Rambu", "Drainase", "Pasar", "Halte", "Tiang listrik", "Bak sampah", "Median jalan",
    "Gorong-gorong", "Lapangan", "Pipa", "Marka jalan", "Talud", "Puskesmas", "Sekolah", "Kabel", "Reklame",
    "Ternak", "Bangunan liar", "Pembakaran sampah",
)  # fmt: skip
STATES = (
    "rusak parah", "padam", "berlubang", "tersumbat", "menumpuk", "roboh", "meluap", "retak", "hilang",
    "bocor", "berbau", "tidak terawat", "menghalangi", "mengganggu warga", "ambles", "kotor", "berkarat",
    "miring", "tidak diangkut", "patah", "dicuri", "amblas", "keruh", "berisik",
)  # fmt: skip
SINCE = (
    "sejak kemarin", "sudah seminggu", "sudah dua pekan", "sejak lebaran", "setiap hujan",
    "hampir tiap malam", "sejak gempa", "sebulan terakhir", "dari tahun lalu", "setiap sore",
)  # fmt: skip
HARM = (
    "anak-anak takut lewat", "motor sering jatuh", "air masuk ke rumah warga", "pedagang mengeluh",
    "warga sesak napas", "jalan jadi macet", "sudah ada korban luka", "baunya sampai ke masjid",
    "siswa terlambat ke sekolah", "mohon segera ditangani", "kami sudah bergotong royong tetapi tidak cukup",
    "khawatir ada demam berdarah", "tamu hotel mengeluh", "ambulans sulit lewat",
)  # fmt: skip
PLACES = (
    "depan masjid", "samping sekolah", "dekat jembatan", "ujung lorong", "tikungan pasar",
    "belakang kantor lurah", "seberang pos ronda", "pinggir sungai", "perempatan lampu merah",
    "depan kios pulsa", "bawah menara air",
    "lapangan bola",
)  # fmt: skip
SYLLABLES = ("ba", "la", "tu", "ri", "mo", "ka", "si", "pe", "no", "da", "we", "ju", "lo", "ma", "po", "sa")
REMARKS = (
    "Mohon kabarnya, sudah ditangani atau belum.", "Terima kasih, petugas sudah datang.",
    "Lokasinya {place}, masuk lorong kecil.", "Sampai hari ini belum ada yang datang.",
    "Tadi malam makin parah karena hujan.", "Kami siap membantu kalau perlu tenaga.",
    "Foto tambahan menyusul dari tetangga.", "Apakah ada jadwal pengerjaan?",
)  # fmt: skip


def words(chance: random.Random) -> tuple[str, str]:
    """What somebody reports, and the landmark. Each has a street's name that few others have."""
    street = "".join(chance.choice(SYLLABLES) for _ in range(3)).capitalize()
    thing = THINGS[int(len(THINGS) * chance.random() ** 2)]
    said = (
        f"{thing} {chance.choice(STATES)} {chance.choice(SINCE)} di Jalan {street} "
        f"{chance.choice(PLACES)}, {chance.choice(HARM)}."
    )
    return said, f"{chance.choice(PLACES).capitalize()}, Jalan {street} nomor {chance.randrange(1, 200)}"


def remark(chance: random.Random) -> str:
    """What somebody writes later."""
    return chance.choice(REMARKS).format(place=chance.choice(PLACES))
