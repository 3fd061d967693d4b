"""What counts as a password. Length protects; rules about signs only make people write it down."""

from __future__ import annotations

import secrets

from app.domain.words import told

SHORTEST = 12
LONGEST = 200


def weakness(password: str, *, username: str) -> str | None:
    """What is wrong with a new password, in Indonesian; None when it may be used.

    Source: NIST SP 800-63B 5.1.1.2 (length, no composition rules), OWASP ASVS 2.1.
    """
    if len(password) < SHORTEST:
        return told(
            "Kata sandi paling sedikit %(n)s huruf. Beberapa kata yang mudah Anda ingat sudah cukup.",
            n=SHORTEST,
        )
    if len(password) > LONGEST:
        return told("Kata sandi paling banyak %(n)s huruf.", n=LONGEST)
    if username.lower() in password.lower():
        return told("Kata sandi tidak boleh memuat nama pengguna Anda.")
    if len(set(password)) < 5:
        return told("Kata sandi terlalu mudah ditebak: hurufnya berulang.")
    return None


_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Signs that are not mistaken for each other when read from a screen."""


def temporary() -> str:
    """A first password to hand over, 79 random bits: `k7mt-93qd-hhw2-xp4r`."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(4))
