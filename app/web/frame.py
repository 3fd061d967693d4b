"""What every page shows around its content: the city, the menu, and as whom one is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, request
from flask_babel import gettext as _
from flask_login import current_user

from app.config import Settings
from app.domain.permissions import Permission
from app.i18n import language, language_links
from app.web.guards import signed_in


@dataclass(frozen=True, slots=True)
class NavItem:
    label: str
    url: str
    icon: str
    count: int | None = None
    current: bool = False
    care: bool = False
    """Looked after now and then rather than all day: lies in the menu's *Kelola*."""


def init_app(app: Flask, settings: Settings) -> None:
    @app.context_processor
    def frame() -> dict[str, Any]:
        return {
            "city": settings.city,
            "tiles": {"url": settings.tile_url, "attribution": settings.tile_attribution},
            "demo": settings.environment == "demo",
            "page_language": language(),
            "languages": language_links(),
            "nav": _menu(),
            "acting": _acting(),
        }


def _menu() -> list[NavItem]:
    """Officers' menu; visitors get the one of the page frame."""
    actor = signed_in()
    if actor is None:
        return []
    items = []
    if actor.may(Permission.TASK_READ):
        items.append(_item(_("Kotak masuk"), "/kotak-masuk", "inbox"))
    if actor.may(Permission.REPORT_READ):
        items.append(_item(_("Laporan"), "/laporan", "files"))
    if actor.may(Permission.TRACE_READ):
        items.append(_item(_("Jejak"), "/jejak", "history"))
    if actor.may(Permission.STATISTICS_READ):
        items.append(_item(_("Daftar Wali Kota"), "/wali-kota", "clock-alert"))
        items.append(_item(_("Hambatan"), "/hambatan", "hourglass"))
    if any(actor.may(one) for one in (Permission.SOP_EDIT, Permission.SOP_APPROVE, Permission.TRACE_READ)):
        items.append(_item(_("Studio SOP"), "/studio", "waypoints"))
    if actor.may(Permission.OPERATE_SECOND):
        items.append(_item(_("Tindakan"), "/operasi", "hand"))
    if actor.may(Permission.INCIDENT_READ):
        items.append(_item(_("Gangguan"), "/admin/gangguan", "triangle-alert"))
    if actor.may(Permission.JOBS_READ):
        items.append(_item(_("Pesan keluar"), "/admin/pesan", "mail", care=True))
    if actor.may(Permission.PEOPLE_MANAGE):
        items.append(_item(_("Petugas"), "/admin/petugas", "users", care=True))
    if actor.may(Permission.CITY_MANAGE):
        items.append(_item(_("Kalender"), "/admin/kalender", "calendar-days", care=True))
        items.append(_item(_("Data pribadi"), "/admin/data-pribadi", "shield-check", care=True))
    return items


def _item(label: str, url: str, icon: str, *, care: bool = False) -> NavItem:
    current = request.path == url or request.path.startswith(f"{url}/")
    return NavItem(label, url, icon, current=current, care=care)


def _acting() -> str:
    if not current_user.is_authenticated:
        return ""
    account = current_user.account
    roles = "; ".join(held.words for held in account.holdings)
    return f"{account.display_name} · {roles}" if roles else str(account.display_name)
