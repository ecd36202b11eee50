"""Which words are taken for which, which are lost and which are invented, over many utterances.

It counts what one alignment says (`harness.accuracy.wer.align_all`), as sclite's lists of
confusion pairs, deletions and insertions do. Where several alignments have as few errors, the
words that stand beside each other are those of the one that jiwer chose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from harness.accuracy.wer import Pair

Key = TypeVar("Key", str, tuple[str, str])


@dataclass(frozen=True, kw_only=True)
class Confusions:
    """How often each word went wrong, and how."""

    pairs: Counter[tuple[str, str]]  # (said, heard): times
    deleted: Counter[str]  # word said and not heard: times
    inserted: Counter[str]  # word heard and never said: times


def confusions(wrong: Iterable[Iterable[Pair]]) -> Confusions:
    """Count the wrong places of every utterance by their words."""
    found = Confusions(pairs=Counter(), deleted=Counter(), inserted=Counter())
    for utterance in wrong:
        for pair in utterance:
            match pair.kind:
                case "substitute":
                    found.pairs[pair.reference, pair.hypothesis] += 1
                case "delete":
                    found.deleted[pair.reference] += 1
                case "insert":
                    found.inserted[pair.hypothesis] += 1
    return found


def most(counted: Counter[Key], number: int) -> list[tuple[Key, int]]:
    """Return the `number` most counted, those with equal counts in the order of their names."""
    return sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:number]
