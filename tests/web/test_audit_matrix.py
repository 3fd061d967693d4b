"""Who may see what on the pages of auditors, of bottlenecks and of operations, and in all that one takes away
from there: anonymous or not, confidential or not, at every desk.

The routes are asked of the application itself: a page that nobody thought of here fails.
"""

import html
import io
import re
import uuid
import zipfile

import pytest
from sqlalchemy import select, text

from app.db.models import Person, Role
from app.db.queries.event_stream import counts
from app.db.queries.trace_search import ids_of
from app.forms.trace_search import read_search
from app.services import trace_follow
from tests.web.desks import DESKS, LANDMARK, NAME, PERSONAL, POINT, WORDS, seen

AUDITS = {"inspektur"}
COUNTS = {"admin", "inspektur", "wali", "perencana", "asisten", "sekda", "kadis"}
AGREES = {"admin", "asisten", "sekda", "kadis"}
JUDGES = {"inspektur", "perencana", "asisten", "sekda"}
PARTS = {"/jejak/penetapan/": JUDGES, "/audit": AUDITS, "/jejak": AUDITS, "/hambatan": COUNTS,
         "/operasi": AGREES}  # fmt: skip
"""Where an address begins -> who gets in at all. What each of them may do there, other tests ask."""
LEADERS = {"asisten": ("asisten", "SETDA"), "sekda": ("sekda", "SETDA"), "kadis": ("kepala_opd", "DPU")}
EVERYBODY = (*DESKS, *LEADERS)
REASON = "Laporan ganda, sudah ditangani lewat telepon."
NOTE, PURPOSE = "Diteruskan kepada dinas.", "menanyakan letak tiang"

combinations = pytest.mark.parametrize(
    ("anonymous", "confidential"),
    [(False, False), (False, True), (True, False), (True, True)],
    ids=["open", "rahasia", "anonim", "both"],
)


@pytest.fixture
def city(desks, session):
    """Desks, and those who lead."""
    known = set(session.scalars(select(Role.code)))
    missing = [code for code, _unit in LEADERS.values() if code not in known]
    session.add_all(Role(code=code, name=code.title()) for code in missing)
    session.flush()
    for name, desk in LEADERS.items():
        desks.hire(name, desk)
    hashed = session.scalar(select(Person.password_hash).where(Person.username == "admin"))
    session.execute(text("UPDATE persons SET password_hash = :hash"), {"hash": hashed})
    session.commit()
    return desks


def told(city, *, anonymous, confidential):
    """A report that was worked on and closed, with its trace followed: (its row, its secret)."""
    flags = {"anonymous": "y" if anonymous else None, "confidential": "y" if confidential else None}
    report, secret = city.send(**flags)
    if not anonymous:
        city.officer("admin").post(f"/laporan/{report.number}/identitas", data={"tujuan": PURPOSE})
    city.do("admin", "verifikasi", opd="DPU", catatan=NOTE)
    city.do("operator", "kerjakan", uraian="Lampu diganti kemarin siang.")
    city.do("pelapor", "tanggapi", penilaian=5)
    city.session.commit()
    return report, secret


def routes(app):
    """(rule, method) of every address that begins like one of `PARTS`."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(tuple(PARTS)):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def address(rule, **known):
    """The rule's address for this report and this SOP; ids of other things are of none."""
    values = {"form": "csv", "number": known["number"], "key": "pengaduan", "version": 1}
    given = {name: values.get(name, str(uuid.UUID(int=7))) for name in rule.arguments}
    built = rule.rule
    for name in rule.arguments:
        for kind in ("", "int:", "uuid:", "string:", "path:"):
            built = built.replace(f"<{kind}{name}>", str(given[name]))
    assert "<" not in built, rule.rule
    return built


def allowed(path):
    return next(who for part, who in PARTS.items() if path.startswith(part))


