"""Random SOPs: every written case agrees, and what is called impossible never happens."""

from __future__ import annotations

from app.engine.cases import write_cases
from app.engine.compiler import Source, compile_sop
from app.engine.coverage import Coverage
from app.engine.scenario_text import scenario_of, scenario_yaml
from app.engine.walk import walk

from .oracle.blocks import Malformed, lower
from .oracle.calendar import START, OfficeHours
from .oracle.generator import grow
from .oracle.xml import bpmn
from .test_soundness_oracle import random_coverage

SEEDS = range(5_000, 5_030)
WALKS = 6


def test_written_cases_of_random_sops_agree_and_claim_nothing_wrong() -> None:
    passed = asked = 0
    calendar = OfficeHours()
    for seed in SEEDS:
        try:
            sop = lower(grow(seed, size=12))
        except Malformed:
            continue
        compiled = compile_sop([Source("oracle.bpmn", bpmn(sop).encode())], key=sop.processes[0].id)
        cases = write_cases(compiled, calendar, budget_seconds=2)
        for case in cases.cases:
            outcome = walk(compiled, scenario_of(scenario_yaml(case.scenario)), calendar)
            assert outcome.agrees, f"{seed} {case.title}: {outcome.step} {outcome.difference}"
        impossible = {(one.kind, one.process, one.id) for one in cases.uncovered if one.impossible}
        happened = Coverage()
        for number in range(WALKS):
            happened.merge(random_coverage(compiled, dict(sop.data), START, number))
        told = {("flow", *one) for one in happened.flows}
        told |= {("boundary", *one) for one in happened.boundaries}
        assert not impossible & told, f"{seed}: {sorted(impossible & told)}"
        asked += len(compiled.flows) + len(compiled.boundaries) - len(impossible)
        passed += len(cases.coverage.flows) + len(cases.coverage.boundaries)
    assert passed / asked > 0.6, "the rest waits behind moments in an order the clock never gives"
