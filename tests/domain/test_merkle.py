"""One hash stands for many; whoever changes, drops, adds or swaps one of them gets another."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain import merkle

LEAVES = st.lists(st.binary(max_size=4), min_size=1, max_size=40)


def slow_root(leaves):
    """RFC 6962, 2.1, as it is written."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return hashlib.sha256(b"\1" + slow_root(leaves[:split]) + slow_root(leaves[split:])).digest()


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_the_root_is_the_one_of_the_standard(contents):
    assert merkle.root(map(merkle.leaf, contents)) == slow_root(contents)


def test_the_published_example_comes_out():
    """The test vectors of certificate transparency: eight leaves."""
    long = ["40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
    contents = ["", "00", "10", "2021", "3031", *long]
    leaves = [merkle.leaf(bytes.fromhex(one)) for one in contents]
    assert merkle.root(leaves).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@given(LEAVES, st.data())
def test_a_proof_leads_to_the_root_and_from_nowhere_else(contents, data):
    leaves = [merkle.leaf(one) for one in contents]
    place = data.draw(st.integers(0, len(leaves) - 1))
    top, way = merkle.root(leaves), merkle.proof(leaves, place)
    assert merkle.root_of(leaves[place], place, len(leaves), way) == top
    assert merkle.root_of(merkle.leaf(b"another one"), place, len(leaves), way) != top
    other = data.draw(st.integers(0, len(leaves) - 1))
    if leaves[other] != leaves[place]:
        assert merkle.root_of(leaves[place], other, len(leaves), way) != top
    assert merkle.root_of(leaves[place], place, len(leaves), [*way, top]) is None


@pytest.mark.parametrize("change", ["drop", "swap", "twice", "add"])
def test_no_change_keeps_the_root(change):
    leaves = [merkle.leaf(bytes([n])) for n in range(7)]
    changed = {
        "drop": leaves[:-1],
        "swap": [leaves[1], leaves[0], *leaves[2:]],
        "twice": [*leaves, leaves[-1]],
        "add": [*leaves[:3], merkle.leaf(b"x"), *leaves[3:]],
    }[change]
    assert merkle.root(changed) != merkle.root(leaves)
