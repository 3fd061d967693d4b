"""Fill a city with many reports by copying those it has really walked.

A copy is a report of its own: new ids and number, another time, unit, kelurahan and persons, other words; its
chain of events is reckoned anew and is as valid as any. Events come in the order of time, those of different
reports mixed, as in a city. Secrets keep their salt; their commitments are those of the copy's own words.
"""

from __future__ import annotations

import bisect
import hashlib
import json
import os
import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import make_url

from app.domain.event import GENESIS, canonical, commitment
from scripts.planting_templates import FIRST_NUMBER, ROWS, Template, escaped, templates_of
from scripts.planting_words import remark, words

MONTHS = 24
OPEN_SHARE = 0.03
COMMON = 0.85
"""Each next kind of report is so much rarer than the one before it."""
CHUNK = 1000
PARTS = 2
EVENT_COLUMNS = (
    "stream_id", "stream_seq", "at", "type", "actor_kind", "actor_id", "role_code", "source", "data",
    "commitments", "hash",
)  # fmt: skip
OTHERS = {
    "streams": ("id", "kind", "last_seq", "last_hash"),
    "event_secrets": ("stream_id", "stream_seq", "field", "salt", "value"),
}


@dataclass(frozen=True, slots=True)
class Folk:
    """Who and what a copy may have instead. `officers`: id -> (role, unit, place among the unit's)."""

    agencies: tuple[str, ...]
    kelurahan: tuple[str, ...]
    officers: Mapping[str, tuple[str, str, int]]
    seats: Mapping[tuple[str, str, int], str]


def plant(url: str, reports: int, *, now: datetime, seed: int = 1, parts: int = PARTS) -> dict[str, int]:
    """Copy the city's closed and open reports until so many were added. `url`: of the database's owner on an
    embedded server (whoever may set triggers aside). Returns how many rows of what were added."""
    address = make_url(url).set(drivername="postgresql", username="postgres")
    place = address.render_as_string(hide_password=False)
    with psycopg.connect(place) as connection:
        connection.execute("SET timezone = 'UTC'")
        templates, columns = templates_of(connection)
        folk = _folk(connection)
        before = _counts(connection)
    planters = [
        _Planter(place, templates, columns, folk, now, seed, range(part, reports, parts), reports)
        for part in range(parts)
    ]
    beside = [_beside(planter) for planter in planters[1:]]
    planters[0].run()
    if any(os.waitpid(pid, 0)[1] for pid in beside):
        raise RuntimeError("planting failed")
    with psycopg.connect(place, autocommit=True) as connection:
        after = _counts(connection)
        connection.execute("VACUUM ANALYZE")
    return {table: after[table] - before[table] for table in after}


def _beside(planter: _Planter) -> int:
    """Let a process of its own do it; its id."""
    pid = os.fork()
    if not pid:
        code = 1
        try:
            planter.run()
            code = 0
        finally:
            os._exit(code)
    return pid


def _folk(connection: psycopg.Connection[Any]) -> Folk:
    units = connection.execute("SELECT code, kind FROM units ORDER BY code").fetchall()
    held = connection.execute(
        "SELECT p.id::text, g.role_code, g.unit_code, (row_number() OVER (PARTITION BY g.role_code,"
        " g.unit_code ORDER BY p.username))::int FROM grants g JOIN persons p ON p.id = g.person_id"
    ).fetchall()
    officers = {person: (role, unit or "", place) for person, role, unit, place in held}
    central = {"KOMINFO", "SETDA", "BAPPEDA", "INSPEKTORAT"}
    return Folk(
        tuple(code for code, kind in units if kind != "kelurahan" and code not in central),
        tuple(row[0] for row in connection.execute("SELECT code FROM kelurahan ORDER BY code").fetchall()),
        officers,
        {seat: person for person, seat in officers.items()},
    )


def _counts(connection: psycopg.Connection[Any]) -> dict[str, int]:
    counts = {}
    for table in (*ROWS, *OTHERS, "events"):
        query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        row = connection.execute(query).fetchone()
        counts[table] = int(row[0]) if row else 0
    return counts


