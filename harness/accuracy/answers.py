"""Whether an answer is right: the right intent where one is expected, else the right words.

The words are right where the lenient view of both texts is equal, word by word. That view has no
case, punctuation or accents, keeps ñ, and leaves digits as they are written.
"""

from __future__ import annotations

from dataclasses import dataclass

from harness.accuracy.intents import Grammar, same
from harness.accuracy.text import View, normalise
from harness.records import Expect, Transcript


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What was asked of one answer, and what it gave."""

    words: bool  # whether the words are right
    expected: Expect | None  # None: its words are judged
    found: Expect | None  # what the grammar understood; None: nothing, or no intent is expected

    @property
    def right(self) -> bool:
        """Whether it is what was asked for."""
        if self.expected is None:
            return self.words
        return self.found is not None and same(self.found, self.expected)


def answer_of(heard: Transcript, grammar: Grammar | None) -> Answer:
    """Judge one transcript; without a grammar no intent is understood, and none is right."""
    alike = normalise(heard.reference, View.LENIENT) == normalise(heard.hypothesis, View.LENIENT)
    understood = grammar.understand(heard.hypothesis) if grammar and heard.expect else None
    return Answer(words=alike, expected=heard.expect, found=understood)
