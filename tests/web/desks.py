"""A city with somebody at every desk, each in a browser of their own, and a citizen with a report."""

import io
import re
import uuid

from sqlalchemy import select, text

from app.db.models import Person, Report, Role, Unit
from app.services.people import hash_password
from app.services.trail import begin_stream
from tests.services import small_city
from tests.services.test_photos import jpeg
from tests.services.workshop import Workshop

PASSWORD = "kuda laut berenang"
_HASH: list[str] = []

NAME, PHONE, EMAIL = "Warga Uji Rahasia", "081234567890", "warga.uji@contoh.example"
LANDMARK, POINT = "lorong Cemara nomor tujuh", ("-0.900217", "119.852348")
WORDS = "Lampu jalan di lorong kami padam sejak dua minggu."
PERSONAL = (NAME, PHONE, PHONE[1:], EMAIL)

DESKS = {
    "admin": None,
    "operator": None,
    "jauh": ("operator_opd", "DLH"),
    "pemeriksa": None,
    "lurah": ("kelurahan", "KAMONJI"),
    "inspektur": ("inspektorat", "INSPEKTORAT"),
    "wali": ("wali_kota", "SETDA"),
    "perencana": ("bappeda", "BAPPEDA"),
}
"""Who sits where; None: hired by the workshop itself."""


class Desks(Workshop):
    """The workshop, and browsers."""

    def __init__(self, app, session, clock, sop=small_city.SHORT_SOP):
        super().__init__(session, clock, sop)
        self.app = app
        units = (
            ("KAMONJI", "kelurahan"),
            ("INSPEKTORAT", "inspektorat"),
            ("SETDA", "setda"),
            ("BAPPEDA", "bappeda"),
        )
        session.add_all(
            Unit(code=code, name=f"Kantor {code}", short_name=code, kind=kind) for code, kind in units
        )
        session.flush()
        session.add_all(
            Role(code=desk[0], name=desk[0].replace("_", " ").title())
            for desk in DESKS.values()
            if desk is not None and desk[0] != "operator_opd"
        )
        session.flush()
        for name, desk in DESKS.items():
            if desk is not None:
                self.hire(name, desk)
        if not _HASH:
            _HASH.append(hash_password(PASSWORD))
        session.execute(text("UPDATE persons SET password_hash = :hash"), {"hash": _HASH[0]})
        for person in session.scalars(select(Person.id)).all():
            begin_stream(session, person, "akun")
        session.commit()

    def stranger(self):
        return self.app.test_client()

    def officer(self, name):
        """A browser in which `name` is signed in."""
        client = self.app.test_client()
        answer = client.post("/masuk", data={"username": name, "password": PASSWORD})
        assert answer.headers.get("Location") == "/kotak-masuk", answer.text
        return client

    def send(self, client=None, *, photo=True, **changes):
        """A report sent by the form: (its row, its secret)."""
        plain = {
            "submission_key": str(uuid.uuid4()),
            "kind": "pengaduan",
            "description": WORDS,
            "kelurahan": "72.71.02.1007",
            "landmark": LANDMARK,
            "lat": POINT[0],
            "lng": POINT[1],
            "name": NAME,
            "phone": PHONE,
            "email": EMAIL,
        }
        if photo:
            plain["photos"] = (io.BytesIO(jpeg((200, 60, 30))), "foto.jpg")
        data = {name: value for name, value in {**plain, **changes}.items() if value is not None}
        answer = (client or self.stranger()).post("/lapor", data=data)
        assert answer.status_code == 303, answer.text
        secret = re.fullmatch(r"/l/([\w-]{32})/tanda-terima", answer.headers["Location"])[1]
        self.session.rollback()
        return self.session.scalars(select(Report).order_by(Report.number.desc())).first(), secret


def seen(answer):
    """What the page says, without markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)))
