"""The fuzzed entries without the fuzzer: real files, what once broke, and a few hundred mutants."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.fuzz.entries import ENTRIES
from tests.fuzz.entry import Entry, SlowInput

FOUND = Path(__file__).parent / "found"
MUTANTS = 100  # of each entry


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_real_files_are_read(entry: Entry) -> None:
    seeds = list(entry.seeds())
    assert all(len(seed) <= 2 * entry.longest for seed in seeds)
    accepted = sum(map(entry.try_one, seeds))
    assert accepted >= len(seeds) - (entry.name == "manifests")  # one is of files that are absent


@pytest.mark.parametrize("file", sorted(FOUND.rglob("*.bin")), ids=lambda file: file.name)
def test_what_once_broke_the_rule_keeps_it(file: Path) -> None:
    ENTRIES[file.parent.name].try_one(file.read_bytes())


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_mutants_are_read_or_refused(entry: Entry) -> None:
    draw = random.Random(entry.name)
    seeds = list(entry.seeds())
    for _ in range(MUTANTS):
        entry.try_one(mutant(draw.choice(seeds), entry, draw))


def mutant(seed: bytes, entry: Entry, draw: random.Random) -> bytes:
    """Return the seed with a few bytes changed, cut out, doubled, or replaced by a word."""
    data = bytearray(seed)
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(len(data) + 1)
        end = min(len(data), at + draw.randint(0, 16))
        data[at:end] = draw.choice(
            (draw.randbytes(end - at), b"", bytes(data[at:end]) * 2, draw.choice(entry.words))
        )
    return bytes(data)


def never(data: bytes) -> None:
    raise KeyError("untyped")


def test_an_untyped_error_and_a_slow_input_are_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = Entry(name="any", read=never, refused=ValueError, seeds=lambda: [b""])
    with pytest.raises(KeyError):
        entry.try_one(b"")
    monkeypatch.setattr("tests.fuzz.entry.MOST_SECONDS", -1.0)
    slow = Entry(name="any", read=len, refused=ValueError, seeds=lambda: [b""])
    with pytest.raises(SlowInput):
        slow.try_one(b"")
