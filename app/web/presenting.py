"""Rows into what templates draw: photos with their addresses, the story as a timeline, the conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from app.domain.evidence import Flag
from app.domain.words import Dated, Sentence
from app.extensions import db
from app.i18n import translated
from app.services.evidence import judged_photos
from app.services.history import Answer, HistoryLine
from app.web.uploads import photo_url, settings


@dataclass(frozen=True, slots=True)
class PhotoShown:
    url: str
    thumb_url: str
    alt: str
    facts: tuple[str, ...] = ()
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class TimelineItem:
    title: str
    at: datetime | str
    state: str = ""
    text: str = ""
    who: str = ""
    icon: str = ""
    photos: tuple[PhotoShown, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageShown:
    from_label: str
    at: datetime
    text: str
    kind: str
    audience: str


@dataclass(frozen=True, slots=True)
class DoneStep:
    """An earlier task with its answers. `pairs`: (question, words)."""

    name: str
    who: str
    at: datetime
    pairs: tuple[tuple[str, str], ...]
    photos: tuple[PhotoShown, ...]


@dataclass(frozen=True, slots=True)
class MapFrame:
    """Where street tiles come from; empty: none."""

    tiles: str
    attribution: str


def map_frame() -> MapFrame:
    """The city's tiles, as the settings say."""
    told = settings()
    return MapFrame(told.tile_url or "", told.tile_attribution)


def photos_shown(photos: Sequence[Any], report: Any, *, as_proof: bool = False) -> tuple[PhotoShown, ...]:
    """Photos with facts, and with doubts where they are judged as proof."""
    return tuple(
        PhotoShown(
            photo_url(each.id),
            photo_url(each.id, small=True),
            _("Foto bukti") if as_proof else _("Foto laporan"),
            tuple(_said(fact) for fact in each.facts),
            each.flags,
        )
        for each in judged_photos(db.session, photos, report, as_proof=as_proof)
    )


def timeline_items(lines: Iterable[HistoryLine]) -> list[TimelineItem]:
    """The story as timeline entries, answers as lines of text."""
    return [
        TimelineItem(
            translated(line.title),
            line.at,
            text="\n".join(
                [_said(line.text), *(f"{a.label}: {_said(a.text)}" for a in line.answers if a.text)]
            ).strip(),
            who=translated(line.who),
            icon=line.icon,
            photos=answer_photos(line.answers),
        )
        for line in lines
    ]


def done_steps(lines: Iterable[HistoryLine]) -> list[DoneStep]:
    """The tasks completed so far with their answers."""
    return [
        DoneStep(
            line.title,
            line.who,
            line.at,
            tuple((a.label, _said(a.text)) for a in line.answers if a.text),
            answer_photos(line.answers),
        )
        for line in lines
        if line.kind == "TaskCompleted" and line.answers
    ]


def _said(words: str) -> str:
    """Ours in the language of the page, a person's as they were written."""
    return translated(words) if isinstance(words, Sentence | Dated) else words


def answer_photos(answers: Iterable[Answer]) -> tuple[PhotoShown, ...]:
    """Every photo among the answers."""
    return tuple(
        PhotoShown(photo_url(each), photo_url(each, small=True), answer.label)
        for answer in answers
        for each in answer.photos
    )


def messages_shown(rows: Iterable[Any], *, own: str) -> list[MessageShown]:
    """The conversation as `own` (`petugas` or `pelapor`) sees it."""
    shown = []
    for row in rows:
        if row.author_kind == "pelapor":
            label = _("Pelapor")
        else:
            label = " · ".join(part for part in (row.author_name, row.role_name, row.unit_name) if part)
        kind = "internal" if row.audience == "internal" else "own" if row.author_kind == own else "other"
        shown.append(MessageShown(label or _("Sistem"), row.at, row.body, kind, row.audience))
    return shown
