"""A log may be read by many; it holds no key and no person."""

import io
import logging
from collections.abc import Iterator

import pytest

from app.logs import formatter, masked

SECRET = "9fKd0-_aQ7zzYp1Lr3Xw5Tn8"


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        (f"GET /l/{SECRET} 200", "GET /l/*** 200"),
        (f"Referer: https://lapor.example/l/{SECRET}?x=1", "Referer: https://lapor.example/l/***?x=1"),
        (f"POST /l/{SECRET}/keberatan", "POST /l/***/keberatan"),
        ("sent to siti.rahma+a@mail.example.id now", "sent to ***@*** now"),
        ("call 081234567890 or +6281234567890", "call 08*** or 08***"),
        ("postgresql://tuntas:rahasia@db/tuntas", "postgresql://tuntas:***@db/tuntas"),
        ("report LW-2026-11-000123 in 12 ms", "report LW-2026-11-000123 in 12 ms"),
        ("/laporan/LW-2026-11-000123", "/laporan/LW-2026-11-000123"),
    ],
)
def test_keys_and_contacts_are_masked_and_report_numbers_stay(line: str, kept: str) -> None:
    assert masked(line) == kept


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter(readable=False))
    logger = logging.getLogger("another.library")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def test_tracebacks_of_any_library_are_masked_too(lines: io.StringIO) -> None:
    try:
        raise ValueError(f"no route for /l/{SECRET}")
    except ValueError:
        logging.getLogger("another.library").exception("failed for %s", "siti@mail.example")
    assert SECRET not in lines.getvalue()
    assert "siti@" not in lines.getvalue()
    assert "ValueError" in lines.getvalue()
