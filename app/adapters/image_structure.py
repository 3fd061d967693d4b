"""Where a picture ends inside its file, by its own structure. What follows is not part of the picture."""

from __future__ import annotations

import re

_JPEG_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
_STANDALONE = frozenset((0x01, 0xD8, *range(0xD0, 0xD8)))
_BOX_NAME = re.compile(rb"[ -~]{4}")


def end_of_image(data: bytes, mime: str) -> int | None:
    """Offset just behind the picture; None when the structure breaks off before its end."""
    if mime == "image/jpeg":
        return _jpeg_end(data)
    if mime == "image/png":
        return _png_end(data)
    if mime == "image/webp":
        return _webp_end(data)
    return _heif_end(data)


def _jpeg_end(data: bytes) -> int | None:
    """Walk the segments; inside entropy-coded data only a real marker counts (ITU-T T.81, B.1.1)."""
    position = 2
    while True:
        found = _JPEG_MARKER.search(data, position)
        if found is None:
            return None
        position = found.end()
        marker = found.group(1)[0]
        if marker == 0xD9:
            return position
        if marker in _STANDALONE:
            continue
        length = int.from_bytes(data[position : position + 2])
        if length < 2 or position + length > len(data):
            return None
        position += length


def _png_end(data: bytes) -> int | None:
    position = 8
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4])
        name = data[position + 4 : position + 8]
        position += 12 + length
        if name == b"IEND":
            return position if position <= len(data) else None
    return None


def _webp_end(data: bytes) -> int | None:
    size = int.from_bytes(data[4:8], "little") + 8
    return size + size % 2 if size <= len(data) else None


def _heif_end(data: bytes) -> int | None:
    """Walk the top-level boxes (ISO/IEC 14496-12, 4.2) as far as they are boxes."""
    position = 0
    while position + 8 <= len(data):
        size = int.from_bytes(data[position : position + 4])
        if not _BOX_NAME.fullmatch(data, position + 4, position + 8):
            break
        if size == 1:
            size = int.from_bytes(data[position + 8 : position + 16])
        elif size == 0:
            return len(data)
        if size < 8:
            break
        if position + size > len(data):
            return None
        position += size
    return position
