"""Published SOPs: immutable, only followed by a new version."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, uuid_key


class SopVersion(Base):
    """One version of an SOP. `files` maps file name to text: the diagram, its decision tables and every
    called process as fixed when this version was published; `content_hash` is over all of them."""

    __tablename__ = "sop_versions"
    __table_args__ = (UniqueConstraint("key", "version"),)
    id: Mapped[uuid_key]
    key: Mapped[str]
    version: Mapped[int]
    name: Mapped[str]
    files: Mapped[dict[str, Any]]
    main_file: Mapped[str]
    content_hash: Mapped[str]
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    approver_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"))
    legal_basis: Mapped[str]
    published_at: Mapped[datetime]
    effective_at: Mapped[datetime]
    scenarios: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'::jsonb"))
    """Its regression suite: the cases somebody judged, as the draft had them."""
