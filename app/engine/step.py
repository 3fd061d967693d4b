"""What the engine answers: plain frozen values, never an object of SpiffWorkflow.

`state` is one small JSON value (decision 4): it is opaque to everybody outside this room, is stored as it
is, and is handed back at the next push. Moments are aware datetimes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeAlias

Json: TypeAlias = Any
State: TypeAlias = dict[str, Any]
Answers: TypeAlias = Mapping[str, Any]
DueUnit: TypeAlias = Literal["kerja", "jam"]
"""`kerja`: the rule counted working time (`hari_kerja`, `jam_kerja`); `jam`: wall clock."""


class WorkingTime(Protocol):
    """The city's working calendar, as far as the engine needs it (see `app.domain.calendar`)."""

    @property
    def zone(self) -> str:
        """IANA name of the city's time zone, e.g. `Asia/Makassar`."""
        ...

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """Closing time of the n-th working day after the day of `start`, that day not counted."""
        ...

    def add_working_time(self, start: datetime, seconds: float) -> datetime:
        """The moment when `seconds` of working time have passed since `start`."""
        ...

    def working_seconds(self, start: datetime, end: datetime) -> float:
        """Working time between two moments, in seconds; negative when `end` lies before `start`."""
        ...


@dataclass(frozen=True, slots=True)
class Tools:
    """All a push may know of the outside: who asks the clock, asks this."""

    now: datetime
    calendar: WorkingTime


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A user task that waits for a person. `id` is a UUID in text form and stays the same until it closes."""

    id: str
    element: str
    process: str
    """Key of the process the element stands in (a called process has its own)."""
    name: str
    role: str
    """Lane id: own lane, else that of the enclosing sub-process, else of the calling call activity."""
    opened: datetime
    due: datetime | None
    due_rule: str | None
    """The expression of `sop:task deadline` as written, e.g. `hari_kerja(batas_verifikasi)`."""
    due_unit: DueUnit | None
    item: Json = None
    """The input item of the multi-instance child this task belongs to."""
    scope: Mapping[str, Json] = field(default_factory=dict)
    """Local variables of the enclosing multi-instance children, innermost wins."""
    barred: frozenset[str] = frozenset()
    """Persons who may not complete it: they did the work it checks, or it wants fresh eyes."""


@dataclass(frozen=True, slots=True)
class ClosedTask:
    id: str
    element: str
    process: str
    reason: Literal["completed", "cancelled"]
    cause: str | None = None
    """Element that took it away when cancelled (a boundary event, an end event)."""


@dataclass(frozen=True, slots=True)
class Visit:
    """An element that finished or was passed in this push, in order. `source` is the element before it."""

    element: str
    process: str
    kind: str
    """BPMN tag without prefix: `userTask`, `exclusiveGateway`, `boundaryEvent`, `endEvent` …"""
    source: str | None = None
    flow: str | None = None
    """Id of the sequence flow taken to reach it, where there is one."""


@dataclass(frozen=True, slots=True)
class Effect:
    """An operation a service task asked for; carried out by the service, in the same transaction, once.

    `tetapkan_opd` and `status` have already taken effect on the variables and on `Step.status`; they are
    reported here all the same, so that the event log can tell who set them.
    """

    operation: str
    parameters: Mapping[str, Json]
    element: str
    process: str


@dataclass(frozen=True, slots=True)
class DecisionTrace:
    element: str
    decision: str
    policy: str
    inputs: Mapping[str, Json]
    rows: tuple[int, ...]
    """Rows hit, counted from 1."""
    outputs: Json


@dataclass(frozen=True, slots=True)
class Firing:
    """A timer that fired in this push. `count` > 1 when missed turns of a cycle were collapsed into one."""

    element: str
    process: str
    due: datetime
    count: int = 1


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer that still waits. `host` is the element a boundary timer is attached to."""

    element: str
    process: str
    due: datetime
    host: str | None = None
    task_id: str | None = None
    """Open user task the boundary sits on, when the host is one."""
    interrupting: bool = True


@dataclass(frozen=True, slots=True)
class Position:
    """Where an instance stands, read from its state alone."""

    open: tuple[OpenTask, ...]
    waiting: frozenset[str]
    """Names of the messages somebody waits for."""
    timers: tuple[Timer, ...]
    next_wake: datetime | None
    variables: Mapping[str, Json]
    ended: bool
    end_reason: str | None
    status: str | None
    tokens: tuple[str, ...] = ()
    """Elements that hold a live token (user tasks, waiting events, joins), for drawing on the diagram."""
    total_due: datetime | None = None
    """The report's total deadline (`sop:process total`); None until the values its rule reads are there."""
    total_unit: DueUnit | None = None
    total_paused: bool = False
    """A task with `pauses="total"` is open: the total deadline moves on by the time it stays so."""
    total_rule: str | None = None
    """The rule the total deadline runs by: that of the version it began under."""


@dataclass(frozen=True, slots=True)
class Step:
    """The answer to one push."""

    state: State
    position: Position
    """Where the instance stands after the push; computed from the live engine, before saving."""
    opened: tuple[OpenTask, ...] = ()
    closed: tuple[ClosedTask, ...] = ()
    visited: tuple[Visit, ...] = ()
    effects: tuple[Effect, ...] = ()
    decisions: tuple[DecisionTrace, ...] = ()
    fired: tuple[Firing, ...] = ()
    status: str | None = None
    """Public status the report takes by this push; None: it stays."""
    moved: tuple[tuple[str, datetime | None, datetime | None], ...] = ()
    """(task id, old due, new due) of open tasks whose deadline this push moved."""
    flows: tuple[tuple[str, str], ...] = ()
    """(process, sequence flow) a token took in this push, in order, also towards what was cancelled later."""
    accepted: Mapping[str, Json] = field(default_factory=dict)
    """The completed form as it counts: typed, with defaults, None for what was not visible; personal answers
    in full, which are not among the variables."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An expected 'no'. Nothing happened, the old state is still true. `NotPossible`: an operation that
    would leave the process where its SOP cannot go."""

    name: Literal["SamePerson", "NotOpen", "NotPermitted", "InvalidAnswers", "NotExpected",
                  "ClosedByDeadline", "NotPossible"]
    text: str
    """Indonesian, says what to do."""
    faults: Mapping[str, str] = field(default_factory=dict)
    """Field id -> what is wrong with its answer (InvalidAnswers)."""
    step: Step | None = None
    """ClosedByDeadline only: the step of the timer that closed the task, which is to be saved."""


class EngineFault(Exception):
    """The SOP cannot go on: a decision without answer, a script error, no branch true, an uncaught error
    end, too many elements in one push. The push did not happen; the service opens an incident."""

    def __init__(self, text: str, *, element: str | None = None, process: str | None = None,
                 names: tuple[str, ...] = ()) -> None:
        super().__init__(text)
        self.text = text
        self.element = element
        self.process = process
        self.names = names
