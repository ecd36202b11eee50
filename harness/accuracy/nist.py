"""The edit distance of NIST's sclite: a text against a network of words, at its weights.

A reference with alternatives is a network; the alignment takes the path through it that costs
least, so that the alternatives need not be tried one by one. A correct word costs 0, a
substitution 4, a deletion or an insertion 3. Of paths that cost the same a substitution is taken
before a deletion or an insertion, and an insertion before a deletion, so that the split into
kinds is sclite's too (SCTK 2.4, `net_dp.c` and `word.c`; Sankoff & Kruskal, 1983, for the
method). With equal weights (`PLAIN`) the same walk chooses the alternative for the plain distance.

    @        no word: left out at almost no cost, and never counted
    (word)   where asked for (sclite -D): may be left out, for 2, and then counts as correct
    frag-    where asked for (sclite -F): correct beside any word that begins so; `-ment` ends so
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.accuracy.trn import NOTHING, Choice, Items
from harness.accuracy.wer import Counts, Pair
from harness.errors import ReferenceSetError

MOST_CELLS = 50_000_000  # words of the reference times words heard: 200 MB of costs

Costs = NDArray[np.int32]
Reader = Callable[[str], list[str]]  # the words of a text: a view of it


@dataclass(frozen=True, kw_only=True)
class Weights:
    """What each edit costs, in thousandths."""

    substitution: int
    edit: int  # a deletion or an insertion
    optional: int  # leaving out a word that may be left out
    nothing: int = 1  # leaving out `@`


NIST = Weights(substitution=4_000, edit=3_000, optional=2_000)
PLAIN = Weights(substitution=1_000, edit=1_000, optional=667)


class Word(NamedTuple):
    """A word of either text; `NOTHING` is none."""

    text: str
    optional: bool = False


class Arc(NamedTuple):
    """A word of the network, and which arcs may stand before it."""

    word: Word
    before: tuple[int, ...]


@dataclass(frozen=True)
class Network:
    """Arcs in an order in which each stands after those before it; arc 0 is the start."""

    arcs: tuple[Arc, ...]
    ends: tuple[int, ...]

    @property
    def branches(self) -> bool:
        """Whether there is more than one path, or a word that counts otherwise than its text."""
        return any(
            len(arc.before) > 1 or arc.word.optional or arc.word.text == NOTHING
            for arc in self.arcs[1:]
        ) or (len(self.ends) > 1)

    @property
    def words(self) -> list[Word]:
        """The words of a network without branches."""
        return [arc.word for arc in self.arcs[1:]]


def network(items: Items, read: Reader, *, optional: bool = False) -> Network:
    """Return the network of a text whose words are read by `read`, run by run."""
    arcs = [Arc(Word(NOTHING), ())]
    ends = _extend(arcs, items, (0,), read, optional)
    return Network(tuple(arcs), ends)


def align(
    reference: Network,
    hypothesis: Sequence[Word],
    weights: Weights = NIST,
    *,
    fragments: bool = False,
) -> list[Pair]:
    """Pair the words of both texts in order, by the path through the network that costs least.

    Raises:
        ReferenceSetError: the two texts are too long for the table of costs.
    """
    size = len(reference.arcs) * (len(hypothesis) + 1)
    if size > MOST_CELLS:
        raise ReferenceSetError(
            f"{len(reference.arcs)} words beside {len(hypothesis)} heard: at most {MOST_CELLS} "
            "pairs of words are weighed. Cut the clip into utterances."
        )
    table = _Table(reference, hypothesis, weights, fragments)
    return table.path()


def counts(pairs: Sequence[Pair]) -> Counts:
    """Count an alignment; an optional word that was left out counts as correct."""
    kinds = [pair.kind for pair in pairs]
    return Counts(
        hits=kinds.count("equal"),
        substitutions=kinds.count("substitute"),
        deletions=kinds.count("delete"),
        insertions=kinds.count("insert"),
    )


def same(one: str, other: str, *, fragments: bool = False) -> bool:
    """Return whether two words are one; with `fragments`, `inter-` is any word that begins so."""
    if not fragments or one == other:
        return one == other
    for fragment, word in ((one, other), (other, one)):
        if len(fragment) > 1 and fragment.startswith("-"):
            return word.endswith(fragment[1:])
        if len(fragment) > 1 and fragment.endswith("-"):
            return word.startswith(fragment[:-1])
    return False


def _extend(
    arcs: list[Arc], items: Items, before: tuple[int, ...], read: Reader, optional: bool
) -> tuple[int, ...]:
    """Append the arcs of a text, and return which of them may end it."""
    run: list[str] = []
    for item in (*items, None):
        single = isinstance(item, str) and (item == NOTHING or (optional and _optional(item)))
        if isinstance(item, str) and not single:
            run.append(item)
            continue
        before = _append(arcs, [Word(word) for word in read(" ".join(run))], before)
        run = []
        if isinstance(item, Choice):
            before = _branch(arcs, item, before, read, optional)
        elif item == NOTHING:
            before = _append(arcs, [Word(NOTHING)], before)
        elif item is not None:
            inner = read(item[1:-1])
            before = _append(arcs, [Word(word, optional=True) for word in inner], before)
    return before


def _branch(
    arcs: list[Arc], choice: Choice, before: tuple[int, ...], read: Reader, optional: bool
) -> tuple[int, ...]:
    ends: list[int] = []
    for alternative in choice.alternatives:
        length = len(arcs)
        found = _extend(arcs, alternative, before, read, optional)
        if len(arcs) == length:  # nothing of it is a word in this view
            found = _append(arcs, [Word(NOTHING)], before)
        ends += found
    return tuple(ends)


def _append(arcs: list[Arc], words: list[Word], before: tuple[int, ...]) -> tuple[int, ...]:
    for word in words:
        arcs.append(Arc(word, before))
        before = (len(arcs) - 1,)
    return before


def _optional(token: str) -> bool:
    return len(token) > 2 and token[0] == "(" and token[-1] == ")"


class _Table:
    """The least cost of every arc after every number of words heard, and the way back."""

    def __init__(
        self, reference: Network, heard: Sequence[Word], weights: Weights, fragments: bool
    ) -> None:
        self.arcs, self.ends, self.heard = reference.arcs, reference.ends, heard
        self.weights, self.fragments = weights, fragments
        texts = {word.text: None for word in heard}
        self.known = {text: place for place, text in enumerate(texts)}
        self.places = np.array([self.known[word.text] for word in heard], np.intp)
        self.insertion = np.array([self._leave(word) for word in heard], np.int32)
        so_far = np.concatenate(([0], np.cumsum(self.insertion, dtype=np.int32)))
        self.rows: list[Costs] = [so_far.astype(np.int32)]
        for arc in self.arcs[1:]:
            self.rows.append(self._row(arc, self.rows[0]))

    def _row(self, arc: Arc, so_far: Costs) -> Costs:
        """Return the costs at an arc: float-free, one pass over the words heard."""
        before = np.minimum.reduce([self.rows[place] for place in arc.before])
        reached = before + np.int32(self._leave(arc.word))
        reached[1:] = np.minimum(reached[1:], before[:-1] + self._beside(arc.word))
        return so_far + np.minimum.accumulate(reached - so_far)

    def _leave(self, word: Word) -> int:
        if word.text == NOTHING:
            return self.weights.nothing
        return self.weights.optional if word.optional else self.weights.edit

    def _beside(self, word: Word) -> Costs:
        """Return what this word costs beside each word heard."""
        unlike = self.weights.substitution
        if word.text == NOTHING:
            unlike += self.weights.edit  # leaving both out costs less
        costs = np.full(len(self.known), unlike, np.int32)
        if self.fragments:
            for text, place in self.known.items():
                if same(word.text, text, fragments=True):
                    costs[place] = 0
        elif word.text in self.known:
            costs[self.known[word.text]] = 0
        if NOTHING in self.known:
            both = word.text == NOTHING
            costs[self.known[NOTHING]] = 1_000 if both else unlike + self.weights.edit
        found: Costs = costs[self.places]
        return found

    def path(self) -> list[Pair]:
        """Walk back from the end that costs least."""
        last = len(self.heard)
        arc = min(self.ends, key=lambda end: int(self.rows[end][last]))
        pairs: list[Pair] = []
        while arc or last:
            arc, last, pair = self._step(arc, last)
            if pair is not None:
                pairs.append(pair)
        return pairs[::-1]

    def _step(self, arc: int, last: int) -> tuple[int, int, Pair | None]:
        if not arc:
            return arc, last - 1, _inserted(self.heard[last - 1])
        word, before = self.arcs[arc]
        left = min(before, key=lambda place: int(self.rows[place][last]))
        deletion = int(self.rows[left][last]) + self._leave(word)
        if not last:
            return left, last, _deleted(word)
        insertion = int(self.rows[arc][last - 1]) + int(self.insertion[last - 1])
        at = min(before, key=lambda place: int(self.rows[place][last - 1]))
        substitution = int(self.rows[at][last - 1]) + self._cost(word, self.heard[last - 1])
        if substitution <= min(deletion, insertion):
            return at, last - 1, self._paired(word, self.heard[last - 1])
        if deletion < insertion:
            return left, last, _deleted(word)
        return arc, last - 1, _inserted(self.heard[last - 1])

    def _cost(self, word: Word, heard: Word) -> int:
        nothing = (word.text == NOTHING) + (heard.text == NOTHING)
        if nothing == 2:
            return 1_000
        if nothing:
            return self.weights.substitution + self.weights.edit
        alike = same(word.text, heard.text, fragments=self.fragments)
        return 0 if alike else self.weights.substitution

    def _paired(self, word: Word, heard: Word) -> Pair | None:
        if word.text == heard.text == NOTHING:
            return None
        alike = same(word.text, heard.text, fragments=self.fragments)
        return Pair("equal" if alike else "substitute", word.text, heard.text)


def _deleted(word: Word) -> Pair | None:
    if word.text == NOTHING:
        return None
    return Pair("equal" if word.optional else "delete", word.text, "")


def _inserted(word: Word) -> Pair | None:
    if word.text == NOTHING:
        return None
    return Pair("equal" if word.optional else "insert", "", word.text)
