"""Messages that must go out: written with the change that caused them, sent by the worker, once."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, uuid_key


class OutboxMessage(Base):
    """One notice; its id is also its idempotency key, derived from the push that caused it.

    `recipient`: `pelapor`, `role:<code>`, `role:<code>@<unit>` or `unit:<code>`; who that is gets looked up
    when it is sent, so no address lies here. `state`: `menunggu`, `terkirim`, `gagal` (dead letter),
    `tanpa_alamat`, `dimatikan` (switched off by the recipient).
    """

    __tablename__ = "outbox_messages"
    id: Mapped[uuid_key]
    report_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("reports.id"))
    recipient: Mapped[str]
    template: Mapped[str]
    values: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="menunggu")
    attempts: Mapped[int] = mapped_column(default=0)
    channel: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    last_error: Mapped[str | None]


Index("ix_outbox_messages_report", OutboxMessage.report_id)
Index("ix_outbox_messages_waiting", OutboxMessage.created_at, postgresql_where=text("state = 'menunggu'"))
Index("ix_outbox_messages_failed", OutboxMessage.created_at, postgresql_where=text("state = 'gagal'"))
