"""What is counted is what jiwer counts by its own reading of the same texts."""

from __future__ import annotations

import random

import jiwer
import pytest

from harness.accuracy.text import View
from harness.accuracy.wer import Counts, score, score_all, total, totals

PAIRS = 10_000
VOCABULARY = ["pon", "la", "radio", "año", "ano", "sí", "si", "Ávila", "PINGÜINO", "eh", "mañana"]
OPENING, CLOSING = ["", "", "", "¿", "¡", "«", "("], ["", "", "", ",", ".", "?", "!", "…", "»", ")"]
# jiwer's own transforms, which share nothing with harness.accuracy.text
PLAIN = jiwer.Compose(
    [
        jiwer.ToLowerCase(),
        jiwer.RemovePunctuation(),  # type: ignore[no-untyped-call]
        jiwer.RemoveWhiteSpace(replace_by_space=True),
        jiwer.RemoveMultipleSpaces(),
        jiwer.Strip(),
        jiwer.ReduceToListOfListOfWords(),
    ]
)


def a_text(rng: random.Random) -> str:
    marked = (
        rng.choice(OPENING) + rng.choice(VOCABULARY) + rng.choice(CLOSING)
        for _ in range(rng.randrange(13))
    )
    return rng.choice([" ", "  ", "\t"]).join(marked)


def the_pairs() -> tuple[list[str], list[str]]:
    rng = random.Random(5)
    references, hypotheses = [], []
    for _ in range(PAIRS):
        said = a_text(rng)
        heard = [word for word in said.split() if rng.random() > 0.15]
        heard = [rng.choice(VOCABULARY) if rng.random() < 0.2 else word for word in heard]
        references.append(said)
        hypotheses.append(" ".join(heard) if rng.random() > 0.1 else a_text(rng))
    return references, hypotheses


def by_jiwer(references: list[str] | str, hypotheses: list[str] | str) -> Counts:
    found = jiwer.process_words(references, hypotheses, PLAIN, PLAIN)
    return Counts(
        hits=found.hits,
        substitutions=found.substitutions,
        deletions=found.deletions,
        insertions=found.insertions,
    )


def test_ten_thousand_random_pairs_are_counted_as_jiwer_counts_them() -> None:
    references, hypotheses = the_pairs()
    counts = score_all(references, hypotheses, View.STRICT)
    assert len(counts) == PAIRS
    for said, heard, found in zip(references, hypotheses, counts, strict=True):
        assert found == by_jiwer([said], [heard]), (said, heard)
    assert min(sum(c.length == 0 for c in counts), sum(c.rate == 0 for c in counts)) > 100
    assert total(counts) == by_jiwer(references, hypotheses)
    assert total(counts).rate == jiwer.wer(references, hypotheses, PLAIN, PLAIN)


@pytest.mark.parametrize("view", list(View))
def test_many_at_once_are_counted_as_one_at_a_time(view: View) -> None:
    references, hypotheses = (texts[:2_001] for texts in the_pairs())
    references[7] += " 3,5 km"
    alone = [score(*pair, view) for pair in zip(references, hypotheses, strict=True)]
    assert score_all(references, hypotheses, view) == alone


def test_a_reference_without_its_hypothesis_is_an_error() -> None:
    assert score_all([], []) == []
    with pytest.raises(ValueError, match="2 references beside 1 hypotheses"):
        score_all(["a", "b"], ["a"])


def test_slices_add_up_to_the_whole() -> None:
    counts = [Counts(hits=1), Counts(deletions=2), Counts(insertions=3)]
    slices = totals(["ana", "luis", "ana"], counts)
    assert list(slices.items()) == [
        ("ana", Counts(hits=1, insertions=3)),
        ("luis", Counts(deletions=2)),
    ]
    assert total(slices.values()) == total(counts)
