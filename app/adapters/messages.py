"""Files with the words of messages: key -> subject and body, as YAML or JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml


class MessagesInvalid(ValueError):
    """The file does not hold a subject and a body under every key; the text says where."""


def read_messages(file: Path) -> Mapping[str, Mapping[str, str]]:
    """Key -> `{"subject": …, "body": …}`. Raises MessagesInvalid, OSError."""
    document = yaml.safe_load(file.read_text("utf-8"))
    if not isinstance(document, dict):
        raise MessagesInvalid(f"{file.name}: a mapping of keys to messages is needed")
    found: dict[str, Mapping[str, str]] = {}
    for key, words in document.items():
        if not isinstance(words, dict) or not all(isinstance(words.get(n), str) for n in ("subject", "body")):
            raise MessagesInvalid(f"{file.name}: {key} needs a subject and a body")
        found[str(key)] = {"subject": words["subject"].strip(), "body": words["body"].strip()}
    return found
