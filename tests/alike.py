"""What is the same in every application of a run is worked out once per process: pages and routes.

Each test has an application of its own. Most of what that costs is Jinja translating the same templates, and
Werkzeug writing the same small programs that build addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


class Translated(BytecodeCache):
    """Templates as Python, by name and by the checksum of their text."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        assert bucket.code is not None
        self.kept[bucket.key, bucket.checksum] = bucket.code


_translated = Translated()


def share_templates(application: Flask) -> None:
    """Let `application` use the templates that an earlier one has translated."""
    application.jinja_env.bytecode_cache = _translated


@contextmanager
def routes_compiled_once() -> Iterator[None]:
    """Meanwhile routes alike share the function that builds their addresses.

    It asks the route it is given for its converters, so that nothing of the first one lives on in it.
    """
    compile_builder = Rule._compile_builder
    kept: dict[tuple[object, ...], Callable[..., tuple[str, str]]] = {}

    def compile_once(self: Rule, append_unknown: bool = True) -> Any:
        if self.defaults:
            return compile_builder(self, append_unknown)
        parts = (*self._trace, append_unknown)
        if parts not in kept:
            kept[parts] = compile_builder(self, append_unknown)
        return kept[parts]

    Rule._compile_builder = compile_once  # type: ignore[method-assign]
    yield
    Rule._compile_builder = compile_builder  # type: ignore[method-assign]
