"""Rows beside a report's trace that say something else than its events: its head, tasks, photos, readings,
conversation and incidents. Each function yields what (an id) and an Indonesian clause about it."""

from __future__ import annotations

import json
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row

from app.services.audit_verify_stream import REPORTER, Stream, erasable, moment, text_of, words_of
from app.services.photo_traits import TRAITS, traits_of
from app.services.versions_run import MOVES

Rows = Sequence[Row[Any]]
Said = Iterator[tuple[str, str]]
Pairs = dict[str, tuple[Any, Any]]
"""What is compared -> (as the row says, as the event says)."""
TEXTS = "texts"
"""In the journal of readings: not the identity was opened, but the words."""


def head(stream: Stream, rows: Rows) -> Said:
    """The report as it was received, what ended it, and the SOP versions that ran it."""
    received = next(stream.of("ReportReceived"), None)
    if received is None:
        return
    what = str(stream.id)
    if not rows:
        yield what, f"laporan {received.data.get('nomor')} hilang, padahal tercatat diterima"
        return
    [row] = rows
    said = received.data
    pairs: Pairs = {
        "nomor": (row.number, said.get("nomor")),
        "jenis": (row.kind, said.get("jenis")),
        "kanal": (row.channel, said.get("kanal")),
        "anonim": (row.anonymous, said.get("anonim", False)),
        "rahasia": (row.confidential, said.get("rahasia", False)),
        "tanggal kejadian": (row.occurred_on and row.occurred_on.isoformat(), said.get("kejadian")),
        "waktu diterima": (row.received_at, received.at),
    }
    point = None if row.lat is None else f"{row.lat:.6f},{row.lng:.6f}"
    for label, name, kept in (
        ("isi", "uraian", row.description), ("patokan", "patokan", row.landmark), ("titik", "titik", point),
    ):  # fmt: skip
        words = words_of(received, name)
        if words is not None or name not in (received.commitments or {}):
            pairs[label] = (kept, words)
    closed = next(stream.of("ReportClosed"), None)
    pairs["waktu ditutup"] = (row.closed_at, closed and closed.at)
    pairs["alasan berakhir"] = (row.end_reason, closed and closed.data.get("alasan"))
    yield from _unlike(what, "laporan", pairs)
    yield from _versions(stream, row.sops or ())


def _versions(stream: Stream, sops: Sequence[Any]) -> Said:
    """Each SOP runs, or ended, under the version that its last event about it names."""
    said: dict[str, list[str]] = {}
    for event in stream.events:
        if event.type == "ProcessStarted":
            said.setdefault(event.data["sop"], []).append(event.data["versi"])
        elif event.type in MOVES:
            run = said.setdefault(event.data["sop"], [])
            if event.data["dari"] in run:
                run.remove(event.data["dari"])
            run.append(event.data["ke"])
    runs: dict[str, list[str]] = {}
    for key, version in sops:
        runs.setdefault(key, []).append(version)
    for key in sorted({*said, *runs}):
        if sorted(said.get(key, [])) != sorted(runs.get(key, [])):
            yield str(stream.id), f"SOP {key} tercatat berjalan pada versi lain"


