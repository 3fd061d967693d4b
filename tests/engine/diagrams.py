"""Short ways to write small SOPs for the engine's tests, and a calendar and clock to run them by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.engine.compiler import CompiledSop, Source, compile_sop
from app.engine.runner import complete, inspect, start
from app.engine.step import Refusal, State, Step, Tools

MONDAY = datetime(2026, 3, 16, 0, 0, tzinfo=UTC)
"""Monday 16 March 2026, 08.00 in the city."""


@dataclass(frozen=True)
class OfficeHours:
    """Monday to Friday, 00.00-08.00 UTC (08.00-16.00 WITA), no holidays."""

    zone: str = "Asia/Makassar"

    def add_working_days(self, start: datetime, days: int) -> datetime:
        day = start.astimezone(UTC).replace(hour=8, minute=0, second=0, microsecond=0)
        while days > 0:
            day += timedelta(days=1)
            days -= day.weekday() < 5
        return day

    def add_working_time(self, start: datetime, seconds: float) -> datetime:
        current, left = start.astimezone(UTC), seconds
        while True:
            opening = current.replace(hour=0, minute=0, second=0, microsecond=0)
            closing = opening + timedelta(hours=8)
            if current.weekday() < 5 and current < closing:
                span = (closing - current).total_seconds()
                if left <= span:
                    return current + timedelta(seconds=left)
                left -= span
            current = opening + timedelta(days=1)

    def working_seconds(self, start: datetime, end: datetime) -> float:
        if end < start:
            return -self.working_seconds(end, start)
        total, day = 0.0, start.replace(hour=0, minute=0, second=0, microsecond=0)
        while day <= end:
            low, high = max(day, start), min(day + timedelta(hours=8), end)
            if day.weekday() < 5 and high > low:
                total += (high - low).total_seconds()
            day += timedelta(days=1)
        return total


def at(*, days: float = 0, hours: float = 0, calendar: Any = None) -> Tools:
    """The clock, so long after Monday morning."""
    return Tools(MONDAY + timedelta(days=days, hours=hours), calendar or OfficeHours())


def bpmn(body: str, *, key: str = "sop", extra: str = "", total: str = "") -> str:
    """A whole file around the elements of one process. `extra` stands beside the process (messages …)."""
    process = f'<sop:process total="{total}"/>' if total else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:sop="urn:tuntas:sop:1"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" id="d_{key}" targetNamespace="urn:x">{extra}
<bpmn:process id="{key}" name="Proses {key}" isExecutable="true"><bpmn:extensionElements>{process}
</bpmn:extensionElements>{body}</bpmn:process></bpmn:definitions>"""


def flow(name: str, source: str, target: str, condition: str = "") -> str:
    inner = (
        f"<bpmn:conditionExpression><![CDATA[{condition}]]></bpmn:conditionExpression>" if condition else ""
    )
    ends = f'sourceRef="{source}" targetRef="{target}"'
    return f'<bpmn:sequenceFlow id="{name}" {ends}>{inner}</bpmn:sequenceFlow>'


def flows(*pairs: str) -> str:
    """`"a b"` -> a flow from a to b with id `a_b`; `"a b: x == 1"` with a condition."""
    out = []
    for pair in pairs:
        ends, _, condition = pair.partition(":")
        source, target = ends.split()
        out.append(flow(f"{source}_{target}", source, target, condition.strip()))
    return "".join(out)


def user(name: str, *fields: str, inside: str = "", **task: str) -> str:
    """A user task. A field is `id` (text, not required) or `id:type`; `task` are sop:task attributes."""
    form = "".join(
        f'<sop:field id="{field.partition(":")[0]}" type="{field.partition(":")[2] or "string"}" label="x"/>'
        for field in fields
    )
    attributes = "".join(f' {key}="{value}"' for key, value in task.items())
    return (
        f'<bpmn:userTask id="{name}" name="Tugas {name}"><bpmn:extensionElements><sop:task{attributes}/>'
        f"<sop:form>{form}</sop:form></bpmn:extensionElements>{inside}</bpmn:userTask>"
    )


def begin(name: str = "s") -> str:
    return f'<bpmn:startEvent id="{name}"/>'


def end(name: str = "e", reason: str = "selesai", inside: str = "") -> str:
    return (
        f'<bpmn:endEvent id="{name}"><bpmn:extensionElements><sop:end reason="{reason}"/>'
        f"</bpmn:extensionElements>{inside}</bpmn:endEvent>"
    )


