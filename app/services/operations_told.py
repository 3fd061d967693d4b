"""Pictures of a running SOP before and after an operation, told as what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.domain.words import told
from app.services.sop_catalog import STATUSES

NOTHING = "—"
_MOMENTS = (("total", told("Batas seluruh laporan")), ("ditangguhkan", told("Ditangguhkan sejak")))


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that is otherwise now. Moments are moments, everything else is words."""

    label: str
    before: datetime | str
    after: datetime | str


def picture_changes(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    name: Callable[[str], str],
    labels: Mapping[str, str],
    people: Mapping[str, str],
) -> Iterator[Said]:
    """What two pictures (`operations_shape.picture`) say differently. `name`: of an element; `labels`: of
    roles and units; `people`: of holders, by id."""
    both = (before, after)
    if before.get("di") != after.get("di"):
        yield Said(told("Berada di"), *(_joined(one.get("di", ()), name) for one in both))
    yield from _tasks(before, after, name, labels, people)
    yield from _timers(before, after, name)
    if before.get("tunggu") != after.get("tunggu"):
        yield Said(told("Pesan yang ditunggu"), *(_joined(one.get("tunggu", ()), _spaced) for one in both))
    if before.get("status") != after.get("status") and after.get("status"):
        yield Said(told("Status"), *(_status(one.get("status")) for one in both))
    for key, label in _MOMENTS:
        if before.get(key) != after.get(key) and not (key == "total" and "berakhir" in after):
            yield Said(label, _at(before.get(key)), _at(after.get(key)))
    if "berakhir" in after:
        yield Said(told("Laporan"), told("berjalan"), told("berakhir"))


def people_in(*pictures: Mapping[str, Any]) -> set[str]:
    """Ids of everybody who holds a task in one of these pictures."""
    return {task[4] for picture in pictures for task in picture.get("tugas", ()) if task[4]}


def _tasks(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    name: Callable[[str], str],
    labels: Mapping[str, str],
    people: Mapping[str, str],
) -> Iterator[Said]:
    was = {task[0]: task for task in before.get("tugas", ())}
    is_ = {task[0]: task for task in after.get("tugas", ())}
    for key in [*was, *(one for one in is_ if one not in was)]:
        old, new = was.get(key), is_.get(key)
        label = told("Tugas “%(name)s”", name=name((old or new or ["", ""])[1]))
        holders = [_holder(task, labels, people) for task in (old, new)]
        if holders[0] != holders[1]:
            yield Said(label, *holders)
        if old is not None and new is not None and old[5] != new[5]:
            yield Said(told("Batas “%(name)s”", name=name(old[1])), _at(old[5]), _at(new[5]))


def _timers(
    before: Mapping[str, Any], after: Mapping[str, Any], name: Callable[[str], str]
) -> Iterator[Said]:
    left = sorted((one for one in before.get("timer", ()) if one not in after.get("timer", ())), key=_due)
    come = sorted((one for one in after.get("timer", ()) if one not in before.get("timer", ())), key=_due)
    for element, host, due in left:
        new = next((one for one in come if one[:2] == [element, host]), None)
        if new is not None:
            come.remove(new)
        yield Said(_timer(element, host, name), _at(due), _at(new[2]) if new else NOTHING)
    for element, host, due in come:
        yield Said(_timer(element, host, name), NOTHING, _at(due))


def _due(timer: Sequence[Any]) -> datetime:
    return datetime.fromisoformat(timer[2])


def _timer(element: str, host: str, name: Callable[[str], str]) -> str:
    where = f"{name(element)}, {name(host)}" if host else name(element)
    return told("Pewaktu “%(name)s”", name=where)


def _holder(task: list[Any] | None, labels: Mapping[str, str], people: Mapping[str, str]) -> str:
    if task is None:
        return NOTHING
    desk = [labels.get(code, code) for code in task[2:4] if code]
    return ", ".join([*desk, *([people.get(task[4], "")] if task[4] else [])])


def _joined(codes: Any, name: Callable[[str], str]) -> str:
    return ", ".join(dict.fromkeys(name(one) for one in codes)) or NOTHING


def _spaced(code: str) -> str:
    return code.replace("_", " ")


def _status(code: str | None) -> str:
    return NOTHING if code is None else STATUSES.get(code, _spaced(code).capitalize())


def _at(kept: str | None) -> datetime | str:
    return NOTHING if kept is None else datetime.fromisoformat(kept)
