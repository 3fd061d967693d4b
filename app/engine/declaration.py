"""What a diagram declares in the namespace `urn:tuntas:sop:1`, read once into plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

NAMESPACE = "urn:tuntas:sop:1"

FIELD_TYPES = (
    "string", "text", "integer", "number", "boolean", "date", "datetime", "choice", "choices", "unit",
    "person", "category", "kelurahan", "location", "photo", "file", "report", "rating", "info",
)


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One `sop:field`. Texts of expressions are kept as written; they were checked at compile time."""

    id: str
    type: str
    label: str
    required: bool = False
    required_when: str | None = None
    visible_when: str | None = None
    default: str | None = None
    min: str | None = None
    """Number, ISO date or count of photos, by type; as written."""
    max: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    pattern: str | None = None
    help: str | None = None
    public: bool = False
    reporter: bool = False
    """The reporter may read the answer, the public not (`reporter="true"`, beyond the contract)."""
    personal: bool = False
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Duty:
    """`sop:duty`: the five matters Bappeda regulates (with the role, which is the lane)."""

    cost: str = ""
    responsible: str = ""
    public: str = ""
    message: str | None = None
    """None: attribute absent; empty: sends nothing."""
    escalation: str = ""


@dataclass(frozen=True, slots=True)
class Standard:
    inputs: str = ""
    output: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Task:
    """One user task as drawn."""

    element: str
    process: str
    name: str
    role: str | None
    deadline: str | None = None
    status: str | None = None
    priority: str = "normal"
    verifies: str | None = None
    fresh: bool = False
    pauses: Literal["total"] | None = None
    fields: tuple[Field, ...] = ()
    duty: Duty = Duty()
    standard: Standard = Standard()
    documentation: str = ""
    next_steps: tuple[str, ...] = ()
    """Names of the user tasks and ends that may follow directly, for 'Setelah ini: …'."""
    boundary: tuple[str, ...] = ()
    """Ids of boundary events on it."""


@dataclass(frozen=True, slots=True)
class Document:
    """`sop:document`: the identity block of the printed SOP."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    legal_basis: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a file. `rule` is a short stable name; texts are Indonesian.

    `fix` is None or plain JSON that puts it right with one click: `{"label": …, "edits": [edit, …]}`; the
    edits and what they do are listed in `fixes.py`. `path`: ids of elements, in order, that show on the
    diagram how it goes wrong.
    """

    file: str
    element: str | None
    rule: str
    severity: Literal["error", "warning"]
    message: str
    repair: str = ""
    fix: Mapping[str, Any] | None = field(default=None, hash=False)
    path: tuple[str, ...] = ()

    def told(self) -> dict[str, Any]:
        """Plain JSON, for pages and for the way out of a child process."""
        return {"file": self.file, "element": self.element, "rule": self.rule, "severity": self.severity,
                "message": self.message, "repair": self.repair,
                "fix": None if self.fix is None else dict(self.fix), "path": list(self.path)}

    @classmethod
    def from_told(cls, told: Mapping[str, Any]) -> Finding:
        """The finding that `told()` gave."""
        return cls(**{**told, "path": tuple(told.get("path", ()))})
