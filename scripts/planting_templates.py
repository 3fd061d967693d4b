"""Reports that were really walked, taken apart so that copies of them can be written."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import psycopg
from psycopg import sql

from app.domain.event import canonical, commitment

FIRST_NUMBER = 100_000
"""Of a month's planted reports; those that were walked stay below."""

ROWS: Mapping[str, str] = {
    "reports": "SELECT {} FROM reports t WHERE id = %(r)s",
    "report_identities": "SELECT {} FROM report_identities t WHERE report_id = %(r)s",
    "identity_readings": "SELECT {} FROM identity_readings t WHERE report_id = %(r)s",
    "instances": "SELECT {} FROM instances t WHERE report_id = %(r)s",
    "work_items": "SELECT {} FROM work_items t WHERE report_id = %(r)s",
    "deadlines": "SELECT {} FROM deadlines t"
    " WHERE instance_id IN (SELECT id FROM instances WHERE report_id = %(r)s)",
    "outbox_messages": "SELECT {} FROM outbox_messages t WHERE report_id = %(r)s",
    "thread_messages": "SELECT {} FROM thread_messages t WHERE report_id = %(r)s",
    "photos": "SELECT {} FROM photos t WHERE report_id = %(r)s"
    " OR work_item_id IN (SELECT id FROM work_items WHERE report_id = %(r)s)",
    "operations": "SELECT {} FROM operations t WHERE NOT jsonb_exists(parameters, 'banyak')"
    " AND id IN (SELECT operation_id FROM operation_reports WHERE report_id = %(r)s)",
    "operation_reports": "SELECT {} FROM operation_reports t WHERE report_id = %(r)s AND operation_id IN"
    " (SELECT id FROM operations WHERE NOT jsonb_exists(parameters, 'banyak'))",
}
"""What belongs to one report, beside its stream, events and secrets."""
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_TIME = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d(?::\d\d)?)"
_FLAG = r'"(?:anonim|rahasia)":(?:true|false)'
_TOKEN = re.compile(
    rf"{_UUID}|{_TIME}|{_FLAG}|[A-Z]+-\d{{4}}-\d\d-\d{{6}}|\d\d\.\d\d\.\d\d\.\d{{4}}|[0-9a-f]{{64}}"
    r"|(?<![A-Za-z_])[A-Z]{3,}(?![A-Za-z_])"
)


@dataclass(slots=True)
class Cut:
    """A text cut at its tokens: letters between, and which token stands where."""

    letters: list[str]
    places: list[int]

    def filled(self, values: Sequence[str]) -> str:
        """The text with the value of each token in its place."""
        parts = self.letters.copy()
        parts[1::2] = [values[place] for place in self.places]
        return "".join(parts)


@dataclass(slots=True)
class Template:
    """One walked report, ready to be copied."""

    received: datetime
    ended: datetime
    over: bool
    """Nothing of it runs any more."""
    tokens: dict[str, int] = field(default_factory=dict)
    own: set[str] = field(default_factory=set)
    """Ids that no copy may share."""
    rows: dict[str, list[Cut]] = field(default_factory=dict)
    report: list[Cut] = field(default_factory=list)
    """The columns of its row in `reports`, in the order of the names."""
    events: list[tuple[Cut, Cut]] = field(default_factory=list)
    """What is hashed, and the row."""
    secrets: list[tuple[int, Cut, bytes, Cut, str]] = field(default_factory=list)
    """Place of the event, field, salt, value, and the commitment of the value."""

    def cut(self, content: str) -> Cut:
        """The text, its tokens among the template's."""
        letters, places, end = [], [], 0
        for found in _TOKEN.finditer(content):
            letters += [content[end : found.start()], ""]
            places.append(self.tokens.setdefault(found[0], len(self.tokens)))
            end = found.end()
        return Cut([*letters, content[end:]], places)


def templates_of(connection: psycopg.Connection[Any]) -> tuple[list[Template], dict[str, list[str]]]:
    """Every report of the city that was not planted, ended ones first, and the columns of their rows."""
    columns = {table: _columns(connection, table) for table in ROWS}
    found = []
    wanted = (
        "SELECT r.id, r.received_at, NOT EXISTS (SELECT 1 FROM instances WHERE report_id = r.id AND"
        " ended_at IS NULL) AS over, (SELECT max(at) FROM events WHERE stream_id = r.id) AS ended"
        " FROM reports r WHERE right(r.number, 6)::int < %s ORDER BY over DESC, r.received_at, r.id"
    )
    for report, received, over, ended in connection.execute(wanted, (FIRST_NUMBER,)).fetchall():
        template = Template(received, ended, over)
        for table, query in ROWS.items():
            names = sql.SQL(", ").join(sql.Identifier("t", name) for name in columns[table])
            asked = sql.SQL("COPY ({}) TO STDOUT").format(
                sql.SQL(query.replace("%(r)s", "{r}").replace("{}", "{names}")).format(
                    names=names, r=sql.Literal(report)
                )
            )
            with connection.cursor().copy(asked) as copy:
                lines = b"".join(copy).decode().splitlines()
            for line in lines:
                template.own.update(_own_ids(table, columns[table], line))
                if table == "reports":
                    template.report = [template.cut(value) for value in line.split("\t")]
                else:
                    template.rows.setdefault(table, []).append(template.cut(line))
        _cut_events(connection, template, report)
        secrets = "SELECT stream_seq, field, salt, value FROM event_secrets WHERE stream_id = %s"
        for seq, name, salt, value in connection.execute(secrets, (report,)).fetchall():
            known = commitment(salt, value)
            template.secrets.append((seq, template.cut(name), salt, template.cut(value), known))
        found.append(template)
    return found, columns


def _cut_events(connection: psycopg.Connection[Any], template: Template, report: uuid.UUID) -> None:
    events = connection.execute(
        "SELECT stream_seq, at, type, actor_kind, actor_id, role_code, source, data, commitments"
        " FROM events WHERE stream_id = %s ORDER BY stream_seq",
        (report,),
    )
    for seq, at, kind, actor_kind, actor, role, source, data, commitments in events.fetchall():
        moment = at.astimezone(UTC).isoformat(timespec="microseconds")
        body = {
            "actor": actor and str(actor), "actor_kind": actor_kind, "at": moment, "commitments": commitments,
            "data": data, "role": role, "seq": seq, "source": source, "stream": str(report), "type": kind,
        }  # fmt: skip
        values = [
            str(report), str(seq), moment, kind, actor_kind, actor and str(actor), role, source,
            canonical(data).decode(), None if commitments is None else canonical(commitments).decode(),
        ]  # fmt: skip
        line = "\t".join("\\N" if value is None else escaped(value) for value in values)
        template.events.append((template.cut(canonical(body).decode()), template.cut(line + "\t\\\\x")))


def escaped(value: str) -> str:
    """A value as COPY wants it."""
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _own_ids(table: str, columns: Sequence[str], line: str) -> Iterator[str]:
    """The ids that this row alone has: its key, and what the city holds to be unique."""
    unique = ("id", "submission_key", "tracking_hash")
    for name, value in zip(columns, line.split("\t"), strict=True):
        if name in unique and value != "\\N" and table != "report_identities":
            yield value.removeprefix("\\\\x")


def _columns(connection: psycopg.Connection[Any], table: str) -> list[str]:
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER'"
        " AND table_schema = 'public' ORDER BY ordinal_position",
        (table,),
    )
    return [row[0] for row in rows.fetchall()]