@combinations
def test_every_page_opens_for_those_it_is_for_and_nobody_else(app, city, anonymous, confidential):
    report, _secret = told(city, anonymous=anonymous, confidential=confidential)
    asked = [(address(rule, number=report.number), method) for rule, method in routes(app)]
    assert {path.split("/")[1] for path, _method in asked} >= {"audit", "jejak", "hambatan"}
    before = events_of(city)
    for name in EVERYBODY:
        browser = city.officer(name)
        for path, method in asked:
            if name in allowed(path):
                continue
            answer = browser.open(path, method=method, data={} if method == "POST" else None)
            assert answer.status_code == 403, (name, method, path)
            for hidden in (report.number, WORDS, NOTE, *PERSONAL):
                assert hidden not in answer.text.replace(path, ""), (name, path, hidden)
    stranger = city.stranger()
    for path, method in asked:
        answer = stranger.open(path, method=method)
        if path.endswith(".json"):
            assert answer.status_code == 401, path
            continue
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, "/masuk"), path
    assert events_of(city) == before, "who was turned away left nothing behind"


def events_of(city):
    city.session.rollback()
    return city.session.scalar(text("SELECT count(*) FROM events WHERE type <> 'SignedIn'"))


AUDITORS_PAGES = (
    "/jejak", "/jejak?kata=lampu", "/jejak?terlambat=ya", "/jejak?petugas=operator", "/jejak/jalur",
    "/jejak/{number}", "/audit/ekspor", "/audit/ekspor?jenis=pengaduan", "/audit/pembacaan",
    "/audit/{number}/bundle.zip", "/audit/peristiwa.csv?nomor=ya", "/audit/peristiwa.jsonl?nomor=ya",
    "/audit/peristiwa.xes?nomor=ya", "/audit/peristiwa.ocel?nomor=ya", "/audit/peristiwa.jsonl",
)  # fmt: skip
FIGURES = (
    "/hambatan", "/hambatan/pengaduan/1", "/hambatan/pengaduan/1?bagian=unit:DPU",
    "/hambatan/pengaduan/1?bagian=kelurahan:72.71.02.1007", "/hambatan/pengaduan/1.csv",
    "/hambatan/pengaduan/1.csv?per=bulan", "/hambatan/pengaduan/1/banding",
)  # fmt: skip
PAGES = dict.fromkeys(COUNTS, FIGURES) | {"inspektur": (*AUDITORS_PAGES, *FIGURES)}
"""What each desk opens here; {number} is the report's."""


@combinations
def test_no_page_and_no_file_says_who_reported_or_where_they_live(city, anonymous, confidential):
    report, secret = told(city, anonymous=anonymous, confidential=confidential)
    follow(city)
    for name, pages in PAGES.items():
        browser = city.officer(name)
        for path in [page.format(number=report.number) for page in pages]:
            answer = browser.get(path, follow_redirects=True)
            nothing_personal(answer, path, secret)
            content = readable(answer)
            if path.startswith("/hambatan"):
                said = content.partition("<main")[2] or content
                for hidden in (report.number, WORDS, NOTE, "(uji)"):
                    assert hidden not in said, (path, hidden)


