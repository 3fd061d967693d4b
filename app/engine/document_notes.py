"""Keterangan: what the five symbols cannot say, in sentences made from the diagram."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.engine.diagram import Node, Process
from app.engine.document_graph import Graph, Way
from app.engine.document_limits import Limits
from app.engine.document_order import Strand


class Notes:
    """`numbers`: head element of a row -> its printed number; `places`: element -> head of its row."""

    def __init__(self, graph: Graph, numbers: Mapping[str, str], places: Mapping[str, str], limits: Limits,
                 annexes: Mapping[str, int], called: Mapping[str, str]) -> None:
        self._graph = graph
        self._process: Process = graph.process
        self._numbers = numbers
        self._places = places
        self._limits = limits
        self._annexes = annexes
        self._called = called

    def of(self, strand: Strand, strands: Sequence[Strand]) -> list[str]:
        """Sentences of one row, without the one the officer wrote."""
        told = [*self._entered(strand, strands), *self._together(strand, strands)]
        for name in strand.elements:
            told.extend(self._of_element(self._process.nodes[name]))
        told.extend(self._left(strand))
        return told

    def number(self, element: str) -> str:
        """Number of the row that holds an element."""
        return self._numbers[self._places[element]]

    def _of_element(self, node: Node) -> list[str]:
        told = []
        if node.decision and node.decision in self._annexes:
            told.append(f"Lihat Lampiran {self._annexes[node.decision]}")
        if node.kind == "callActivity" and node.called:
            told.append(f"Lihat {self._called.get(node.called, f'SOP {node.called}')}")
        if node.kind == "eventBasedGateway":
            caught = [self._process.nodes[flow.target] for flow in self._process.outgoing(node.id)
                      if flow.target in self._process.nodes]
            told += [f"{one.name}: {self._limits.words(one.event.text)}" for one in caught
                     if one.event is not None and one.event.text]
        if node.loop is not None:
            order = "satu demi satu" if node.loop.sequential else "serentak"
            told.append(f"Dikerjakan untuk setiap isi daftar, {order}")
        checked = node.declared.task.get("verifies", "")
        if checked in self._places:
            told.append(f"Bukan oleh orang yang mengerjakan langkah {self.number(checked)}")
        if node.declared.task.get("fresh", "").lower() in {"true", "1"}:
            told.append("Oleh orang yang belum pernah menangani")
        if node.kind == "endEvent" and node.name != node.id:
            told.append(f"Berakhir: {node.name}")
        return told

    def _together(self, strand: Strand, strands: Sequence[Strand]) -> list[str]:
        if strand.together is None:
            return []
        others = [self._numbers[one.head] for one in strands
                  if one.together == strand.together and one.head != strand.head]
        return [f"Bersamaan dengan langkah {spoken_list(others)}"] if others else []

    def _entered(self, strand: Strand, strands: Sequence[Strand]) -> list[str]:
        """What opens a row that only events open."""
        if strand.head in self._graph.whole:
            return [self._whole(self._process.nodes[strand.head])]
        if not self._only_by_events(strand.head):
            return []
        return self._event_sentences([way for one in strands for way in one.ways
                                      if way.target == strand.head], None)

    def _left(self, strand: Strand) -> list[str]:
        """Events on this row that lead back to a row which is reached otherwise too."""
        told = []
        targets = dict.fromkeys(way.target for way in strand.ways if way.boundary)
        for target in targets:
            if not self._only_by_events(target):
                ways = [way for way in strand.ways if way.boundary and way.target == target]
                told += self._event_sentences(ways, target)
        return told

    def _only_by_events(self, head: str) -> bool:
        ways = self._graph.into(head)
        return bool(ways) and all(way.boundary for way in ways)

    def _event_sentences(self, ways: Sequence[Way], target: str | None) -> list[str]:
        """One sentence for each step the events sit on; `target` is named when the row is not its own."""
        told = []
        for source in dict.fromkeys(way.source for way in ways):
            events = [self._process.nodes[way.boundary] for way in ways
                      if way.source == source and way.boundary]
            number = self.number(source)
            words = spoken_list([self._event(event, number) for event in events])
            where = f": ke langkah {self.number(target)}" if target else ""
            stops = any(event.interrupting for event in events)
            end = f"; langkah {number} {'dihentikan' if stops else 'tetap berjalan'}"
            told.append(f"{words[:1].upper()}{words[1:]}{where}{end}")
        return told

    def _event(self, event: Node, number: str) -> str:
        found = event.event
        if found is None:
            return f"bila terjadi “{_called(event)}” pada langkah {number}"
        if found.kind == "timer":
            words = self._limits.words(found.text or "")
            if found.place == "timeCycle" or words.startswith("setiap"):
                return f"{words} selama langkah {number}"
            return f"bila langkah {number} lewat {words}"
        if found.kind == "message":
            return f"bila “{_called(event)}” diterima selama langkah {number}"
        return f"bila terjadi “{_called(event)}” pada langkah {number}"

    def _whole(self, event: Node) -> str:
        rows = [self._numbers[self._places[name]] for name in self._graph.whole[event.id]
                if name in self._places]
        ordered = sorted(set(rows), key=_order)
        last = f"–{ordered[-1]}" if len(ordered) > 1 else ""
        span = f"langkah {ordered[0]}{last}" if ordered else "langkah-langkah di atas"
        stops = "langkah yang berjalan dihentikan" if event.interrupting else "langkah yang berjalan tetap"
        found = event.event
        if found is not None and found.kind == "timer":
            return f"Bila {span} lewat {self._limits.words(found.text or '')}; {stops}"
        return f"Bila “{_called(event)}” diterima sewaktu-waktu selama {span}; {stops}"


def _called(event: Node) -> str:
    """Its name; an event nobody named is called by its message or code."""
    if event.name == event.id and event.event is not None and event.event.name:
        return event.event.name
    return event.name


def spoken_list(items: Sequence[str]) -> str:
    """`a, b dan c`; a beginning shared by all is said once."""
    if len(items) > 1:
        shared = _shared_words(items)
        if shared:
            items = [items[0], *(item[len(shared):] for item in items[1:])]
        tail = _shared_words([item[::-1] for item in items])[::-1]
        if tail.strip() and len(tail) < min(len(item) for item in items):
            items = [*(item[: -len(tail)] for item in items[:-1]), items[-1]]
    return " dan ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def _shared_words(items: Sequence[str]) -> str:
    """The longest beginning all have in common that ends with a whole word."""
    least = min(items, key=len)
    at = next((place for place, letter in enumerate(least)
               if any(item[place] != letter for item in items)), len(least))
    return least[: least.rfind(" ", 0, at) + 1]


def _order(number: str) -> tuple[int, str]:
    digits = "".join(letter for letter in number if letter.isdigit())
    return int(digits or 0), number
