"""What is different between two versions of an SOP, for a reader and for the picture.

Drawing (places, sizes, waypoints), formatting of the XML, spacing in expressions and file order that means
nothing are no difference; the order of the flows out of an exclusive gateway is one, since they are tried
in that order. An element that only got another id is told as such, not as one gone and one come.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.compiled import Source
from app.engine.difference_changes import (
    CellChange,
    Change,
    Difference,
    Notes,
    RowChange,
    Section,
    TableChange,
)
from app.engine.difference_flows import compare_flows
from app.engine.difference_identity import compare_identity, compare_lanes
from app.engine.difference_pairs import pair, pair_processes
from app.engine.difference_steps import compare_steps
from app.engine.difference_tables import compare_tables
from app.engine.document_limits import Limits
from app.engine.survey import Survey, take_stock
from app.engine.titles import Titles

__all__ = ["CellChange", "Change", "Difference", "RowChange", "Section", "TableChange", "difference"]


def difference(old: Sequence[Source], new: Sequence[Source]) -> Difference:
    """Compare two sets of files. Never raises: a file that cannot be read is one of the changes."""
    was, now = take_stock(old), take_stock(new)
    notes = Notes()
    pairs = pair_processes(was.processes, now.processes)
    for before, after in pairs:
        matched = pair(before, after)
        was_titles, now_titles = Titles(before), Titles(after)
        times = Limits(before, was.decisions, {}), Limits(after, now.decisions, {})
        compare_identity(before, after, notes, times)
        compare_lanes(before, after, notes)
        compare_steps(matched, was_titles, now_titles, notes, times)
        compare_flows(matched, was_titles, now_titles, notes)
    _whole_processes(was, now, pairs, notes)
    compare_tables(was.decisions, now.decisions, notes)
    _unread(old, was, notes, "lama")
    _unread(new, now, notes, "baru")
    return notes.settled()


def _whole_processes(was: Survey, now: Survey, pairs: Sequence[tuple[object, object]], notes: Notes) -> None:
    met = {id(process) for one in pairs for process in one}
    for process in was.processes.values():
        if id(process) not in met:
            notes.say(Section.STEPS, process.key, None, f"proses “{process.name}” dihapus", process.name, "",
                      "removed")
            for name in (*process.nodes, *(flow.id for flow in process.flows)):
                notes.mark(process.key, name, "removed")
    for process in now.processes.values():
        if id(process) not in met:
            notes.say(Section.STEPS, process.key, None, f"proses “{process.name}” ditambahkan, "
                      f"{len(process.nodes)} unsur", "", process.name, "added")
            for name in (*process.nodes, *(flow.id for flow in process.flows)):
                notes.mark(process.key, name, "added")


def _unread(sources: Sequence[Source], survey: Survey, notes: Notes, which: str) -> None:
    """Files that gave neither a process nor a table: what they hold is not compared."""
    read = {process.file for process in survey.processes.values()}
    read |= {table.file for table in survey.decisions.values()}
    for source in sources:
        if source.name not in read:
            notes.say(Section.FILES, "", source.name,
                      f"berkas {source.name} pada versi {which} belum dapat dibaca dan tidak dibandingkan")
