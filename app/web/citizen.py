"""Pages for everybody: the front page, sending a report, the receipt, and looking up a number."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from app.adapters import clock
from app.adapters.images import MAX_BYTES, Refused
from app.db.queries import city as places
from app.db.queries import public
from app.domain.actor import Actor
from app.domain.geo import City, Place
from app.domain.privacy import contains_nik
from app.domain.report import PHOTOS_MAX, read_number
from app.extensions import db, limiter
from app.forms.report import ReportForm
from app.i18n import translated
from app.services import intake, photos, support, throttle, tracking
from app.services.geography import geography
from app.services.intake import NotTaken
from app.services.photos import Upload
from app.services.throttle import Limit
from app.web import visitor
from app.web.guards import public as open_to_all
from app.web.guards import source
from app.web.public_cards import Picture, finished, shown
from app.web.uploads import chosen, photo_store, photo_url, receive, settings

bp = Blueprint("citizen", __name__)

REPORTS_BY_ADDRESS = Limit("laporan", 60, timedelta(hours=1))
"""Generous: a whole kelurahan may share one address of its mobile network."""


@bp.get("/")
@open_to_all
def home() -> str:
    now = clock.now()
    local = now.astimezone(ZoneInfo(settings().city.zone))
    since = local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    counted = public.figures(db.session, since=since, now=now)
    figures = {
        "received": counted.received,
        "finished_with_proof": counted.finished_with_proof,
        "late": counted.late,
        "period": local.date(),
    }
    latest = [finished(each) for each in public.latest_finished(db.session)]
    return render_template("public/home.html", figures=figures, finished=latest)


@bp.get("/lapor")
@open_to_all
def write() -> str:
    form = ReportForm(formdata=None, kind=request.args.get("jenis") or None)
    form.submission_key.data = str(uuid.uuid4())
    return _form_page(form)


@bp.post("/lapor")
@limiter.limit("30 per minute")
@open_to_all
def submit() -> tuple[str, int] | AnyResponse:
    """Take the photos in first, so that they stay whatever is wrong with the rest."""
    form = ReportForm()
    now = clock.now()
    readable = form.validate()
    visitor.remember_submission(form.key)
    refused = _take_photos(form)
    held = photos.photos_of_submission(db.session, form.key)
    new = form.to_command(photos=len(held))
    city_name = settings().city.name
    if refused or not readable:
        form.show_faults({**intake.check_report(db.session, new, now=now, city_name=city_name), **refused})
        return _form_page(form), 422
    asker = throttle.subject(settings().keys.lookup, REPORTS_BY_ADDRESS.action, request.remote_addr or "")
    if throttle.exhausted(db.session, REPORTS_BY_ADDRESS, asker, now=now):
        flash(_("Terlalu banyak laporan dari sambungan ini. Coba lagi satu jam lagi."), "error")
        return _form_page(form), 429
    answer = intake.submit_report(
        db.session,
        new,
        actor=Actor(kind="pelapor", source=source()),
        now=now,
        sealing_key=settings().keys.sealing,
        city_name=city_name,
        prefix=settings().city.number_prefix,
    )
    if isinstance(answer, NotTaken):
        form.show_faults(answer.faults)
        return _form_page(form), 422
    if not answer.repeated:
        throttle.count(db.session, REPORTS_BY_ADDRESS, asker, now=now)
    if contains_nik(new.description):
        flash(_("Uraian Anda memuat NIK. Umum tidak melihatnya, dan NIK tidak perlu ditulis."), "warning")
    return redirect(url_for("tracking.receipt", secret=answer.token), 303)


@bp.get("/lapor/kelurahan.json")
@open_to_all
def kelurahan() -> Response:
    """The points of the map: code, name, kecamatan, centre."""
    city = geography(db.session, name=settings().city.name)
    answer = jsonify(
        [
            {
                "code": place.code,
                "name": place.name,
                "kecamatan": place.district,
                "lat": place.centre.lat,
                "lng": place.centre.lng,
            }
            for place in city.places
        ]
    )
    answer.headers["Cache-Control"] = "public, max-age=3600"
    return answer


@bp.get("/lacak")
@limiter.limit("120 per minute")
@open_to_all
def look_up() -> tuple[str, int] | str:
    """What the number alone shows. A confidential report and an unknown number answer alike."""
    typed = request.args.get("nomor", "").strip()[:60]
    if not typed:
        return render_template("public/track_search.html", number="")
    number = read_number(typed, settings().city.number_prefix)
    found = public.report_by_number(db.session, number) if number else None
    if found is None:
        fault = _(
            "Nomor ini tidak ada, atau laporannya dirahasiakan. Periksa lagi nomor di tanda terima Anda."
        )
        return render_template("public/track_search.html", number=typed, fault=fault), 404
    return render_template("public/track_public.html", **shown(found))


@bp.post("/lacak/kirim-ulang")
@limiter.limit("20 per hour")
@open_to_all
def send_again() -> str:
    """The answer is the same whether or not there is such a report."""
    typed = request.form.get("nomor", "").strip()[:60]
    tracking.send_lost_link(
        db.session,
        typed,
        request.form.get("kontak", "").strip()[:254],
        address=request.remote_addr or "",
        key=settings().keys.lookup,
        prefix=settings().city.number_prefix,
        actor=Actor(kind="pelapor", source=source()),
        now=clock.now(),
    )
    return render_template("public/track_search.html", number=typed, link_sent=True)


@bp.post("/lacak/<nomor>/dukung")
@limiter.limit("20 per hour")
@open_to_all
def support_it(nomor: str) -> AnyResponse:
    """*Saya juga mengalami*: once per browser and report."""
    support.support_report(
        db.session,
        read_number(nomor, settings().city.number_prefix) or "",
        throttle.subject(settings().keys.lookup, "dukung", visitor.mark()),
        actor=Actor(kind="pelapor", source=source()),
        now=clock.now(),
    )
    flash(_("Terima kasih. Kami catat bahwa Anda juga mengalaminya."), "success")
    return redirect(url_for("citizen.look_up", nomor=nomor), 303)


def _form_page(form: ReportForm) -> str:
    city = geography(db.session, name=settings().city.name)
    form.category.choices = places.category_choices(db.session)
    sent = [each for each in photos.photos_of_submission(db.session, form.key) if each.state != "ditolak"]
    return render_template(
        "public/report_form.html",
        form=form,
        kelurahan_groups=_grouped(city.places),
        photos=[
            Picture(photo_url(each.id), photo_url(each.id, small=True), client_id=each.client_id)
            for each in sent
        ],
        limits={"photos": PHOTOS_MAX, "megabytes": MAX_BYTES // (1024 * 1024)},
        map=_map(city),
        privacy_contact=_("Pertanyaan tentang data pribadi: %(who)s.", who=settings().city.privacy_contact),
        retention="",
    )


def _take_photos(form: ReportForm) -> dict[str, str]:
    """Drop what was ticked away, take in what a browser without scripts sent; words for what was refused."""
    now = clock.now()
    for client_id in request.form.getlist("remove_photo"):
        photos.withdraw_photo(db.session, form.key, client_id, storage=photo_store())
    words = []
    for number, sent in enumerate(chosen("photos"), start=1):
        answer = receive(sent, Upload(b"", form.key), actor=None, now=now)
        if isinstance(answer, Refused):
            words.append(_("Foto ke-%(n)s: %(fault)s", n=number, fault=translated(answer.text)))
    return {"photos": " ".join(words)} if words else {}


def _grouped(all_places: Sequence[Place]) -> list[tuple[str, list[Place]]]:
    groups: dict[str, list[Place]] = {}
    for place in all_places:
        groups.setdefault(place.district, []).append(place)
    return [(name, sorted(inside, key=lambda place: place.name)) for name, inside in groups.items()]


def _map(city: City) -> dict[str, Any]:
    return {
        "tiles": settings().tile_url or "",
        "attribution": settings().tile_attribution,
        "south": city.bounds.south,
        "west": city.bounds.west,
        "north": city.bounds.north,
        "east": city.bounds.east,
    }
