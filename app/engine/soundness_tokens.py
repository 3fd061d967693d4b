"""Tokens as the exploration keeps them: a marking is a plain value, taken apart to move and put away again.

A marking lists the tokens of a scope, in order of their places: (place, entry at a join, boundary events of
its that happened, marking inside). Equal markings are equal values.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from app.engine.soundness_data import Value

Marking: TypeAlias = tuple[tuple[int, int, tuple[int, ...], Any], ...]
NOTHING: Marking = ()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an instance may stand. `proof`: checked task -> whether its photos were accepted since.
    `reasoned`: an end with a reason was reached."""

    marking: Marking
    data: tuple[tuple[str, Value], ...] = ()
    proof: tuple[tuple[int, bool], ...] = ()
    reasoned: bool = False


@dataclass(slots=True, eq=False)
class Token:
    place: int
    scope: Scope
    entry: int = -1
    happened: set[int] = field(default_factory=set)
    inner: Scope | None = None
    waits: bool = False
    live: bool = True


@dataclass(slots=True, eq=False)
class Scope:
    """`owner`: the token at the sub-process or call activity this runs in."""

    owner: Token | None
    tokens: list[Token] = field(default_factory=list)

    def everything(self) -> Iterator[Token]:
        """Every token, enclosing ones first."""
        for token in self.tokens:
            yield token
            if token.inner is not None:
                yield from token.inner.everything()

    def scopes(self) -> Iterator[Scope]:
        """The scopes inside and this, innermost first."""
        for token in self.tokens:
            if token.inner is not None:
                yield from token.inner.scopes()
        yield self


def put_away(scope: Scope) -> Marking:
    return tuple(sorted(
        (token.place, token.entry, tuple(sorted(token.happened)),
         put_away(token.inner) if token.inner is not None else NOTHING)
        for token in scope.tokens))


def taken_apart(marking: Marking, owner: Token | None = None) -> Scope:
    """Tokens in the order of the marking, so that a token is found again by its way from outside in."""
    scope = Scope(owner)
    for place, entry, happened, inner in marking:
        token = Token(place, scope, entry, set(happened), waits=True)
        if inner:
            token.inner = taken_apart(inner, token)
        scope.tokens.append(token)
    return scope


def remove(token: Token) -> None:
    """Take a token away, with all that runs inside it."""
    token.live = False
    if token.inner is not None:
        for one in list(token.inner.tokens):
            remove(one)
    if token in token.scope.tokens:
        token.scope.tokens.remove(token)
