"""What a service task may ask for, turned from expressions' values into requests the service carries out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from app.engine.step import Effect


@dataclass(frozen=True, slots=True)
class Notice:
    """Tell somebody something. `recipient` as in the outbox."""

    recipient: str
    template: str
    text: str
    element: str


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    element: str


@dataclass(frozen=True, slots=True)
class Extension:
    """Move the deadline of the open task `element` to `until`."""

    element: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Launch:
    """Start another SOP for the same report."""

    key: str
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Masking:
    """Hide parts of the report's text from the public, or all of it. The text itself stays as it was sent."""

    parts: tuple[str, ...]
    whole: bool
    element: str


@dataclass(frozen=True, slots=True)
class Enactment:
    """Put the proposed SOP that this process judges in force, on this legal basis. `begins`: the first day it
    holds; None: at once."""

    basis: str
    begins: date | None
    element: str


@dataclass(frozen=True, slots=True)
class Return:
    """Give the proposed SOP back to its author, with remarks."""

    remarks: str
    element: str


Request = Notice | Note | Extension | Launch | Masking | Enactment | Return


class OperationRefused(Exception):
    """A service task asked for something that makes no sense, e.g. a recipient that is no text. Becomes an
    incident that names the element."""

    def __init__(self, element: str, text: str) -> None:
        super().__init__(text)
        self.element = element
        self.text = text


def requests(effects: Iterable[Effect], *, units: Mapping[str, str | None]) -> list[Request]:
    """The requests among `effects`, in order.

    `units` gives role -> unit at this moment, so that a notice to `operator_opd` reaches the unit that holds
    the report now. `status` and `tetapkan_opd` took effect inside the push and ask for nothing more.
    """
    found: list[Request] = []
    for effect in effects:
        given = effect.parameters
        if effect.operation == "beritahu":
            found.append(_notice(effect, given, units))
        elif effect.operation == "catat":
            found.append(Note(str(given.get("teks", "")), effect.element))
        elif effect.operation == "perpanjang":
            found.append(Extension(_text(effect, "tugas"), _moment(effect, "sampai")))
        elif effect.operation == "mulai_sop":
            data = given.get("data") or {}
            if not isinstance(data, Mapping):
                raise OperationRefused(
                    effect.element, "Data untuk SOP yang dimulai harus berupa pasangan nama–nilai."
                )
            found.append(Launch(_text(effect, "kunci"), data))
        elif effect.operation == "samarkan":
            parts = str(given.get("bagian") or "").splitlines()
            cut = tuple(part.strip() for part in parts if part.strip())
            found.append(Masking(cut, bool(given.get("seluruhnya")), effect.element))
        elif effect.operation == "tetapkan_sop":
            found.append(Enactment(_text(effect, "dasar"), _day(effect, "mulai"), effect.element))
        elif effect.operation == "kembalikan_sop":
            found.append(Return(str(given.get("catatan") or ""), effect.element))
        elif effect.operation not in ("status", "tetapkan_opd"):
            raise OperationRefused(effect.element, f"Operasi “{effect.operation}” tidak dikenal kota ini.")
    return found


def _notice(effect: Effect, given: Mapping[str, Any], units: Mapping[str, str | None]) -> Notice:
    target = _text(effect, "kepada")
    if target == "pelapor":
        recipient = "pelapor"
    elif target in units:
        unit = units[target]
        recipient = f"role:{target}" if unit is None else f"role:{target}@{unit}"
    else:
        recipient = f"unit:{target}"
    return Notice(recipient, str(given.get("pesan") or ""), str(given.get("teks") or ""), effect.element)


def _text(effect: Effect, name: str) -> str:
    value = effect.parameters.get(name)
    if not isinstance(value, str) or not value:
        raise OperationRefused(effect.element, f"Operasi “{effect.operation}” memerlukan teks “{name}”.")
    return value


def _moment(effect: Effect, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(_text(effect, name))
    except ValueError as wrong:
        raise OperationRefused(effect.element, f"“{name}” bukan tanggal dan waktu.") from wrong
    if moment.tzinfo is None:
        raise OperationRefused(effect.element, f"“{name}” tidak menyebut zona waktu.")
    return moment


def _day(effect: Effect, name: str) -> date | None:
    value = effect.parameters.get(name)
    if value in (None, ""):
        return None
    try:
        return date.fromisoformat(_text(effect, name))
    except ValueError as wrong:
        raise OperationRefused(effect.element, f"“{name}” bukan tanggal.") from wrong
