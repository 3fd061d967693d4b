"""What this installation is told by its environment. Read once at the start, frozen afterwards.

Everything has a value that works on a laptop; `docs/operasi.md` lists what a real city sets.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[1]
MEGABYTE = 1024 * 1024
SHORTEST_TOKEN = 24
DEMO_MARK = "demo"
"""File in an instance that `make run` filled as a demo city, so that commands beside it know."""

Environment = Literal["production", "demo", "test"]


class SettingInvalid(ValueError):
    """An environment variable holds something that cannot be meant."""


@dataclass(frozen=True, slots=True)
class City:
    """The city as its people know it."""

    name: str = "Kota Palu"
    brand: str = "Lapor Walikota"
    zone: str = "Asia/Makassar"
    number_prefix: str = "LW"
    emergency: str = "112"
    privacy_contact: str = "Dinas Kominfo Kota Palu"


@dataclass(frozen=True, slots=True)
class Mail:
    """Where e-mail is handed over. Without a host, messages are printed on the console."""

    host: str | None = None
    port: int = 587
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    sender: str = "tidak-dibalas@tuntas.localhost"
    starttls: bool = True


@dataclass(frozen=True, slots=True)
class Keys:
    """Secrets of this installation, 32 bytes each in hexadecimal."""

    session: str = field(repr=False)
    """Signs cookies."""
    lookup: str = field(repr=False)
    """Keys the hashes by which something is found again without being stored (throttling, supporters)."""
    sealing: str = field(repr=False)
    """Seals tracking tokens, so that a lost link can be sent again."""
    audit: str = field(repr=False)
    """Signs the seals over the trace (Ed25519)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. `database_url` None: the embedded server in `instance`."""

    environment: Environment
    instance: Path
    keys: Keys
    database_url: str | None = None
    database_app_url: str | None = None
    base_url: str = "http://localhost:8000"
    city: City = field(default_factory=City)
    mail: Mail = field(default_factory=Mail)
    storage_url: str = ""
    """`file:///…` or `s3://bucket/prefix`; filled with a folder of `instance` when empty."""
    tile_url: str | None = None
    """Street map tiles, `https://…/{z}/{x}/{y}.png`; None: points and names only."""
    tile_attribution: str = ""
    clock_offset: timedelta = timedelta(0)
    trusted_proxies: int = 0
    """How many reverse proxies in front of us set X-Forwarded-For."""
    request_limit_bytes: int = 90 * MEGABYTE
    """Five photos of 15 MB and the words around them."""
    rate_limits: bool = True
    metrics_token: str | None = field(default=None, repr=False)
    """Opens `/metrics` to a scraper on another machine."""
    worker_metrics_port: int | None = None
    """Loopback port at which each worker shows its own figures; None: nowhere."""
    idle_timeout: timedelta = timedelta(minutes=60)
    session_lifetime: timedelta = timedelta(hours=12)

    @property
    def secure(self) -> bool:
        """Whether browsers reach this city over TLS."""
        return self.base_url.startswith("https://")

    @property
    def clock_file(self) -> Path | None:
        """Where a demo keeps how far its clock was moved; None in production."""
        return None if self.environment == "production" else self.instance / "clock-shift"


def from_environment(environ: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings. Raises SettingInvalid with the name of the variable at fault.

    Secret keys that are not given are made at the first start and kept in `instance/keys.json`.
    """
    instance = Path(environ.get("TUNTAS_INSTANCE") or ROOT / "instance").resolve()
    kind = environ.get("TUNTAS_ENV") or ("demo" if (instance / DEMO_MARK).exists() else "production")
    if kind not in ("production", "demo", "test"):
        raise SettingInvalid(f"TUNTAS_ENV is {kind!r}; it may be production, demo or test")
    offset = timedelta(seconds=_integer(environ, "TUNTAS_CLOCK_OFFSET_SECONDS", 0))
    if kind == "production" and offset:
        raise SettingInvalid("TUNTAS_CLOCK_OFFSET_SECONDS is set, but a production clock shows real time")
    city = City()
    mail = Mail()
    return Settings(
        environment=kind,  # type: ignore[arg-type]
        instance=instance,
        keys=_keys(environ, instance),
        database_url=environ.get("DATABASE_URL") or None,
        database_app_url=environ.get("DATABASE_APP_URL") or None,
        base_url=environ.get("TUNTAS_BASE_URL", "http://localhost:8000").rstrip("/"),
        city=City(
            name=environ.get("TUNTAS_CITY_NAME", city.name),
            brand=environ.get("TUNTAS_BRAND", city.brand),
            zone=environ.get("TUNTAS_ZONE", city.zone),
            number_prefix=environ.get("TUNTAS_NUMBER_PREFIX", city.number_prefix),
            emergency=environ.get("TUNTAS_EMERGENCY_NUMBER", city.emergency),
            privacy_contact=environ.get("TUNTAS_PRIVACY_CONTACT", city.privacy_contact),
        ),
        mail=Mail(
            host=environ.get("TUNTAS_SMTP_HOST") or None,
            port=_integer(environ, "TUNTAS_SMTP_PORT", mail.port),
            user=environ.get("TUNTAS_SMTP_USER") or None,
            password=environ.get("TUNTAS_SMTP_PASSWORD") or None,
            sender=environ.get("TUNTAS_MAIL_FROM", mail.sender),
            starttls=_yes(environ, "TUNTAS_SMTP_STARTTLS", default=mail.starttls),
        ),
        storage_url=environ.get("TUNTAS_STORAGE_URL") or (instance / "storage").as_uri(),
        tile_url=environ.get("TUNTAS_TILE_URL") or None,
        tile_attribution=environ.get("TUNTAS_TILE_ATTRIBUTION", ""),
        clock_offset=offset,
        trusted_proxies=_integer(environ, "TUNTAS_TRUSTED_PROXIES", 0),
        metrics_token=_token(environ, "TUNTAS_METRICS_TOKEN"),
        worker_metrics_port=_integer(environ, "TUNTAS_WORKER_METRICS_PORT", 0) or None,
        rate_limits=_yes(environ, "TUNTAS_RATE_LIMITS", default=True),
    )


