"""Event logs in the forms others read: CSV, JSON Lines, XES 1.0 (IEEE 1849-2016) and OCEL 2.0 (JSON).

Everything is written while it is read: a million events need no more memory than a thousand.
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from datetime import UTC, datetime
from itertools import groupby
from typing import Any
from xml.sax.saxutils import quoteattr

from sqlalchemy import Row

from app.services.event_lines import Line, Steps

Rows = Iterable[Row[Any]]
Writer = Callable[[Steps, Rows], Iterator[str]]

XES_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xes.features="">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<extension name="Organizational" prefix="org" uri="http://www.xes-standard.org/org.xesext"/>
<global scope="trace"><string key="concept:name" value=""/></global>
<global scope="event"><string key="concept:name" value=""/>\
<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>\
<string key="lifecycle:transition" value="complete"/></global>
<classifier name="Langkah" scope="event" keys="concept:name lifecycle:transition"/>
<string key="lifecycle:model" value="standard"/>
"""
TRACE_FACTS = ("kind", "category_code", "kelurahan_code", "channel", "status", "opd")
COLUMNS = tuple(field.name for field in fields(Line))
CSV_FACTS = ("jenis", "topik", "kelurahan", "kanal", "status", "opd")


class _Through:
    """A file for `csv` that hands every line straight on."""

    def write(self, line: str) -> str:
        return line


def as_csv(steps: Steps, rows: Rows) -> Iterator[str]:
    """One line per step, with what is known of its report."""
    writer: Any = csv.writer(_Through(), lineterminator="\r\n")
    yield writer.writerow([*COLUMNS, *CSV_FACTS])
    for row in rows:
        facts = [getattr(row, name) or "" for name in TRACE_FACTS]
        for line in steps.lines(row):
            told = [_moment(line.at) if name == "at" else getattr(line, name) for name in COLUMNS]
            yield writer.writerow([_harmless(value) for value in [*told, *facts]])


def as_json_lines(steps: Steps, rows: Rows) -> Iterator[str]:
    """One line per event as it stands in the trace, persons under pseudonyms, nothing personal."""
    for row in rows:
        actor = None if row.actor_id is None else steps.pseudonyms.of("petugas", row.actor_id)
        told = {
            "case": steps.case(row),
            "seq": row.stream_seq,
            "at": _moment(row.at),
            "type": row.type,
            "actor_kind": row.actor_kind,
            "actor": actor,
            "role": row.role_code,
            "source": row.source,
            "data": steps.data(row),
        }
        yield json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n"


def as_xes(steps: Steps, rows: Rows) -> Iterator[str]:
    """One trace per report."""
    yield XES_HEAD
    facts = list(zip(CSV_FACTS, TRACE_FACTS, strict=True))
    for _report, own in groupby(rows, key=lambda row: row.id):
        opened = False
        for row in own:
            parts = [] if opened else ["<trace>", _string("concept:name", steps.case(row))]
            if not opened:
                parts += [_string(name, getattr(row, column)) for name, column in facts]
                opened = True
            parts += [_xes_event(line) for line in steps.lines(row)]
            yield "".join(parts)
        yield "</trace>\n"
    yield "</log>\n"


