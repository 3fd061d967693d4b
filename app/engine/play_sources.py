"""The files of a draft with what they need of the published SOPs, compiled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.engine.compiled import CompiledSop, CompileFailed, Source
from app.engine.compiler import compile_sop
from app.engine.references import Candidate, References, belonging, references
from app.engine.survey import take_stock

Files = Mapping[str, str | bytes]


class NotRunnable(Exception):
    """The draft does not run yet; the text is Indonesian and names the first errors."""


def draft_sources(files: Files, main: str, published: Sequence[tuple[str, bytes]]) -> list[Source]:
    """The draft's files, `main` first, and of the published ones those it needs; names are unique."""
    own = [Source(name, _content(files[name])) for name in sorted(files, key=lambda name: name != main)]
    lent = [Source(*one) for one in published]
    others = [*own[1:], *lent]
    candidates = [Candidate(at, references(one.name, one.content)) for at, one in enumerate(others)]
    needed = belonging(references(own[0].name, own[0].content), candidates) if own else []
    found, names = list(own), {one.name for one in own}
    for at in needed:
        one, number = others[at], 2
        if one in own:
            continue
        name = one.name
        while name in names:
            name, number = f"{number}-{one.name}", number + 1
        names.add(name)
        found.append(Source(name, one.content))
    return found


def compile_draft(files: Files, main: str, published: Sequence[tuple[str, bytes]]) -> CompiledSop:
    """The draft ready to run. Raises NotRunnable."""
    if main not in files:
        raise NotRunnable("Berkas utama konsep ini tidak ada.")
    sources = draft_sources(files, main, published)
    try:
        return compile_sop(sources, key=references(main, sources[0].content).main)
    except CompileFailed as failed:
        errors = [one for one in failed.findings if one.severity == "error"]
        words = " ".join(one.message for one in errors[:3])
        more = f" Dan {len(errors) - 3} temuan lain." if len(errors) > 3 else ""
        raise NotRunnable(f"Konsep ini belum dapat dijalankan. {words}{more}") from failed


def words_on_flows(compiled: CompiledSop) -> dict[tuple[str, str], str]:
    """(process, flow) -> what is written on it, as far as anything is."""
    processes = take_stock(compiled.sources).processes.values()
    return {(one.key, flow.id): flow.name for one in processes for flow in one.flows if flow.name}


def is_wanting(files: Files) -> bool:
    """Whether the draft refers to a process or table that is in none of its files."""
    found = [references(name, _content(content)) for name, content in files.items()]
    held = {key for one in found for key in (*one.processes, *one.decisions)}
    return any({*one.calls, *one.uses} - held for one in found)


def own_keys(files: Files) -> tuple[frozenset[str], frozenset[str]]:
    """Processes and decisions that stand in the draft itself, not in what is published already."""
    found: list[References] = [references(name, _content(content)) for name, content in files.items()]
    return (
        frozenset(key for one in found for key in one.processes),
        frozenset(key for one in found for key in one.decisions),
    )


def _content(text: str | bytes) -> bytes:
    return text.encode("utf-8") if isinstance(text, str) else text
