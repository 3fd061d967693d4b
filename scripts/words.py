"""Bring the catalogue of translations up to date with the texts in code and templates (`make words`).

Messages that are gone are dropped, new ones are added with nothing beside them, and those are listed:
write their English into `app/translations/en/LC_MESSAGES/messages.po`, then `make`.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parents[1]
CATALOGUES: Final = ROOT / "app" / "translations"
METHODS: Final = [("**/templates/**.html", "jinja2"), ("**.py", "python")]
REFUSALS: Final = ("CityError", "Conflict", "Invalid", "NotFound", "NotPermitted", "TooOften")
KEYWORDS: Final[dict[str, Any]] = {
    "_": None,
    "_l": None,
    "gettext": None,
    "ngettext": (1, 2),
    "told": None,
    **dict.fromkeys(REFUSALS),
    "Refusal": (2,),
    "Refused": {1: (1,), None: (2,)},
}
"""What marks a text: gettext's functions, `told` of the rules, and the refusals whose words people read."""


HEADER: Final = r"""# Texts of Tuntas in another language. The code says them in Indonesian (`make words`).
msgid ""
msgstr ""
"Project-Id-Version: Tuntas\n"
"Language: {language}\n"
"Plural-Forms: {plurals}\n"
"MIME-Version: 1.0\n"
"Content-Type: text/plain; charset=utf-8\n"
"Content-Transfer-Encoding: 8bit\n"

"""


@dataclass(frozen=True, slots=True)
class Found:
    """A text in the code: one message, or (one, many)."""

    message: str | tuple[str, ...]
    file: str
    line: int


def texts_in_code() -> Iterator[Found]:
    """Every text marked in code and templates, in the order of files."""
    rows = extract_from_dir(ROOT / "app", METHODS, keywords=KEYWORDS)
    for file, line, message, _comments, _context in rows:
        if message and message[0]:
            yield Found(message, f"app/{file}", line)


def catalogue_of(language: str) -> Catalog:
    """The translations as they are kept."""
    path = CATALOGUES / language / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as file:
        return read_po(file, locale=language)


def main() -> int:
    template = Catalog(project="Tuntas", charset="utf-8")
    for found in texts_in_code():
        template.add(found.message, locations=[(found.file, found.line)])
    missing = 0
    for path in sorted(CATALOGUES.glob("*/LC_MESSAGES/messages.po")):
        kept = catalogue_of(path.parts[-3])
        kept.update(template, no_fuzzy_matching=True, update_creation_date=False)
        kept.obsolete.clear()
        with path.open("wb") as file:
            file.write(HEADER.format(language=kept.locale_identifier, plurals=kept.plural_forms).encode())
            write_po(file, kept, width=110, sort_by_file=True, include_lineno=False, omit_header=True)
        for message in kept:
            if message.id and not (all(message.string) if message.pluralizable else message.string):
                missing += 1
                print(f"{path.relative_to(ROOT)}: no text yet for {message.id!r}")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