def as_ocel(steps: Steps, rows: Rows) -> Iterator[str]:
    """Steps as events of a report, its task, and who did it. Objects wait in a file until the events are
    out: a report's come as soon as its last event is known."""
    activities: dict[str, None] = {}
    people: dict[str, None] = {}
    yield '{"events":['
    between = ""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as objects:
        for _report, own in groupby(rows, key=lambda row: row.id):
            tasks: dict[str, str] = {}
            for row in own:
                for at, line in enumerate(steps.lines(row)):
                    activity = f"{line.activity} ({line.lifecycle})"
                    activities[activity] = None
                    if line.task:
                        tasks.setdefault(line.task, line.activity)
                    if line.resource:
                        people[line.resource] = None
                    yield between + _json(_ocel_event(line, activity, at))
                    between = ",\n"
            for told in _ocel_objects(row, steps, tasks):
                objects.write(_json(told) + ",\n")
        yield '],\n"objects":['
        objects.seek(0)
        while part := objects.read(1 << 16):
            yield part
    last = {"id": "kota", "type": "kota"}
    yield ",\n".join(_json(one) for one in [*({"id": one, "type": "petugas"} for one in people), last])
    facts = [*_texts("lifecycle", "event", "actor_kind", "role", "source"), {"name": "due", "type": "time"}]
    kinds = {"laporan": _texts(*CSV_FACTS), "tugas": _texts("langkah"), "petugas": [], "kota": []}
    types = [{"name": name, "attributes": facts} for name in activities]
    yield f'],\n"eventTypes":{_json(types)},\n'
    yield f'"objectTypes":{_json([{"name": name, "attributes": own} for name, own in kinds.items()])}}}\n'


FORMATS: dict[str, tuple[Writer, str]] = {
    "csv": (as_csv, "text/csv; charset=utf-8"),
    "jsonl": (as_json_lines, "application/x-ndjson"),
    "xes": (as_xes, "application/xml"),
    "ocel": (as_ocel, "application/json"),
}
"""Name -> (writer, media type)."""


def counted(rows: Rows, tell: Callable[[int], object], every: int = 1000) -> Iterator[Row[Any]]:
    """The same rows; `tell` hears how many more have passed."""
    passed = 0
    for row in rows:
        yield row
        passed += 1
        if passed == every:
            tell(passed)
            passed = 0
    tell(passed)


def _xes_event(line: Line) -> str:
    told = [
        _string("concept:name", line.activity),
        f'<date key="time:timestamp" value="{_moment(line.at)}"/>',
        _string("lifecycle:transition", line.lifecycle),
        _string("concept:instance", line.task),
        _string("org:resource", line.resource),
        _string("org:role", line.role),
        _string("event", line.event),
        _string("source", line.source),
        _string("outcome", line.outcome),
        f'<date key="due" value="{line.due}"/>' if line.due else "",
        f'<int key="seq" value="{line.seq}"/>',
    ]
    return f"<event>{''.join(told)}</event>"


def _string(key: str, value: str | None) -> str:
    return "" if value is None else f'<string key="{key}" value={quoteattr(str(value))}/>'


def _ocel_event(line: Line, activity: str, at: int) -> dict[str, Any]:
    facts = {
        "lifecycle": line.lifecycle,
        "event": line.event,
        "actor_kind": line.actor_kind,
        "role": line.role,
        "source": line.source,
        "due": line.due,
    }
    related = [(line.case, "laporan"), (line.task, "tugas"), (line.resource, "pelaku")]
    return {
        "id": f"{line.case}:{line.seq}:{at}",
        "type": activity,
        "time": _moment(line.at),
        "attributes": [{"name": name, "value": value} for name, value in facts.items() if value],
        "relationships": [{"objectId": id_, "qualifier": how} for id_, how in related if id_],
    }


def _ocel_objects(first: Row[Any], steps: Steps, tasks: dict[str, str]) -> Iterator[dict[str, Any]]:
    at, case = _moment(first.received_at), steps.case(first)
    facts = zip(CSV_FACTS, TRACE_FACTS, strict=True)
    yield {
        "id": case,
        "type": "laporan",
        "attributes": [
            {"name": name, "time": at, "value": str(getattr(first, column))}
            for name, column in facts
            if getattr(first, column) is not None
        ],
        "relationships": [{"objectId": task, "qualifier": "tugas"} for task in tasks],
    }
    for task, step in tasks.items():
        yield {"id": task, "type": "tugas", "attributes": [{"name": "langkah", "time": at, "value": step}]}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _texts(*names: str) -> list[dict[str, str]]:
    return [{"name": name, "type": "string"} for name in names]


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def _harmless(value: Any) -> Any:
    """What a spreadsheet would take for a formula becomes text."""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return "'" + value
    return value
