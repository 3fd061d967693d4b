"""What the studio sends to be compared, read into plain values."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain.errors import Invalid
from app.forms.studio import NOT_UNDERSTOOD, Files, body, read_files


@dataclass(frozen=True, slots=True)
class Comparison:
    """`against`: files to compare with, or None for version `version` of `key` (None: the one in force)."""

    given: Files
    against: Files | None
    key: str | None
    version: int | None


def read_comparison(sent: object) -> Comparison:
    """`{files, main, old?}` with `old` as `{files, main}`, `{key?, version?}` or absent. Raises Invalid."""
    told = body(sent)
    old = told.get("old") or {}
    if not isinstance(old, dict):
        raise Invalid(NOT_UNDERSTOOD)
    if "files" in old:
        return Comparison(read_files(told), read_files(old), None, None)
    key, version = old.get("key"), old.get("version")
    if not isinstance(key, str | None) or isinstance(version, bool) or not isinstance(version, int | None):
        raise Invalid(NOT_UNDERSTOOD)
    return Comparison(read_files(told), None, key, version)
