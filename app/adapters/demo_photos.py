"""Drawn photos for the demo city: the same corner of a street before and after, with a camera's metadata.

They are pictures of nothing real, recognisable as drawings, yet different enough to try the check of proofs.
"""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from PIL import ExifTags, Image, ImageDraw, ImageFilter

SIZE = (960, 720)
HORIZON = 300
CURB = 520
"""Pixels from the top: where the street begins."""
Painter = Callable[[ImageDraw.ImageDraw, random.Random], None]


@dataclass(frozen=True, slots=True)
class Shot:
    """One photo to take. `place` seeds the background: shots of one place show the same corner; `scene` is a
    key of `SCENES`; `at` is aware, local; degrees WGS 84. `small`: half as wide and high."""

    scene: str
    place: int
    at: datetime
    lat: float | None = None
    lng: float | None = None
    small: bool = False


def draw_photo(shot: Shot) -> bytes:
    """The JPEG of a shot with time, place and device in its EXIF block."""
    random_ = random.Random(f"{shot.place}:{shot.scene}")  # noqa: S311 - pictures, not secrets
    if shot.scene == "kantor":
        image = _office()
    else:
        image = _street(random.Random(shot.place), night=shot.scene.startswith("lampu"))  # noqa: S311
    SCENES[shot.scene](ImageDraw.Draw(image), random_)
    if shot.small:
        image = image.reduce(2)
    image = _grain(image.filter(ImageFilter.GaussianBlur(0.8)), random_)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=72, exif=_exif(shot))
    return out.getvalue()


def _street(random_: random.Random, *, night: bool) -> Image.Image:
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    top, low = ((14, 20, 40), (48, 52, 70)) if night else ((112, 168, 222), (214, 228, 236))
    for y in range(HORIZON):
        part = y / HORIZON
        draw.line(
            (0, y, SIZE[0], y), fill=tuple(round(a + (b - a) * part) for a, b in zip(top, low, strict=True))
        )
    ridge = [(0, HORIZON)]
    for x in range(0, SIZE[0] + 80, 80):
        ridge.append((x, HORIZON - random_.randint(40, 150)))
    draw.polygon([*ridge, (SIZE[0], HORIZON)], fill=(40, 48, 52) if night else (110, 138, 128))
    draw.rectangle((0, HORIZON, SIZE[0], SIZE[1]), fill=(44, 46, 44) if night else (148, 152, 120))
    x = random_.randint(-90, 20)
    while x < SIZE[0]:
        width, height = random_.randint(130, 240), random_.randint(110, 200)
        _house(draw, random_, x, width, height, night=night)
        x += width + random_.randint(10, 90)
    draw.rectangle((0, CURB, SIZE[0], SIZE[1]), fill=(58, 58, 62) if night else (112, 112, 116))
    draw.rectangle((0, CURB - 16, SIZE[0], CURB), fill=(96, 96, 96) if night else (190, 188, 180))
    for start in range(random_.randint(-60, 0), SIZE[0], 170):
        draw.polygon(
            [(start, 640), (start + 90, 640), (start + 100, 652), (start + 6, 652)],
            fill=(120, 120, 116) if night else (226, 224, 214),
        )
    return image


