"""The first pages stay small on a slow network."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

SMALL = {"Accept_Encoding": "gzip"}


def get(client: FlaskClient, path: str, **headers: str) -> TestResponse:
    told = {name.replace("_", "-"): words for name, words in headers.items()}
    with client.get(path, headers=told) as answer:
        answer.get_data()
        return answer


def built(app: Flask, name: str) -> str:
    folder = Path(str(app.static_folder)) / "dist"
    return f"/static/dist/{json.loads((folder / 'manifest.json').read_text())[name]}"


def test_pages_and_built_files_go_out_compressed_and_whole(app: Flask, client: FlaskClient) -> None:
    for path in ("/masuk", built(app, "app.css")):
        plain = get(client, path)
        small = get(client, path, **SMALL)
        assert "Content-Encoding" not in plain.headers
        assert small.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in small.headers["Vary"]
        assert len(small.data) < len(plain.data) / 2
        assert gzip.decompress(small.data)[:15] == plain.data[:15]


def test_a_compressed_file_is_not_sent_again_when_the_browser_has_it(app: Flask, client: FlaskClient) -> None:
    path = built(app, "app.css")
    tag = get(client, path).headers["ETag"]
    assert get(client, path, **SMALL, If_None_Match=tag).status_code == 304


def test_pictures_are_left_alone(app: Flask, client: FlaskClient) -> None:
    fonts = list((Path(str(app.static_folder)) / "dist").glob("*.woff2"))
    answer = get(client, f"/static/dist/{fonts[0].name}", **SMALL)
    assert "Content-Encoding" not in answer.headers
    assert answer.data == fonts[0].read_bytes()


def test_built_files_are_kept_for_ever_and_pages_never(app: Flask, client: FlaskClient) -> None:
    assert "immutable" in get(client, built(app, "app.css")).headers["Cache-Control"]
    assert get(client, "/masuk").headers["Cache-Control"] == "private, no-store"
