"""The SOP as PermenPANRB 35/2012 prints it ("SOP AP"), as plain values read off the files that run.

Identity block, rows of activities with their pelaksana and mutu baku, the ways between the rows, and decision
tables as annexes. Nothing here measures, draws or knows a page; the same files give the same values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from app.domain.spoken import day
from app.engine.compiled import Source
from app.engine.compiler import content_hash
from app.engine.decision_table import DecisionTable
from app.engine.diagram import Process
from app.engine.difference_identity import IDENTITY
from app.engine.difference_tables import plain_cell
from app.engine.document_graph import Symbol, WayKind, read_graph
from app.engine.document_limits import Limits
from app.engine.document_notes import Notes
from app.engine.document_order import Strand, strands_in_order
from app.engine.iso_time import day_of
from app.engine.survey import Survey, take_stock
from app.engine.time_words import Span, joined, number
from app.engine.words import element_words

AT_ONCE = "seketika"
NOTHING = "–"
_AUTOMATIC = frozenset({"serviceTask", "scriptTask", "businessRuleTask"})
_POLICIES = {
    "UNIQUE": "tepat satu baris berlaku", "FIRST": "baris pertama yang cocok berlaku",
    "ANY": "baris yang cocok memberi hasil sama", "PRIORITY": "hasil yang lebih utama berlaku",
    "COLLECT": "semua baris yang cocok berlaku", "RULE ORDER": "semua baris yang cocok berlaku, berurutan",
}


class NothingToPrint(ValueError):
    """The files hold no process of that key that can be read."""


@dataclass(frozen=True, slots=True)
class RowWay:
    """An arrow. Rows are positions in `Part.rows`; `aside`: it leaves the step, not what follows it."""

    source: int
    target: int
    label: str = ""
    kind: WayKind = "flow"
    aside: bool = False


@dataclass(frozen=True, slots=True)
class DocumentRow:
    number: str
    elements: tuple[str, ...]
    symbols: tuple[Symbol, ...]
    """Drawn below each other in the column of the lane."""
    lane: int
    """Position in `Part.lanes`."""
    activity: str
    question: str = ""
    """What the diamond asks."""
    inputs: str = NOTHING
    time: str = NOTHING
    output: str = NOTHING
    notes: tuple[str, ...] = ()
    is_end: bool = False


@dataclass(frozen=True)
class Part:
    """One flowchart table: the SOP itself, or an SOP it calls."""

    key: str
    name: str
    lanes: tuple[str, ...]
    rows: tuple[DocumentRow, ...]
    ways: tuple[RowWay, ...]
    total: str = NOTHING

    def out(self, row: int) -> Sequence[RowWay]:
        return self._out.get(row, ())

    def sources(self, row: int) -> Sequence[int]:
        """Rows from which a way leads to this one."""
        return self._sources.get(row, ())

    @cached_property
    def _out(self) -> Mapping[int, list[RowWay]]:
        found: dict[int, list[RowWay]] = {}
        for way in self.ways:
            found.setdefault(way.source, []).append(way)
        return found

    @cached_property
    def _sources(self) -> Mapping[int, list[int]]:
        found: dict[int, list[int]] = {}
        for way in self.ways:
            found.setdefault(way.target, []).append(way.source)
        return found


@dataclass(frozen=True, slots=True)
class Annex:
    """A decision table. `notes`: (row number, legal source or remark)."""

    number: int
    key: str
    name: str
    policy: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class SopDocument:
    key: str
    name: str
    content_hash: str
    identity: Mapping[str, str] = field(default_factory=dict)
    """By attribute of `sop:document`, dates in words; headings in `IDENTITY`."""
    legal_basis: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    annexes: tuple[Annex, ...] = ()


def sop_document(sources: Sequence[Source], key: str | None = None) -> SopDocument:
    """The printed SOP of `key` (else of the process nobody calls). Raises `NothingToPrint`."""
    survey = take_stock(sources)
    main = survey.processes.get(key) if key else survey.main_process()
    if main is None:
        raise NothingToPrint(f"Proses '{key}' tidak ada dalam berkas ini.")
    unit = survey.unit(main.key)
    annexes = _annex_numbers(unit, survey)
    names = {process.key: f"SOP {process.name}" for process in survey.processes.values()}
    files = {process.file for process in unit} | {survey.decisions[name].file for name in annexes}
    used = [source for source in sources if source.name in files]
    identity = {name: _spoken(main.document.attributes.get(name, "").strip()) for name in IDENTITY}
    identity["name"] = identity["name"] or main.name
    called = [names[process.key] for process in unit[1:]]
    if called:
        identity["related"] = "; ".join(filter(None, [identity["related"], *(
            one for one in called if one not in identity["related"])]))
    return SopDocument(
        main.key, main.name, content_hash(main.key, used), identity, main.document.legal_basis,
        tuple(_part(process, survey, annexes, names) for process in unit),
        tuple(_annex(at, survey.decisions[name], _option_labels(unit)) for name, at in annexes.items()),
    )


def _spoken(text: str) -> str:
    """A date in words; anything else as it is written."""
    on = day_of(text) if len(text) == len("2026-01-05") else None
    return day(on) if on is not None else text


def _part(process: Process, survey: Survey, annexes: Mapping[str, int], names: Mapping[str, str]) -> Part:
    graph = read_graph(process)
    strands = strands_in_order(graph)
    numbers = _numbers(strands)
    places = {name: strand.head for strand in strands for name in strand.elements}
    limits = Limits(process, survey.decisions, annexes)
    notes = Notes(graph, numbers, places, limits, annexes, names)
    roles = _roles(process, strands)
    labels = {lane.id: lane.name or lane.id for lane in process.lanes if lane.id}
    rows = tuple(_row(strand, strands, process, graph.symbols, numbers, roles, limits, notes)
                 for strand in strands)
    at = {strand.head: place for place, strand in enumerate(strands)}
    ways = tuple(dict.fromkeys(
        RowWay(place, at[places[way.target]], way.label, way.kind, way.source == strand.head
               and len(strand.elements) > 1)
        for place, strand in enumerate(strands) for way in strand.ways))
    columns = tuple(labels.get(role or "", role or "Pelaksana") for role in roles)
    return Part(process.key, process.name, columns, rows, ways,
                _total(process, limits, rows, ways, strands))


def _row(strand: Strand, strands: Sequence[Strand], process: Process, symbols: Mapping[str, Symbol],
         numbers: Mapping[str, str], roles: Sequence[str | None], limits: Limits,
         notes: Notes) -> DocumentRow:
    node = process.nodes[strand.head]
    standard = node.declared.standard
    asked = next((process.nodes[name].name for name in strand.elements[1:]
                  if symbols[name] == "diamond" and process.nodes[name].name != name), "")
    written = standard.note.strip() if standard else ""
    told = [*notes.of(strand, strands), *([written] if written else [])]
    return DocumentRow(
        numbers[strand.head], tuple(strand.elements), tuple(symbols[name] for name in strand.elements),
        roles.index(strand.role),
        node.name if node.name != node.id else _unnamed(node.kind), asked,
        (standard.inputs.strip() if standard else "") or NOTHING, _time(process, strand, limits),
        (standard.output.strip() if standard else "") or NOTHING,
        tuple(f"{one.rstrip('.')}." for one in told), strand.is_end)


def _time(process: Process, strand: Strand, limits: Limits) -> str:
    node = process.nodes[strand.head]
    text = node.declared.task.get("deadline", "").strip()
    if not text and node.event is not None and node.kind == "intermediateCatchEvent":
        text = node.event.text or ""
    if text:
        return limits.words(text)
    return AT_ONCE if node.kind in _AUTOMATIC else NOTHING


def _numbers(strands: Sequence[Strand]) -> dict[str, str]:
    """Rows that run at the same time share a number and add a letter."""
    numbers: dict[str, str] = {}
    count, group, letter = 0, None, 0
    for strand in strands:
        if strand.together is not None and strand.together == group:
            letter += 1
        else:
            count, letter = count + 1, 0
        group = strand.together
        numbers[strand.head] = f"{count}{chr(97 + letter)}" if group is not None else str(count)
    return numbers


def _roles(process: Process, strands: Sequence[Strand]) -> list[str | None]:
    """Roles that have a row, in lane order; rows without a role come last."""
    used = {strand.role for strand in strands}
    roles: list[str | None] = [lane.id for lane in process.lanes if lane.id in used and lane.id]
    roles = list(dict.fromkeys(roles))
    roles += sorted({one for one in used if one and one not in roles})
    return [*roles, None] if None in used else roles


def _total(process: Process, limits: Limits, rows: Sequence[DocumentRow], ways: Sequence[RowWay],
           strands: Sequence[Strand]) -> str:
    """The SOP's own total limit; without one, the longest way from first to last row in working days."""
    if process.total:
        return limits.words(process.total)
    counts = []
    for strand in strands:
        text = process.nodes[strand.head].declared.task.get("deadline", "").strip()
        spans = [one for one in limits.spans(text) if isinstance(one, Span)] if text else []
        fit = [one.count for one in spans if one.unit == "hari kerja" and not isinstance(one.count, str)]
        if text and len(fit) != len(spans):
            return NOTHING
        counts.append(max(fit, default=0.0))
    longest = list(counts)
    for place in range(len(rows)):
        for way in ways:
            if way.source == place and way.target > place and way.kind == "flow":
                longest[way.target] = max(longest[way.target], longest[place] + counts[way.target])
    most = max(longest, default=0.0)
    return f"paling lama {number(most)} hari kerja" if most else joined([]) or NOTHING