def tasks(stream: Stream, rows: Rows) -> Said:
    """Each task was opened and closed, by whom, when, and with which limit."""
    opened: dict[str, tuple[Row[Any], str, str | None]] = {}
    closed: dict[str, tuple[Row[Any], str]] = {}
    due: dict[str, str | None] = {}
    moved = any(True for _move in stream.of(*MOVES))
    for event in stream.events:
        data = event.data
        for task, step, limit in data.get("dibuka", ()):
            opened[task], due[task] = (event, step, limit), limit
        for task, _step, _cause in data.get("ditutup", ()):
            closed[task] = (event, "cancelled")
        if event.type == "TaskCompleted":
            closed[data["tugas"]] = (event, "completed")
        elif event.type == "DeadlineMoved":
            due |= {task: after for task, _before, after in data.get("tugas", ())}
    for row in rows:
        task = str(row.id)
        if task not in opened:
            yield task, f"tugas {row.element} tidak tercatat dibuka"
            continue
        event, step, first = opened.pop(task)
        over, how = closed.get(task, (None, None))
        pairs: Pairs = {"waktu dibuka": (row.opened_at, event.at)}
        pairs["batas waktu"] = (row.due_at, moment(due[task]))
        pairs["waktu ditutup"] = (row.closed_at, None if over is None else over.at)
        pairs["akhir"] = (row.outcome, how)
        if over is not None and how == "completed":
            pairs["penyelesai"] = (text_of(row.closed_by), text_of(over.actor_id))
        if first is not None:
            pairs["batas yang dijanjikan"] = (row.first_due_at, moment(first))
            pairs["hitungan batas waktu"] = (row.clock, moment(due[task]))
        if not moved:
            pairs["langkah"] = (row.element, step.rpartition("/")[2])
        yield from _unlike(task, f"tugas {row.element}", pairs)
    for task, (event, step, _limit) in opened.items():
        if closed.get(task, (None,))[0] is not event:
            yield task, f"tugas {step} hilang, padahal tercatat dibuka (peristiwa {event.stream_seq})"


def photos(stream: Stream, rows: Rows) -> Said:
    """Each photo is the one that came in, and its clean copy the one that was made of it."""
    said: dict[str, tuple[int, str, str | None, str | None]] = {}
    traits: dict[str, str | None] = {}
    for event in stream.of("ReportReceived"):
        for photo, origin, clean, *_ in event.data.get("foto", ()):
            said[photo] = (event.stream_seq, origin, clean, "siap" if clean else None)
            if f"{TRAITS}:{photo}" in (event.commitments or ()):
                traits[photo] = words_of(event, f"{TRAITS}:{photo}")
    for event in stream.of("PhotoCleaned"):
        data = event.data
        said[data["foto"]] = (event.stream_seq, data["asal"], data.get("bersih"), data["keadaan"])
        if TRAITS in (event.commitments or ()):
            traits[data["foto"]] = words_of(event, TRAITS)
    answered, by_officers = _answered(stream)
    for row in rows:
        photo, known = str(row.id), said.pop(str(row.id), None)
        if row.attached and row.work_item_id is not None:
            if (photo, str(row.work_item_id), row.field) not in answered:
                yield photo, f"foto {photo} dilampirkan pada jawaban yang tidak menyebutnya"
        elif row.attached and known is None:
            yield photo, f"foto {photo} tidak tercatat dalam peristiwa"
            continue
        if known is None:
            if row.state != "karantina":
                yield photo, f"foto {photo} berkeadaan {row.state} tanpa tercatat dalam peristiwa"
            continue
        seq, origin, clean, state = known
        pairs: Pairs = {"sidik": (row.sha256, origin)}
        if state is not None:
            copy = row.image_key.rpartition("/")[2].partition(".")[0] if row.image_key else None
            pairs |= {"keadaan": (row.state, state), "sidik salinan": (copy, clean)}
        elif row.state != "karantina":
            pairs["keadaan"] = (row.state, "karantina")
        if photo in traits:
            pairs["waktu, tempat, alat, atau ukuran"] = (traits_of(row), traits[photo])
        yield from _unlike(photo, f"foto {photo} (peristiwa {seq})", pairs)
    for photo, (seq, *_rest) in said.items():
        if not stream.erased or photo in by_officers:
            yield photo, f"foto {photo} hilang, padahal tercatat dalam peristiwa {seq}"


def _answered(stream: Stream) -> tuple[set[tuple[str, str, str]], set[str]]:
    """(photo, task, field) of everything a form was completed with, and the photos that officers sent."""
    found: set[tuple[str, str, str]] = set()
    officers: set[str] = set()
    for event in stream.of("TaskCompleted"):
        answers = dict(event.data.get("jawaban", {}))
        answers |= json.loads(words_of(event, "jawaban") or "{}")
        for name, value in answers.items():
            for one in value if isinstance(value, list) else ():
                found.add((str(one), event.data["tugas"], name))
                if not erasable(event):
                    officers.add(str(one))
    return found, officers


