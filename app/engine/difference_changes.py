"""What a comparison of two versions says, as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from app.engine.titles import capital

State: TypeAlias = Literal["added", "removed", "changed"]


class Section(StrEnum):
    """Headings of the list of changes, in reading order."""

    IDENTITY = "Identitas SOP"
    STEPS = "Langkah dan kejadian"
    FLOWS = "Alur dan syarat"
    ROLES = "Peran"
    LIMITS = "Batas waktu"
    FORMS = "Formulir"
    DUTIES = "Penanggung jawab"
    MESSAGES = "Pesan dan status"
    STANDARDS = "Mutu baku"
    WORK = "Layanan dan perhitungan"
    DECISIONS = "Tabel keputusan"
    FILES = "Berkas"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different, as a sentence. `before` and `after` are the bare values, empty where there
    was or is none. `element`: id in the newer version, in the older one for what was removed."""

    section: str
    element: str | None
    sentence: str
    before: str = ""
    after: str = ""
    process: str = ""
    """Key of the process; empty for decision tables and files."""
    state: State = "changed"


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell of a table shown with its changes. `before` and `after` are equal where nothing changed."""

    before: str
    after: str

    @property
    def changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row of either version. Numbers count from 1; None where the version lacks the row."""

    state: State | Literal["same"]
    old: int | None
    new: int | None
    cells: tuple[CellChange, ...]


@dataclass(frozen=True, slots=True)
class TableChange:
    """A decision table that is different, all its rows in the order of the newer version."""

    key: str
    name: str
    inputs: int
    """How many of the columns are inputs; the others are outputs."""
    columns: tuple[str, ...]
    rows: tuple[RowChange, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that makes two versions run, read or print differently; nothing of their drawing."""

    elements: Mapping[str, State] = field(default_factory=dict)
    """`process/id` of steps, events, gateways, flows and lanes -> how it is different."""
    changes: tuple[Change, ...] = ()
    """In the order of `Section`."""
    tables: tuple[TableChange, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    """`process/id` of the older version -> the same element's in the newer."""

    @property
    def is_empty(self) -> bool:
        return not self.changes

    def sections(self) -> dict[str, list[Change]]:
        """Changes under their headings, empty ones left out."""
        groups: dict[str, list[Change]] = {}
        for change in self.changes:
            groups.setdefault(change.section, []).append(change)
        return groups

    def told(self) -> dict[str, Any]:
        """Plain JSON."""
        return asdict(self)


class Notes:
    """Collects changes on the way."""

    def __init__(self) -> None:
        self.elements: dict[str, State] = {}
        self.changes: list[Change] = []
        self.tables: list[TableChange] = []
        self.renamed: dict[str, str] = {}

    def say(self, section: Section, process: str, element: str | None, sentence: str, before: str = "",
            after: str = "", state: State = "changed") -> None:
        """Keep one change, and mark its element unless that is marked already."""
        self.changes.append(Change(section.value, element, f"{capital(sentence)}.", before, after, process,
                                   state))
        if element is not None and process:
            self.mark(process, element, state)

    def mark(self, process: str, element: str, state: State) -> None:
        self.elements.setdefault(f"{process}/{element}", state)

    def settled(self) -> Difference:
        order = {section.value: place for place, section in enumerate(Section)}
        changes = sorted(self.changes, key=lambda change: order[change.section])
        return Difference(self.elements, tuple(changes), tuple(self.tables), self.renamed)