def _house(
    draw: ImageDraw.ImageDraw, random_: random.Random, x: int, width: int, height: int, *, night: bool
) -> None:
    base = CURB - 40
    wall = tuple(random_.randint(150, 225) // (3 if night else 1) for _ in range(3))
    roof = tuple(
        part // (3 if night else 1) for part in (random_.randint(120, 170), random_.randint(60, 90), 60)
    )
    draw.rectangle((x, base - height, x + width, base), fill=wall)
    draw.polygon(
        [(x - 14, base - height), (x + width // 2, base - height - 56), (x + width + 14, base - height)],
        fill=roof,
    )
    glass = (230, 200, 120) if night else (96, 122, 140)
    draw.rectangle((x + 22, base - height + 34, x + 62, base - height + 76), fill=glass)
    draw.rectangle((x + width - 58, base - 86, x + width - 18, base), fill=tuple(part // 2 for part in wall))


def _office() -> Image.Image:
    image = Image.new("RGB", SIZE, (222, 216, 202))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 470, SIZE[0], SIZE[1]), fill=(150, 118, 84))
    draw.rectangle((80, 60, 360, 250), fill=(168, 200, 222), outline=(110, 90, 70), width=10)
    draw.rectangle((600, 70, 860, 470), fill=(136, 104, 74))
    for shelf in range(110, 460, 70):
        draw.rectangle((616, shelf, 844, shelf + 46), fill=(186, 70 + shelf // 4, 96))
    return image


def _clear(draw: ImageDraw.ImageDraw, random_: random.Random) -> None:
    """Nothing lies here any more; a bin stands at the curb."""
    draw.rectangle((690, CURB - 110, 760, CURB - 6), fill=(52, 120, 70))
    draw.rectangle((682, CURB - 122, 768, CURB - 104), fill=(36, 92, 54))


def _rubbish(draw: ImageDraw.ImageDraw, random_: random.Random) -> None:
    for _ in range(150):
        spread = random_.gauss(0, 110)
        x = 480 + spread
        y = CURB + 60 - max(0.0, 150 - abs(spread)) * random_.random()
        size = random_.randint(14, 46)
        colour = random_.choice([(40, 40, 44), (206, 206, 200), (150, 60, 52), (70, 96, 150), (96, 84, 60)])
        draw.ellipse((x, y, x + size * 1.3, y + size), fill=colour)


def _hole(draw: ImageDraw.ImageDraw, random_: random.Random) -> None:
    for x, y, wide in ((300, 600, 230), (600, 660, 150), (660, 560, 90)):
        draw.ellipse((x, y, x + wide, y + wide * 0.36), fill=(78, 70, 60))
        draw.ellipse((x + 14, y + 10, x + wide - 18, y + wide * 0.3), fill=(110, 100, 84))
        draw.ellipse((x + 40, y + 18, x + wide - 46, y + wide * 0.24), fill=(134, 140, 140))


def _gravel(draw: ImageDraw.ImageDraw, random_: random.Random) -> None:
    """Holes filled with stone for the time being, a barrier beside them."""
    for x, y, wide in ((300, 600, 230), (600, 660, 150)):
        draw.ellipse((x, y, x + wide, y + wide * 0.36), fill=(96, 92, 88))
        for _ in range(120):
            at_x, at_y = x + random_.random() * wide, y + random_.random() * wide * 0.36
            draw.ellipse((at_x, at_y, at_x + 9, at_y + 7), fill=(random_.randint(110, 170),) * 3)
    for start in range(160, 420, 40):
        colour = (214, 92, 40) if start % 80 else (240, 238, 230)
        draw.rectangle((start, 520, start + 40, 548), fill=colour)


def _flood(draw: ImageDraw.ImageDraw, random_: random.Random) -> None:
    draw.rectangle((0, CURB - 16, SIZE[0], SIZE[1]), fill=(122, 110, 84))
    for _ in range(70):
        x, y = random_.randint(0, SIZE[0]), random_.randint(CURB - 8, SIZE[1])
        draw.line((x, y, x + random_.randint(40, 130), y), fill=(164, 152, 124), width=3)


def _digging(draw: ImageDraw.ImageDraw, random_: random.Random) -> None:
    """The ditch lies open, mud is heaped beside it."""
    draw.polygon([(120, CURB), (840, CURB), (900, 620), (60, 620)], fill=(66, 58, 48))
    for _ in range(90):
        x, y = 100 + random_.random() * 260, CURB - 70 + random_.random() * 80
        draw.ellipse((x, y, x + 40, y + 26), fill=(92 + random_.randint(0, 26), 74, 52))
    draw.rectangle((640, 420, 700, CURB), fill=(220, 150, 40))


def _dark(draw: ImageDraw.ImageDraw, random_: random.Random) -> None:
    for x in (160, 420, 680):
        draw.rectangle((x, 150, x + 10, CURB), fill=(70, 72, 76))
        draw.rectangle((x, 150, x + 80, 160), fill=(70, 72, 76))


def _lit(draw: ImageDraw.ImageDraw, random_: random.Random) -> None:
    _dark(draw, random_)
    for x in (160, 420, 680):
        draw.polygon(
            [(x + 60, 162), (x + 96, 162), (x + 190, CURB + 60), (x - 40, CURB + 60)], fill=(150, 138, 92)
        )
        draw.ellipse((x + 52, 146, x + 104, 178), fill=(255, 240, 180))


def _sign(draw: ImageDraw.ImageDraw, random_: random.Random) -> None:
    draw.line((250, CURB + 40, 640, CURB - 30), fill=(120, 124, 128), width=14)
    draw.polygon(
        [(600, CURB - 110), (760, CURB - 60), (730, CURB + 40), (570, CURB - 10)], fill=(40, 92, 160)
    )
    draw.polygon([(90, 300), (560, 330), (560, 400), (90, 372)], fill=(224, 196, 60))


def _smoke(draw: ImageDraw.ImageDraw, random_: random.Random) -> None:
    draw.polygon([(0, CURB), (180, 330), (430, 300), (700, 350), (960, CURB)], fill=(112, 98, 76))
    for _ in range(120):
        x, y = 300 + random_.gauss(60, 90), 300 - random_.random() * 260
        size = 50 + (300 - y) * 0.3
        shade = random_.randint(150, 200)
        draw.ellipse((x, y, x + size, y + size * 0.7), fill=(shade, shade, shade))


def _ticket(draw: ImageDraw.ImageDraw, random_: random.Random) -> None:
    for x in (90, 250, 410, 570, 730):
        draw.ellipse((x, CURB - 34, x + 44, CURB + 10), outline=(26, 26, 28), width=8)
        draw.ellipse((x + 76, CURB - 34, x + 120, CURB + 10), outline=(26, 26, 28), width=8)
        draw.line((x + 20, CURB - 40, x + 98, CURB - 44), fill=(150, 40, 40), width=16)
    draw.rectangle((560, 560, 820, 690), fill=(236, 230, 196))
    for y in (590, 618, 646):
        draw.line((584, y, 790, y), fill=(110, 110, 110), width=6)


def _empty_lot(draw: ImageDraw.ImageDraw, random_: random.Random) -> None:
    draw.rectangle((60, 330, 900, CURB - 16), fill=(138, 150, 84))
    for _ in range(260):
        x, y = random_.randint(60, 890), random_.randint(350, CURB - 20)
        draw.line(
            (x, y, x + random_.randint(-8, 8), y - random_.randint(10, 34)), fill=(84, 112, 52), width=3
        )


def _nothing(draw: ImageDraw.ImageDraw, random_: random.Random) -> None:
    """The background says it all."""


SCENES: dict[str, Painter] = {
    "bersih": _clear,
    "sampah": _rubbish,
    "lubang": _hole,
    "batu": _gravel,
    "genangan": _flood,
    "galian": _digging,
    "lampu_padam": _dark,
    "lampu_menyala": _lit,
    "rambu_roboh": _sign,
    "asap": _smoke,
    "karcis": _ticket,
    "lahan": _empty_lot,
    "kantor": _nothing,
}


def _grain(image: Image.Image, random_: random.Random) -> Image.Image:
    """A little noise, as a cheap phone makes it."""
    width, height = image.width // 4, image.height // 4
    small = Image.frombytes("L", (width, height), random_.randbytes(width * height))
    noise = small.resize(image.size, Image.Resampling.BILINEAR).convert("RGB")
    return Image.blend(image, noise, 0.03)


def _exif(shot: Shot) -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "Demo"
    exif[ExifTags.Base.Model] = "Telepon gambar"
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    inner[ExifTags.Base.DateTimeOriginal] = f"{shot.at:%Y:%m:%d %H:%M:%S}"
    zone = f"{shot.at:%z}"
    inner[ExifTags.Base.OffsetTimeOriginal] = f"{zone[:3]}:{zone[3:]}"
    if shot.lat is not None and shot.lng is not None:
        place = exif.get_ifd(ExifTags.IFD.GPSInfo)
        place[ExifTags.GPS.GPSLatitudeRef] = "N" if shot.lat >= 0 else "S"
        place[ExifTags.GPS.GPSLatitude] = _sexagesimal(shot.lat)
        place[ExifTags.GPS.GPSLongitudeRef] = "E" if shot.lng >= 0 else "W"
        place[ExifTags.GPS.GPSLongitude] = _sexagesimal(shot.lng)
    return exif


def _sexagesimal(degrees: float) -> tuple[float, float, float]:
    """Degrees, minutes and seconds of an absolute value."""
    whole = abs(degrees)
    minutes = (whole - int(whole)) * 60
    return (float(int(whole)), float(int(minutes)), round((minutes - int(minutes)) * 60, 3))
