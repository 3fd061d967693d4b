"""Every route states who may use it. A route that says nothing is found by a test, and refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, request
from flask_login import current_user

from app.domain.actor import Actor
from app.domain.errors import NotPermitted
from app.domain.permissions import Permission
from app.extensions import login_manager

View = TypeVar("View", bound=Callable[..., Any])
MARK = "tuntas_guard"
OPEN = "public"


def requires(permission: Permission) -> Callable[[View], View]:
    """Let in officers with `permission`; others are asked to sign in, or told that they may not.

    Stands under the route's decorator: `@bp.get(…)`, then `@requires(…)`, then the function.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            actor = signed_in()
            if actor is None:
                return login_manager.unauthorized()
            if not actor.may(permission):
                raise NotPermitted
            return view(*args, **kwargs)

        setattr(guarded, MARK, permission)
        return cast(View, guarded)

    return guard


def public(view: View) -> View:
    """Open to everybody. What a reporter's secret link opens is public here and judged by the service."""
    setattr(view, MARK, OPEN)
    return view


def signed_in() -> Actor | None:
    """The officer of this request, None when nobody has signed in."""
    if not current_user.is_authenticated:
        return None
    return cast(Actor, current_user.actor(source()))


def current_actor() -> Actor:
    """The officer of this request. Raises NotPermitted when nobody has signed in."""
    actor = signed_in()
    if actor is None:
        raise NotPermitted
    return actor


def wants_json() -> bool:
    """Whether a script asked and would not know what to do with a page."""
    return request.path.endswith(".json") or request.accept_mimetypes.best == "application/json"


def source() -> str:
    """How events name the way this request came: the route, never an address that may hold a secret."""
    return f"web:{request.endpoint}"


def unguarded(app: Flask) -> Iterable[str]:
    """Endpoints that state nobody. Flask's own `static` serves built files to everybody."""
    return sorted(
        name for name, view in app.view_functions.items() if name != "static" and not hasattr(view, MARK)
    )
