"""Where photos lie: a folder on disk or an S3-compatible store, behind the same few verbs.

Keys of served photos are made from their content, so nothing is stored twice and nothing can be swapped
unnoticed; originals as they came in lie under `quarantine/` and are never served.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import LocalStore, S3Store

QUARANTINE = "quarantine/"


class NotStored(LookupError):
    """The store holds nothing under this key."""


class PhotoStore(Protocol):
    """What Tuntas needs of a store. Keys are `a/b.ext` of letters, digits, `-` and `.`."""

    def put(self, key: str, content: bytes) -> bool:
        """Store `content` unless the key is taken already; False when it was."""
        ...

    def get(self, key: str) -> bytes:
        """Raises NotStored."""
        ...

    def stream(self, key: str) -> Iterator[bytes]:
        """The content in parts of at most 256 KiB or so. Raises NotStored before the first part."""
        ...

    def exists(self, key: str) -> bool: ...

    def delete(self, key: str) -> None:
        """Removing what is not there is no error."""
        ...

    def is_empty(self) -> bool: ...


def content_key(content: bytes, *, suffix: str = ".jpg") -> str:
    """`3f/3f2a….jpg`: the SHA-256 of the content, spread over 256 folders."""
    digest = hashlib.sha256(content).hexdigest()
    return f"{digest[:2]}/{digest}{suffix}"


def quarantine_key(photo_id: str) -> str:
    """By photo, not by content: removing one original must not touch another that waits."""
    return f"{QUARANTINE}{photo_id}"


class ObjectStore:
    """The PhotoStore over obstore, for disk and S3 alike."""

    def __init__(self, store: LocalStore | S3Store) -> None:
        self._store = store

    def put(self, key: str, content: bytes) -> bool:
        try:
            obstore.put(self._store, key, content, mode="create", use_multipart=False)
        except AlreadyExistsError:
            return False
        return True

    def get(self, key: str) -> bytes:
        return bytes(self._open(key).bytes())

    def stream(self, key: str) -> Iterator[bytes]:
        found = self._open(key)
        return (bytes(part) for part in found.stream(min_chunk_size=256 * 1024))

    def exists(self, key: str) -> bool:
        try:
            obstore.head(self._store, key)
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return

    def is_empty(self) -> bool:
        return not any(found for found in obstore.list(self._store, chunk_size=1))

    def _open(self, key: str) -> Any:
        try:
            return obstore.get(self._store, key)
        except FileNotFoundError as missing:
            raise NotStored(key) from missing


def open_store(url: str) -> PhotoStore:
    """Open the store the setting `STORAGE_URL` names.

    A path or `file:///path` is a folder, created when missing. `s3://bucket/prefix?endpoint=…&region=…` is an
    S3-compatible store; its keys come from the environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`),
    never from the address. Raises ValueError for any other scheme.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        endpoint = options.get("endpoint")
        return ObjectStore(
            S3Store(
                parts.netloc,
                prefix=parts.path.strip("/") or None,
                config={
                    "region": options.get("region", "us-east-1"),
                    **({"endpoint": endpoint, "virtual_hosted_style_request": False} if endpoint else {}),
                },
                client_options={"allow_http": bool(endpoint and endpoint.startswith("http://"))},
            )
        )
    if parts.scheme not in ("", "file"):
        raise ValueError(f"STORAGE_URL tidak dikenal: {parts.scheme}://")
    folder = Path(unquote(parts.path) if parts.scheme == "file" else url).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    return ObjectStore(LocalStore(folder))
