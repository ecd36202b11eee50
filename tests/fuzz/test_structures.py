"""JSON of the right shape with wrong values in it: what a byte mutator seldom makes.

One or two values anywhere in a real manifest or run file become something else, or are left out.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.entries import ENTRIES
from tests.fuzz.entry import Entry

OTHERS: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2**31, 2**63, 10**39, 0.5, -0.0, 1e308),
    *("", "x", "a\0b", "../x", "/", ".", "..", "\x1b[2J", "ñ", "0" * 64, "float32", "1", "-1"),
    *([], {}, [[]], [None], [0], [-1], [2**62, 2**62, 2**62], ["x"], {"x": None}, {"": []}),
)


def places(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every value inside, as keys and positions."""
    steps = value.items() if isinstance(value, dict) else enumerate(value)
    for step, inner in steps:
        yield (*way, step)
        if isinstance(inner, dict | list):
            yield from places(inner, (*way, step))


def changed(document: Any, way: tuple[Any, ...], other: Any, gone: bool) -> Any:
    """Return a copy in which the value at the end of `way` is another one, or is gone."""
    document = copy.deepcopy(document)
    holder = document
    for step in way[:-1]:
        holder = holder[step]
    if gone:
        del holder[way[-1]]
    else:
        holder[way[-1]] = other
    return document


@cache
def seeds_of(name: str) -> list[bytes]:
    return list(ENTRIES[name].seeds())


@st.composite
def mutants(draw: st.DrawFn, entry: Entry) -> bytes:
    seed = draw(st.sampled_from(seeds_of(entry.name)))
    head = seed[:1] if entry.name == "manifests" else b""
    rows = [json.loads(line) for line in seed[len(head) :].splitlines()]
    for _ in range(draw(st.integers(1, 2))):
        at = draw(st.integers(0, len(rows) - 1))
        ways = list(places(rows[at]))
        if ways:
            other, gone = draw(st.sampled_from(OTHERS)), draw(st.integers(0, 5)) == 0
            rows[at] = changed(rows[at], draw(st.sampled_from(ways)), other, gone)
    return head + "\n".join(map(json.dumps, rows)).encode()


@pytest.mark.parametrize("name", ["manifests", "run_file"])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_wrong_values_are_read_or_refused(name: str, data: st.DataObject) -> None:
    ENTRIES[name].try_one(data.draw(mutants(ENTRIES[name])))
