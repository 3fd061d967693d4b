"""Ways to reach somebody: e-mail by SMTP; and the console, where a demo shows what would have been sent.

Every sender takes a `Letter` and either hands it over or raises `NotSent`. `key` is the idempotency key; it
travels as Message-ID, so that a mailbox that gets the same letter twice shows it once.
"""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage
from typing import Protocol

import structlog

log = structlog.get_logger("tuntas.senders")
TIMEOUT = 20
"""Seconds for the mail server to answer."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one address."""

    to: str
    subject: str
    body: str
    key: str


class NotSent(Exception):
    """The letter could not be handed over; the text names the kind of failure, never the address."""


class Sender(Protocol):
    @property
    def channel(self) -> str:
        """What the outbox notes: `email`, `konsol`."""
        ...

    def reaches(self, address: str) -> bool:
        """Whether this sender can use such an address."""
        ...

    def send(self, letter: Letter) -> None:
        """Hand the letter over. Raises NotSent."""
        ...


@dataclass(frozen=True, slots=True)
class SmtpSender:
    """E-mail through the city's mail server."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = None
    starttls: bool = True
    channel: str = "email"

    def reaches(self, address: str) -> bool:
        return "@" in address

    def send(self, letter: Letter) -> None:
        try:
            message = self._message(letter)
            with smtplib.SMTP(self.host, self.port, timeout=TIMEOUT) as server:
                if self.starttls:
                    server.starttls(context=ssl.create_default_context())
                if self.user:
                    server.login(self.user, self.password or "")
                server.send_message(message)
        except (OSError, smtplib.SMTPException, ValueError, IndexError, MessageError) as failure:
            # The last three: an address no mail can be written to, as the parser of headers sees it.
            raise NotSent(f"SMTP: {type(failure).__name__}") from None

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self.sender
        message["To"] = letter.to
        message["Subject"] = " ".join(letter.subject.split())
        message["Message-ID"] = f"<{letter.key.replace(':', '.')}@{self.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.body)
        return message


@dataclass(frozen=True, slots=True)
class ConsoleSender:
    """Prints that a letter went out, with its words but without the address and its secret link."""

    channel: str = "konsol"

    def reaches(self, address: str) -> bool:
        return bool(address)

    def send(self, letter: Letter) -> None:
        log.info("letter", key=letter.key, subject=letter.subject)