def readings(stream: Stream, rows: Rows) -> Said:
    """Whoever opened the reporter's data stands in the journal as in the trace, with the same purpose."""
    said: Counter[tuple[Any, ...]] = Counter()
    purposes: dict[tuple[Any, ...], list[str | None]] = {}
    for event in stream.of("IdentityOpened", "TraceExported"):
        texts = event.type == "TraceExported"
        if texts and not event.data.get("teks"):
            continue
        key = (event.at, text_of(event.actor_id), event.role_code, texts)
        said[key] += 1
        purposes.setdefault(key, []).append((words_of(event, "tujuan") or "").strip() or None)
    for row in rows:
        key = (row.at, text_of(row.person_id), row.role_code, row.fields == TEXTS)
        what = f"pembacaan {row.at:%Y-%m-%d %H:%M:%S} oleh {row.role_code}"
        if not said[key]:
            yield str(row.person_id), f"{what} tidak tercatat dalam peristiwa"
            continue
        said[key] -= 1
        if row.purpose in purposes[key]:
            purposes[key].remove(row.purpose)
        elif None in purposes[key]:
            purposes[key].remove(None)
        else:
            yield str(row.person_id), f"{what}: tujuannya bukan yang tercatat"
    for (at, person, role, _texts), count in said.items():
        if count:
            yield str(person), f"pembacaan {at:%Y-%m-%d %H:%M:%S} oleh {role} hilang dari catatan pembacaan"


def messages(stream: Stream, rows: Rows) -> Said:
    """Every line of the conversation was written by whom, when and with these words."""
    said: dict[tuple[Any, ...], list[str | None]] = {}
    for event in stream.of("MessageWritten"):
        reporter = event.actor_kind == REPORTER
        audience = REPORTER if reporter else event.data["kepada"]
        key = (event.at, text_of(event.actor_id), audience)
        said.setdefault(key, []).append(words_of(event, "isi"))
    for row in rows:
        known = said.get((row.at, text_of(row.person_id), row.audience), [])
        if row.body in known:
            known.remove(row.body)
        elif stream.erased and row.author_kind == REPORTER and None in known:
            known.remove(None)
        else:
            yield str(row.id), f"pesan {row.at:%Y-%m-%d %H:%M:%S} bukan yang tercatat dalam peristiwa"
    for (at, _person, _audience), left in said.items():
        for _one in left:
            yield str(stream.id), f"pesan {at:%Y-%m-%d %H:%M:%S} hilang atau diubah"


def incidents(stream: Stream, rows: Rows) -> Said:
    """Every incident was opened for a cause that the trace names, and resolved when the trace says so."""
    opened = {(event.at, event.data.get("sebab")) for event in stream.of("IncidentOpened")}
    resolved = {event.data.get("insiden"): event.at for event in stream.of("IncidentResolved")}
    begun = {at for at, _cause in opened}
    causes = {cause for _at, cause in opened}
    known: set[uuid.UUID] = set()
    for row in rows:
        known.add(row.id)
        if row.opened_at not in begun or row.cause not in causes:
            yield str(row.id), f"gangguan {row.id}: waktu atau sebabnya bukan yang tercatat"
        if row.resolved_at != resolved.get(str(row.id)):
            yield str(row.id), f"gangguan {row.id}: waktu selesainya bukan yang tercatat"
    for one in sorted(set(resolved) - {str(each) for each in known}):
        yield str(one), f"gangguan {one} hilang, padahal tercatat diselesaikan"


def _unlike(what: str, name: str, pairs: Pairs) -> Said:
    wrong = [label for label, (row, event) in pairs.items() if row != event]
    if wrong:
        yield what, f"{name}: {', '.join(wrong)} bukan yang tercatat dalam peristiwa"
