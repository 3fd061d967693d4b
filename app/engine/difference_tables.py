"""Differences of decision tables: columns, rows and cells.

Rows are matched by what they say, then by id, then by their inputs; so a table saved by another tool, with
its rows in another order, is no difference where the order means nothing (UNIQUE, ANY, PRIORITY).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from app.engine.decision_table import DecisionTable, Input, Output, Rule
from app.engine.difference_changes import CellChange, Notes, RowChange, Section, TableChange
from app.engine.difference_forms import moved

_ORDERED = frozenset({"FIRST", "RULE ORDER", "COLLECT"})
Say = Callable[..., None]
"""(sentence, before, after)."""


@dataclass(frozen=True, slots=True)
class _Column:
    """One column of both versions; None where a version lacks it. Positions count inputs, then outputs."""

    label: str
    old: int | None
    new: int | None


def compare_tables(old: Mapping[str, DecisionTable], new: Mapping[str, DecisionTable], notes: Notes) -> None:
    """Tables are matched by key; what a step asks for by key cannot be renamed in silence."""
    for key, table in old.items():
        if key not in new:
            notes.say(Section.DECISIONS, "", key, f"tabel “{table.name}” dihapus", table.name, "", "removed")
    for key, table in new.items():
        if key not in old:
            notes.say(Section.DECISIONS, "", key, f"tabel “{table.name}” ditambahkan, {len(table.rules)} "
                      "baris", "", table.name, "added")
        else:
            _compare(old[key], table, notes)


def _compare(old: DecisionTable, new: DecisionTable, notes: Notes) -> None:
    key, count = new.key, len(notes.changes)

    def say(sentence: str, before: str = "", after: str = "") -> None:
        notes.say(Section.DECISIONS, "", key, f"tabel “{new.name}”: {sentence}", before, after)

    if old.name != new.name:
        say(f"nama “{old.name}” → “{new.name}”", old.name, new.name)
    policies = [" ".join(filter(None, (one.policy, one.aggregation))) for one in (old, new)]
    if policies[0] != policies[1]:
        say(f"aturan pemilihan baris {policies[0]} → {policies[1]}", *policies)
    inputs, outputs = _columns(old, new)
    for column in (*inputs, *outputs):
        if column.new is None:
            say(f"kolom “{column.label}” dihapus", column.label, "")
        elif column.old is None:
            say(f"kolom “{column.label}” ditambahkan", "", column.label)
    _compare_columns(old, new, say)
    columns = [*inputs, *outputs]
    shared = [column for column in columns if column.old is not None and column.new is not None]
    pairs = _pair_rules(old, new, shared, len(inputs))
    rows = _rows(old, new, pairs, columns)
    for row in rows:
        _tell(row, columns, len(inputs), say)
    if new.policy in _ORDERED:
        back = {there: here for here, there in pairs.items()}
        after = [str(rule.number) for rule in new.rules if rule.number in back]
        before = [str(there) for _here, there in sorted(pairs.items())]
        for number in moved(before, after):
            say(f"baris {back[int(number)]} pindah menjadi baris {number}", str(back[int(number)]), number)
    if len(notes.changes) > count:
        notes.tables.append(TableChange(key, new.name, len(inputs), tuple(column.label for column in columns),
                                        tuple(rows)))


def _columns(old: DecisionTable, new: DecisionTable) -> tuple[list[_Column], list[_Column]]:
    inputs = _matched([_question(one) for one in old.inputs], [_question(one) for one in new.inputs],
                      [one.label for one in old.inputs], [one.label for one in new.inputs], 0, 0)
    outputs = _matched([one.name for one in old.outputs], [one.name for one in new.outputs],
                       [one.label for one in old.outputs], [one.label for one in new.outputs],
                       len(old.inputs), len(new.inputs))
    return inputs, outputs


def _question(column: Input) -> str:
    return " ".join(column.expression.text.split())


def _matched(old: Sequence[str], new: Sequence[str], old_labels: Sequence[str], new_labels: Sequence[str],
             old_start: int, new_start: int) -> list[_Column]:
    """Columns of the newer version in its order, then those that are gone."""
    found = [_Column(new_labels[at], old_start + old.index(name) if name in old else None, new_start + at)
             for at, name in enumerate(new)]
    return found + [_Column(old_labels[at], old_start + at, None)
                    for at, name in enumerate(old) if name not in new]


def _compare_columns(old: DecisionTable, new: DecisionTable, say: Say) -> None:
    questions = {_question(one): one for one in old.inputs}
    for column in new.inputs:
        before = questions.get(_question(column))
        if before is not None and before.label != column.label:
            say(f"judul kolom “{before.label}” → “{column.label}”", before.label, column.label)
    names = {one.name: one for one in old.outputs}
    for output in new.outputs:
        was = names.get(output.name)
        if was is None:
            continue
        if was.label != output.label:
            say(f"judul kolom “{was.label}” → “{output.label}”", was.label, output.label)
        if _default(was) != _default(output):
            say(f"isi bawaan “{output.label}” {_default(was)} → {_default(output)}", _default(was),
                _default(output))


def _default(column: Output) -> str:
    return plain_cell(column.default.text) if column.default is not None else "tidak ada"


def _cells(rule: Rule) -> list[str]:
    return [*(cell.text for cell in rule.tests), *(cell.text for cell in rule.outputs)]


def _normal(text: str) -> str:
    inner = "".join(text.split()) if '"' not in text else text.strip()
    return "-" if inner in ("", "-") else inner


def _pair_rules(old: DecisionTable, new: DecisionTable, columns: Sequence[_Column],
                inputs: int) -> dict[int, int]:
    """Old number -> new number."""
    asked = [column for column in columns if column.new is not None and column.new < len(new.inputs)]
    here, there = list(old.rules), list(new.rules)
    pairs: dict[int, int] = {}
    ways = (
        lambda rule, side: (tuple(_of(rule, columns, side)), rule.note),
        lambda rule, side: tuple(_of(rule, columns, side)),
        lambda rule, side: rule.id,
        lambda rule, side: tuple(_of(rule, asked, side)) or None,
    )
    for way in ways:
        known: dict[object, list[Rule]] = {}
        for rule in there:
            known.setdefault(way(rule, "new"), []).append(rule)
        for rule in list(here):
            mark = way(rule, "old")
            alike = known.get(mark) if mark is not None else None
            if alike:
                other = alike.pop(0)
                pairs[rule.number] = other.number
                here.remove(rule)
                there.remove(other)
    return pairs


def _of(rule: Rule, columns: Sequence[_Column], side: str) -> list[str]:
    cells = _cells(rule)
    return [_normal(cells[at]) for column in columns
            if (at := column.old if side == "old" else column.new) is not None and at < len(cells)]


def _rows(old: DecisionTable, new: DecisionTable, pairs: Mapping[int, int],
          columns: Sequence[_Column]) -> list[RowChange]:
    back = {there: here for here, there in pairs.items()}
    rules = {rule.number: rule for rule in old.rules}
    rows = [_row(rules[back[rule.number]] if rule.number in back else None, rule, columns)
            for rule in new.rules]
    gone = [_row(rule, None, columns) for rule in old.rules if rule.number not in pairs]
    for row in gone:
        before = [at for at, other in enumerate(rows) if other.old is not None and other.old < (row.old or 0)]
        rows.insert((max(before) + 1) if before else 0, row)
    return rows


def _row(old: Rule | None, new: Rule | None, columns: Sequence[_Column]) -> RowChange:
    was, now = (_cells(rule) if rule is not None else None for rule in (old, new))
    cells = tuple(CellChange(_at(was, column.old), _at(now, column.new)) for column in columns)
    if old is None or new is None:
        return RowChange("added" if old is None else "removed", old.number if old else None,
                         new.number if new else None, cells)
    differs = any(column.old is not None and column.new is not None
                  and _normal(cell.before) != _normal(cell.after)
                  for column, cell in zip(columns, cells, strict=True)) or old.note != new.note
    return RowChange("changed" if differs else "same", old.number, new.number, cells)


def _at(cells: Sequence[str] | None, at: int | None) -> str:
    return plain_cell(cells[at]) if cells is not None and at is not None and at < len(cells) else ""


def plain_cell(text: str) -> str:
    """A cell as people read it: one text without its quotes, '–' for anything."""
    inner = text.strip()
    if inner in ("", "-"):
        return "–"
    if inner[0] == inner[-1] == '"' and inner.count('"') == 2:
        return inner[1:-1]
    return inner


def _tell(row: RowChange, columns: Sequence[_Column], inputs: int, say: Say) -> None:
    if row.state == "same":
        return
    cells = list(zip(columns, row.cells, strict=True))
    asked = [cell.after if row.new is not None else cell.before for _column, cell in cells[:inputs]]
    words = ", ".join(text for text in asked if text not in ("", "–")) or "semua"
    title = f"baris {row.new if row.new is not None else row.old} ({words})"
    if row.state == "added":
        given = ", ".join(f"{column.label} {cell.after}" for column, cell in cells[inputs:] if cell.after)
        say(f"{title} ditambahkan: {given}", "", words)
        return
    if row.state == "removed":
        say(f"{title} dihapus", words, "")
        return
    changed = [(column, cell) for column, cell in cells
               if cell.changed and column.old is not None and column.new is not None]
    for column, cell in changed:
        say(f"{title}: {column.label} {cell.before} → {cell.after}", cell.before, cell.after)
    if not changed:
        say(f"{title}: keterangan berubah")
