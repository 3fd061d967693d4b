"""Read the demo city's stories from their file and turn them into cues.

Days count back from today in working days, so that the city always looks as if it had been at work until now.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from app.domain.geo import Point
from app.domain.report import Contact, Kind
from app.services.conversation import NewMessage
from app.services.demo.stage import Act, Almanac, Cue, Do, Progress, Ref, Say, Send, Write
from app.services.demo.stepping_in import StepIn
from app.services.intake import NewReport

OTHER_NUMBER = "@nomor "


def read_stories(file: Path, on: Almanac) -> list[Cue]:
    """Every cue of every story. Raises KeyError or ValueError for a file that is none."""
    cues = []
    for story in yaml.safe_load(file.read_text("utf-8")):
        for told in story["acts"]:
            ago, clock = str(told["at"]).split()
            cues.append(Cue(on(int(ago), clock), story["report"], _act(told, on, int(ago))))
    return cues


def _act(told: Mapping[str, Any], on: Almanac, ago: int) -> Act:
    if "send" in told:
        return _send(told["send"])
    if "do" in told:
        given = told["do"]
        answers = {name: _answer(value, on, ago) for name, value in given["answers"].items()}
        shots = {field: tuple(scenes) for field, scenes in given.get("photos", {}).items()}
        return Do(given["by"], given["task"], answers, shots)
    if "progress" in told:
        return Progress(told["progress"]["by"], told["progress"]["task"])
    if "operate" in told:
        return StepIn(**told["operate"])
    if "write" in told:
        given = told["write"]
        return Write(given["by"], NewMessage(given["words"], given["audience"]))
    return Say(told["say"])


def _send(given: Mapping[str, Any]) -> Send:
    lat, lng = given["point"]
    new = NewReport(
        submission_key=uuid.uuid4(),
        kind=Kind(given["kind"]),
        description=given["words"],
        kelurahan=given["kelurahan"],
        point=Point(lat, lng),
        landmark=given.get("landmark"),
        category=given["category"],
        anonymous=given.get("anonymous", False),
        contact=Contact(**given["contact"]),
        channel=given["channel"],
        channel_detail=given.get("channel_detail"),
    )
    return Send(new, tuple(given.get("photos", ())), given.get("by"))


def _answer(value: Any, on: Almanac, ago: int) -> Any:
    """An answer with its placeholders filled in."""
    next_year = on.calendar.local_day(on.now).year + 1
    if not isinstance(value, str):
        return value
    if value.startswith(OTHER_NUMBER):
        return Ref(value.removeprefix(OTHER_NUMBER))
    if value == "@tahun_depan":
        return next_year
    if value == "@hari_ini":
        return on.day(ago).isoformat()
    return value.replace("{tahun_depan}", str(next_year))
