"""What a camera wrote into a photo: when, where, with what. Read once, at receipt, then stripped."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from PIL import ExifTags, Image

DECODE_FAULTS = (OSError, SyntaxError, ValueError, ArithmeticError, LookupError, TypeError, RuntimeError)
"""Everything Pillow and libheif are known to raise on broken or hostile content."""


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the camera wrote into the file. Hints, never proof: messengers strip them, anyone can edit."""

    taken_at: datetime | None = None
    """Aware, UTC."""
    lat: float | None = None
    lng: float | None = None
    """Degrees, WGS 84."""
    device: str | None = None
    """Maker and model, e.g. `samsung SM-A145F`."""
    software: str | None = None
    """Program that wrote the file last, when it says so; an editing or generator mark."""


def read_metadata(image: Image.Image, zone: tzinfo) -> Metadata:
    """Read the EXIF block. Whatever cannot be read is left out; it never makes a photo unacceptable."""
    try:
        exif = image.getexif()
        camera = exif.get_ifd(ExifTags.IFD.Exif)
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    except DECODE_FAULTS:
        return Metadata()
    lat = _degrees(place.get(ExifTags.GPS.GPSLatitude), place.get(ExifTags.GPS.GPSLatitudeRef), "S", 90)
    lng = _degrees(place.get(ExifTags.GPS.GPSLongitude), place.get(ExifTags.GPS.GPSLongitudeRef), "W", 180)
    if lat is None or lng is None or (lat == 0 and lng == 0):
        lat = lng = None
    words = (_words(exif.get(ExifTags.Base.Make)), _words(exif.get(ExifTags.Base.Model)))
    device = " ".join(word for word in words if word)
    return Metadata(
        taken_at=_moment(
            camera.get(ExifTags.Base.DateTimeOriginal), camera.get(ExifTags.Base.OffsetTimeOriginal), zone
        ),
        lat=lat,
        lng=lng,
        device=device or None,
        software=_words(exif.get(ExifTags.Base.Software)) or None,
    )


def _words(value: Any) -> str:
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:80]


def _moment(value: Any, offset: Any, zone: tzinfo) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        local = datetime.strptime(value.strip("\x00 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007 (zone set below)
    except ValueError:
        return None
    if isinstance(offset, str) and re.fullmatch(r"[+-]\d\d:\d\d", offset.strip("\x00 ")):
        try:
            return datetime.fromisoformat(local.isoformat() + offset.strip("\x00 ")).astimezone(UTC)
        except (ValueError, OverflowError):
            return None
    try:
        return local.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _degrees(value: Any, reference: Any, negative: str, limit: int) -> float | None:
    """Degrees, minutes and seconds of the GPS block as one signed number of at most ±`limit`."""
    try:
        degrees, minutes, seconds = (float(part) for part in value)
    except DECODE_FAULTS:
        return None
    result = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(result) or abs(result) > limit:
        return None
    if isinstance(reference, str) and reference.strip("\x00 ").upper() == negative:
        result = -result
    return round(result, 6)
