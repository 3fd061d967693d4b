"""What becomes of a photo a stranger sends. Every file here is a real one, made on the spot."""

import io
import struct
import zipfile
import zlib
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pillow_heif
import pytest
from PIL import ExifTags, Image, ImageDraw, ImageEnhance

from app.adapters import images
from app.adapters.images import Checked, Refused, inspect_upload, reencode
from app.domain.evidence import hash_distance

WITA = ZoneInfo("Asia/Makassar")
PALU = (-0.9125, 119.882778)


def picture(width=640, height=480, mode="RGB"):
    image = Image.linear_gradient("L").resize((width, height)).convert(mode)
    draw = ImageDraw.Draw(image)
    ink = {"RGB": (200, 60, 30), "RGBA": (200, 60, 30, 255)}.get(mode, 200)
    draw.ellipse((width * 0.1, height * 0.2, width * 0.5, height * 0.7), fill=ink)
    draw.rectangle((width * 0.6, height * 0.5, width * 0.9, height * 0.8), fill=0 if mode in "LP" else ink)
    return image


def camera_exif(*, offset="+08:00", orientation=1):
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "samsung"
    exif[ExifTags.Base.Model] = "SM-A145F"
    exif[ExifTags.Base.Orientation] = orientation
    camera = exif.get_ifd(ExifTags.IFD.Exif)
    camera[ExifTags.Base.DateTimeOriginal] = "2026:03:17 10:05:00"
    if offset:
        camera[ExifTags.Base.OffsetTimeOriginal] = offset
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "S",
            ExifTags.GPS.GPSLatitude: (0.0, 54.0, 45.0),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: (119.0, 52.0, 58.0),
        }
    )
    return exif


