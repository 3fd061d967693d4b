"""Ways in which the city says no. Services raise them; `app.errors` gives each kind a status.

`text` is the Indonesian sentence that the person reads: what happened, what is kept, what to do.
"""

from __future__ import annotations

from app.domain.words import told


class CityError(Exception):
    """A request that cannot be met, with words for the person who asked."""

    text = told("Permintaan ini tidak dapat dipenuhi.")

    def __init__(self, text: str | None = None) -> None:
        super().__init__(text or self.text)
        if text:
            self.text = text


class NotFound(CityError):
    """There is no such thing, or the asker may not know that there is."""

    text = told("Yang Anda cari tidak ditemukan. Periksa kembali alamat atau nomornya.")


class NotPermitted(CityError):
    """The thing exists, but this person's roles do not reach it."""

    text = told("Peran Anda tidak mencakup tindakan ini.")


class Conflict(CityError):
    """Somebody else was first, or the thing has moved on since the page was shown."""

    text = told("Keadaannya sudah berubah sejak halaman ini dibuka. Muat ulang halaman lalu periksa kembali.")


class Invalid(CityError):
    """What was sent cannot be accepted as it is."""

    text = told("Isian belum dapat diterima. Periksa kembali lalu kirim lagi.")


class TooOften(CityError):
    """A limit on attempts was reached."""

    text = told("Terlalu banyak percobaan. Tunggu beberapa menit, lalu coba lagi.")
