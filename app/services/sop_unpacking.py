"""The inside of a package from a stranger, opened in the sandbox: plain values in and out.

Nothing an entry says of itself is believed: names, sizes and kinds are looked at, and no more is read than
may come.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.sop_draft import FILE_NAME, MOST_SCENARIO_CHARACTERS, MOST_SCENARIOS
from app.domain.words import Sentence, told
from app.engine.compiled import Source
from app.engine.markup import LARGEST
from app.engine.references import references
from app.services.sop_belongings import as_utf8
from app.services.sop_suite import title_of

FORMAT = "tuntas-sop-1"
MOST_ENTRIES = 600
MOST_UNPACKED = 24 * 1024 * 1024
_SCENARIO_ENDINGS = (".yaml", ".yml")
MANIFEST = "manifest.json"
_IGNORED = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$)")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_NAME = re.compile(r"[^A-Za-z0-9_.-]+")


class _Refused(Exception):
    """Carries its sentence out of the sandbox in parts."""


def unpacked(name: str, encoded: str) -> dict[str, Any]:
    """The work inside the sandbox: `Unpacked` as plain values, or `{"fault", "values"}`."""
    content = b64decode(encoded)
    try:
        if content[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
            return _from_zip(content)
        return _from_one(name, content)
    except _Refused as refused:
        sentence: Sentence = refused.args[0]
        return {"fault": sentence.pattern, "values": dict(sentence.values)}


def _from_one(name: str, content: bytes) -> dict[str, Any]:
    base = name.replace("\\", "/").rpartition("/")[2]
    lower = base.lower()
    if not lower.endswith((".bpmn", ".dmn", ".xml", ".bpmn20.xml")):
        raise _Refused(told("“%(name)s” bukan berkas .bpmn, .dmn, atau paket .zip.", name=base[:80]))
    if lower.endswith(".dmn"):
        raise _Refused(
            told(
                "“%(name)s” hanya tabel keputusan. Masukkan dari dalam penyunting, atau bersama diagramnya "
                "sebagai paket .zip.",
                name=base[:80],
            )
        )
    stem = _tidy(base.rpartition(".")[0].removesuffix(".bpmn20") or "sop")
    main = f"{stem}.bpmn"
    return _answer({main: _text(main, content)}, main, [], {}, [])


def _from_zip(content: bytes) -> dict[str, Any]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        entries = [one for one in archive.infolist() if not one.is_dir()]
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as error:
        raise _Refused(
            told("Paket .zip ini rusak dan tidak dapat dibuka. Unduh atau buat ulang paketnya.")
        ) from error
    if len(entries) > MOST_ENTRIES:
        raise _Refused(told("Paket ini memuat lebih dari %(n)s berkas.", n=MOST_ENTRIES))
    for entry in entries:
        _check_entry(entry)
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise _Refused(told("Isi paket ini terlalu besar bila dibuka; paling banyak 24 MB."))
    wanted = [entry for entry in entries if not _IGNORED.search(entry.filename)]
    folder = _common_folder([entry.filename for entry in wanted])
    left = MOST_UNPACKED
    parts: dict[str, bytes] = {}
    left_out: list[str] = []
    for entry in wanted:
        name = entry.filename[len(folder) :]
        lower = name.lower()
        known = lower == MANIFEST or lower.endswith((".bpmn", ".dmn", *_SCENARIO_ENDINGS))
        if not known:
            left_out.append(name[:80])
            continue
        if name in parts:
            raise _Refused(told("Paket ini memuat dua berkas bernama “%(name)s”.", name=name[:80]))
        parts[name] = _read(archive, entry, left)
        left -= len(parts[name])
    manifest = _manifest(parts)
    files: dict[str, str] = {}
    for path, part in parts.items():
        name = _file_name(path)
        if name in files:
            raise _Refused(told("Paket ini memuat dua berkas bernama “%(name)s”.", name=name[:80]))
        if name.lower().endswith((".bpmn", ".dmn")):
            files[name] = _text(name, part)
    main = _main(files, manifest)
    titles = manifest.get("skenario") if isinstance(manifest.get("skenario"), dict) else {}
    scenarios = _scenarios(parts, titles or {})
    return _answer(files, main, scenarios, manifest, left_out)


def _answer(
    files: Mapping[str, str], main: str, scenarios: Sequence[Mapping[str, Any]], manifest: Mapping[str, Any],
    left_out: Sequence[str],
) -> dict[str, Any]:  # fmt: skip
    version = manifest.get("versi")
    return {
        "files": dict(files),
        "main": main,
        "scenarios": list(scenarios),
        "city": _clean(str(manifest.get("kota") or ""))[:120],
        "version": version if isinstance(version, int) and not isinstance(version, bool) else None,
        "left_out": [_clean(name) for name in left_out],
    }


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename
    parts = name.replace("\\", "/").split("/")
    is_link = (entry.external_attr >> 16) & 0o170000 == 0o120000
    if "\\" in name or name.startswith("/") or ":" in parts[0] or ".." in parts or is_link:
        raise _Refused(told("Paket ini memuat alamat berkas yang tidak wajar dan tidak dibuka: “%(name)s”.",
                       name=name[:80]))  # fmt: skip
    if entry.flag_bits & 0x1:
        raise _Refused(told("Paket ini terkunci kata sandi. Buat paket tanpa kata sandi."))
    if entry.file_size > LARGEST and not _IGNORED.search(name):
        raise _Refused(told("Berkas “%(name)s” dalam paket lebih besar dari 2 MB.", name=name[:80]))


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, left: int) -> bytes:
    """At most what may come, whatever the entry says of itself."""
    most = min(LARGEST, left)
    try:
        with archive.open(entry) as part:
            content = part.read(most + 1)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise _Refused(told("Berkas “%(name)s” dalam paket rusak.", name=entry.filename[:80])) from error
    except Exception as error:  # zlib and lzma have errors of their own
        if type(error).__module__.partition(".")[0] not in ("zlib", "lzma", "_lzma"):
            raise
        raise _Refused(told("Berkas “%(name)s” dalam paket rusak.", name=entry.filename[:80])) from error
    if len(content) > most:
        raise _Refused(told("Isi paket ini terlalu besar bila dibuka; paling banyak 24 MB."))
    return content


def _common_folder(names: Sequence[str]) -> str:
    """`sop-palu/` when everything lies in it: people zip folders."""
    first = names[0].partition("/")[0] if names and "/" in names[0] else ""
    folder = f"{first}/"
    return folder if first and first != "skenario" and all(n.startswith(folder) for n in names) else ""


def _manifest(parts: dict[str, bytes]) -> Mapping[str, Any]:
    written = parts.pop(MANIFEST, None)
    if written is None:
        return {}
    try:
        manifest = json.loads(written)
    except (ValueError, RecursionError) as error:
        raise _Refused(told("manifest.json dalam paket ini tidak terbaca.")) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise _Refused(
            told("manifest.json dalam paket ini bukan buatan Tuntas. Hapus berkas itu dari paketnya.")
        )
    hashes = manifest.get("berkas")
    for name, digest in hashes.items() if isinstance(hashes, dict) else ():
        if name not in parts:
            raise _Refused(told("Berkas “%(name)s” tercatat di manifest, tetapi tidak ada di paket.",
                           name=str(name)[:80]))  # fmt: skip
        if hashlib.sha256(parts[name]).hexdigest() != digest:
            raise _Refused(told("Isi berkas “%(name)s” tidak sama dengan yang tercatat di manifest.",
                           name=str(name)[:80]))  # fmt: skip
    return manifest


def _main(files: Mapping[str, str], manifest: Mapping[str, Any]) -> str:
    diagrams = sorted(name for name in files if name.endswith(".bpmn"))
    if not diagrams:
        raise _Refused(told("Tidak ada diagram .bpmn di dalam paket ini."))
    if manifest.get("utama") in diagrams:
        return str(manifest["utama"])
    found = {name: references(name, files[name].encode("utf-8")) for name in diagrams}
    called = {key for one in found.values() for key in one.calls}
    free = [name for name in diagrams if not called & set(found[name].processes)]
    return (free or diagrams)[0]


def _scenarios(parts: Mapping[str, bytes], titles: Mapping[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for path in sorted(parts):
        if not path.lower().endswith(_SCENARIO_ENDINGS):
            continue
        name = _tidy(path.rpartition("/")[2].rpartition(".")[0])[:80]
        text = _plain_text(path, parts[path])
        if len(text) > MOST_SCENARIO_CHARACTERS:
            raise _Refused(told("Skenario “%(name)s” terlalu panjang.", name=name))
        title = titles.get(name) or title_of(name, text)
        found.append({"name": name, "title": _clean(str(title))[:300], "text": text, "origin": "orang",
                      "covers": {}, "verdict": None, "marked_by": None})  # fmt: skip
    if len(found) > MOST_SCENARIOS or len({one["name"] for one in found}) < len(found):
        raise _Refused(told("Paket ini memuat terlalu banyak skenario, atau dua yang bernama sama."))
    return found


def _file_name(path: str) -> str:
    base = path.rpartition("/")[2]
    stem, _dot, ending = base.rpartition(".")
    return base if FILE_NAME.fullmatch(base) else f"{_tidy(stem)}.{ending.lower()}"


def _clean(words: str) -> str:
    """Words of a stranger as one line that can be stored."""
    return _UNPRINTABLE.sub(" ", words).strip()


def _tidy(name: str) -> str:
    return (_NAME.sub("_", name).strip("_.-") or "sop")[:70]


def _text(name: str, content: bytes) -> str:
    """An XML file as text, whatever encoding it declares."""
    if len(content) > LARGEST:
        raise _Refused(told("Berkas “%(name)s” lebih besar dari 2 MB.", name=name[:80]))
    return _plain_text(name, as_utf8(Source(name, content)).content)


def _plain_text(name: str, content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Refused(told("Berkas “%(name)s” bukan teks UTF-8. Simpan ulang dari penyuntingnya.",
                       name=name[:80])) from error  # fmt: skip
    if "\x00" in text:
        raise _Refused(told("Berkas “%(name)s” memuat huruf yang tidak dapat disimpan.", name=name[:80]))
    return text
