"""What another version makes of the events an instance waits for: timers go on, messages may change."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from app.domain.words import told
from app.engine.expressions import Expression
from app.engine.migration_matters import Matter
from app.engine.specs.base import Element
from app.engine.specs.events import BoundaryEvent, EventGateway, Waiting


@dataclass(frozen=True, slots=True)
class Place:
    """An element for sentences: its key in the old version, its name, the name of what it sits on."""

    key: str
    name: str
    host: str


def keep_rule(data: dict[str, Any], was: Expression | None, now: Expression | None) -> None:
    """Let a running clock go on by the rule it was begun with, also when the calendar changes later."""
    rule = data.pop("rule", was.text if was is not None else None)
    if rule is not None and (now is None or rule != now.text):
        data["rule"] = rule


def boundary_matters(was: BoundaryEvent, now: BoundaryEvent | None, place: Place, *,
                     moved_away: bool, choices: tuple[str, ...]) -> Matter | None:
    """About an event that waits on an open step. `choices`: new ones on it that may stand for it."""
    names = {"name": place.name, "host": place.host}
    if now is None:
        if moved_away:
            return Matter("batas_pindah", place.key, told(
                "Batas “%(name)s” tidak lagi menempel pada “%(host)s”. Laporan dapat dipindah; "
                "batas itu tidak lagi berjalan untuknya.", **names), targets=choices)
        return Matter("batas_hilang", place.key, told(
            "Batas “%(name)s” pada “%(host)s” tidak ada lagi. Laporan dapat dipindah; "
            "batas itu tidak lagi berjalan untuknya.", **names), targets=choices)
    before, after = was.node.event, now.node.event
    if before is None or after is None or before.kind != after.kind:
        return Matter("batas_jenis", place.key, told(
            "“%(name)s” pada “%(host)s” menjadi kejadian jenis lain. Laporan dapat dipindah; "
            "kejadian yang lama tidak lagi ditunggu untuknya.", **names))
    if was.node.interrupting != now.node.interrupting:
        return Matter("menyela", place.key, told(
            "“%(name)s” pada “%(host)s” sekarang menghentikan langkahnya.", **names)
            if now.node.interrupting else told(
            "“%(name)s” pada “%(host)s” sekarang tidak lagi menghentikan langkahnya.", **names))
    return event_matters(was, now, place)


def event_matters(was: Waiting, now: Waiting, place: Place) -> Matter | None:
    """About one event of the same kind in both versions."""
    if was.message != now.message:
        return Matter("pesan", place.key, told(
            "“%(name)s” menunggu pesan %(new)s, bukan lagi %(old)s.", name=place.name,
            new=now.message or "-", old=was.message or "-"))
    if was.timer is not None and now.timer is not None and was.timer.text != now.timer.text:
        return Matter("batas_tetap", place.key, told(
            "Aturan batas “%(name)s” berubah; yang sedang berjalan tetap pada waktunya.", name=place.name),
            asks=False)
    return None


def gateway_events(was: EventGateway, now: EventGateway, data: dict[str, Any], place: Place,
                   target: Callable[[Element], str]) -> Iterator[Matter]:
    """Carry the moments an event gateway waits for; `data` of its token is changed."""
    catches = {event.node.id: event for _way, event in now.catches}
    ats, rules = data.pop("ats", {}), data.pop("rules", {})
    kept: dict[str, str] = {}
    kept_rules: dict[str, str] = {}
    for _way, event in was.catches:
        own, name = event.node.id, event.node.name or event.node.id
        found = catches.get(target(event))
        same = found is not None and event.node.event is not None and found.node.event is not None and (
            event.node.event.kind == found.node.event.kind)
        if found is None or not same:
            if event.message is not None or own in ats:
                yield Matter("pilihan_hilang", place.key + "/" + own, told(
                    "Di “%(place)s” tidak lagi ditunggu “%(name)s”.", place=place.name, name=name))
            continue
        matter = event_matters(event, found, Place(place.key, name, ""))
        if matter is not None:
            yield matter
        if own in ats:
            kept[found.node.id] = ats[own]
            rule = rules.get(own, event.timer.text if event.timer is not None else None)
            if rule is not None and (found.timer is None or rule != found.timer.text):
                kept_rules[found.node.id] = rule
    if kept:
        data["ats"] = kept
    if kept_rules:
        data["rules"] = kept_rules
    if not any(event.message for _way, event in now.catches) and not kept:
        said = told("Di “%(name)s” tidak ada lagi yang ditunggu.", name=place.name)
        yield Matter("hilang", place.key, said, blocks=True)