def _annex_numbers(unit: Sequence[Process], survey: Survey) -> dict[str, int]:
    used = dict.fromkeys(node.decision for process in unit for node in process.nodes.values())
    return {key: place for place, key in enumerate((key for key in used if key in survey.decisions), start=1)
            if key is not None}


def _option_labels(unit: Sequence[Process]) -> dict[str, dict[str, str]]:
    """Question -> value -> what the form calls it."""
    return {field.id: {option.value: option.label for option in field.options}
            for process in unit for node in process.nodes.values() for field in node.declared.fields
            if field.options}


def _read_cell(text: str, labels: Mapping[str, str]) -> str:
    """A cell as the reader of the document knows its values: `"tidak_berkadar"` is what the form calls it."""
    plain = plain_cell(text)
    if text.strip().startswith('"') and plain == plain.lower():
        return labels.get(plain, plain.replace("_", " "))
    return plain


def _annex(place: int, table: DecisionTable, labels: Mapping[str, Mapping[str, str]]) -> Annex:
    asked = [labels.get(column.expression.text.strip(), {}) for column in table.inputs]
    return Annex(
        place, table.key, table.name, _POLICIES[table.policy],
        tuple(column.label for column in table.inputs), tuple(column.label for column in table.outputs),
        tuple((*(_read_cell(cell.text, words) for cell, words in zip(rule.tests, asked, strict=True)),
               *(_read_cell(cell.text, {}) for cell in rule.outputs)) for rule in table.rules),
        tuple((rule.number, rule.note) for rule in table.rules if rule.note))


def _unnamed(kind: str) -> str:
    return {"startEvent": "Mulai", "endEvent": "Selesai"}.get(kind, element_words(kind).capitalize())
