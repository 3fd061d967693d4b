"""A report comes in. Web form, kelurahan desk, chat and Open311 differ only before `NewReport`."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import exists, func, select, text
from sqlalchemy.orm import Session

from app.db.models import Category, Incident, Kelurahan, OutboxMessage, Report
from app.domain.actor import Actor
from app.domain.geo import Point, nearest, refuse_outside
from app.domain.privacy import mask_personal
from app.domain.report import (
    NUMBER_PREFIX,
    Contact,
    Draft,
    Kind,
    faults_of,
    read_email,
    read_phone,
    report_number,
)
from app.domain.tracking import SALT_BYTES, token_hash, tracking_token
from app.domain.words import told
from app.services import process
from app.services.city import ZONE
from app.services.geography import geography
from app.services.identity import keep_identity, read_identity
from app.services.notices import tell_reporter
from app.services.photo_traits import TRAITS, traits_of
from app.services.photos import attach_to_report, clean_digest
from app.services.push_report import RECEIVED
from app.services.sop_versions import NoSuchSop
from app.services.trail import Trail, begin_stream

RECEIPT_MESSAGE = "tanda_terima"
"""Brings the tracking link to whoever can be reached, where the SOP's first step tells nothing."""

_NEXT_NUMBER = text(
    "INSERT INTO number_counters (period, last) VALUES (:period, 1) "
    "ON CONFLICT (period) DO UPDATE SET last = number_counters.last + 1 RETURNING last"
)

NOBODY = Contact()


@dataclass(frozen=True, slots=True)
class NewReport:
    """What somebody wants to report, as typed; whether it may be taken in is judged by `submit_report`.

    `submission_key` is drawn when the form is shown: the same key sent twice is one report.
    """

    submission_key: uuid.UUID
    kind: Kind
    description: str
    kelurahan: str | None = None
    point: Point | None = None
    landmark: str | None = None
    occurred_on: date | None = None
    category: str | None = None
    anonymous: bool = False
    confidential: bool = False
    contact: Contact = NOBODY
    channel: str = "web"
    channel_detail: str | None = None
    photos: int = 0
    """How many photos the form believes it sent; what counts is what arrived."""


@dataclass(frozen=True, slots=True)
class Received:
    """The report is in. `token`: the secret of the tracking link; it is shown once and stored nowhere."""

    report_id: uuid.UUID
    number: str
    token: str
    repeated: bool = False
    """The same form was sent before; this is the report it became then."""


@dataclass(frozen=True, slots=True)
class NotTaken:
    """Field of the form -> what is wrong with it. Nothing was written; photos stay with their form."""

    faults: Mapping[str, str]


def submit_report(
    session: Session,
    new: NewReport,
    *,
    actor: Actor,
    now: datetime,
    sealing_key: str,
    city_name: str = "kota",
    prefix: str = NUMBER_PREFIX,
) -> Received | NotTaken:
    """Take a report in: number, photos, identity apart, event, and its SOP begins.

    Judges everything first. An SOP that cannot start leaves the report saved, with an incident. The caller
    commits; `sealing_key` (hexadecimal) is the city's key for tracking links.
    """
    session.execute(select(func.pg_advisory_xact_lock(new.submission_key.int & 0x7FFF_FFFF_FFFF_FFFF)))
    before = session.scalar(select(Report).where(Report.submission_key == new.submission_key))
    if before is not None:
        return _again(session, before, actor=actor, now=now, sealing_key=sealing_key)
    new, faults = _judged(session, new, city_name=city_name, now=now)
    if faults:
        return NotTaken(faults)
    local = now.astimezone(ZoneInfo(ZONE))
    report_id, seal = uuid.uuid4(), os.urandom(SALT_BYTES)
    token = tracking_token(bytes.fromhex(sealing_key), seal)
    serial = session.execute(_NEXT_NUMBER, {"period": f"{local:%Y-%m}"}).scalar_one()
    report = _row(new, report_id, report_number(local, serial, prefix), token, now)
    session.add(report)
    session.flush()
    keep_identity(session, report_id, new.contact, seal=seal)
    photos = attach_to_report(session, new.submission_key, report_id)
    session.flush()
    trail = begin_stream(session, report_id, "laporan")
    trail.add(
        "ReportReceived",
        {
            "nomor": report.number,
            "jenis": report.kind,
            "kategori": report.category_code,
            "kelurahan": report.kelurahan_code,
            "kanal": report.channel,
            "anonim": report.anonymous,
            "rahasia": report.confidential,
            "kejadian": report.occurred_on.isoformat() if report.occurred_on else None,
            "foto": [[str(photo.id), photo.sha256, clean_digest(photo)] for photo in photos],
        },
        _personal(new) | {f"{TRAITS}:{one.id}": traits_of(one) for one in photos if one.image_key},
    )
    _begin(session, report, trail, photos=len(photos), actor=actor, now=now)
    if (new.contact.phone or new.contact.email) and not _is_told(session, report_id):
        tell_reporter(session, report_id, template=RECEIPT_MESSAGE, now=now)
    return Received(report_id, report.number, token)


def check_report(
    session: Session, new: NewReport, *, now: datetime, city_name: str = "kota"
) -> Mapping[str, str]:
    """All that is wrong with a report, by field of the form, without taking it in."""
    return _judged(session, new, city_name=city_name, now=now)[1]


