"""What a report of a written case brings, so that its SOP can begin at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from app.engine.cases_rows import name_read
from app.engine.compiled import CompiledSop
from app.engine.expressions import Expression, ExpressionError, parse, parse_script
from app.engine.matching import constants_of
from app.engine.step import EngineFault, Json
from app.engine.survey import Survey

KELURAHAN = "72.71.03.1003"
MOST_GUESSES = 12
LAST: tuple[Json, ...] = ("contoh", 3, True, [])
"""What is tried for data nobody knows anything about."""
_KNOWN = frozenset({"nomor", "jenis", "kategori", "kelurahan", "kecamatan", "kanal", "anonim", "rahasia",
                    "jumlah_foto", "diterima"})
"""What every report brings (the contract's list)."""


class Beginnings:
    """Data for the start: what tables ask for, and whatever else the SOP reads and never sets."""

    def __init__(self, compiled: CompiledSop, survey: Survey) -> None:
        self._compiled = compiled
        self._survey = survey
        self._found: dict[str, Json] = {}
        self._guesses: dict[str, Iterator[Json]] = {}
        read, written = self._names()
        constants = self._constants()
        if "jenis" in read and "jenis" in constants:
            kinds = constants["jenis"]
            likely = [one for one in (compiled.key, "pengaduan") if one in kinds]
            self._found["jenis"] = (likely or kinds)[0]
        if "kategori" in read:
            self._found["kategori"] = next(iter(constants.get("kategori", [])), "lainnya")
        if "kelurahan" in read or "kelurahan" in compiled.roles:
            self._found["kelurahan"] = KELURAHAN
        for name in sorted(read - written - _KNOWN):
            self._found[name] = next(self._guessed(name, constants))

    def data(self) -> dict[str, Json]:
        return dict(self._found)

    def offered(self) -> dict[str, list[Json]]:
        """What a name may hold, where only choices, yes-or-no answers and fixed script lines set it."""
        found: dict[str, list[Json]] = {}
        free: set[str] = set()
        for process in self._survey.unit(self._compiled.key):
            for node in process.nodes.values():
                for one in node.declared.fields:
                    if one.type == "choice":
                        found.setdefault(one.id, []).extend(option.value for option in one.options)
                    elif one.type == "boolean":
                        found.setdefault(one.id, []).extend((True, False))
                    else:
                        free.add(one.id)
                if node.loop is not None:
                    free |= {node.loop.input_item or "", node.loop.data_output or ""}
                for name, line in self._lines(node.script):
                    if isinstance(line.tree, ast.Constant):
                        found.setdefault(name, []).append(line.tree.value)
                    else:
                        free.add(name)
        free |= {name for table in self._compiled.decisions.values() for name in table.sets}
        return {name: list(dict.fromkeys(values)) for name, values in found.items() if name not in free}

    def is_brought(self, name: str) -> bool:
        """Whether a report may bring it: the contract's data, and what nobody in the SOP sets."""
        return name in _KNOWN or name not in self._names()[1]

    @staticmethod
    def _lines(text: str | None) -> tuple[tuple[str, Expression], ...]:
        try:
            return parse_script(text or "").assignments
        except ExpressionError:
            return ()

    def amended(self, fault: EngineFault) -> bool:
        """Bring something (else) for the data a fault is about; whether there is anything left to try."""
        constants = self._constants()
        for name in fault.names:
            value = next(self._guessed(name, constants), None)
            if value is not None:
                self._found[name] = value
                return True
        return False

    def _guessed(self, name: str, constants: Mapping[str, list[Json]]) -> Iterator[Json]:
        if name not in self._guesses:
            self._guesses[name] = iter(
                [*constants.get(name, []), *self.offered().get(name, []), *_likely(name), *LAST])
        return self._guesses[name]

    def _names(self) -> tuple[set[str], set[str]]:
        """(names anything reads, names anything sets) in the SOP and all it calls."""
        read: set[str] = set()
        written: set[str] = set()
        for process in self._survey.unit(self._compiled.key):
            texts = [process.total, *(flow.condition for flow in process.flows)]
            for node in process.nodes.values():
                declared = node.declared
                texts += [declared.task.get("deadline"), *(text for _name, text in declared.parameters)]
                texts += [event.text for event in node.events if event.kind == "timer"]
                for one in declared.fields:
                    texts += [one.visible_when, one.required_when, one.default]
                    written.add(one.id)
                if node.loop is not None:
                    texts += [node.loop.data_input, node.loop.cardinality]
                    written |= {node.loop.input_item or "", node.loop.data_output or ""}
                if declared.operation == "tetapkan_opd":
                    written.add("opd")
                try:
                    script = parse_script(node.script or "")
                except ExpressionError:
                    continue
                read |= script.names
                written |= script.sets
            read |= {name for text in texts for expression in _read(text) for name in expression.names}
        for table in self._compiled.decisions.values():
            read |= table.names
            written |= table.sets
        return read, written

    def _constants(self) -> dict[str, list[Json]]:
        """What decision tables compare a name with."""
        found: dict[str, list[Json]] = {}
        for table in self._compiled.decisions.values():
            for index, column in enumerate(table.inputs):
                name = name_read(column)
                values = [one.value for rule in table.rules for one in constants_of(rule.tests[index].test)]
                if name is not None and values:
                    found.setdefault(name, []).extend(values)
        return found


def _likely(name: str) -> list[Json]:
    if name == "opd" or name.startswith("opd_"):
        return ["DPU"]
    if "nomor" in name:
        return ["LW-2026-01-000001"]
    if "tahun" in name:
        return [2027]
    if any(part in name for part in ("batas", "jumlah", "hari", "maks")):
        return [3]
    if any(part in name for part in ("daftar", "opd_terkait")):
        return [["DPU", "DLH"]]
    return []


def _read(text: str | None) -> Iterator[Expression]:
    try:
        if text and text.strip():
            yield parse(text)
    except ExpressionError:
        return
