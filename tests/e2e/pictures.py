"""Files people send: photos as phones write them, and what is no photo."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pillow_heif
from PIL import Image

from app.adapters.demo_photos import Shot, draw_photo

WITA = ZoneInfo("Asia/Makassar")
KAMONJI = (-0.90019, 119.85182)


def jpeg(
    folder: Path, scene: str, *, at: datetime, place: int = 7, near: tuple[float, float] = KAMONJI
) -> Path:
    """A camera's JPEG with time and position. Shots with one `place` show the same corner of a street."""
    file = folder / f"{scene}-{at:%d%H%M}.jpg"
    file.write_bytes(draw_photo(Shot(scene, place, at.astimezone(WITA), *near)))
    return file


def heic(folder: Path, scene: str, *, at: datetime, place: int = 7) -> Path:
    """What an iPhone sends."""
    with Image.open(jpeg(folder, scene, at=at, place=place)) as picture:
        exif = picture.getexif().tobytes()
        made = pillow_heif.from_pillow(picture)
    file = folder / f"{scene}.heic"
    made.save(file, quality=70, exif=exif)
    return file


def heavy(folder: Path, *, at: datetime, megabytes: int) -> Path:
    """A JPEG of more than `megabytes`."""
    file = jpeg(folder, "lubang", at=at)
    small = file.read_bytes()
    comment = b"\xff\xfe\xff\xff" + bytes(65533)
    file = folder / "besar.jpg"
    file.write_bytes(small[:2] + comment * (megabytes * 16 + 16) + small[2:])
    return file


def gif_named_jpg(folder: Path) -> Path:
    out = io.BytesIO()
    Image.new("P", (64, 48)).save(out, "GIF")
    file = folder / "lucu.jpg"
    file.write_bytes(out.getvalue())
    return file


def bomb(folder: Path) -> Path:
    """A PNG of a few dozen kilobytes that unfolds to 900 megapixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    side = 30_000
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    packed = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    file = folder / "bom.png"
    body = chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + body)
    return file


def polyglot(folder: Path, *, at: datetime) -> Path:
    """A good JPEG with an archive behind it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("program.html", "<script>alert(1)</script>")
    file = folder / "ganda.jpg"
    file.write_bytes(jpeg(folder, "sampah", at=at).read_bytes() + out.getvalue())
    return file