def gateway(kind: str, *names: str, default: str = "") -> str:
    chosen = f' default="{default}"' if default else ""
    return "".join(f'<bpmn:{kind}Gateway id="{name}"{chosen}/>' for name in names)


def script(name: str, *lines: str) -> str:
    return f'<bpmn:scriptTask id="{name}"><bpmn:script>{chr(10).join(lines)}</bpmn:script></bpmn:scriptTask>'


def timer(text: str, place: str = "timeDuration") -> str:
    return f"<bpmn:timerEventDefinition><bpmn:{place}>{text}</bpmn:{place}></bpmn:timerEventDefinition>"


def boundary(name: str, host: str, definition: str, *, interrupting: bool = True, catch_up: str = "") -> str:
    timing = (
        f'<bpmn:extensionElements><sop:timer catchUp="{catch_up}"/></bpmn:extensionElements>'
        if catch_up
        else ""
    )
    return (
        f'<bpmn:boundaryEvent id="{name}" attachedToRef="{host}" '
        f'cancelActivity="{str(interrupting).lower()}">{timing}{definition}</bpmn:boundaryEvent>'
    )


def loop(
    items: str, item: str, *, sequential: bool = False, output: str = "", into: str = "", until: str = ""
) -> str:
    out = f"<bpmn:loopDataOutputRef>{into}</bpmn:loopDataOutputRef>" if into else ""
    out += f'<bpmn:inputDataItem id="{item}" name="{item}"/>'
    out += f'<bpmn:outputDataItem id="{output}" name="{output}"/>' if output else ""
    out += f"<bpmn:completionCondition>{until}</bpmn:completionCondition>" if until else ""
    return (
        f'<bpmn:multiInstanceLoopCharacteristics isSequential="{str(sequential).lower()}">'
        f"<bpmn:loopDataInputRef>{items}</bpmn:loopDataInputRef>{out}"
        "</bpmn:multiInstanceLoopCharacteristics>"
    )


def sub(name: str, body: str, inside: str = "") -> str:
    return f'<bpmn:subProcess id="{name}">{inside}{body}</bpmn:subProcess>'


def inner(name: str, *, definition: str = "", ending: str = "cabang") -> str:
    """Start, user task u<name>, end."""
    return (
        begin(f"s_{name}")
        + user(f"u_{name}")
        + end(f"e_{name}", ending, definition)
        + flows(f"s_{name} u_{name}", f"u_{name} e_{name}")
    )


def reminders(*shares: float, deadline: str = "hari_kerja(2)", interrupting: str = "") -> str:
    """One task `a`, at each share of its deadline a side task `r<share>`."""
    parts, pairs = [], []
    for share in shares:
        n = f"{share:g}".replace(".", "_")
        parts += [
            boundary(f"t{n}", "a", timer(f"tenggat({share:g})", "timeDate"), interrupting=n == interrupting),
            user(f"r{n}"),
            end(f"e{n}", "cabang"),
        ]
        pairs += [f"t{n} r{n}", f"r{n} e{n}"]
    return bpmn(begin() + user("a", deadline=deadline) + end() + "".join(parts) + flows("s a", "a e", *pairs))


def sop(*texts: str, key: str | None = None) -> CompiledSop:
    """Compile files given as text."""
    return compile_sop([Source(f"{place}.bpmn", text.encode()) for place, text in enumerate(texts)], key=key)


class Walk:
    """An instance that is loaded anew for every push, as it is in the city."""

    def __init__(self, compiled: CompiledSop, data: dict[str, Any] | None = None, tools: Tools | None = None):
        self.compiled = compiled
        self.tools = tools or at()
        self.step: Step = start(compiled, data or {}, tools=self.tools)

    @property
    def state(self) -> State:
        return self.step.state

    @property
    def open(self) -> list[str]:
        return sorted(task.element for task in self.step.position.open)

    def id(self, element: str, item: Any = None) -> str:
        return next(
            task.id
            for task in self.step.position.open
            if task.element == element and item in (None, task.item)
        )

    def take(self, step: Step | Refusal) -> Step:
        assert isinstance(step, Step), step
        assert inspect(self.compiled, step.state) == step.position, "what is saved is what ran"
        self.step = step
        return step

    def do(
        self, element: str, by: str = "budi", *, item: Any = None, tools: Tools | None = None, **answers: Any
    ) -> Step:
        return self.take(
            complete(
                self.compiled, self.state, self.id(element, item), answers, by=by, tools=tools or self.tools
            )
        )
