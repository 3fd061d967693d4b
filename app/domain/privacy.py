"""What must not stand in free text, and how much of a person a mask leaves.

`anonim` and `rahasia` are independent: *anonim* hides who reported from the handlers and the public,
*rahasia* hides what was reported from the public. The reporter always sees all of their own report.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

_DIGITS = re.compile(r"(?<![\d])(?:\d[ .\-]?){15}\d(?!\d)")
_PHONE = re.compile(r"(?<![\d+])(?:\+?62|0)[ .\-]?8\d(?:[ .\-]?\d){7,10}(?!\d)")
_EMAIL = re.compile(r"[A-Za-z0-9._%+\-]{1,64}@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+")


def contains_nik(text: str) -> bool:
    """Whether the text holds what looks like a national identity number.

    A NIK has 16 digits: region (6), birth date DDMMYY with 40 added to the day for women, serial (4); sixteen
    digits that hold no possible date (a bank card, a meter number) do not count.
    """
    return any(_is_nik(found.group()) for found in _DIGITS.finditer(text))


def mask_personal(text: str) -> str:
    """The text with identity numbers, phone numbers and e-mail addresses blacked out."""
    text = _DIGITS.sub(lambda found: "[NIK disamarkan]" if _is_nik(found.group()) else found.group(), text)
    text = _EMAIL.sub("[surel disamarkan]", text)
    return _PHONE.sub("[telepon disamarkan]", text)


HIDDEN_WHOLE = "[Isi laporan ini tidak ditampilkan untuk umum.]"


def hide_parts(text: str, parts: Iterable[str]) -> str:
    """The text for the public with each of `parts` blacked out wherever it stands, however it is written."""
    for part in parts:
        text = re.sub(re.escape(part), "[disamarkan]", text, flags=re.IGNORECASE)
    return text


def mask_phone(phone: str) -> str:
    """`+6281234567890` → `+62********890`."""
    return phone[:3] + "*" * max(0, len(phone) - 6) + phone[-3:] if len(phone) > 6 else "*" * len(phone)


def mask_email(address: str) -> str:
    """`siti@contoh.id` → `s***@contoh.id`."""
    name, _, host = address.partition("@")
    return f"{name[:1]}***@{host}" if host else "***"


def rounded(degrees: float) -> float:
    """A coordinate for the public: about 100 m, so that no single house is pointed at."""
    return round(degrees, 3)


def _is_nik(found: str) -> bool:
    digits = re.sub(r"\D", "", found)
    day, month, year = int(digits[6:8]), int(digits[8:10]), int(digits[10:12])
    if digits[0] == "0" or digits[12:] == "0000":
        return False
    try:
        date(2000 + year, month, day - 40 if day > 40 else day)
    except ValueError:
        try:
            date(1900 + year, month, day - 40 if day > 40 else day)
        except ValueError:
            return False
    return True
