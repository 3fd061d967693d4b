"""An SOP as one file to hand on: diagram, tables, scenarios and a list of what is in it with its hashes.

Files from strangers are opened in a child process that may be stopped. Marks on scenarios do not travel:
what is right in one city is for the other to judge.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.adapters.sandbox import SandboxStopped, in_sandbox
from app.domain.errors import Invalid
from app.domain.sop_draft import faults_of_files
from app.domain.words import told
from app.services.sop_unpacking import FORMAT, MANIFEST, unpacked

LARGEST_PACKAGE = 20 * 1024 * 1024


class PackageRefused(Invalid):
    """What was sent cannot be taken in; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Packed:
    """The content of a package. `version`: None for a draft."""

    key: str
    name: str
    version: int | None
    files: Mapping[str, str]
    main: str
    scenarios: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What came in. `city`, `version`: as its manifest says; empty without one. `left_out`: names of files
    that were not taken."""

    files: Mapping[str, str]
    main: str
    scenarios: Sequence[Mapping[str, Any]]
    city: str
    version: int | None
    left_out: tuple[str, ...]


def pack(content: Packed, city: str) -> bytes:
    """The package; the same content gives the same bytes."""
    parts: dict[str, bytes] = {name: text.encode("utf-8") for name, text in content.files.items()}
    for one in content.scenarios:
        parts[f"skenario/{one['name']}.yaml"] = str(one["text"]).encode("utf-8")
    manifest = {
        "format": FORMAT,
        "kunci": content.key,
        "nama": content.name,
        "versi": content.version,
        "kota": city,
        "utama": content.main,
        "skenario": {one["name"]: one.get("title") or one["name"] for one in content.scenarios},
        "berkas": {name: hashlib.sha256(parts[name]).hexdigest() for name in sorted(parts)},
    }
    parts[MANIFEST] = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True).encode("utf-8")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(parts):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, parts[name])
    return target.getvalue()


def unpack(name: str, content: bytes) -> Unpacked:
    """What is in a `.zip`, `.bpmn` or `.dmn` that somebody sent. Raises PackageRefused."""
    if len(content) > LARGEST_PACKAGE:
        raise PackageRefused(told("Berkas lebih besar dari 20 MB. Kirim paket SOP atau diagramnya saja."))
    if not content:
        raise PackageRefused(told("Berkas ini kosong. Pilih berkas .bpmn, .dmn, atau paket .zip."))
    try:
        answer = in_sandbox(unpacked, name, b64encode(content).decode("ascii"))
    except SandboxStopped as stopped:
        raise PackageRefused(stopped.text) from stopped
    if "fault" in answer:
        raise PackageRefused(told(answer["fault"], **answer["values"]))
    fault = faults_of_files(answer["files"], answer["main"])
    if fault:
        raise PackageRefused(fault)
    return Unpacked(**{**answer, "left_out": tuple(answer["left_out"])})
