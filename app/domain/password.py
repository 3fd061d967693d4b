"""What counts as a password. Length protects; rules about signs only make people write it down."""

from __future__ import annotations

SHORTEST = 12
LONGEST = 200


def weakness(password: str, *, username: str) -> str | None:
    """What is wrong with a new password, in Indonesian; None when it may be used.

    Source: NIST SP 800-63B 5.1.1.2 (length, no composition rules), OWASP ASVS 2.1.
    """
    if len(password) < SHORTEST:
        return f"Kata sandi paling sedikit {SHORTEST} huruf. Beberapa kata yang mudah Anda ingat sudah cukup."
    if len(password) > LONGEST:
        return f"Kata sandi paling banyak {LONGEST} huruf."
    if username.lower() in password.lower():
        return "Kata sandi tidak boleh memuat nama pengguna Anda."
    if len(set(password)) < 5:
        return "Kata sandi terlalu mudah ditebak: hurufnya berulang."
    return None