def _keys(environ: Mapping[str, str], instance: Path) -> Keys:
    names = {
        "session": "TUNTAS_SECRET_KEY",
        "lookup": "TUNTAS_LOOKUP_KEY",
        "sealing": "TUNTAS_SEALING_KEY",
        "audit": "TUNTAS_AUDIT_KEY",
    }
    given = {name: environ[variable] for name, variable in names.items() if environ.get(variable)}
    if len(given) < len(names):
        given = {**_kept_keys(instance / "keys.json", tuple(names)), **given}
    return Keys(**given)


def _kept_keys(path: Path, names: tuple[str, ...]) -> dict[str, str]:
    """Keys of this installation from `path`, made when missing. Two programs that start together agree."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.name}.lock").open("w") as alone:
        fcntl.flock(alone, fcntl.LOCK_EX)
        kept: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        missing = [name for name in names if name not in kept]
        if missing:
            kept |= {name: secrets.token_hex(32) for name in missing}
            fresh = path.with_name(f".{path.name}.fresh")
            fresh.touch(mode=0o600)
            fresh.write_text(json.dumps(kept))
            fresh.replace(path)
    return kept


def _integer(environ: Mapping[str, str], name: str, default: int) -> int:
    text = environ.get(name, "").strip()
    if not text:
        return default
    try:
        return int(text)
    except ValueError:
        raise SettingInvalid(f"{name} is {text!r}; a whole number is needed") from None


def _token(environ: Mapping[str, str], name: str) -> str | None:
    """A secret that somebody made up; a short one could be guessed."""
    text = environ.get(name, "").strip()
    if text and len(text) < SHORTEST_TOKEN:
        raise SettingInvalid(f"{name} is too short; at least {SHORTEST_TOKEN} characters are needed")
    return text or None


def _yes(environ: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = environ.get(name, "").strip().lower()
    if text in ("", "1", "true", "yes", "ya"):
        return default if not text else True
    if text in ("0", "false", "no", "tidak"):
        return False
    raise SettingInvalid(f"{name} is {text!r}; 1 or 0 is needed")
