"""The application put together. Importing any rule of the city does not come through here (decision 2)."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

import click
from flask import Blueprint
from werkzeug.middleware.proxy_fix import ProxyFix

import app.cli
import app.web
from app import compression, errors, hooks, i18n, logs, measuring
from app.adapters import clock
from app.config import Settings, from_environment
from app.extensions import csrf, db, limiter
from app.web import assets, auth, display, frame


def create_app(settings: Settings | None = None) -> hooks.UnitOfWorkFlask:
    """The web application and the `flask` commands, as `settings` (or the environment) say."""
    settings = settings or from_environment()
    logs.configure()
    if settings.environment != "test":
        logs.write_to_stderr(readable=settings.environment == "demo")
    clock.use(clock.Clock(offset=settings.clock_offset, shift_file=settings.clock_file))

    application = hooks.UnitOfWorkFlask("app")
    application.config.from_mapping(
        SECRET_KEY=settings.keys.session,
        MAX_CONTENT_LENGTH=settings.request_limit_bytes,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
        PERMANENT_SESSION_LIFETIME=settings.session_lifetime,
        SESSION_COOKIE_NAME="__Host-tuntas" if settings.secure else "tuntas",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI="memory://",
        RATELIMIT_HEADERS_ENABLED=False,
    )
    application.extensions["tuntas"] = settings
    if settings.trusted_proxies:
        application.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            application.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    db.init_app(application, settings)
    csrf.init_app(application)
    limiter.init_app(application)
    compression.init_app(application)
    measuring.init_app(application)
    hooks.init_app(application, settings)
    errors.init_app(application)
    i18n.init_app(application, settings)
    assets.init_app(application)
    display.init_app(application, settings)
    auth.init_app(application, settings)
    frame.init_app(application, settings)
    for module in _modules(app.web):
        if isinstance(getattr(module, "bp", None), Blueprint):
            application.register_blueprint(module.bp)
    for module in _modules(app.cli):
        if isinstance(getattr(module, "group", None), click.Command):
            application.cli.add_command(module.group)
    return application


def _modules(package: ModuleType) -> Iterator[ModuleType]:
    """The modules of a package by name: a file with a `bp` (routes) or a `group` (commands) is part of the
    application as soon as it exists."""
    for found in sorted(pkgutil.iter_modules(package.__path__), key=lambda module: module.name):
        yield importlib.import_module(f"{package.__name__}.{found.name}")
