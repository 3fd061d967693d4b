"""Time every request by the name of its route."""

from __future__ import annotations

import time

from flask import Flask, Response, g, request

from app.adapters.measures import http_seconds


def init_app(app: Flask) -> None:
    @app.before_request
    def begin() -> None:
        g.begun = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        if "begun" in g:
            status = f"{response.status_code // 100}xx"
            http_seconds.labels(request.endpoint or "none", status).observe(time.perf_counter() - g.begun)
        return response
