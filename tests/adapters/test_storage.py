"""The photo store, on a real folder and on a real S3 server on loopback."""

import uuid

import boto3
import pytest
from moto.server import ThreadedMotoServer

from app.adapters.storage import NotStored, content_key, open_store, quarantine_key


@pytest.fixture(scope="module")
def s3_endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["disk", "s3"])
def store(request, tmp_path, monkeypatch):
    if request.param == "disk":
        return open_store(f"file://{tmp_path}/foto warga".replace(" ", "%20"))
    endpoint = request.getfixturevalue("s3_endpoint")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "uji")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "uji")
    bucket = f"foto-{uuid.uuid4().hex[:8]}"
    boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1").create_bucket(Bucket=bucket)
    return open_store(f"s3://{bucket}/tuntas?endpoint={endpoint}&region=us-east-1")


def test_what_was_put_comes_back_whole_and_in_parts(store):
    content = bytes(range(256)) * 4096
    key = content_key(content)
    assert store.put(key, content)
    assert store.get(key) == content
    assert b"".join(store.stream(key)) == content
    assert store.exists(key)


def test_the_first_content_under_a_key_stays(store):
    assert store.put("ab/x.jpg", b"satu")
    assert not store.put("ab/x.jpg", b"dua")
    assert store.get("ab/x.jpg") == b"satu"


def test_what_was_deleted_is_gone_and_deleting_twice_is_no_error(store):
    key = quarantine_key("6f1c")
    store.put(key, b"asli")
    store.delete(key)
    store.delete(key)
    assert not store.exists(key)
    with pytest.raises(NotStored):
        store.get(key)
    with pytest.raises(NotStored):
        store.stream(key)


def test_no_key_leads_out_of_the_store(tmp_path):
    (tmp_path / "rahasia.txt").write_text("x")
    inner = open_store(str(tmp_path / "foto"))
    for key in ("../rahasia.txt", "a/../../rahasia.txt"):
        with pytest.raises(Exception, match=r"(?i)path|segment|rahasia"):
            inner.get(key)


def test_an_unknown_kind_of_store_is_refused_at_start():
    with pytest.raises(ValueError, match="STORAGE_URL"):
        open_store("ftp://contoh/foto")
