"""The city: its agencies, places, roles and topics. All of it is data that a city edits."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.db.models.base import Base, json_value


class Unit(Base):
    """An agency (OPD), a part of the Setda, or a kelurahan's office; `code` as in the glossary."""

    __tablename__ = "units"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    short_name: Mapped[str]
    kind: Mapped[str]
    """`opd`, `setda`, `kelurahan`, `inspektorat`, `bappeda`, `kominfo`."""
    active: Mapped[bool] = mapped_column(default=True)


class Kecamatan(Base):
    __tablename__ = "kecamatan"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]


class Kelurahan(Base):
    """`lat`, `lng`: centroid in degrees (WGS 84)."""

    __tablename__ = "kelurahan"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    kecamatan_code: Mapped[str] = mapped_column(ForeignKey("kecamatan.code"))
    lat: Mapped[float]
    lng: Mapped[float]


class Category(Base):
    __tablename__ = "categories"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class Role(Base):
    """A lane id. `unit_variable` names the process variable that holds the unit a task of it goes to;
    `home_unit` is where a role without such a variable sits."""

    __tablename__ = "roles"
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    unit_variable: Mapped[str | None]
    home_unit: Mapped[str | None] = mapped_column(ForeignKey("units.code"))


class CitySetting(Base):
    """One value a city changes without a programmer, e.g. the boundary polygon."""

    __tablename__ = "city_settings"
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[json_value]


class MessageTemplate(Base):
    """Words sent under a message key; `{nomor}`, `{batas}`, `{unit}`, `{alasan}`, `{tautan}` are filled."""

    __tablename__ = "message_templates"
    key: Mapped[str] = mapped_column(primary_key=True)
    subject: Mapped[str]
    body: Mapped[str]


Index("ix_kelurahan_kecamatan_code", Kelurahan.kecamatan_code)