class _Planter:
    """Copies one part of the reports, in the order of time."""

    def __init__(
        self, place: str, templates: list[Template], columns: dict[str, list[str]], folk: Folk, now: datetime,
        seed: int, wanted: Iterable[int], total: int,
    ) -> None:  # fmt: skip
        self._place, self._columns, self._folk, self._now = place, columns, folk, now
        self._wanted, self._total, self._seed = wanted, total, seed
        self._over = [each for each in templates if each.over]
        self._open = [each for each in templates if not each.over]
        self._often = list(accumulate(COMMON**rank for rank in range(len(self._over))))
        self._lines: dict[str, list[str]] = {table: [] for table in (*ROWS, *OTHERS)}
        self._events: list[tuple[float, int, int, str]] = []

    def run(self) -> None:
        with psycopg.connect(self._place) as connection:
            connection.execute("SET session_replication_role = replica")
            connection.execute("SET synchronous_commit = off")
            for done, number in enumerate(self._wanted, start=1):
                received = self._copy(number)
                if done % CHUNK == 0:
                    self._write(connection, received.timestamp())
            self._write(connection, float("inf"))

    def _copy(self, number: int) -> datetime:
        """Write one down; returns a moment before which no later one begins."""
        chance = random.Random(self._seed * 1_000_003 + number)  # noqa: S311 - of a measurement
        span = timedelta(days=MONTHS * 30.4)
        # A city's reports become more with the years.
        received = self._now - span * (1 - ((number + chance.random()) / self._total) ** 0.8)
        if self._open and chance.random() < OPEN_SHARE:
            template = self._open[chance.randrange(len(self._open))]
            began, stretch = template.received + (self._now - template.ended) * chance.random(), 1.0
        else:
            place = bisect.bisect(self._often, chance.random() * self._often[-1])
            template = self._over[min(place, len(self._over) - 1)]
            slow = chance.random() < 0.3
            stretch = chance.uniform(1, 3) if slow else chance.uniform(0.6, 1.3)
            took = template.ended - template.received
            began, stretch = received, min(stretch, (self._now - received) / took)
        values = _values(template, self._folk, chance, began, stretch, number)
        said = dict(zip(("uraian", "patokan"), words(chance), strict=True))
        report = self._report(template, values, said)
        changed = self._secrets(template, values, report, said)
        previous, last = GENESIS, len(template.events)
        for seq, (body, line) in enumerate(template.events, start=1):
            hashed, row = body.filled(values), line.filled(values)
            for old, new in changed.get(seq, ()):
                hashed, row = hashed.replace(old, new), row.replace(old, new)
            if seq == 1:  # names of its commitments hold ids of photos, which sort otherwise now
                hashed = canonical(json.loads(hashed)).decode()
            previous = self._event(number, seq, hashed, row, previous)
        if chance.random() < 0.4:
            last += 1
            at = row.split("\t", 3)[2]
            previous = self._event(number, last, *self._remark(report, last, at, chance), previous)
        self._lines["streams"].append(f"{report}\tlaporan\t{last}\t\\\\x{previous.hex()}")
        return received

    def _event(self, number: int, seq: int, hashed: str, row: str, previous: bytes) -> bytes:
        digest = hashlib.sha256(previous + hashed.encode()).digest()
        moment = datetime.fromisoformat(row[:70].split("\t")[2][:19] + "+00:00").timestamp()
        self._events.append((moment, number, seq, row + digest.hex()))
        return digest

    def _secrets(
        self, template: Template, values: list[str], report: str, said: Mapping[str, str]
    ) -> dict[int, list[tuple[str, str]]]:
        """Write what commitments stand for; returns the commitments that are others now, by event."""
        changed: dict[int, list[tuple[str, str]]] = {}
        for seq, cut, salt, value, known in template.secrets:
            name = cut.filled(values)
            words_ = said[name] if name in said else value.filled(values)
            self._secret(report, seq, name, salt, words_)
            changed.setdefault(seq, []).append((known, commitment(salt, words_)))
        return changed

    def _secret(self, report: str, seq: int, name: str, salt: bytes, value: str) -> None:
        row = (report, str(seq), name, f"\\\\x{salt.hex()}", escaped(value))
        self._lines["event_secrets"].append("\t".join(row))

    def _remark(self, report: str, seq: int, at: str, chance: random.Random) -> tuple[str, str]:
        """The reporter wrote once more: in the conversation, and as an event (what is hashed, the row)."""
        body, salt = remark(chance), chance.randbytes(16)
        said = {
            "id": _new_id(chance), "report_id": report, "at": at, "author_kind": "pelapor",
            "role_code": "pelapor", "audience": "pelapor", "body": body,
        }  # fmt: skip
        names = self._columns["thread_messages"]
        self._lines["thread_messages"].append("\t".join(said.get(name, "\\N") for name in names))
        self._secret(report, seq, "isi", salt, body)
        data, known = {"kepada": "petugas", "pesan": "balasan_pelapor"}, {"isi": commitment(salt, body)}
        event = {
            "actor": None, "actor_kind": "pelapor", "at": at, "commitments": known, "data": data,
            "role": None, "seq": seq, "source": "web:citizen.reply", "stream": report,
            "type": "MessageWritten",
        }  # fmt: skip
        row = (report, str(seq), at, "MessageWritten", "pelapor", "\\N", "\\N", "web:citizen.reply",
               canonical(data).decode(), canonical(known).decode(), "\\\\x")  # fmt: skip
        return canonical(event).decode(), "\t".join(row)

    def _report(self, template: Template, values: list[str], said: Mapping[str, str]) -> str:
        """Write the rows of a report; its id."""
        columns = self._columns["reports"]
        row = dict(zip(columns, (cut.filled(values) for cut in template.report), strict=True))
        told = dict(pair.split(":") for pair in values if pair.startswith('"'))
        row["description"] = said["uraian"]
        named = any(name.letters == ["patokan"] for _seq, name, *_rest in template.secrets)
        row["landmark"] = said["patokan"] if named else "\\N"
        row["anonymous"] = "t" if told.get('"anonim"') == "true" else "f"
        row["confidential"] = "t" if told.get('"rahasia"') == "true" else "f"
        self._lines["reports"].append("\t".join(row[name] for name in columns))
        for table, cuts in template.rows.items():
            self._lines[table] += [cut.filled(values) for cut in cuts]
        return row["id"]

    def _write(self, connection: psycopg.Connection[Any], until: float) -> None:
        """What happened before `until` can be written: later reports begin after it."""
        self._events.sort()
        split = bisect.bisect_left(self._events, (until,))
        ready, self._events = self._events[:split], self._events[split:]
        for table, lines in self._lines.items():
            _copy_in(connection, table, self._columns.get(table) or OTHERS[table], lines)
            lines.clear()
        _copy_in(connection, "events", EVENT_COLUMNS, [row for *_, row in ready])
        connection.commit()


