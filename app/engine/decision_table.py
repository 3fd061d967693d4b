"""A decision table as values: what the reader makes, the evaluator asks and the printed SOP shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from app.engine.expressions import Expression
from app.engine.matching import Constant, Test

Policy: TypeAlias = Literal["UNIQUE", "FIRST", "ANY", "PRIORITY", "COLLECT", "RULE ORDER"]
Aggregation: TypeAlias = Literal["SUM", "MIN", "MAX", "COUNT"]
ColumnKind: TypeAlias = Literal["text", "number", "integer", "boolean", "date", "moment"]


@dataclass(frozen=True, slots=True)
class Input:
    id: str
    label: str
    expression: Expression
    kind: ColumnKind | None
    """From `typeRef`; None when anything may come."""
    allowed: Test | None = None
    """`inputValues`: what may come at all; used to find gaps."""


@dataclass(frozen=True, slots=True)
class InputCell:
    text: str
    test: Test


@dataclass(frozen=True, slots=True)
class OutputCell:
    text: str
    content: Constant | Expression


@dataclass(frozen=True, slots=True)
class Output:
    id: str
    name: str
    """The variable it becomes."""
    label: str
    kind: ColumnKind | None
    values: tuple[Constant, ...] = ()
    """`outputValues` in order; the order is that of PRIORITY."""
    default: OutputCell | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    number: int
    """Counted from 1."""
    id: str | None
    tests: tuple[InputCell, ...]
    outputs: tuple[OutputCell, ...]
    note: str = ""
    """Description and annotations, such as the legal source."""


@dataclass(frozen=True, slots=True)
class DecisionTable:
    key: str
    """Id of the decision: what `sop:decision` names."""
    name: str
    file: str
    policy: Policy
    aggregation: Aggregation | None
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rules: tuple[Rule, ...]

    @property
    def several(self) -> bool:
        """Whether the answer is a list of rows (COLLECT without aggregation, RULE ORDER)."""
        return self.policy == "RULE ORDER" or (self.policy == "COLLECT" and self.aggregation is None)

    def is_constant(self, rows: tuple[int, ...]) -> bool:
        """Whether these rows' answers stand in the table as they are, so that naming the rows says them."""
        hit = [rule for rule in self.rules if rule.number in rows]
        return bool(hit) and self.aggregation is None and all(
            isinstance(cell.content, Constant) for rule in hit for cell in rule.outputs
        )

    @property
    def names(self) -> frozenset[str]:
        """Variables its inputs and outputs read."""
        cells = [cell for rule in self.rules for cell in rule.outputs]
        cells += [output.default for output in self.outputs if output.default is not None]
        read = {name for column in self.inputs for name in column.expression.names}
        read |= {n for cell in cells if isinstance(cell.content, Expression) for n in cell.content.names}
        return frozenset(read)

    @property
    def sets(self) -> frozenset[str]:
        """Variables it assigns."""
        return frozenset(output.name for output in self.outputs)
