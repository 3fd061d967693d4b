"""Scenarios as YAML: read with care, written so that people can read them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import yaml

from app.engine.scenario import Scenario, ScenarioInvalid, plain, read_scenario
from app.engine.step import Json

LARGEST = 1024 * 1024
ORDER = ("sop", "decisions", "at", "calendar", "data", "steps", "end", "path")
_SHORT = 100
"""Characters that still fit on a line of their own."""


class _Loader(yaml.SafeLoader):
    """YAML without dates: `2026-03-17` stays text, as every answer of a form is."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.SafeDumper):
    """Short lists and mappings in one line, as people write them."""

    def represent_sequence(self, tag: str, sequence: Any, flow_style: bool | None = None) -> Any:
        return super().represent_sequence(tag, sequence, flow_style=_is_short(sequence))

    def represent_mapping(self, tag: str, mapping: Any, flow_style: bool | None = None) -> Any:
        return super().represent_mapping(tag, mapping, flow_style=_is_short(mapping))

    def ignore_aliases(self, data: Any) -> bool:
        return True


def scenario_mapping(text: str | bytes) -> Mapping[str, Json]:
    """The mapping a YAML text holds, as JSON. Raises ScenarioInvalid."""
    if len(text) > LARGEST:
        raise ScenarioInvalid("Skenario lebih besar dari 1 MB.")
    try:
        raw = yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader that knows less
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ScenarioInvalid(f"Skenario bukan YAML yang utuh: {error}") from error
    if not isinstance(raw, Mapping):
        raise ScenarioInvalid("Skenario harus berisi pasangan `nama: nilai`.")
    found: Mapping[str, Json] = plain(raw)
    return found


def scenario_of(text: str | bytes) -> Scenario:
    """Read a scenario from YAML. Raises ScenarioInvalid."""
    return read_scenario(scenario_mapping(text))


def scenario_yaml(scenario: Mapping[str, Json]) -> str:
    """A scenario as YAML, its keys in the order of the contract."""
    known = {key: scenario[key] for key in ORDER if scenario.get(key) not in (None, {}, [])}
    rest = {key: value for key, value in scenario.items() if key not in ORDER}
    return yaml.dump(
        plain({**known, **rest}), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110
    )


def _is_short(value: Any) -> bool:
    """Whether it fits on a line; a step's own verbs each take a line."""
    if isinstance(value, Mapping) and {"complete", "sop"} & set(value):
        return False
    return len(str(value)) <= _SHORT