def _values(
    template: Template, folk: Folk, chance: random.Random, began: datetime, stretch: float, number: int
) -> list[str]:  # fmt: skip
    """What stands in a copy where each of the template's tokens stands."""
    instead: dict[str, str] = {}
    kelurahan = folk.kelurahan[int(len(folk.kelurahan) * chance.random() ** 2)]
    agencies = iter(chance.sample(folk.agencies, len(folk.agencies)))
    turn = chance.randrange(2)
    units: dict[str, str] = {}
    flags = {'"anonim"': chance.random() < 0.15, '"rahasia"': chance.random() < 0.05}
    for token in template.tokens:
        if token in template.own:
            instead[token] = _new_id(chance) if "-" in token else f"{chance.getrandbits(256):064x}"
        elif token in folk.agencies:
            units[token] = instead[token] = next(agencies)
        elif token in folk.kelurahan:
            units[token] = instead[token] = kelurahan
        elif token[0] == '"':
            name = token.split(":")[0]
            instead[token] = f"{name}:{'true' if flags[name] else 'false'}"
        elif token[4:5] == "-" and token[10:11] in ("T", " "):
            instead[token] = _moved(token, template.received, began, stretch)
    for token in template.tokens:
        if token in folk.officers:
            role, unit, place = folk.officers[token]
            seat = (role, units.get(unit, unit), place)
            other = (*seat[:2], 3 - place) if turn else seat
            instead[token] = folk.seats.get(other, folk.seats.get(seat, token))
    first = next(token for token in template.tokens if re.fullmatch(r"[A-Z]+-\d{4}-\d\d-\d{6}", token))
    prefix = first.split("-")[0]
    instead[first] = f"{prefix}-{began:%Y-%m}-{FIRST_NUMBER + number % 900_000:06d}"
    return [instead.get(token, token) for token in template.tokens]


def _moved(token: str, base: datetime, began: datetime, stretch: float) -> str:
    """The moment so much earlier or later, written as it was."""
    moment = datetime.fromisoformat(token)
    shifted = (began + (moment - base) * stretch).astimezone(moment.tzinfo).replace(microsecond=0)
    if token.endswith("Z"):
        return shifted.strftime("%Y-%m-%dT%H:%M:%SZ")
    return shifted.isoformat(token[10], "microseconds" if "." in token else "seconds")


def _new_id(chance: random.Random) -> str:
    digits = f"{chance.getrandbits(128):032x}"
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _copy_in(
    connection: psycopg.Connection[Any], table: str, columns: Sequence[str], lines: Sequence[str]
) -> None:
    if not lines:
        return
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    asked = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    with connection.cursor().copy(asked) as copy:
        copy.write("\n".join(lines) + "\n")
