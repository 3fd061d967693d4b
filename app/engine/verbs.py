"""Activities of an SOP are written actively: `Memverifikasi laporan`, not `Verifikasi laporan`.

Source: PermenPANRB 35/2012 (activities begin with a verb, without a subject). The active prefix follows
Indonesian spelling: me-, mem-, men-, meng-, meny-, menge-.
"""

from __future__ import annotations

import re

_PREFIXED = re.compile(r"me(?:[lrwyn]|m[bfpvm]|n[cdjtszy]|ng|ny|m[aeiou]|n[aeiou])[a-z]*", re.IGNORECASE)
_ROOTS = frozenset({
    "arahkan", "bagi", "beritahu", "buat", "catat", "cek", "disposisikan", "evaluasi", "hitung", "isi",
    "jawab", "kaji", "kerjakan", "kirim", "klasifikasi", "konfirmasi", "koordinasikan", "kunjungi",
    "lakukan", "laksanakan", "lampirkan", "laporkan", "lengkapi", "nilai", "pantau", "periksa",
    "perbaiki", "proses", "putuskan", "rekap", "sampaikan", "serahkan", "setujui", "siapkan", "survei",
    "susun", "tangani", "tanggapi", "telaah", "teliti", "terbitkan", "terima", "teruskan", "tetapkan",
    "tindaklanjuti", "tinjau", "tolak", "tugaskan", "tutup", "umumkan", "unggah", "usulkan", "validasi",
    "verifikasi",
})
"""Roots whose active form is certain to be a verb; nouns such as Penanganan are left to the author."""
_WHOLE = frozenset({"proses", "klasifikasi", "kaji"})
"""Their first consonant stays."""
_IRREGULAR = {"cek": "mengecek", "perbaiki": "memperbaiki"}


def is_active(name: str) -> bool:
    """Whether the first word is an active verb (me-, mem-, men- …, or ber-)."""
    first = name.split()[0] if name.split() else ""
    return bool(_PREFIXED.fullmatch(first) or re.fullmatch(r"(?:ber|memper)[a-z]{3,}", first, re.IGNORECASE))


def active_form(name: str) -> str | None:
    """The name with its first word made active, where that is certain; None otherwise."""
    first, _, rest = name.strip().partition(" ")
    root = first.lower()
    if root not in _ROOTS:
        return None
    return f"{_prefixed(root).capitalize()}{' ' + rest if rest else ''}"


def _prefixed(root: str) -> str:
    if root in _WHOLE:
        return ("mem" if root[0] == "p" else "meng") + root
    if root in _IRREGULAR:
        return _IRREGULAR[root]
    match root[0]:
        case "p":
            return "mem" + root[1:]
        case "b" | "f" | "v":
            return "mem" + root
        case "t":
            return "men" + root[1:]
        case "c" | "d" | "j":
            return "men" + root
        case "k":
            return "meng" + root[1:]
        case "s":
            return "meny" + root[1:]
        case "a" | "e" | "g" | "h" | "i" | "o" | "u":
            return "meng" + root
    return "me" + root
