"""A scenario (golden walk) as plain values, read from the mapping a YAML file holds.

Rule: section "Scenarios" of the SOP file contract. Reading is strict: a key nobody knows is a slip of the pen
and would silently check nothing, so it is refused by name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from app.engine.scenario_days import Days, DaysInvalid, read_days
from app.engine.step import Json

MAX_STEPS = 5_000
MAX_DEPTH = 30
EXPECTATIONS = frozenset({"open", "status", "roles", "due", "sent"})
SPANS = ("working_days", "days", "hours", "minutes")
REFUSALS = frozenset(
    {"SamePerson", "NotOpen", "NotPermitted", "InvalidAnswers", "NotExpected", "ClosedByDeadline"}
)


class ScenarioInvalid(ValueError):
    """The scenario is not written as the contract says; the text names the place and is Indonesian."""


@dataclass(frozen=True, slots=True)
class Complete:
    """`task` is an element id or `process/element`; `of` tells which child of a multi-instance."""

    task: str
    by: str | None = None
    answers: Mapping[str, Json] = field(default_factory=dict)
    of: Json = None
    has_of: bool = False


@dataclass(frozen=True, slots=True)
class Deliver:
    message: str
    data: Mapping[str, Json] = field(default_factory=dict)
    by: str | None = None


@dataclass(frozen=True, slots=True)
class Advance:
    """Spans are added one after the other; `to` is a moment, alone."""

    spans: tuple[tuple[str, float], ...] = ()
    to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Expect:
    """Only what is named is compared."""

    wanted: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Refuse:
    """The act is tried and must be refused, by this name when one is given."""

    act: Complete | Deliver
    because: str | None = None


Act: TypeAlias = Complete | Deliver | Advance | Expect | Refuse


@dataclass(frozen=True, slots=True)
class Scenario:
    sop: str
    decisions: tuple[str, ...]
    at: datetime | None
    data: Mapping[str, Json]
    acts: tuple[Act, ...]
    end: str | None
    path: tuple[str, ...] | None
    days: Days = field(default_factory=dict)
    """Days that differ from the calendar it is walked with (`calendar:`)."""


def read_scenario(raw: Json) -> Scenario:
    """Read the mapping. Raises ScenarioInvalid."""
    top = _mapping(raw, "Skenario")
    _known(top, ("sop", "decisions", "at", "calendar", "data", "steps", "end", "path"), "Skenario")
    steps = _listed(top.get("steps") or [], "steps")
    if len(steps) > MAX_STEPS:
        raise ScenarioInvalid(f"Skenario berisi lebih dari {MAX_STEPS} langkah.")
    sop = top.get("sop")
    if not isinstance(sop, str) or not sop.strip():
        raise ScenarioInvalid("Tulis `sop:` dengan kunci proses atau nama berkas .bpmn.")
    path = top.get("path")
    return Scenario(
        sop=sop.strip(),
        decisions=tuple(_text(one, "decisions") for one in _listed(top.get("decisions") or [], "decisions")),
        at=None if top.get("at") is None else _moment(top["at"], "at"),
        data=_data(top.get("data"), "data"),
        acts=tuple(_act(step, number) for number, step in enumerate(steps, start=1)),
        end=None if top.get("end") is None else _text(top["end"], "end"),
        path=None if path is None else tuple(_text(one, "path") for one in _listed(path, "path")),
        days=_days(top.get("calendar")),
    )


def _days(raw: Json) -> Days:
    try:
        return read_days(_data(raw, "calendar"))
    except DaysInvalid as error:
        raise ScenarioInvalid(str(error)) from error


def _act(raw: Json, number: int) -> Act:
    where = f"Langkah {number}"
    step = _mapping(raw, where)
    verbs = [verb for verb in ("complete", "advance", "expect", "deliver", "refuse") if verb in step]
    if len(verbs) != 1:
        raise ScenarioInvalid(f"{where}: tulis tepat satu dari complete, advance, expect, deliver, refuse.")
    if verbs[0] in ("complete", "deliver"):
        return _deed(step, where)
    _known(step, verbs, where)
    inner = _mapping(step[verbs[0]], f"{where} ({verbs[0]})")
    if verbs[0] == "advance":
        return _advance(inner, f"{where} (advance)")
    if verbs[0] == "expect":
        _known(inner, EXPECTATIONS, f"{where} (expect)")
        return Expect(_expected(inner, f"{where} (expect)"))
    because = inner.get("because")
    if because is not None and because not in REFUSALS:
        raise ScenarioInvalid(f"{where} (refuse): because harus salah satu dari {_words(REFUSALS)}.")
    return Refuse(_deed({key: inner[key] for key in inner if key != "because"}, f"{where} (refuse)"), because)


def _deed(step: Mapping[str, Json], where: str) -> Complete | Deliver:
    if "complete" in step:
        _known(step, ("complete", "by", "answers", "of"), where)
        return Complete(
            task=_text(step["complete"], f"{where} (complete)"),
            by=_person(step.get("by"), where),
            answers=_data(step.get("answers"), f"{where} (answers)"),
            of=plain(step.get("of")),
            has_of="of" in step,
        )
    if "deliver" in step:
        _known(step, ("deliver", "data", "by"), where)
        return Deliver(
            message=_text(step["deliver"], f"{where} (deliver)"),
            data=_data(step.get("data"), f"{where} (data)"),
            by=_person(step.get("by"), where),
        )
    raise ScenarioInvalid(f"{where}: tulis complete atau deliver di dalamnya.")


def _advance(inner: Mapping[str, Json], where: str) -> Advance:
    _known(inner, (*SPANS, "to"), where)
    if "to" in inner:
        if len(inner) > 1:
            raise ScenarioInvalid(f"{where}: `to` berdiri sendiri.")
        return Advance(to=_moment(inner["to"], where))
    spans = []
    for unit, amount in inner.items():
        if isinstance(amount, bool) or not isinstance(amount, (int, float)) or not 0 <= amount <= 100_000:
            raise ScenarioInvalid(f"{where}: {unit} harus angka 0 sampai 100.000.")
        if unit == "working_days" and amount != int(amount):
            raise ScenarioInvalid(f"{where}: working_days harus bilangan bulat.")
        spans.append((unit, float(amount)))
    if not spans:
        raise ScenarioInvalid(f"{where}: tulis salah satu dari {_words((*SPANS, 'to'))}.")
    return Advance(spans=tuple(spans))


def _expected(inner: Mapping[str, Json], where: str) -> dict[str, Json]:
    wanted = _data(inner, where)
    if "open" in wanted:
        wanted["open"] = [_text(one, where) for one in _listed(wanted["open"] or [], f"{where}: open")]
    for name in ("roles", "due"):
        if name in wanted:
            wanted[name] = _mapping(wanted[name] or {}, f"{where}: {name}")
    if "sent" in wanted:
        pairs = _listed(wanted["sent"] or [], f"{where}: sent")
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
            raise ScenarioInvalid(f"{where}: sent berisi pasangan [penerima, pesan].")
        wanted["sent"] = [tuple(str(one) for one in pair) for pair in pairs]
    return wanted


def plain(value: Json, depth: int = 0) -> Json:
    """A YAML value as JSON: dates and moments become ISO text, keys text. Raises ScenarioInvalid for what
    JSON does not know, and for a value that holds itself."""
    if depth > MAX_DEPTH:
        raise ScenarioInvalid(f"Nilai bersarang lebih dari {MAX_DEPTH} tingkat.")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): plain(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner, depth + 1) for inner in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise ScenarioInvalid("NaN dan tak hingga bukan nilai yang dapat disimpan.")
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise ScenarioInvalid(f"Nilai jenis “{type(value).__name__}” tidak dikenal di skenario.")


def _data(raw: Json, where: str) -> dict[str, Json]:
    found: dict[str, Json] = plain(_mapping({} if raw is None else raw, where))
    return found


def _mapping(raw: Json, where: str) -> Mapping[str, Json]:
    if not isinstance(raw, Mapping) or not all(isinstance(key, str) for key in raw):
        raise ScenarioInvalid(f"{where}: di sini harus ada pasangan `nama: nilai`.")
    return raw


def _listed(raw: Json, where: str) -> list[Json]:
    if not isinstance(raw, list):
        raise ScenarioInvalid(f"{where}: di sini harus ada daftar.")
    return raw


def _text(raw: Json, where: str) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ScenarioInvalid(f"{where}: di sini harus ada teks.")
    return raw.strip()


def _person(raw: Json, where: str) -> str | None:
    return None if raw is None else _text(str(raw), f"{where} (by)")


def _moment(raw: Json, where: str) -> datetime:
    """A moment; without an offset it is meant in the city's zone (the walk puts it in)."""
    try:
        return datetime.fromisoformat(str(plain(raw)))
    except ValueError:
        raise ScenarioInvalid(f"{where}: “{raw}” bukan saat seperti 2026-03-17T10:05:00+08:00.") from None


def _known(found: Mapping[str, Json], names: Iterable[str], where: str) -> None:
    strange = sorted(set(found) - set(names))
    if strange:
        raise ScenarioInvalid(f"{where}: kunci {_words(strange)} tidak dikenal; yang ada: {_words(names)}.")


def _words(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))
