"""The scenarios of a draft judged: which agree with it, and what those marked right prove of it.

A draft may be published when every flow, boundary event and decision row was walked by a scenario that
somebody marked right, none of those differs, and none that was marked wrong still comes about; or with a
signed exception, which is not decided here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from typing import Any

from app.adapters.holidays import default_calendar, national_holidays
from app.adapters.sandbox import SandboxStopped, in_sandbox
from app.domain.calendar import BusinessCalendar
from app.engine.compiled import Source
from app.engine.play_judge import RIGHT, WRONG, judge_draft
from app.engine.play_sources import Files

YEARS = range(2015, 2046)
"""Years whose national days a scenario may count with; a walk beyond them counts weekends only."""


@dataclass(frozen=True, slots=True)
class Result:
    """How one scenario came out against the draft. `step`: the step that differs, from 1; None when it is
    the end that differs. `covers`: `{"flows": [[process, id]], "boundaries": [[process, id]], "rows":
    {decision: [row]}}`. `steps`: `{kind, text, element, details: [[question, answer]]}` in words."""

    name: str
    title: str
    verdict: str | None
    origin: str
    agrees: bool
    step: int | None
    difference: str | None
    end: str | None
    path: tuple[str, ...]
    unreadable: bool
    at: str | None
    data: Mapping[str, str]
    wanted_end: str | None
    steps: tuple[Mapping[str, Any], ...]
    covers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Missing:
    """What no scenario marked right has walked. `kind`: `flow`, `boundary` or `row` (`id` is the decision,
    `row` its number). `walked`: one that nobody has marked yet does walk it."""

    kind: str
    process: str | None
    id: str
    row: int | None
    text: str
    walked: bool


@dataclass(frozen=True, slots=True)
class Judged:
    """`coverage`: `{"flows": {"all", "done"}, "boundaries", "rows", "all", "done", "percent", "walked"}`,
    None when the draft does not run; `stopped` then says why. `reasons`: what keeps it from being complete,
    in sentences. `covered`: what the scenarios marked right walk, as `Result.covers`; `tables`: decision ->
    [rule id, whether it was hit]; `never`: rows of shared tables that this SOP never comes to, `{text,
    reason}`."""

    results: tuple[Result, ...]
    coverage: Mapping[str, Any] | None
    covered: Mapping[str, Any] | None
    tables: Mapping[str, Any] | None
    never: tuple[Mapping[str, str], ...]
    missing: tuple[Missing, ...]
    complete: bool
    reasons: tuple[str, ...]
    stopped: str | None = None

    def told(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def judge(
    files: Files,
    main: str,
    scenarios: Sequence[Mapping[str, Any]],
    *,
    zone: str = "Asia/Makassar",
    published: Sequence[Source] = (),
    labels: Mapping[str, str] | None = None,
    unit_variables: Mapping[str, str] | None = None,
    home_units: Mapping[str, str] | None = None,
) -> Judged:
    """Walk every scenario against the draft, in the sandbox, on the calendar of scenarios (the national days
    and what a scenario carries itself), so that the answer never depends on the day or the city.

    `files`: name -> content, `main` the diagram's file name; `scenarios`: as `isi.json` lists them (`name`,
    `title`, `text`, `origin`, `verdict`); `labels`: code -> name, for the steps in words. Raises nothing for
    what the files hold.
    """
    walked: list[dict[str, Any]] = []
    rest: list[dict[str, Any]] | None = [dict(one) for one in scenarios]
    while rest is not None:
        try:
            told = in_sandbox(
                judge_draft,
                dict(files),
                main,
                rest,
                scenario_calendar(zone),
                published=[(one.name, one.content) for one in published],
                labels=dict(labels or {}),
                unit_variables=unit_variables,
                home_units=home_units,
                earlier=[{key: one[key] for key in ("agrees", "verdict", "covers")} for one in walked],
            )
        except SandboxStopped as stopped:
            return _stopped(stopped.text)
        if told["stopped"] is not None:
            return _stopped(told["stopped"])
        walked += told["results"]
        rest = None if told["rest"] is None else rest[told["rest"]:]
    results = tuple(
        Result(**{**one, "path": tuple(one["path"]), "steps": tuple(one["steps"])}) for one in walked
    )
    missing = tuple(Missing(**one) for one in told["missing"])
    reasons = tuple(_reasons(results, missing))
    return Judged(
        results, told["coverage"], told["covered"], told["tables"], tuple(told["never"]), missing,
        not reasons, reasons,
    )  # fmt: skip


@cache
def scenario_calendar(zone: str) -> BusinessCalendar:
    """The calendar of scenarios, its days written out so that another process need not look them up."""
    return replace(default_calendar(zone), holidays=national_holidays(YEARS))


def _reasons(results: Sequence[Result], missing: Sequence[Missing]) -> list[str]:
    said = []
    differing = [one for one in results if one.verdict == RIGHT and not one.agrees]
    wrong = [one for one in results if one.verdict == WRONG and one.agrees]
    if differing:
        said.append(f"{len(differing)} skenario yang ditandai benar tidak lagi berjalan begitu: "
                    f"{_titles(differing)}.")  # fmt: skip
    if wrong:
        said.append(f"{len(wrong)} skenario yang ditandai salah masih terjadi: {_titles(wrong)}.")
    if missing:
        said.append(f"{len(missing)} bagian SOP belum dilalui skenario yang ditandai benar.")
    return said


def _titles(results: Sequence[Result]) -> str:
    more = f" dan {len(results) - 3} lainnya" if len(results) > 3 else ""
    return ", ".join(f"“{one.title}”" for one in results[:3]) + more


def _stopped(text: str) -> Judged:
    return Judged((), None, None, None, (), (), False, (text,), text)
