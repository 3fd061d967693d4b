"""Walks one SOP through a scenario in memory and reports where the two part.

The same pushes are used as in the city's work (`stepper.py`). The first difference ends the walk.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.engine.compiled import CompiledSop
from app.engine.coverage import Walked
from app.engine.scenario import Advance, Complete, Deliver, Expect, Refuse, Scenario
from app.engine.scenario_days import with_days
from app.engine.step import EngineFault, Refusal, WorkingTime
from app.engine.stepper import Difference, Stepper, names_of
from app.engine.walk_checks import differences
from app.engine.walk_city import HOME_UNITS, UNIT_VARIABLES


def walk(
    compiled: CompiledSop,
    scenario: Scenario,
    calendar: WorkingTime,
    *,
    unit_variables: Mapping[str, str] = UNIT_VARIABLES,
    home_units: Mapping[str, str] = HOME_UNITS,
    seconds: float | None = None,
) -> Walked:
    """Run a scenario and report its first difference. Never raises for what a scenario or SOP says.
    `seconds`: of computing time its timers may take."""
    stepper = Stepper(
        compiled,
        with_days(calendar, scenario.days),
        at=scenario.at,
        data=scenario.data,
        unit_variables=unit_variables,
        home_units=home_units,
        seconds=seconds,
    )
    number: int | None = None
    try:
        stepper.begin()
        for number, act in enumerate(scenario.acts, start=1):  # noqa: B007 - told in the difference
            _perform(stepper, act)
        number = None
        _finish(stepper, scenario)
    except Difference as difference:
        return _outcome(stepper, str(difference), number)
    except EngineFault as fault:
        return _outcome(stepper, fault_words(fault), number)
    return _outcome(stepper, None, None)


def _outcome(stepper: Stepper, difference: str | None, step: int | None) -> Walked:
    end = stepper.position.end_reason if stepper.position is not None else None
    return Walked(difference, step, end, tuple(element for _, element in stepper.path), stepper.coverage)


def _perform(stepper: Stepper, act: Complete | Deliver | Advance | Expect | Refuse) -> None:
    if isinstance(act, Advance):
        stepper.advance(act)
    elif isinstance(act, Expect):
        found = unmet(stepper, act)
        if found:
            raise Difference(found[0])
    elif isinstance(act, Refuse):
        _refuse(stepper, act)
    else:
        refusal = stepper.do(act)
        if refusal is not None:
            raise Difference(_refusal_words(act, refusal))


def unmet(stepper: Stepper, act: Expect) -> list[str]:
    """Every expectation that is not met now, a sentence each."""
    return differences(
        act.wanted, stepper.at, stepper.status, stepper.units, stepper.sent, stepper.zone
    )


def _refuse(stepper: Stepper, act: Refuse) -> None:
    refusal = stepper.do(act.act)
    name = act.act.task if isinstance(act.act, Complete) else act.act.message
    if refusal is None:
        raise Difference(f"“{name}” seharusnya ditolak{_because(act.because)}; ternyata diterima.")
    if act.because is not None and refusal.name != act.because:
        raise Difference(
            f"“{name}” seharusnya ditolak karena {act.because}; "
            f"ternyata karena {refusal.name}: {refusal.text}"
        )


def _finish(stepper: Stepper, scenario: Scenario) -> None:
    wanted, position = scenario.end, stepper.at
    if wanted is None and position.ended:
        raise Difference(
            f"Seharusnya masih berjalan; ternyata sudah berakhir dengan “{position.end_reason}”."
        )
    if wanted is not None and not position.ended:
        still = names_of(position.open) or ", ".join(position.tokens) or "tidak ada tugas terbuka"
        raise Difference(f"Seharusnya berakhir dengan “{wanted}”; ternyata masih berjalan ({still}).")
    if wanted is not None and position.end_reason != wanted:
        raise Difference(f"Seharusnya berakhir dengan “{wanted}”; ternyata dengan “{position.end_reason}”.")
    if scenario.path is not None:
        _compare_path(stepper, scenario.path)


def _compare_path(stepper: Stepper, wanted: tuple[str, ...]) -> None:
    walked = [
        f"{process}/{element}" if at < len(wanted) and "/" in wanted[at] else element
        for at, (process, element) in enumerate(stepper.path)
    ]
    if list(wanted) != walked:
        planned, taken = ", ".join(wanted) or "(kosong)", ", ".join(walked) or "(kosong)"
        raise Difference(f"Jalur seharusnya {planned}; ternyata {taken}.")


def fault_words(fault: EngineFault) -> str:
    """Where and why the SOP cannot go on, in a sentence."""
    place = f" pada “{fault.element}”" if fault.element else ""
    return f"SOP berhenti{place}: {fault.text}"


def _because(name: str | None) -> str:
    return f" karena {name}" if name else ""


def _refusal_words(act: Complete | Deliver, refusal: Refusal) -> str:
    name = act.task if isinstance(act, Complete) else act.message
    faults = "".join(f"\n  {field}: {fault}" for field, fault in refusal.faults.items())
    return f"“{name}” ditolak ({refusal.name}): {refusal.text}{faults}"
