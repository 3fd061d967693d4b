"""Seals over the trace: append only, as the trace itself (see `app.domain.seal`)."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base


class Seal(Base):
    """`upto`: the last event's `seq` that it covers."""

    __tablename__ = "seals"
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed_at: Mapped[datetime]
    upto: Mapped[int] = mapped_column(BigInteger)
    streams: Mapped[int]
    events: Mapped[int]
    root: Mapped[bytes] = mapped_column(LargeBinary)
    previous: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    signature: Mapped[bytes] = mapped_column(LargeBinary)


class SealEnd(Base):
    """Where one stream stood when a seal was made; `place` counts from 0 in the order of stream ids."""

    __tablename__ = "seal_ends"
    seal_number: Mapped[int] = mapped_column(ForeignKey("seals.number"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True)
    stream_id: Mapped[uuid.UUID]
    stream_seq: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


Index("ix_seal_ends_stream", SealEnd.stream_id, SealEnd.seal_number)
