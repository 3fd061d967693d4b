"""Operations and exports in their tables that say something else than the trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Row

from app.domain.event import canonical
from app.services.audit_verify_stream import Stream, moment, text_of, without_empty, words_of

Rows = Sequence[Row[Any]]
Said = Iterator[tuple[str, str]]
DONE, ASKED = "OperationDone", "OperationAsked"
ENDS = {
    "OperationRefused": "ditolak",
    "OperationWithdrawn": "ditarik",
    "OperationLapsed": "ditarik",
    "OperationEnded": "selesai",
}
PREPARED = ("menghitung", "siap")


def operations(stream: Stream, rows: Rows) -> Said:
    """Each operation on this report: who asked, who agreed, why, and the pictures before and after."""
    said = _by_operation(stream)
    for row in rows:
        events = said.pop(str(row.id), [])
        done = [event for event in events if event.type == DONE]
        name = f"tindakan {row.id}"
        if row.outcome == "selesai" and not done:
            yield str(row.id), f"{name} dilakukan, tetapi tidak tercatat dalam peristiwa"
        elif done and row.outcome != "selesai":
            yield str(row.id), f"{name} tercatat dilakukan, tetapi barisnya berkata lain"
        wrong = [] if not done else _unlike_done(row, done[0])
        if not row.many:
            wrong += _unlike_wish(row, events, done=bool(done))
        if wrong:
            yield str(row.id), f"{name}: {', '.join(dict.fromkeys(wrong))} bukan yang tercatat"
    for one in said:
        yield one, f"tindakan {one} hilang, padahal tercatat dalam peristiwa"


def _unlike_done(row: Row[Any], event: Row[Any]) -> list[str]:
    data = event.data
    asked, agreed = data["diminta"], data.get("disetujui")
    second = None if row.second_by is None else [str(row.second_by), row.second_role, row.second_at]
    pairs = {
        "jenis": (row.kind, data["tindakan"]),
        "peminta": ([str(row.asked_by), row.asked_role], asked[:2]),
        "waktu permintaan": (row.asked_at, moment(asked[2])),
        "penyetuju": (second, agreed and [*agreed[:2], moment(agreed[2])]),
        "gambaran sebelum": (row.before, data.get("sebelum")),
        "gambaran sesudah": (row.after, data.get("sesudah")),
        "alasan": (row.reason, words_of(event, "alasan")),
    }
    if not row.many:
        pairs["sasaran"] = (without_empty(row.parameters), data.get("pada", {}))
    return _wrong(pairs)


def _unlike_wish(row: Row[Any], events: Rows, *, done: bool) -> list[str]:
    """What was asked for, and how that ended without being done."""
    asked = next((event for event in events if event.type == ASKED), None)
    if asked is None:
        irreversible = row.irreversible or row.state not in ("selesai",)
        return ["permintaan"] if irreversible else []
    pairs: dict[str, tuple[Any, Any]] = {
        "jenis": (row.kind, asked.data["tindakan"]),
        "peminta": ((str(row.asked_by), row.asked_role), (text_of(asked.actor_id), asked.role_code)),
        "waktu permintaan": (row.asked_at, asked.at),
        "sasaran": (row.parameters, asked.data.get("pada", {})),
        "alasan": (row.reason, words_of(asked, "alasan")),
    }
    end = next((event for event in events if event.type in ENDS), None)
    if end is not None:
        pairs["keadaan"] = (row.state, ENDS[end.type])
    elif not done and row.outcome == "":
        pairs["keadaan"] = (row.state, "menunggu")
    if end is not None and end.type == "OperationRefused":
        pairs["penolak"] = (
            (text_of(row.second_by), row.second_role, row.second_at, row.second_note),
            (text_of(end.actor_id), end.role_code, end.at, words_of(end, "alasan")),
        )
    return _wrong(pairs)


def bulk_operations(stream: Stream, rows: Rows) -> Said:
    """Operations over many reports: who asked for them, who agreed, and how they ended, in the city's own
    trace."""
    said = _by_operation(stream)
    for row in rows:
        events = said.pop(str(row.id), [])
        asked = [event for event in events if event.type == ASKED]
        name = f"tindakan bersama {row.id}"
        if not asked:
            if row.state not in PREPARED:
                yield str(row.id), f"{name} tidak tercatat diajukan"
            continue
        wrong = _unlike_bulk(row, asked[-1], events[events.index(asked[-1]) + 1 :])
        if wrong:
            yield str(row.id), f"{name}: {', '.join(wrong)} bukan yang tercatat"
    for one, events in said.items():
        if any(event.type == ASKED for event in events):
            yield one, f"tindakan bersama {one} hilang, padahal tercatat diajukan"


def _unlike_bulk(row: Row[Any], asked: Row[Any], later: Rows) -> list[str]:
    pairs: dict[str, tuple[Any, Any]] = {
        "jenis": (row.kind, asked.data["tindakan"]),
        "peminta": (text_of(row.asked_by), text_of(asked.actor_id)),
    }
    if row.asked_at != asked.at:
        # Worked out anew since: until it is asked for again it is nobody's wish.
        prepared = row.state in (*PREPARED, "ditarik")
        return _wrong(pairs) + ([] if prepared else ["waktu permintaan"])
    pairs["alasan"] = (row.reason, words_of(asked, "alasan"))
    agreed = next((event for event in later if event.type == "OperationConfirmed"), None)
    end = next((event for event in later if event.type in ENDS), None)
    judge = end if end is not None and end.type == "OperationRefused" else agreed
    if judge is not None:
        pairs["orang kedua"] = (
            (text_of(row.second_by), row.second_at, row.second_note),
            (text_of(judge.actor_id), judge.at, words_of(judge, "catatan") or ""),
        )
    running = "berjalan" if agreed is not None or not row.irreversible else "menunggu"
    pairs["keadaan"] = (row.state, running if end is None else ENDS[end.type])
    return _wrong(pairs)


def exports(stream: Stream, rows: Rows) -> Said:
    """Event logs that persons took: which, how much of it, when."""
    said: dict[tuple[Any, ...], int] = {}
    for event in stream.of("EventsExported"):
        if event.actor_id is not None:
            data = event.data
            counts = (data.get("nomor", False), data.get("laporan", 0), data.get("peristiwa", 0))
            key = (event.at, str(event.actor_id), data["bentuk"], *counts, canonical(data.get("pilihan", {})))
            said[key] = said.get(key, 0) + 1
    for row in rows:
        counts = (row.plain, row.reports, row.total)
        key = (row.started_at, str(row.person_id), row.form, *counts, canonical(row.asked))
        if said.get(key):
            said[key] -= 1
        else:
            yield str(row.id), f"ekspor {row.id} bukan yang tercatat dalam peristiwa"
    for (at, *_rest), count in said.items():
        if count:
            yield str(stream.id), f"ekspor {at:%Y-%m-%d %H:%M:%S} hilang atau diubah"


def _by_operation(stream: Stream) -> dict[str, list[Row[Any]]]:
    found: dict[str, list[Row[Any]]] = {}
    for event in stream.events:
        if event.type.startswith("Operation") and "operasi" in event.data:
            found.setdefault(event.data["operasi"], []).append(event)
    return found


def _wrong(pairs: dict[str, tuple[Any, Any]]) -> list[str]:
    return [label for label, (row, event) in pairs.items() if row != event]
