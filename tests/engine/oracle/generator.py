"""Random SOPs, grown from a seed as block trees (`blocks.py`).

Only diagrams whose outcome BPMN fixes are grown. So: every script writes a variable of its own; an end that
takes others away (terminate, error, interrupting escalation) and every end with a reason of its own is
reached from a user task directly, so that nothing else moves in the same push; message names belong to one
element, or to two that cannot take each other away; a loop's body always waits for somebody.
"""

from __future__ import annotations

import random
from dataclasses import replace

from .blocks import Block, Draft, Side
from .graph import Assignment, Condition, Json, Multi, Node, Question, Span
from .materials import CHOICES, CODES, FEATURES, LANES, REASONS, Materials, Place


def grow(seed: int, *, size: int | None = None, features: frozenset[str] = FEATURES) -> Draft:
    """`size`: about how many blocks the main process gets; small and large are mixed when not given."""
    rng = random.Random(seed)
    return _Grower(rng, size or rng.choice((6, 10, 14, 20, 30)), features).draft()


class _Grower(Materials):
    def __init__(self, rng: random.Random, size: int, features: frozenset[str]) -> None:
        super().__init__(rng, size, features)
        self.ends: dict[str, Node] = {}
        self.bodies: dict[str, list[Block]] = {}
        self.throws: dict[str, str] = {}

    def draft(self) -> Draft:
        if self.can("call"):
            for number in range(self.rng.choice((0, 1, 2, 2))):
                self.called(f"sub{number + 1}")
        body = self.body(Place("utama"), "utama")
        return Draft({"utama": body, **self.bodies}, self.data, LANES, self.rng.randrange(2**32), self.ends,
                     self.loose)

    def called(self, key: str) -> None:
        """A process to call; it may call earlier ones, and throw an error all its callers catch."""
        main, self.left = self.left, self.rng.randint(2, 6)
        errors = (self.rng.choice(CODES),) if self.can("error") and self.rng.random() < 0.6 else ()
        body = self.body(Place(key, 1, errors=errors, lane=self.rng.random() < 0.5), key)
        self.left = main
        self.bodies[key] = body
        if errors:
            self.throws[key] = errors[0]

    # --- sequences

    def body(self, place: Place, scope: str) -> list[Block]:
        """The inside of a scope. An inner scope's own reason stands only behind a user task."""
        path = self.path(place, self.rng.randint(1, 5 if scope == "utama" else 3))
        if not any(block.kind != "plain" or block.node.kind not in ("script",) for block in path):
            path.append(self.user(place))
        reason = self.rng.choice(REASONS) if scope == "utama" else None
        if scope != "utama" and self.rng.random() < 0.4:
            path.append(self.user(place, bare=True))
            reason = self.rng.choice((*REASONS, "cabang"))
        self.ends[scope] = Node(f"{scope}_selesai", "end", reason=reason or "cabang", lane=self.lane(place))
        return path

    def path(self, place: Place, length: int) -> list[Block]:
        made: list[Block] = []
        for _ in range(length):
            made += self.blocks(place)
            if self.can("jump"):
                place = replace(place, targets=(*place.targets, *_entries(made)))
        return made

    def blocks(self, place: Place) -> list[Block]:
        self.left -= 1
        if self.left <= 0 or place.depth > 5:
            return [self.user(place)]
        menu: list[tuple[str, float]] = [("user", 5), ("xor", 2)]
        menu += [(name, weight) for name, weight in
                 (("and", 2.5), ("or", 2.5), ("loop", 1.5), ("sub", 2.5), ("call", 2.5), ("timer", 1),
                  ("message", 1), ("event", 1), ("jump", 0.7), ("script", 0.7),
                  ("leave", 1 + len(place.errors)), ("escalation", 0.3 + 1.5 * place.heard))
                 if self.can(name)]
        menu += [("spill", 3)] if self.loose else []
        if place.plain:
            menu = [(name, weight) for name, weight in menu if name not in ("and", "or")]
        names, weights = zip(*menu, strict=True)
        picked = self.rng.choices(names, weights)[0]
        made = getattr(self, f"grow_{picked}")(place)
        return made if isinstance(made, list) else [made]

    def user(self, place: Place, *, bare: bool = False, name: str | None = None) -> Block:
        """A user task with one to two questions; unless `bare`, perhaps multi-instance or with boundaries."""
        questions = [Question(name or self.choice_variable(), CHOICES)]
        if self.rng.random() < 0.3:
            questions.append(Question(self.variable("n", None)))
        node = Node(self.name("u"), "user", tuple(questions), lane=self.lane(place))
        if bare:
            return Block("plain", node)
        return self.host(Block("plain", self.deadline(self.many(node))), place)

    def grow_user(self, place: Place) -> Block:
        return self.user(place)

    def grow_script(self, place: Place) -> Block:
        fixed, counted = self.variable("s", None), self.variable("c", 0)
        lines = (Assignment(fixed, None, self.rng.choice(["x", [1, 2], {"a": 1}, True, None])),
                 Assignment(counted, counted, 1))
        return Block("plain", Node(self.name("skrip"), "script", script=lines, lane=self.lane(place)))

    def grow_timer(self, place: Place) -> Block:
        return Block("plain", Node(self.name("tunggu"), "timer", timer=self.span(), lane=self.lane(place)))

    def grow_message(self, place: Place) -> list[Block]:
        kind = self.rng.choice(("message", "receive"))
        first = Node(self.name("terima"), kind, message=self.name("pesan"), lane=self.lane(place))
        block = Block("plain", first)
        if kind == "receive":
            block = self.host(block, place)
        twin = Block("plain", replace(first, id=self.name("terima"), kind="message"))
        if self.rng.random() < 0.15:
            return [block, twin]
        if self.rng.random() < 0.15 and self.can("and") and not place.plain:
            return [Block("and", Node(self.name("g"), "and", lane=self.lane(place)),
                          [[Block("plain", first)], [twin]], [None, None])]
        return [block]

    # --- gateways

    def branches(self, place: Place) -> list[list[Block]]:
        number = self.rng.choice((2, 2, 3))
        return [self.path(place, self.rng.choice((0, 1, 1, 1, 2))) for _ in range(number)]

    def grow_xor(self, place: Place) -> Block:
        parts = self.branches(place.deeper())
        name = self.known() if self.rng.random() < 0.7 else None
        conditions: list[Condition | None] = [self.condition(name) for _ in parts]
        if not self.loose or self.rng.random() < 0.6:
            conditions[self.rng.randrange(len(parts))] = None
        return Block("xor", Node(self.name("g"), "xor", lane=self.lane(place)), parts, conditions,
                     merge=self.rng.random() < 0.6)

    def grow_or(self, place: Place) -> Block:
        parts = self.branches(place.deeper(targets=()))
        conditions: list[Condition | None] = [
            Condition(None) if self.rng.random() < 0.2 else self.condition() for _ in parts]
        conditions[self.rng.randrange(len(parts))] = None
        return Block("or", Node(self.name("g"), "or", lane=self.lane(place)), parts, conditions,
                     merge=self.rng.random() < 0.6)

    def grow_and(self, place: Place) -> Block:
        parts = self.branches(place.deeper(may_end=self.loose, targets=()))
        return Block("and", Node(self.name("g"), "and", lane=self.lane(place)), parts, [None] * len(parts))

    def grow_spill(self, place: Place) -> Block:
        parts = self.branches(place.deeper(targets=()))
        return Block("spill", Node(self.name("g"), "and", lane=self.lane(place)), parts, [None] * len(parts),
                     merge=self.rng.random() < 0.5)

    def grow_loop(self, place: Place) -> Block:
        """The body ends with a user task whose answer decides; sometimes the way back holds a task too."""
        name = self.variable("k", "a")
        place = replace(place, looped=True)
        body = self.path(place.deeper(), self.rng.choice((0, 1, 1)))
        body.append(self.user(place, bare=True, name=name))
        back = self.path(place.deeper(), self.rng.choice((0, 0, 1)))
        straight = body[0].kind == "plain" and self.rng.random() < 0.5
        return Block("loop", Node(self.name("g"), "xor", lane=self.lane(place)), [body, back],
                     [Condition(name, "==", "a")], merge=not straight)

    def grow_jump(self, place: Place) -> list[Block]:
        """A user task whose answer may lead back to any element before it."""
        if not place.targets:
            return [self.user(place)]
        name = self.variable("k", "b")
        split = Node(self.name("g"), "xor", lane=self.lane(place))
        return [self.user(place, bare=True, name=name),
                Block("jump", split, conditions=[Condition(name, "==", "a")],
                      target=self.rng.choice(place.targets))]

    def grow_event(self, place: Place) -> Block:
        sides = []
        for _ in range(self.rng.choice((2, 2, 3))):
            kind = self.rng.choice(("timer", "message", "receive") if self.can("message") else ("timer",))
            timer, message = (self.span(), None) if kind == "timer" else (None, self.name("pesan"))
            node = Node(self.name("opsi"), kind, timer=timer, message=message, lane=self.lane(place))
            sides.append(Side(node, self.path(place.deeper(), self.rng.choice((0, 0, 1)))))
        return Block("event", Node(self.name("g"), "event", lane=self.lane(place)), sides=sides,
                     merge=self.rng.random() < 0.6)

    def grow_leave(self, place: Place) -> list[Block]:
        """A user task, then one branch ends there (plain, terminate or error) and the other goes on."""
        kinds = ["leave"] if place.may_end else []
        kinds += ["terminate"] if self.can("terminate") else []
        codes = place.errors or (CODES if self.loose else ())
        kinds += ["error"] * 3 if codes else []
        if not kinds:
            return [self.user(place)]
        kind = self.rng.choice(kinds)
        name = self.variable("k", "b")
        condition = Condition(name, "in", ["a", "b"]) if kind == "error" else Condition(name, "==", "a")
        end = Node(self.name("akhir"), "end", reason=self.rng.choice((*REASONS, "cabang")),
                   terminate=kind == "terminate", lane=self.lane(place),
                   error=self.rng.choice(codes) if kind == "error" else None)
        split = Node(self.name("g"), "xor", lane=self.lane(place))
        return [self.user(place, bare=True, name=name),
                Block("xor", split, [[Block("stop", end)], []], [condition, None], merge=False)]

    def grow_escalation(self, place: Place) -> list[Block]:
        """A user task, then an escalation; caught where some enclosing boundary has its code, else lost."""
        code = self.rng.choice(CODES)
        throw = Node(self.name("naik"), "throw", escalation=code, lane=self.lane(place))
        return [self.user(place, bare=True), Block("plain", throw)]

    # --- hosts

    def deadline(self, node: Node) -> Node:
        if not self.can("deadline") or self.rng.random() < 0.6:
            return node
        kind = self.rng.choice(("jam", "hari", "jam_kerja", "hari_kerja"))
        n = self.rng.randint(1, 6) if kind.startswith("hari") else self.hours.pop() if self.hours else 92
        return replace(node, deadline=Span(kind, n))

    def many(self, node: Node) -> Node:
        if not self.can("multi") or self.rng.random() < 0.75:
            return node
        many = self.rng.choice((0, 1, 2, 2, 3))
        items: list[Json] = self.rng.sample(["p", "q", "r", 4, {"opd": "DPU"}], many)
        output = node.questions[-1].id if node.questions else self.known()
        collects = self.rng.random() < 0.8
        return replace(node, multi=Multi(
            self.rng.random() < 0.5, self.variable("daftar", items), self.name("isi"),
            self.variable("hasil", None) if collects else None, output if collects else None))

    def grow_sub(self, place: Place) -> Block:
        node = self.deadline(self.many(Node(self.name("sp"), "sub", lane=self.lane(place))))
        block = Block("sub", node)
        error = self.rng.choice(CODES) if self.can("error") and self.rng.random() < 0.6 else None
        escalation = self.rng.choice(CODES) if self.can("escalation") and self.rng.random() < 0.6 else None
        self.host(block, place, error=error, escalation=escalation)
        errors = (*place.errors, error) if error else place.errors
        own_lanes = place.lane and self.rng.random() < 0.3
        inside = place.deeper(may_end=True, plain=False, looped=False, targets=(), errors=errors,
                              heard=place.heard + (escalation is not None), lane=own_lanes)
        block.parts = [self.body(inside, node.id)]
        return block

    def grow_call(self, place: Place) -> Block:
        if not self.bodies:
            return self.user(place)
        key = self.rng.choice(list(self.bodies))
        node = self.deadline(self.many(Node(self.name("panggil"), "call", called=key, lane=self.lane(place))))
        return self.host(Block("call", node), place, error=self.throws.get(key))

    def host(self, block: Block, place: Place, *, error: str | None = None,
             escalation: str | None = None) -> Block:
        """Give a block boundary events: those it must have, and perhaps timers and a message."""
        ways: list[Node] = []
        if error is not None:
            catches = self.rng.choice((error, error, ""))
            ways.append(Node(self.name("galat"), "boundary", error=catches))
        if escalation is not None:
            ways.append(Node(self.name("eskalasi"), "boundary", escalation=self.rng.choice((escalation, "")),
                             interrupting=self.rng.random() < 0.4))
        if self.can("boundary") and self.rng.random() < 0.35:
            ways += [self.boundary_timer(block.node) for _ in range(self.rng.choice((1, 1, 2)))]
        if self.can("boundary") and self.can("message") and self.rng.random() < 0.12:
            ways.append(Node(self.name("batas"), "boundary", message=self.name("pesan"),
                             interrupting=self.rng.random() < 0.6))
        for way in ways:
            way = replace(way, lane=self.lane(place))
            if way.interrupting:
                merges = not place.may_end or self.rng.random() < 0.7
                path = self.path(place.deeper(), self.rng.choice((0, 1, 1)))
                block.sides.append(Side(way, path, merges))
            else:
                once = way.timer is not None and way.timer.kind != "cycle"
                again = place.plain or place.looped or self.can("jump") or not once
                path = self.path(place.deeper(may_end=True, plain=again, targets=()),
                                 self.rng.choice((0, 1, 1)))
                block.sides.append(Side(way, path, False))
        return block

    def boundary_timer(self, host: Node) -> Node:
        interrupting = self.rng.random() < 0.5
        span = self.span()
        if host.deadline is not None and self.rng.random() < 0.6:
            span = Span("tenggat", self.shares.pop())
        elif not interrupting and self.can("cycle") and self.rng.random() < 0.4:
            turns = self.rng.choice((1, 2, 3, None))
            span = Span("cycle", self.minutes.pop(), turns, self.rng.random() < 0.4)
        return Node(self.name("batas"), "boundary", timer=span, interrupting=interrupting)


def _entries(path: list[Block]) -> list[str]:
    """Elements of a path, and of exclusive branches in it, that a flow may lead to from outside."""
    found = []
    for block in path:
        if block.kind in ("plain", "sub", "call", "xor"):
            found.append(block.node.id)
        if block.kind == "xor":
            found += [name for part in block.parts for name in _entries(part)]
    return found
