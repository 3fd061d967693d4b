"""Differences of the ways between steps: where they lead, under which condition, in which order."""

from __future__ import annotations

import ast

from app.engine.diagram import Flow
from app.engine.difference_changes import Notes, Section
from app.engine.difference_pairs import ProcessPair
from app.engine.expressions import ExpressionError, parse
from app.engine.titles import Titles

_ORDERED = "exclusiveGateway"
"""Flows out of it are tried in file order; elsewhere the order means nothing."""


def compare_flows(pair: ProcessPair, was: Titles, now: Titles, notes: Notes) -> None:
    """Flows at a step that is itself new or gone are marked, and told by the sentence about that step."""
    key = pair.new.key
    new_flows = {flow.id: flow for flow in pair.new.flows}
    back = pair.back
    for flow in pair.old.flows:
        if flow.id not in pair.flows:
            notes.mark(key, flow.id, "removed")
            if flow.source in pair.nodes and flow.target in pair.nodes:
                notes.say(Section.FLOWS, key, flow.id, f"{was.flow(flow)} dihapus", was.flow(flow),
                          state="removed")
    met = set(pair.flows.values())
    for flow in pair.new.flows:
        if flow.id not in met:
            notes.mark(key, flow.id, "added")
            if flow.source in back and flow.target in back:
                condition = f", bila {flow.condition}" if flow.condition else ""
                notes.say(Section.FLOWS, key, flow.id, f"{now.flow(flow)} ditambahkan{condition}", "",
                          now.flow(flow), state="added")
    for flow in pair.old.flows:
        if flow.id in pair.flows:
            _compare(flow, new_flows[pair.flows[flow.id]], pair, was, now, notes)
    for old_id, new_id in pair.nodes.items():
        if pair.old.nodes[old_id].kind == pair.new.nodes[new_id].kind == _ORDERED:
            _compare_order(old_id, new_id, pair, now, notes)
        _compare_default(old_id, new_id, pair, was, now, notes)


def same_expression(one: str | None, other: str | None) -> bool:
    """Whether two expressions differ in spacing and quotes at most."""
    if one == other:
        return True
    if not one or not other:
        return not one and not other
    try:
        return ast.dump(parse(one).tree) == ast.dump(parse(other).tree)
    except ExpressionError:
        return " ".join(one.split()) == " ".join(other.split())


def _compare(old: Flow, new: Flow, pair: ProcessPair, was: Titles, now: Titles, notes: Notes) -> None:
    key = pair.new.key
    if pair.nodes.get(old.source) != new.source or pair.nodes.get(old.target) != new.target:
        notes.mark(key, new.id, "changed")
        ends = {old.source, old.target} <= pair.nodes.keys() and {new.source, new.target} <= pair.back.keys()
        if ends:
            notes.say(Section.FLOWS, key, new.id, f"{was.flow(old)} kini dari {now.name(new.source)} "
                      f"ke {now.name(new.target)}", was.flow(old), now.flow(new))
    if old.name != new.name:
        notes.say(Section.FLOWS, key, new.id, f"nama {_from(new, now)} “{old.name}” → “{new.name}”",
                  old.name, new.name)
    if not same_expression(old.condition, new.condition):
        notes.say(Section.FLOWS, key, new.id, _condition_sentence(old, new, now), old.condition or "",
                  new.condition or "")


def _condition_sentence(old: Flow, new: Flow, now: Titles) -> str:
    if not old.condition:
        return f"{now.flow(new)} kini bersyarat: {new.condition}"
    if not new.condition:
        return f"syarat {now.flow(new)} dihapus (sebelumnya: {old.condition})"
    return f"syarat {now.flow(new)}: {old.condition} → {new.condition}"


def _from(flow: Flow, now: Titles) -> str:
    return f"alur dari {now.name(flow.source)} ke {now.name(flow.target)}"


def _compare_order(old_id: str, new_id: str, pair: ProcessPair, now: Titles, notes: Notes) -> None:
    defaults = {pair.new.nodes[new_id].default}
    new_order = [flow for flow in pair.new.outgoing(new_id) if flow.id not in defaults]
    standing = {flow.id: flow for flow in new_order}
    old_order = [standing[pair.flows[flow.id]] for flow in pair.old.outgoing(old_id)
                 if pair.flows.get(flow.id) in standing]
    common = {flow.id for flow in old_order}
    after = [flow for flow in new_order if flow.id in common]
    if old_order != after:
        before_words, after_words = _listed(old_order, now), _listed(after, now)
        notes.say(Section.FLOWS, pair.new.key, new_id,
                  f"urutan pilihan pada {now.name(new_id)}: {before_words} → {after_words}",
                  before_words, after_words)


def _compare_default(old_id: str, new_id: str, pair: ProcessPair, was: Titles, now: Titles,
                     notes: Notes) -> None:
    old, new = pair.old.nodes[old_id].default, pair.new.nodes[new_id].default
    if (pair.flows.get(old) if old else None) == new and bool(old) == bool(new):
        return
    before = next((_label(flow, was) for flow in pair.old.outgoing(old_id) if flow.id == old), "tidak ada")
    after = next((_label(flow, now) for flow in pair.new.outgoing(new_id) if flow.id == new), "tidak ada")
    notes.say(Section.FLOWS, pair.new.key, new_id, f"alur bawaan {now.name(new_id)}: {before} → {after}",
              before, after)


def _listed(flows: list[Flow], titles: Titles) -> str:
    return ", ".join(_label(flow, titles) for flow in flows)


def _label(flow: Flow, titles: Titles) -> str:
    return f"“{flow.name}”" if flow.name else f"ke {titles.name(flow.target)}"