@combinations
def test_operations_name_no_reporter_and_leave_the_citizen_no_officer(app, city, anonymous, confidential):
    """From choosing to the second person, in lists, trace and event logs, and on the citizens' side."""
    flags = {"anonymous": "y" if anonymous else None, "confidential": "y" if confidential else None}
    report, secret = city.send(**flags)
    city.do("admin", "verifikasi", opd="DPU", catatan=NOTE)
    city.session.commit()
    admin, second = city.officer("admin"), city.officer("sekda")
    address = f"/operasi/{report.number}"
    plan = admin.get(f"{address}?tindakan=batalkan")
    mark = re.search(r'name="tanda" value="([^"]+)"', plan.text)[1]
    asked = admin.post(address, data={"tindakan": "batalkan", "tanda": mark, "alasan": REASON})
    assert asked.status_code == 303, seen(asked)
    operation = asked.headers["Location"]
    pages = [(admin, address), (admin, f"{address}?tindakan=batalkan"), (admin, operation),
             (admin, "/operasi"), (admin, "/operasi/banyak"),
             (admin, "/operasi/banyak?kata=lampu&operasi=tangguhkan"),
             (second, operation), (second, "/operasi")]  # fmt: skip
    for browser, path in pages:
        nothing_personal(browser.get(path), path, secret)
    for name in sorted(set(EVERYBODY) - AGREES):
        answer = city.officer(name).get(operation)
        assert (answer.status_code, REASON in answer.text) == (403, False), name
    assert second.post(f"{operation}/setuju", data={"catatan": "Setuju, sudah diperiksa."}).status_code == 303
    auditor = city.officer("inspektur")
    trace = auditor.get(f"/jejak/{report.number}")
    nothing_personal(trace, "trace", secret)
    assert REASON in html.unescape(trace.text)
    for form in ("csv", "jsonl", "xes", "ocel"):
        log = auditor.get(f"/audit/peristiwa.{form}")
        nothing_personal(log, form, secret)
        people = [city.who[name].person_id for name in ("admin", "sekda")]
        for hidden in (REASON, report.number, "(uji)", *people):
            assert hidden not in log.text, (form, hidden)
    own = city.stranger().get(f"/l/{secret}")
    public = city.stranger().get(f"/lacak?nomor={report.number}")
    for page in (own, public):
        assert REASON not in page.text
        assert "(uji)" not in page.text


def nothing_personal(answer, path, secret):
    assert answer.status_code == 200, (path, answer.status_code)
    content = readable(answer)
    for hidden in (*PERSONAL, LANDMARK, POINT[0], POINT[1], POINT[1][:-2], secret):
        assert hidden not in content, (path, hidden)


@combinations
def test_the_auditor_finds_and_reads_every_report_whatever_it_is(city, anonymous, confidential):
    report, _secret = told(city, anonymous=anonymous, confidential=confidential)
    follow(city)
    browser = city.officer("inspektur")
    for path in ("/jejak", "/jejak?kata=lampu", "/jejak?petugas=operator", f"/jejak?kata={report.number}",
                 "/audit/peristiwa.jsonl?nomor=ya"):
        assert report.number in browser.get(path).text, path
    page = html.unescape(browser.get(f"/jejak/{report.number}").text)
    assert NOTE in page
    assert ("Rahasia" in page) is confidential
    assert report.number not in browser.get("/audit/peristiwa.jsonl").text


@combinations
def test_a_selection_without_confidential_reports_has_none(city, session, anonymous, confidential):
    """What somebody may not find in the search, they do not get by an address either."""
    report, _secret = told(city, anonymous=anonymous, confidential=confidential)
    for asked in ({}, {"kata": "lampu"}, {"kata": report.number}, {"status": "tertutup"}):
        search = read_search(asked, zone="Asia/Makassar", confidential=False)
        found = ids_of(session, search.criteria, now=city.clock())
        assert (report.id in found) is not confidential, asked
        assert (counts(session, search.criteria, now=city.clock())[0] == 1) is not confidential


@combinations
def test_the_reporter_learns_of_each_opening_and_of_nobody_by_name(city, anonymous, confidential):
    report, secret = told(city, anonymous=anonymous, confidential=confidential)
    auditor = city.officer("inspektur")
    auditor.get(f"/jejak/{report.number}")
    auditor.post(f"/audit/{report.number}/bundle.zip", data={"tujuan": "menelaah aduan"})
    own = city.stranger().get(f"/l/{secret}").text
    assert (PURPOSE in own) is not anonymous
    assert "menelaah aduan" in own
    assert "(uji)" not in own
    journal = auditor.get("/audit/pembacaan").text
    assert (PURPOSE in journal) is not anonymous
    assert NAME not in journal


def follow(city):
    """Let the traits be gathered, as the worker does."""
    city.session.commit()
    while trace_follow.follow(city.session):
        city.session.commit()
    city.session.commit()


def readable(answer):
    """The answer as text, a zip file's contents included; what HTML writes otherwise is undone."""
    if answer.mimetype == "application/zip":
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            return "\n".join(archive.read(name).decode() for name in archive.namelist())
    return html.unescape(answer.text)
