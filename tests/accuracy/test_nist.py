"""sclite's distance: examples by hand, its order among equals, and every path of a network."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.accuracy import nist
from harness.accuracy.nist import NIST, PLAIN, Weights, Word, align, network
from harness.accuracy.trn import Choice, Items, parse
from harness.accuracy.wer import Counts, Pair
from harness.errors import ReferenceSetError

WORD = st.sampled_from("abc")
TEXT = st.lists(WORD, max_size=5).map(tuple)
CHOICE = st.lists(
    st.lists(WORD, min_size=1, max_size=3).map(tuple) | st.just(("@",)), min_size=2, max_size=3
).map(lambda alternatives: Choice(tuple(alternatives)))
ITEMS = st.lists(WORD | CHOICE, max_size=5).map(tuple)


def counted(
    said: str, heard: str, weights: Weights = NIST, *, optional: bool = False, **options: bool
) -> Counts:
    reference = network(parse(said, ""), str.split, optional=optional)
    words = network(tuple(heard.split()), str.split, optional=optional).words
    return nist.counts(align(reference, words, weights, **options))


@pytest.mark.parametrize(
    ("said", "heard", "expected"),
    [
        # plain: 3 substitutions (3) beat 2 deletions + 2 insertions (4); at 4, 3, 3 the costs are
        # 12 and 12, and the substitutions come first
        pytest.param("a b c", "c d e", (0, 3, 0, 0), id="equal costs: substitutions"),
        # 2 substitutions cost 8; 1 deletion and 1 insertion with 1 right cost 6
        pytest.param("a b", "b c", (1, 0, 1, 1), id="two for a hit"),
        pytest.param("a", "", (0, 0, 1, 0), id="nothing heard"),
        pytest.param("", "a", (0, 0, 0, 1), id="nothing said"),
        pytest.param("", "", (0, 0, 0, 0), id="neither"),
    ],
)
def test_counts_of_examples_by_hand(
    said: str, heard: str, expected: tuple[int, int, int, int]
) -> None:
    found = counted(said, heard)
    assert (found.hits, found.substitutions, found.deletions, found.insertions) == expected


def test_the_plain_distance_splits_otherwise() -> None:
    assert counted("a b", "b c", PLAIN) == Counts(substitutions=2)
    assert counted("a b", "b c", NIST) == Counts(hits=1, deletions=1, insertions=1)


@pytest.mark.parametrize(
    ("said", "heard", "expected"),
    [
        pytest.param("he { um / uh } ido", "he uh ido", Counts(hits=3), id="the second is right"),
        pytest.param("he { um / @ } ido", "he ido", Counts(hits=2), id="nothing is right"),
        pytest.param("he { @ / um } ido", "he um ido", Counts(hits=3), id="or the word"),
        pytest.param(
            "{ what are / what're } you", "what're you", Counts(hits=2), id="of unlike length"
        ),
        pytest.param("a { b / { c / d } e }", "a d e", Counts(hits=3), id="one within another"),
        pytest.param("a { b / c }", "a c", Counts(hits=2), id="at the end"),
        pytest.param("{ @ / a }", "", Counts(), id="nothing else said"),
    ],
)
@pytest.mark.parametrize("weights", [NIST, PLAIN], ids=["nist", "plain"])
def test_the_alternative_that_costs_least_is_taken(
    weights: Weights, said: str, heard: str, expected: Counts
) -> None:
    assert counted(said, heard, weights) == expected


def test_where_neither_alternative_is_right_the_cheaper_error_is_taken() -> None:
    # at 4, 3, 3 `@` with an insertion costs 3, `um` with a substitution 4; plain, each is one error
    said, heard = "he { um / @ } ido", "he eh ido"
    assert counted(said, heard, NIST) == Counts(hits=2, insertions=1)
    assert counted(said, heard, PLAIN) == Counts(hits=2, substitutions=1)


def test_optional_words_are_right_left_out_or_said() -> None:
    assert counted("(eh) pon (la) radio", "pon la radio", optional=True) == Counts(hits=4)
    assert counted("(eh) pon", "ah pon", optional=True) == Counts(hits=1, substitutions=1)
    assert counted("(eh) pon", "pon") == Counts(hits=1, deletions=1), "only where asked for"


def test_a_fragment_is_right_beside_the_word_that_it_begins_or_ends() -> None:
    assert counted("inter- mente -mente", "interno sólo lentamente", fragments=True) == Counts(
        hits=2, substitutions=1
    )
    assert counted("inter-", "interno") == Counts(substitutions=1), "only where asked for"
    assert counted("-", "a", fragments=True) == Counts(substitutions=1), "a hyphen is no fragment"


def test_of_equal_costs_an_insertion_is_taken_before_a_deletion() -> None:
    # `b a` for `a b`: either word can be the one that is right, for 6
    assert align(network(("a", "b"), str.split), [Word("b"), Word("a")]) == [
        Pair("delete", "a", ""),
        Pair("equal", "b", "b"),
        Pair("insert", "", "a"),
    ]


def test_a_text_too_long_to_weigh_is_refused() -> None:
    long = network(tuple("a" * 8_000), str.split)
    with pytest.raises(ReferenceSetError, match=r"8001 words beside 8000 heard.*Cut the clip"):
        align(long, long.words)


@given(ITEMS, TEXT)
def test_the_network_costs_what_its_best_path_costs(items: Items, heard: tuple[str, ...]) -> None:
    """One walk over the network finds what trying every path finds."""
    found = nist.counts(align(network(items, str.split), [Word(word) for word in heard]))
    cost = 4 * found.substitutions + 3 * (found.deletions + found.insertions)
    assert cost == min(_cost(path, heard) for path in _paths(items))


def _paths(items: Items) -> Iterator[tuple[str, ...]]:
    options = [item.alternatives if isinstance(item, Choice) else ((item,),) for item in items]
    for picked in itertools.product(*options):
        yield tuple(str(word) for part in picked for word in part if word != "@")


def _cost(said: tuple[str, ...], heard: tuple[str, ...]) -> int:
    """The weighted distance by its definition, one cell at a time."""
    row = [3 * place for place in range(len(heard) + 1)]
    for word in said:
        above, row = row, [row[0] + 3]
        for place, other in enumerate(heard):
            beside = above[place] + (0 if word == other else 4)
            row.append(min(beside, above[place + 1] + 3, row[place] + 3))
    return row[-1]
