"""What the studio's page sends, read into plain values. JSON from a browser is as little to be trusted as any
other input: what does not fit is refused in words."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.domain.errors import Invalid
from app.domain.sop_draft import (
    MOST_SCENARIO_CHARACTERS,
    MOST_SCENARIOS,
    ORIGINS,
    VERDICTS,
    faults_of_files,
)
from app.domain.words import told

SCENARIO_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
NOT_UNDERSTOOD = told("Kiriman dari penyunting tidak lengkap. Muat ulang halaman, lalu coba lagi.")
_UNPRINTABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a draft as they stand in a browser."""

    files: Mapping[str, str]
    main: str


@dataclass(frozen=True, slots=True)
class Written:
    """What somebody wrote since `revision`."""

    revision: int
    files: Mapping[str, str]
    main: str
    view: Mapping[str, Any] | None


def body(sent: object) -> Mapping[str, Any]:
    """A JSON object. Raises Invalid."""
    if not isinstance(sent, dict):
        raise Invalid(NOT_UNDERSTOOD)
    return sent


def read_files(sent: object) -> Files:
    """`{files, main}`. Raises Invalid."""
    given = body(sent)
    files, main = given.get("files"), given.get("main")
    if not isinstance(main, str) or not isinstance(files, dict):
        raise Invalid(NOT_UNDERSTOOD)
    if not all(isinstance(name, str) and isinstance(text, str) for name, text in files.items()):
        raise Invalid(NOT_UNDERSTOOD)
    fault = faults_of_files(files, main)
    if fault:
        raise Invalid(fault)
    return Files(files, main)


def read_written(sent: object) -> Written:
    """`{revision, files, main, view?}`. Raises Invalid."""
    given, read = body(sent), read_files(sent)
    revision, view = given.get("revision"), given.get("view")
    if isinstance(revision, bool) or not isinstance(revision, int):
        raise Invalid(NOT_UNDERSTOOD)
    if view is not None and (not isinstance(view, dict) or not _storable(view)):
        raise Invalid(NOT_UNDERSTOOD)
    return Written(revision, read.files, read.main, view)


def read_scenarios(sent: object) -> list[dict[str, Any]]:
    """`{scenarios: […]}`, each with `name`, `title`, `text`, `origin` and `covers`; verdicts are not taken
    from here. Raises Invalid."""
    given = body(sent).get("scenarios")
    if not isinstance(given, list) or len(given) > MOST_SCENARIOS:
        raise Invalid(told("Satu konsep memuat paling banyak %(n)s skenario.", n=MOST_SCENARIOS))
    read = [_scenario(one) for one in given]
    names = [one["name"] for one in read]
    double = next((name for name in names if names.count(name) > 1), None)
    if double:
        raise Invalid(told("Ada dua skenario bernama “%(name)s”. Beri nama yang lain.", name=double))
    return read


def read_verdict(sent: object) -> str | None:
    """`{verdict}`: `benar`, `salah`, or null to take a mark back. Raises Invalid."""
    verdict = body(sent).get("verdict")
    if verdict is not None and verdict not in VERDICTS:
        raise Invalid(told("Tandai skenario dengan benar atau salah."))
    return verdict


def _scenario(one: object) -> dict[str, Any]:
    if not isinstance(one, dict):
        raise Invalid(NOT_UNDERSTOOD)
    name, title, text = one.get("name"), one.get("title"), one.get("text")
    if not isinstance(name, str) or not isinstance(text, str) or not isinstance(title, str | None):
        raise Invalid(NOT_UNDERSTOOD)
    if not SCENARIO_NAME.fullmatch(name):
        raise Invalid(
            told("Nama skenario “%(name)s” hanya boleh huruf, angka, titik, dan garis.", name=name[:80])
        )
    if len(text) > MOST_SCENARIO_CHARACTERS or _UNPRINTABLE.search(text + (title or "")):
        raise Invalid(told("Isi skenario “%(name)s” tidak dapat disimpan.", name=name))
    covers = one.get("covers")
    return {
        "name": name,
        "title": (title or name)[:300],
        "text": text,
        "origin": one.get("origin") if one.get("origin") in ORIGINS else "orang",
        "covers": covers if isinstance(covers, dict) and _storable(covers) else {},
    }


def _storable(value: object) -> bool:
    """Whether a JSON value is small enough and has no letter that the database keeps in no text."""
    try:
        written = json.dumps(value, allow_nan=False, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return False
    return len(written) <= MOST_SCENARIO_CHARACTERS and b"\\u0000" not in written
