"""The demo city's last three months, told as courses that many reports took.

One file holds the courses and the reports; a report says which course it took, with whom, and which step took
longer. What it asks of the SOPs is checked by playing it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from app.domain.geo import Point
from app.domain.report import Contact, Kind
from app.services import tracking
from app.services.demo.moving import Move
from app.services.demo.stage import Act, Almanac, Cue, Do, Progress, Say, Send, Take
from app.services.intake import NewReport

PAIR = 2
"""So many officers sit beside each other in a unit, numbered from 1."""
OTHER = " lain"
NEXT = "@to"


def read_past(file: Path, on: Almanac) -> list[Cue]:
    """Every cue of the past. Raises KeyError or ValueError for a file that is none."""
    told = yaml.safe_load(file.read_text("utf-8"))
    cues = []
    for number, report in enumerate(told["reports"], start=1):
        lat_lng = told["places"][report["place"]]
        cues.append(Cue(on(report["ago"], report["clock"]), report["id"], _send(report, lat_lng, number)))
        cues += _course(report, told["courses"][report["course"]], on)
    for move in told["moves"]:
        ago, clock = str(move["at"]).split()
        cues.append(Cue(on(int(ago), clock), "", Move(**move["move"])))
    return cues


def _send(report: Mapping[str, Any], place: list[Any], number: int) -> Send:
    kelurahan, lat, lng = place
    contact = Contact(f"Warga {number + 100} (demo)", None, f"warga{number + 100}@demo.invalid")
    new = NewReport(
        submission_key=uuid.uuid4(),
        kind=Kind(report.get("kind", Kind.PENGADUAN)),
        description=report["words"],
        kelurahan=kelurahan,
        point=Point(lat, lng),
        category=report["category"],
        anonymous=report.get("anonymous", False),
        contact=contact,
    )
    return Send(new)


def _course(report: Mapping[str, Any], course: list[Mapping[str, Any]], on: Almanac) -> Iterator[Cue]:
    """The course, each step so much later as the report says; what came later once stays later. A report
    that came in after the hour of its first step begins a day later."""
    delays = dict(report.get("later", {}))
    later = int(f"0 {report['clock']}" >= course[0]["at"])
    for step in course:
        if "taken" in step:
            days, clock = step["taken"].split()
            take = Take(_person(step["by"], report), step["task"])
            yield Cue(on(report["ago"] - int(days) - later, clock), report["id"], take)
        later += delays.pop(step.get("task", ""), 0)
        days, clock = step["at"].split()
        ago = report["ago"] - int(days) - later
        yield Cue(on(ago, clock), report["id"], _act(step, report, on, ago))
    if delays:
        raise ValueError(f"{report['id']}: no {', '.join(delays)} in its course")


def _act(step: Mapping[str, Any], report: Mapping[str, Any], on: Almanac, ago: int) -> Act:
    if "withdraw" in step:
        return Say(step["withdraw"], tracking.WITHDRAWAL)
    by = _person(step["by"], report)
    if "progress" in step:
        return Progress(by, step["progress"])
    answers = {name: _answer(value, report, on, ago) for name, value in step["answers"].items()}
    shots = {step["photo"]: (step.get("scene", report.get("scene", "bersih")),)} if "photo" in step else {}
    return Do(by, step["task"], answers, shots, small=True)


def _answer(value: Any, report: Mapping[str, Any], on: Almanac, ago: int) -> Any:
    if value == "@hari_ini":
        return on.day(ago).isoformat()
    if isinstance(value, str) and value.startswith("$"):
        return report[value[1:]]
    return value


def _person(by: str, report: Mapping[str, Any]) -> str:
    """The user name of whoever did it. `admin lain`: the other one."""
    pair = report.get("pair", 1)
    if by.endswith(OTHER):
        by, pair = by.removesuffix(OTHER), PAIR + 1 - pair
    unit = str(report["to" if by.endswith(NEXT) else "unit"]).lower()
    role = by.removesuffix(NEXT)
    if role == "operator":
        return f"{role}.{unit}{pair}"
    if role == "kepala":
        return f"{role}.{unit}"
    return f"{role}{pair}" if role in ("admin", "verifikator") else role
