"""A city small enough to read: four kelurahan, three topics, Kominfo and one agency, one short SOP."""

import uuid
from pathlib import Path

from app.db.models import Category, Grant, Kecamatan, Kelurahan, Person, Role, Unit
from app.domain.actor import Actor
from app.domain.actor import Grant as Held
from app.engine.compiler import Source
from app.services import sop_versions

PLACES = [
    ("72.71.01.1009", "Lolu Selatan", -0.90503, 119.87665),
    ("72.71.03.1001", "Tatura Utara", -0.91215, 119.88286),
    ("72.71.02.1007", "Kamonji", -0.90019, 119.85182),
    ("72.71.08.1003", "Talise", -0.86873, 119.88677),
]
DISTRICTS = {
    "72.71.01": "Palu Timur",
    "72.71.02": "Palu Barat",
    "72.71.03": "Palu Selatan",
    "72.71.08": "Mantikulore",
}

SOPS = Path(__file__).parent / "sop"
SHORT_SOP = (SOPS / "pendek.bpmn").read_text("utf-8")
"""Verification, work, the reporter's answer; may be withdrawn. `{key}` and `{message}` are filled in."""
BROKEN_SOP = (SOPS / "gagal.bpmn").read_text("utf-8")
"""Compiles, but cannot start."""


def found(session, now, *, sop=SHORT_SOP, key="pengaduan", message="", tables=()):
    """Build the city and publish `sop`; returns the people by role."""
    session.add_all(Kecamatan(code=code, name=name) for code, name in DISTRICTS.items())
    session.flush()
    session.add_all(
        Kelurahan(code=code, name=name, kecamatan_code=code[:8], lat=lat, lng=lng)
        for code, name, lat, lng in PLACES
    )
    session.add_all(
        Category(code=code, name=name)
        for code, name in (("jalan", "Jalan"), ("sampah", "Sampah"), ("lainnya", "Lainnya"))
    )
    session.add_all(
        Unit(code=code, name=name, short_name=code, kind=kind)
        for code, name, kind in (
            ("KOMINFO", "Dinas Kominfo", "kominfo"),
            ("DPU", "Dinas Pekerjaan Umum", "opd"),
        )
    )
    session.flush()
    session.add_all(
        [
            Role(code="admin_kominfo", name="Admin Kominfo", home_unit="KOMINFO"),
            Role(code="operator_opd", name="Operator OPD", unit_variable="opd"),
            Role(code="pelapor", name="Pelapor"),
        ]
    )
    session.flush()
    people = {
        "admin": person(session, "admin", now, ("admin_kominfo", "KOMINFO")),
        "operator": person(session, "operator", now, ("operator_opd", "DPU")),
        "kepala": person(session, "kepala", now),
    }
    session.flush()
    sop_versions.publish(
        session,
        [
            Source(f"{key}.bpmn", sop.replace("{key}", key).replace("{message}", message).encode()),
            *(Source(path.name, path.read_bytes()) for path in tables),
        ],
        by=uuid.UUID(people["admin"].person_id),
        approved_by=uuid.UUID(people["kepala"].person_id),
        basis="Perwal uji",
        now=now,
    )
    session.commit()
    return people


def person(session, name, now, *grants):
    """An officer with the given (role, unit) pairs, as the actor they are."""
    row = Person(
        id=uuid.uuid4(),
        username=name,
        display_name=f"{name.title()} (uji)",
        password_hash="-",
        created_at=now,
    )
    session.add(row)
    session.flush()
    session.add_all(
        Grant(person_id=row.id, role_code=role, unit_code=unit, granted_at=now) for role, unit in grants
    )
    return Actor(
        kind="person",
        source="uji",
        person_id=str(row.id),
        grants=tuple(Held(role, unit) for role, unit in grants),
        display_name=row.display_name,
    )
