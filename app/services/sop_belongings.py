"""The files of an SOP made whole: what its diagram needs, each under a name of its own, all in UTF-8."""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.engine.compiled import Source
from app.engine.markup import UnreadableMarkup, parse_markup
from app.engine.references import Candidate, belonging, references

_ENCODING = re.compile(r"(\A\ufeff?<\?xml[^>]*?encoding=[\"'])[^\"']+")


def completed(sources: Sequence[Source], published: Sequence[Source]) -> list[Source]:
    """The first file with everything it needs: from the files given, else from those in force."""
    main, *given = [as_utf8(source) for source in sources]
    others = [*given, *published]
    candidates = [Candidate(at, references(one.name, one.content)) for at, one in enumerate(others)]
    files = [main]
    for at in belonging(references(main.name, main.content), candidates):
        one, number = others[at], 2
        name = one.name
        while name in {file.name for file in files}:
            name, number = f"{number}-{one.name}", number + 1
        files.append(Source(name, one.content))
    return files


def as_utf8(source: Source) -> Source:
    """The same file in UTF-8, as rows keep text; what cannot be read stays for the compiler to name."""
    try:
        root = parse_markup(source.name, source.content)
        written = source.content.decode(root.getroottree().docinfo.encoding or "utf-8")
    except (UnreadableMarkup, UnicodeDecodeError, LookupError):
        return source
    return Source(source.name, _ENCODING.sub(r"\1UTF-8", written, count=1).encode("utf-8"))
