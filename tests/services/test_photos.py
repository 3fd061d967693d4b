"""A photo's way from the phone to the page: quarantined, cleaned, seen only by whom it concerns."""

import io
import uuid
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from PIL import ExifTags, Image
from sqlalchemy import select, text

from app.adapters.images import Refused
from app.adapters.storage import NotStored, open_store, quarantine_key
from app.db.models import Photo
from app.services import photo_removal, photos
from app.services.photo_viewing import Viewer, photo_for
from app.services.photos import Upload

WITA = ZoneInfo("Asia/Makassar")


@pytest.fixture
def storage(tmp_path):
    return open_store(str(tmp_path / "foto"))


def jpeg(colour=(200, 60, 30), *, gps=True):
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "samsung"
    if gps:
        exif.get_ifd(ExifTags.IFD.GPSInfo).update(
            {1: "S", 2: (0.0, 54.0, 45.0), 3: "E", 4: (119.0, 52.0, 58.0)}
        )
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), colour).save(buffer, "JPEG", exif=exif.tobytes())
    return buffer.getvalue()


def receive(session, storage, clock, content, key, **more):
    return photos.receive_photo(
        session, Upload(content, key, **more), actor=None, now=clock(), storage=storage, zone=WITA
    )


def test_an_original_is_quarantined_cleaned_by_its_job_and_forgotten(session, storage, clock):
    key = uuid.uuid4()
    original = jpeg()
    received = receive(session, storage, clock, original, key)
    session.commit()
    assert received.state == "karantina"
    assert storage.get(quarantine_key(str(received.id))) == original
    jobs = session.execute(text("SELECT task_name, args ->> 'photo_id' FROM procrastinate_jobs")).all()
    assert jobs == [("photos.process", str(received.id))]

    photos.process_photo(session, received.id, storage=storage, now=clock())
    session.commit()
    photos.forget_originals(session, storage=storage)
    session.commit()
    photo = session.get(Photo, received.id)
    assert (photo.state, photo.original_key) == ("siap", None)
    assert (photo.lat, photo.lng) == pytest.approx((-0.9125, 119.8828), abs=1e-3)
    assert photo.device == "samsung"
    with pytest.raises(NotStored):
        storage.get(quarantine_key(str(received.id)))
    for served in (photo.image_key, photo.thumbnail_key):
        assert b"samsung" not in storage.get(served)
        assert b"Exif" not in storage.get(served)


def test_cleaning_twice_is_cleaning_once(session, storage, clock):
    received = receive(session, storage, clock, jpeg(), uuid.uuid4())
    first = photos.process_photo(session, received.id, storage=storage, now=clock()).image_key
    photos.forget_originals(session, storage=storage)
    assert photos.process_photo(session, received.id, storage=storage, now=clock()).image_key == first
    assert photos.process_photo(session, uuid.uuid4(), storage=storage, now=clock()) is None


def test_a_photo_that_its_job_cleans_while_a_page_asks_stays_ready(session, owner_session, storage, clock):
    received = receive(session, storage, clock, jpeg(), uuid.uuid4())
    session.commit()
    asked = session.get(Photo, received.id)
    assert asked.state == "karantina"
    photos.process_photo(owner_session, received.id, storage=storage, now=clock())
    owner_session.commit()
    photos.forget_originals(owner_session, storage=storage)
    owner_session.commit()

    shown = photos.process_photo(session, received.id, storage=storage, now=clock())
    assert (shown.state, shown.refusal) == ("siap", None)


def test_the_same_photo_sent_again_is_the_same_photo(session, storage, clock):
    key = uuid.uuid4()
    first = receive(session, storage, clock, jpeg(), key, client_id="foto-1")
    again = receive(session, storage, clock, jpeg(), key, client_id="foto-1")
    assert first.id == again.id
    plain = receive(session, storage, clock, jpeg((1, 2, 3)), key)
    assert receive(session, storage, clock, jpeg((1, 2, 3)), key).id == plain.id
    assert len(photos.photos_of_submission(session, key)) == 2


def test_a_sixth_photo_is_refused_and_the_five_stay(session, storage, clock):
    key = uuid.uuid4()
    for shade in range(5):
        receive(session, storage, clock, jpeg((shade * 40, 9, 9)), key)
    sixth = receive(session, storage, clock, jpeg((250, 9, 9)), key)
    assert isinstance(sixth, Refused)
    assert "5 foto" in sixth.text
    assert len(photos.photos_of_submission(session, key)) == 5


def test_a_refused_file_leaves_nothing_behind(session, storage, clock):
    assert isinstance(receive(session, storage, clock, b"<script>", uuid.uuid4()), Refused)
    assert session.scalars(select(Photo)).all() == []


def test_an_unsent_photo_is_seen_by_its_own_form_only(session, storage, clock):
    key = uuid.uuid4()
    photo_id = receive(session, storage, clock, jpeg(), key).id
    assert photo_for(session, photo_id, viewer=Viewer(None, submissions=[key])) is not None
    assert photo_for(session, photo_id, viewer=Viewer(None, submissions=[uuid.uuid4()])) is None
    assert photo_for(session, photo_id, viewer=Viewer(None)) is None
    assert photo_for(session, uuid.uuid4(), viewer=Viewer(None)) is None


def test_a_withdrawn_photo_is_gone_but_a_twin_keeps_the_file(session, storage, clock):
    mine, theirs = uuid.uuid4(), uuid.uuid4()
    one = receive(session, storage, clock, jpeg(), mine, client_id="satu").id
    two = receive(session, storage, clock, jpeg(), theirs, client_id="dua").id
    for photo_id in (one, two):
        photos.process_photo(session, photo_id, storage=storage, now=clock())
    key = session.get(Photo, two).image_key
    assert not photos.withdraw_photo(session, theirs, "satu", storage=storage)
    assert photos.withdraw_photo(session, mine, "satu", storage=storage)
    assert storage.exists(key)
    assert photos.withdraw_photo(session, theirs, "dua", storage=storage)
    assert not storage.exists(key)


def test_photos_of_reports_never_sent_are_forgotten_after_two_days(session, storage, clock):
    photo_id = receive(session, storage, clock, jpeg(), uuid.uuid4()).id
    clock.advance(days=1)
    assert photo_removal.sweep_uploads(session, now=clock(), storage=storage) == 0
    clock.advance(days=2)
    assert photo_removal.sweep_uploads(session, now=clock(), storage=storage) == 1
    assert not storage.exists(quarantine_key(str(photo_id)))
    assert timedelta(days=2) == photo_removal.KEPT_UNATTACHED


def test_an_original_that_cannot_be_decoded_later_is_told_in_words(session, storage, clock):
    photo_id = receive(session, storage, clock, jpeg(), uuid.uuid4()).id
    storage.delete(quarantine_key(str(photo_id)))
    photo = photos.process_photo(session, photo_id, storage=storage, now=clock())
    assert photo.state == "ditolak"
    assert "tidak dapat dibaca" in photo.refusal
