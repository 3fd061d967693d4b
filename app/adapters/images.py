"""Photos that strangers send: what they are, whether they are safe to keep, and a clean copy of them.

Nothing here trusts a file name or a declared type. A file is judged by its content (allow-list, structure
up to the end of the image, real decode); what is served to anybody is always a fresh JPEG made here, so no
byte of the original, no metadata and no appended data survives.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from dataclasses import dataclass, field
from datetime import tzinfo

import filetype
import pillow_heif
from PIL import ExifTags, Image

from app.adapters.image_metadata import DECODE_FAULTS, Metadata, read_metadata
from app.adapters.image_structure import end_of_image
from app.domain.words import told

MAX_BYTES = 15 * 1024 * 1024
MAX_PIXELS = 40_000_000
LONG_SIDE = 2560
"""Longest side in pixels of the copy that is kept and served."""
THUMBNAIL_SIDE = 480

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
pillow_heif.register_heif_opener(thumbnails=False)

_FORMATS = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "image/webp": "WEBP",
    "image/heic": "HEIF",
    "image/heif": "HEIF",
}
_TOO_LARGE = (Image.DecompressionBombError, Image.DecompressionBombWarning)

_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_FOREIGN = re.compile(
    rb"<script[\s>/]|<\?php|<html[\s>]|<!doctype html|<iframe[\s>]|%PDF-1|Rar!\x1a\x07|7z\xbc\xaf\x27\x1c",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A photo that may be kept. Width and height as stored in the file, before orientation."""

    mime: str
    width: int
    height: int
    metadata: Metadata = field(default_factory=Metadata)


@dataclass(frozen=True, slots=True)
class Refused:
    """An upload that may not be kept; `text` says in Indonesian what is wrong and what to do."""

    text: str


@dataclass(frozen=True, slots=True)
class Reencoded:
    """The clean copy: JPEG without any metadata, upright."""

    jpeg: bytes
    thumbnail: bytes
    width: int
    height: int
    dhash: int
    """Difference hash, 0 … 2**64 - 1; compare by `app.domain.evidence.hash_distance`."""


class CannotReencode(Exception):
    """The quarantined original, though checked at receipt, does not decode (a damaged store)."""


def inspect_upload(data: bytes, *, zone: tzinfo) -> Checked | Refused:
    """Judge an uploaded file by its content.

    `zone` is the city's time zone, in which camera clocks without an offset are read.
    """
    if not data:
        return Refused("Berkas ini kosong. Pilih foto lain.")
    if len(data) > MAX_BYTES:
        return Refused(told("Foto terlalu besar (%(size)s MB). Batasnya 15 MB.", size=_megabytes(len(data))))
    mime = _mime(data)
    if mime is None:
        return Refused("Berkas ini bukan foto yang kami kenali. Kirim foto JPEG, PNG, WebP, atau HEIC.")
    foreign = _foreign_content(data, mime)
    if foreign is not None:
        return foreign
    try:
        with Image.open(io.BytesIO(data), formats=[_FORMATS[mime]]) as image:
            width, height = image.size
            if width * height > MAX_PIXELS:
                return _too_many_pixels(width * height)
            metadata = read_metadata(image, zone)
            image.draft("RGB", (max(1, width // 8), max(1, height // 8)))
            image.load()
    except _TOO_LARGE:
        return _too_many_pixels(None)
    except DECODE_FAULTS:
        return Refused("Foto ini rusak atau terpotong saat dikirim. Coba kirim ulang, atau pilih foto lain.")
    return Checked(mime, width, height, metadata)


def reencode(data: bytes) -> Reencoded:
    """Make the copy that is kept and served. Raises CannotReencode."""
    mime = _mime(data)
    if mime is None:
        raise CannotReencode("bukan gambar yang dikenali")
    try:
        with Image.open(io.BytesIO(data), formats=[_FORMATS[mime]]) as source:
            source.draft("RGB", (LONG_SIDE, LONG_SIDE))
            picture = _on_white(_upright(source))
    except (*DECODE_FAULTS, *_TOO_LARGE) as fault:
        raise CannotReencode(str(fault)) from fault
    picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    small = picture.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS)
    return Reencoded(
        _jpeg(picture, quality=85), _jpeg(small, quality=78), picture.width, picture.height, dhash(picture)
    )


def dhash(image: Image.Image) -> int:
    """64-bit difference hash: each bit says whether a cell of an 8×8 grid is brighter than its right
    neighbour. Survives re-encoding, scaling and small changes of brightness."""
    grey = image.convert("L").resize((9, 8), Image.Resampling.BOX)
    cells = grey.tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            left = row * 9 + column
            bits = bits << 1 | (cells[left] > cells[left + 1])
    return bits


def _mime(data: bytes) -> str | None:
    kind = filetype.guess_mime(data[:512])
    if kind in _FORMATS:
        return str(kind)
    if data[4:8] == b"ftyp" and data[8:12] in (b"mif1", b"heic", b"heix", b"msf1"):
        return "image/heic"
    return None


def _foreign_content(data: bytes, mime: str) -> Refused | None:
    """Refuse a picture that is at the same time something else (a page, an archive, a document)."""
    if _FOREIGN.search(data) or zipfile.is_zipfile(io.BytesIO(data)):
        return Refused(
            "Berkas ini memuat program atau dokumen di dalam gambarnya. Kirim foto asli dari kamera."
        )
    end = end_of_image(data, mime)
    if end is None:
        return Refused("Foto ini rusak atau terpotong saat dikirim. Coba kirim ulang, atau pilih foto lain.")
    if not _known_trailer(data, end):
        return Refused("Berkas ini memuat data lain di belakang gambarnya. Kirim foto asli dari kamera.")
    return None


def _known_trailer(data: bytes, end: int) -> bool:
    """Phones do append things: padding, a second picture (multi-picture format, gain map), the short film
    of a motion photo, Samsung's trailer. They never leave quarantine, so they are tolerated."""
    rest = data[end:]
    padding = rest.lstrip(b"\x00\xff\n\r ")
    return not padding or padding.startswith(b"\xd8") or rest[4:8] == b"ftyp" or rest.endswith(b"SEFT")


def _megabytes(size: int) -> str:
    return str(math.ceil(size / (1024 * 1024)))


def _too_many_pixels(pixels: int | None) -> Refused:
    if pixels is None:
        return Refused("Ukuran gambar terlalu besar. Batasnya 40 megapiksel. Kecilkan resolusinya.")
    return Refused(
        told(
            "Ukuran gambar terlalu besar (%(size)s megapiksel). Batasnya 40 megapiksel. "
            "Kecilkan resolusinya.",
            size=round(pixels / 1_000_000),
        )
    )


def _upright(image: Image.Image) -> Image.Image:
    """Turn and mirror as the camera asked for. A broken EXIF block leaves the picture as it is."""
    try:
        turn = _TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except DECODE_FAULTS:
        turn = None
    return image if turn is None else image.transpose(turn)


def _on_white(image: Image.Image) -> Image.Image:
    """The picture in plain RGB; transparent parts become white."""
    if "A" in image.getbands() or "transparency" in image.info:
        layer = image.convert("RGBA")
        ground = Image.new("RGB", layer.size, "white")
        ground.paste(layer, mask=layer.getchannel("A"))
        return ground
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda level: level / 256).convert("L")
    return image.convert("RGB")


def _jpeg(image: Image.Image, *, quality: int) -> bytes:
    clean = Image.new("RGB", image.size)
    clean.paste(image)
    buffer = io.BytesIO()
    clean.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
    return buffer.getvalue()
