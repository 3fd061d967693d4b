"""What `flask sop lint` and `walk` do with one file, inside the sandbox; plain values in and out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from app.adapters.holidays import default_calendar
from app.cli.sop_files import FileUnreadable, around, missing, neighbours, read_source, with_belongings
from app.engine.compiled import CompiledSop, CompileFailed, Source
from app.engine.compiler import compile_sop
from app.engine.coverage import Coverage, Walked
from app.engine.declaration import Finding
from app.engine.references import references
from app.engine.scenario import Scenario, ScenarioInvalid
from app.engine.scenario_text import scenario_of
from app.engine.verdict import verdict
from app.engine.walk import walk

Published: TypeAlias = Sequence[tuple[str, bytes]]
"""Name and content of files of published SOPs; looked at last."""

MAX_SCENARIO = 1024 * 1024


class ScenarioUnreadable(Exception):
    """The scenario, or the SOP it names, cannot be had; the text is Indonesian."""


def lint_file(path: str, given: Sequence[str], published: Published = ()) -> dict[str, Any]:
    """Findings of one file, `given` being all files of the command. `wanting`: something it needs was not
    found, so that published SOPs are worth a look."""
    try:
        main = read_source(path)
    except FileUnreadable as unreadable:
        return {"findings": [unreadable.finding.told()], "wanting": False}
    folders = [Path(path).absolute().parent]
    known, others = _readable(given), [Source(*one) for one in published]
    files = with_belongings(main, known, others, folders)
    names = {one.name for one in files}
    beside = [one for one in around(main, known, others, folders) if one.name not in names]
    found = verdict([*files, *beside], only=names)
    told = [one for one in found if one.file == path or (one.severity == "error" and one.file in names)]
    wanting = missing(files) or any(one.rule == "data-belum-diisi" for one in told)
    return {"findings": [one.told() for one in told], "wanting": wanting}


def walk_file(path: str, zone: str, published: Published = ()) -> dict[str, Any]:
    """The outcome of one scenario: `agrees`, `step`, `difference`, `end`, `path`, `coverage` and more."""
    try:
        scenario = load_scenario(Path(path))
        files = sop_files(scenario, Path(path), [Source(*one) for one in published])
        compiled = compile_sop(files, key=None if _is_file(scenario.sop) else scenario.sop)
    except (ScenarioUnreadable, ScenarioInvalid, FileUnreadable) as error:
        return _told(Walked(str(error), None, None, (), Coverage()), None, unreadable=True)
    except CompileFailed as failed:
        words = "SOP tidak dapat dijalankan:" + "".join(f"\n  {finding_line(one)}" for one in failed.findings)
        return _told(Walked(words, None, None, (), Coverage()), None)
    return _told(walk(compiled, scenario, default_calendar(zone)), compiled)


def load_scenario(path: Path) -> Scenario:
    """Read a YAML file. Raises ScenarioUnreadable, ScenarioInvalid."""
    try:
        if not path.is_file():
            raise ScenarioUnreadable(f"Skenario {path} tidak ada.")
        with path.open("rb") as file:
            content = file.read(MAX_SCENARIO + 1)
    except (OSError, ValueError) as error:
        raise ScenarioUnreadable(f"Skenario {path} tidak dapat dibaca: {error}") from error
    if len(content) > MAX_SCENARIO:
        raise ScenarioUnreadable(f"Skenario {path} lebih besar dari 1 MB.")
    return scenario_of(content)


def sop_files(scenario: Scenario, path: Path, published: Sequence[Source]) -> list[Source]:
    """The diagram of a scenario and what belongs to it: beside the scenario, in the folder above, published.
    Raises ScenarioUnreadable, FileUnreadable."""
    here = path.absolute().parent
    folders = [here, here.parent]
    tables = [_beside(name, folders) for name in scenario.decisions]
    if _is_file(scenario.sop):
        main = _beside(scenario.sop, folders)
        folders.insert(0, Path(main.name).absolute().parent)
    else:
        candidates = [*neighbours(folders), *published]
        holding = [one for one in candidates if scenario.sop in references(one.name, one.content).processes]
        if not holding:
            raise ScenarioUnreadable(f"SOP “{scenario.sop}” tidak ditemukan di samping skenario.")
        main = holding[0]
    return with_belongings(main, tables, published, dict.fromkeys(folders))


def finding_line(one: Finding) -> str:
    """One finding in one line."""
    place = f"{one.file}: {one.element}" if one.element else one.file
    word = "galat" if one.severity == "error" else "peringatan"
    repair = f" {one.repair}" if one.repair else ""
    return f"{place}: {word}: {one.message}{repair} [{one.rule}]"


def _told(walked: Walked, compiled: CompiledSop | None, *, unreadable: bool = False) -> dict[str, Any]:
    coverage = walked.coverage
    return {
        "agrees": walked.agrees,
        "step": walked.step,
        "difference": walked.difference,
        "end": walked.end,
        "path": list(walked.path),
        "coverage": {
            "flows": sorted(map(list, coverage.flows)),
            "boundaries": sorted(map(list, coverage.boundaries)),
            "rows": {name: sorted(rows) for name, rows in sorted(coverage.rows.items())},
        },
        "sop": None
        if compiled is None
        else {
            "key": compiled.key,
            "hash": compiled.hash,
            "flows": [list(flow[:2]) for flow in compiled.flows],
            "boundaries": [list(boundary) for boundary in compiled.boundaries],
        },
        "unreadable": unreadable,
    }


def _readable(paths: Sequence[str]) -> list[Source]:
    found = []
    for path in paths:
        try:
            found.append(read_source(path))
        except FileUnreadable:
            continue
    return found


def _beside(name: str, folders: Sequence[Path]) -> Source:
    for folder in folders:
        if (folder / name).is_file():
            return read_source(folder / name)
    raise ScenarioUnreadable(f"Berkas “{name}” tidak ditemukan di samping skenario.")


def _is_file(sop: str) -> bool:
    return sop.lower().endswith((".bpmn", ".xml"))