def encoded(image, kind="JPEG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def heic(image, **options):
    buffer = io.BytesIO()
    pillow_heif.from_pillow(image).save(buffer, quality=60, **options)
    return buffer.getvalue()


def refusal(data):
    answer = inspect_upload(data, zone=WITA)
    assert isinstance(answer, Refused), answer
    return answer.text


@pytest.mark.parametrize(
    ("data", "mime"),
    [
        (encoded(picture()), "image/jpeg"),
        (encoded(picture(), "JPEG", progressive=True), "image/jpeg"),
        (encoded(picture(mode="RGBA"), "PNG"), "image/png"),
        (encoded(picture(mode="L"), "PNG"), "image/png"),
        (encoded(picture(), "WEBP"), "image/webp"),
        (heic(picture()), "image/heic"),
    ],
)
def test_every_kind_of_photo_a_phone_makes_is_accepted_and_served_as_clean_jpeg(data, mime):
    checked = inspect_upload(data, zone=WITA)
    assert isinstance(checked, Checked)
    assert (checked.mime, checked.width, checked.height) == (mime, 640, 480)
    copy = reencode(data)
    with Image.open(io.BytesIO(copy.jpeg)) as served:
        served.load()
        assert (served.format, served.size) == ("JPEG", (640, 480))
    assert (copy.width, copy.height) == (640, 480)


@pytest.mark.parametrize("make", [encoded, heic])
def test_place_time_and_device_are_read_and_then_gone_from_what_is_served(make):
    data = make(picture(), exif=camera_exif().tobytes())
    found = inspect_upload(data, zone=WITA).metadata
    assert (found.lat, found.lng) == pytest.approx(PALU, abs=1e-4)
    assert found.taken_at == datetime(2026, 3, 17, 2, 5, tzinfo=UTC)
    assert found.device == "samsung SM-A145F"
    copy = reencode(data)
    for served in (copy.jpeg, copy.thumbnail):
        with Image.open(io.BytesIO(served)) as image:
            assert not dict(image.getexif())
            assert "exif" not in image.info
            assert "xmp" not in image.info
        assert b"samsung" not in served


def test_a_camera_clock_without_offset_is_read_in_the_citys_zone():
    data = encoded(picture(), exif=camera_exif(offset=None).tobytes())
    assert inspect_upload(data, zone=WITA).metadata.taken_at == datetime(2026, 3, 17, 2, 5, tzinfo=UTC)


def test_broken_metadata_never_makes_a_photo_unacceptable():
    exif = camera_exif()
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (900.0, 0.0, 0.0)
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = "0000:00:00 00:00:00"
    found = inspect_upload(encoded(picture(), exif=exif.tobytes()), zone=WITA).metadata
    assert (found.lat, found.lng, found.taken_at) == (None, None, None)


def test_a_photo_held_upright_is_served_upright():
    data = encoded(picture(640, 480), exif=camera_exif(orientation=6).tobytes())
    copy = reencode(data)
    assert (copy.width, copy.height) == (480, 640)
    with Image.open(io.BytesIO(copy.jpeg)) as served:
        assert served.size == (480, 640)


def test_a_large_photo_is_kept_smaller_and_its_thumbnail_is_small():
    copy = reencode(encoded(picture(4000, 3000), quality=60))
    assert (copy.width, copy.height) == (2560, 1920)
    with Image.open(io.BytesIO(copy.thumbnail)) as small:
        assert max(small.size) == images.THUMBNAIL_SIDE


def test_a_file_above_fifteen_megabytes_is_refused_with_its_size():
    text = refusal(encoded(picture()) + b"\x00" * (24 * 1024 * 1024 - 20_000))
    assert "24 MB" in text
    assert "15 MB" in text


def test_more_than_forty_megapixels_are_refused_from_the_header_alone():
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    def bomb(width, height):
        header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
        return (
            b"\x89PNG\r\n\x1a\n"
            + chunk(b"IHDR", header)
            + chunk(b"IDAT", zlib.compress(b"\x00" * 100_000))
            + chunk(b"IEND", b"")
        )

    for width, height in ((8000, 6000), (50_000, 50_000)):
        assert "40 megapiksel" in refusal(bomb(width, height))


@pytest.mark.parametrize(
    "data",
    [
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7 laporan",
        b"GIF89a" + b"\x00" * 40,
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"MZ" + b"\x00" * 400,
    ],
)
def test_what_is_no_photo_is_refused_whatever_its_name(data):
    assert "JPEG" in refusal(data)


def test_nothing_is_refused():
    assert "kosong" in refusal(b"")


def archive():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as bundle:
        bundle.writestr("a.txt", "halo")
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        encoded(picture()) + archive(),
        encoded(picture(), comment=b"<script>fetch('/')</script>"),
        encoded(picture()) + b"<?php system($_GET[0]);",
        encoded(picture(), "PNG") + b"lampiran tersembunyi",
        encoded(picture(), "WEBP") + b"%PDF-1.4",
    ],
)
def test_a_photo_that_is_also_something_else_is_refused_in_words(data):
    assert "di dalam gambarnya" in refusal(data) or "di belakang gambarnya" in refusal(data)


def test_the_second_picture_phones_append_is_no_reason_to_refuse():
    data = encoded(picture()) + encoded(picture(64, 48))
    assert isinstance(inspect_upload(data, zone=WITA), Checked)


@pytest.mark.parametrize(
    "data", [encoded(picture()), encoded(picture(), "PNG"), encoded(picture(), "WEBP"), heic(picture())]
)
def test_a_photo_cut_off_on_its_way_is_refused_in_words(data):
    for part in (0.3, 0.6, 0.95):
        assert "terpotong" in refusal(data[: int(len(data) * part)])


def test_sixteen_bit_grey_is_not_turned_white():
    image = Image.new("I;16", (64, 48), 20_000)
    copy = reencode(encoded(image, "PNG"))
    with Image.open(io.BytesIO(copy.jpeg)) as served:
        assert 70 <= served.convert("L").getpixel((5, 5)) <= 90


def test_the_hash_finds_the_same_picture_again_and_tells_others_apart():
    base = picture()
    first = images.dhash(base)
    brighter = ImageEnhance.Brightness(base).enhance(1.08)
    small = Image.open(io.BytesIO(encoded(base.resize((320, 240)), quality=40)))
    assert hash_distance(first, images.dhash(brighter)) <= 6
    assert hash_distance(first, images.dhash(small)) <= 6
    assert hash_distance(first, images.dhash(base.transpose(Image.Transpose.ROTATE_180))) > 16
