"""Files of SOPs on disk: reading them with a bound, and finding those that belong to one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from app.engine.compiled import Source
from app.engine.declaration import Finding
from app.engine.markup import LARGEST
from app.engine.references import Candidate, References, belonging, callers, references

MAX_NEIGHBOURS = 200
ENDINGS = (".bpmn", ".dmn")
UNREADABLE = frozenset({"berkas-tidak-terbaca", "berkas-terlalu-besar", "xml-rusak", "pemeriksaan-berhenti"})
"""Rules of findings that say a file could not be read at all (exit code 2)."""


class FileUnreadable(Exception):
    """A file that cannot be opened; carries the finding that says so."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.message)
        self.finding = finding


def read_source(path: str | Path) -> Source:
    """A file under the name it was given, at most a little more than the engine takes. Raises
    FileUnreadable."""
    place = Path(path)
    try:
        if not place.is_file():
            raise FileUnreadable(_unreadable(path, "tidak ada, atau bukan berkas biasa"))
        with place.open("rb") as file:
            return Source(str(path), file.read(LARGEST + 1))
    except (OSError, ValueError) as error:
        raise FileUnreadable(_unreadable(path, getattr(error, "strerror", None) or str(error))) from error


def with_belongings(
    main: Source, given: Sequence[Source], published: Sequence[Source], folders: Iterable[Path]
) -> list[Source]:
    """`main` and the files it needs: from those given, then beside it in `folders`, then published ones."""
    wanted = references(main.name, main.content)
    if not (wanted.calls - set(wanted.processes)) and not wanted.uses:
        return [main]
    files, candidates = _known(main, given, published, folders)
    return [main, *(files[at] for at in belonging(wanted, candidates) if at != 0)]


def around(
    main: Source, given: Sequence[Source], published: Sequence[Source], folders: Iterable[Path]
) -> list[Source]:
    """The files that call or begin a process of `main`, with what they need: what it may find set."""
    files, candidates = _known(main, given, published, folders)
    found = callers(candidates[0].found, candidates)
    needed = [at for place in found for at in belonging(candidates[place].found, candidates)]
    return [files[at] for at in dict.fromkeys([*found, *needed])]


def _known(
    main: Source, given: Sequence[Source], published: Sequence[Source], folders: Iterable[Path]
) -> tuple[list[Source], list[Candidate[int]]]:
    """Every file that may be needed, `main` first, and what each holds."""
    files = _first_of_each([main, *given, *neighbours(folders), *published])
    return files, [Candidate(at, references(one.name, one.content)) for at, one in enumerate(files)]


def neighbours(folders: Iterable[Path]) -> list[Source]:
    """Readable diagrams and tables in the folders, by name."""
    found: list[Source] = []
    for folder in folders:
        try:
            places = sorted(place for place in folder.iterdir() if place.suffix.lower() in ENDINGS)
        except OSError:
            continue
        for place in places[:MAX_NEIGHBOURS]:
            try:
                found.append(read_source(place))
            except FileUnreadable:
                continue
    return found


def missing(files: Sequence[Source]) -> bool:
    """Whether a process or decision that is needed is in none of the files."""
    found = [references(one.name, one.content) for one in files]
    return bool(_needed(found) - {key for one in found for key in (*one.processes, *one.decisions)})


def _needed(found: Sequence[References]) -> set[str]:
    return {key for one in found for key in (*one.calls, *one.uses)}


def _first_of_each(files: Iterable[Source]) -> list[Source]:
    """Files without those that are the same place again."""
    seen: dict[Path, Source] = {}
    for one in files:
        seen.setdefault(Path(one.name).absolute(), one)
    return list(seen.values())


def _unreadable(path: str | Path, reason: str) -> Finding:
    return Finding(
        str(path),
        None,
        "berkas-tidak-terbaca",
        "error",
        f"Berkas tidak dapat dibaca: {reason}.",
        "Periksa nama berkas dan izin membacanya.",
    )
