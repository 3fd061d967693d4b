"""Pages and built files go out compressed: many citizens report over a slow network and pay for it.

Compressing pages that hold a form's token next to typed words is safe here because the session cookie is
`SameSite=Lax`: another site cannot make a browser fetch such a page again and again to compare lengths.
"""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Flask, Response, request

WORTHWHILE = 1000
"""Bytes below which compressing costs more than it saves."""
TEXT = frozenset(
    {
        "text/html",
        "text/css",
        "text/javascript",
        "text/plain",
        "application/javascript",
        "application/json",
        "application/geo+json",
        "image/svg+xml",
    }
)


def init_app(app: Flask) -> None:
    @app.after_request
    def shrink(response: Response) -> Response:
        streamed = response.is_streamed and not _built()
        if response.mimetype not in TEXT or response.status_code != 200 or streamed:
            return response
        response.vary.add("Accept-Encoding")
        if not request.accept_encodings.quality("gzip") or "Content-Encoding" in response.headers:
            return response
        response.direct_passthrough = False
        content = response.get_data()
        if len(content) < WORTHWHILE:
            return response
        response.set_data(_kept(content) if _built() else gzip.compress(content, compresslevel=5, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
        if "ETag" in response.headers:
            response.set_etag(f"{response.get_etag()[0]}-gzip", weak=True)
        return response


def _built() -> bool:
    return request.endpoint == "static"


@lru_cache(maxsize=128)
def _kept(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)
