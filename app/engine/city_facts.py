"""What a check may know of the city an SOP is for. Without a database little is known, and little claimed."""

from __future__ import annotations

from dataclasses import dataclass

ROLES = frozenset({"pelapor", "admin_kominfo", "operator_opd", "verifikator", "kepala_opd", "asisten",
                   "sekda", "wali_kota", "bappeda", "inspektorat", "kelurahan", "sistem"})
"""Roles every city has (the SOP file contract, "Lanes are roles")."""
STATUSES = frozenset({"diterima", "diverifikasi", "menunggu_pelapor", "koordinasi", "didisposisikan",
                      "diproses", "menunggu_verifikasi_bukti", "dibuka_kembali"})
SIDE_END = "cabang"
END_REASONS = frozenset({"selesai", "ditolak", "bukan_wewenang", "duplikat", "diarsipkan", "dibatalkan",
                         "masuk_rencana", SIDE_END})


@dataclass(frozen=True, slots=True)
class Occupied:
    """A task at which a running report stands, as its version names it."""

    process: str
    element: str
    name: str


@dataclass(frozen=True, slots=True)
class CityFacts:
    """None: not known. `occupied`: where running reports stand."""

    roles: frozenset[str] | None = None
    messages: frozenset[str] | None = None
    """Keys of messages the city has words for."""
    end_reasons: frozenset[str] | None = None
    occupied: tuple[Occupied, ...] = ()

    def knows_role(self, role: str) -> bool:
        return role in ROLES or role in (self.roles or ())


NOBODYS = CityFacts()