def _judged(
    session: Session, new: NewReport, *, city_name: str, now: datetime
) -> tuple[NewReport, dict[str, str]]:
    """The report with everything in its kept form, and all that is wrong with it."""
    city = geography(session, name=city_name)
    faults: dict[str, str] = {}
    kelurahan = new.kelurahan if new.kelurahan in {place.code for place in city.places} else None
    if new.point is not None:
        outside = refuse_outside(new.point, city)
        if outside is not None:
            faults["lat"] = outside
        elif kelurahan is None:
            kelurahan = nearest(new.point, city.places).code
    if new.category and session.get(Category, new.category) is None:
        faults["category"] = told("Pilih topik dari daftar, atau biarkan kosong.")
    typed = new.contact
    draft = Draft(
        text=new.description,
        kelurahan=kelurahan,
        has_point=new.point is not None,
        landmark=new.landmark,
        occurred_on=new.occurred_on,
        anonim=new.anonymous,
        name=typed.name,
        phone=typed.phone,
        email=typed.email,
        photos=new.photos,
    )
    found = faults_of(draft, today=now.astimezone(ZoneInfo(ZONE)).date())
    if "lat" in faults:
        found.pop("kelurahan", None)
    kept = replace(
        new,
        description=new.description.strip(),
        kelurahan=kelurahan,
        landmark=(new.landmark or "").strip() or None,
        category=new.category or None,
        contact=Contact(
            name=None if new.anonymous else (typed.name or "").strip() or None,
            phone=read_phone(typed.phone) if typed.phone else None,
            email=read_email(typed.email) if typed.email else None,
        ),
    )
    return kept, {**faults, **found}


def _begin(
    session: Session, report: Report, events: Trail, *, photos: int, actor: Actor, now: datetime
) -> None:
    """Start the SOP of the report's kind. Where the city has none in force, an incident says so."""
    data = _brought(session, report, photos=photos)
    reporter = replace(actor, report_id=str(report.id)) if actor.kind == "pelapor" else actor
    try:
        process.begin(
            session,
            sop_key=report.kind,
            trail=events,
            report_id=report.id,
            number=report.number,
            data=data,
            actor=reporter,
            now=now,
        )
    except NoSuchSop as missing:
        session.add(
            Incident(
                report_id=report.id,
                sop_key=report.kind,
                cause=missing.text,
                action={"verb": "start", "data": data},
                opened_at=now,
                last_tried_at=now,
            )
        )
        events.add("IncidentOpened", {"sebab": missing.text, "percobaan": 1})
        events.write(session, origin=reporter.origin(), now=now)
        session.flush()


def _is_told(session: Session, report_id: uuid.UUID) -> bool:
    """Whether the SOP itself already sends the reporter a message, which carries the link."""
    told = exists().where(OutboxMessage.report_id == report_id, OutboxMessage.recipient == "pelapor")
    return bool(session.scalar(select(told)))


def _row(new: NewReport, report_id: uuid.UUID, number: str, token: str, now: datetime) -> Report:
    masked = mask_personal(new.description)
    return Report(
        id=report_id,
        number=number,
        kind=new.kind.value,
        category_code=new.category,
        channel=new.channel,
        channel_detail=new.channel_detail,
        description=new.description,
        public_description=masked if masked != new.description else None,
        kelurahan_code=new.kelurahan,
        landmark=new.landmark,
        lat=new.point.lat if new.point else None,
        lng=new.point.lng if new.point else None,
        occurred_on=new.occurred_on,
        anonymous=new.anonymous,
        confidential=new.confidential,
        received_at=now,
        status=RECEIVED,
        status_since=now,
        tracking_hash=token_hash(token),
        submission_key=new.submission_key,
    )


def _personal(new: NewReport) -> dict[str, str]:
    """What the trace only commits to. Name and contact are not even that: they lie in their own table."""
    values = {
        "uraian": new.description,
        "patokan": new.landmark,
        "titik": f"{new.point.lat:.6f},{new.point.lng:.6f}" if new.point else None,
    }
    return {name: value for name, value in values.items() if value}


def _brought(session: Session, report: Report, *, photos: int) -> dict[str, Any]:
    """What a report brings to its process: never a name, phone, address or exact point."""
    kecamatan = session.scalar(
        select(Kelurahan.kecamatan_code).where(Kelurahan.code == report.kelurahan_code)
    )
    return {
        "nomor": report.number,
        "jenis": report.kind,
        "kategori": report.category_code,
        "kelurahan": report.kelurahan_code,
        "kecamatan": kecamatan,
        "kanal": report.channel,
        "anonim": report.anonymous,
        "rahasia": report.confidential,
        "jumlah_foto": photos,
        "diterima": report.received_at.astimezone(ZoneInfo(ZONE)).isoformat(),
    }


def _again(session: Session, report: Report, *, actor: Actor, now: datetime, sealing_key: str) -> Received:
    """The receipt of a form that was sent twice."""
    identity = read_identity(session, report.id, purpose="tanda terima diminta lagi", actor=actor, now=now)
    token = tracking_token(bytes.fromhex(sealing_key), bytes.fromhex(identity.seal or ""))
    return Received(report.id, report.number, token, repeated=True)
