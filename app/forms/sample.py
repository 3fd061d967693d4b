"""A form that is still being drawn, read from what the editor sends, to be shown as it will look."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.domain.errors import Invalid
from app.engine.declaration import FIELD_TYPES, Field, Option, Task
from app.engine.extensions import truth
from app.forms.studio import NOT_UNDERSTOOD, body

MOST_FIELDS = 120
MOST_OPTIONS = 300
LONGEST = 4_000
_FLAGS = ("required", "public", "personal", "reporter")
_TEXTS = {"requiredWhen": "required_when", "visibleWhen": "visible_when", "default": "default", "min": "min",
          "max": "max", "pattern": "pattern", "help": "help"}
_LENGTHS = {"minLength": "min_length", "maxLength": "max_length"}


def read_sample(sent: object) -> Task:
    """`{fields: [{id, type, label, …, options}], role}`, all attributes as text as they stand in the file.

    What a field lacks to run (an id, a known type) is given to it for the picture; the checks tell of it.
    Raises Invalid for what is no form at all.
    """
    given = body(sent)
    fields, role = given.get("fields"), given.get("role")
    if not isinstance(fields, list) or len(fields) > MOST_FIELDS or not isinstance(role, str | None):
        raise Invalid(NOT_UNDERSTOOD)
    seen: dict[str, Field] = {}
    for number, one in enumerate(fields, start=1):
        field = _field(body(one), number)
        seen.setdefault(field.id, field)
    return Task(element="pratinjau", process="pratinjau", name="", role=role, fields=tuple(seen.values()))


def _field(given: Mapping[str, Any], number: int) -> Field:
    texts = {name: value for name, value in given.items() if name != "options"}
    if not all(isinstance(value, str) and len(value) <= LONGEST for value in texts.values()):
        raise Invalid(NOT_UNDERSTOOD)
    kind = texts.get("type", "")
    more: dict[str, Any] = {ours: _present(texts, theirs) for theirs, ours in _TEXTS.items()}
    more |= {ours: _count(texts, theirs) for theirs, ours in _LENGTHS.items()}
    more |= {name: truth(texts.get(name)) is True for name in _FLAGS}
    return Field(
        id=texts.get("id", "").strip() or f"isian_{number}",
        type=kind if kind in FIELD_TYPES else "string",
        label=texts.get("label", ""),
        options=_options(given.get("options")),
        **more,
    )


def _present(texts: Mapping[str, str], name: str) -> str | None:
    text = texts.get(name, "")
    return text if text.strip() else None


def _count(texts: Mapping[str, str], name: str) -> int | None:
    text = texts.get(name, "").strip()
    return int(text) if text.isdecimal() and len(text) <= 6 else None


def _options(given: object) -> tuple[Option, ...]:
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > MOST_OPTIONS:
        raise Invalid(NOT_UNDERSTOOD)
    found = []
    for one in map(body, given):
        value, label = one.get("value") or "", one.get("label") or one.get("value") or ""
        if not isinstance(value, str) or not isinstance(label, str):
            raise Invalid(NOT_UNDERSTOOD)
        found.append(Option(value, label))
    return tuple(found)
