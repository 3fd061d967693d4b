"""Photos sent and fetched over HTTP by people without an account."""

import io
import uuid

import pytest
from PIL import Image


def jpeg(colour=(200, 60, 30)):
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def send(client, key, content, *, client_id="satu", name="foto.jpg"):
    """As browsers encode it. The body is written here, since werkzeug's own writer leaves files open."""
    words = {"submission_key": str(key), "client_id": client_id}
    parts = [f'--x\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in words.items()]
    parts.append(f'--x\r\nContent-Disposition: form-data; name="photo"; filename="{name}"\r\n\r\n')
    body = "".join(parts).encode() + content + b"\r\n--x--\r\n"
    return client.post("/lapor/foto", data=body, content_type="multipart/form-data; boundary=x")


def test_a_photo_is_shown_back_to_the_browser_that_sent_it_only(app, client):
    key = uuid.uuid4()
    answer = send(client, key, jpeg())
    assert answer.status_code == 200
    thumb = answer.get_json()["thumb_url"]
    seen = client.get(thumb)
    assert (seen.status_code, seen.mimetype) == (200, "image/jpeg")
    with Image.open(io.BytesIO(seen.data)) as small:
        assert max(small.size) <= 480
    assert seen.headers["Cache-Control"] == "private, no-cache"
    assert client.get(thumb, headers={"If-None-Match": seen.headers["ETag"]}).status_code == 304
    assert app.test_client().get(thumb).status_code == 404


def test_a_retried_photo_is_the_same_photo(client):
    key = uuid.uuid4()
    assert send(client, key, jpeg()).get_json() == send(client, key, jpeg()).get_json()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"<script>alert(1)</script>", "foto.jpg"),
        (b"MZ" + b"\0" * 2000, "foto.jpg"),
        (jpeg()[:3000], "terpotong.jpg"),
        (jpeg() + b"<?php system('id'); ?>", "foto.jpg"),
    ],
)
def test_hostile_files_are_refused_in_words(client, content, name):
    answer = send(client, uuid.uuid4(), content, name=name)
    assert answer.status_code == 422
    assert len(answer.get_json()["message"]) > 20


def test_a_photo_above_the_limit_is_told_its_real_size(client):
    answer = send(client, uuid.uuid4(), jpeg() + b"\0" * (24 * 1024 * 1024 - 10_000))
    assert answer.status_code == 422
    assert "24 MB" in answer.get_json()["message"]


def test_a_removed_photo_is_gone(client):
    key = uuid.uuid4()
    thumb = send(client, key, jpeg()).get_json()["thumb_url"]
    assert (
        client.post("/lapor/foto/hapus", data={"submission_key": str(key), "client_id": "satu"}).status_code
        == 204
    )
    assert client.get(thumb).status_code == 404


def test_an_unknown_photo_and_a_broken_key_are_plain_errors(client):
    assert client.get(f"/foto/{uuid.uuid4()}").status_code == 404
    assert send(client, "bukan-kunci", jpeg()).status_code == 422
