"""Transcripts that stand by the wrong clips: of two clips, each is heard as what the other says.

A recogniser confuses sentences one by one. That a clip is heard, word for word, as what another
clip says, while that other one is heard as a third, and so on round to the first, is no mistake of
a recogniser: references, audio files or answers were swapped on the way. Sentences that are nearly
the same are left out, for those may well be confused both ways.
"""

from __future__ import annotations

from collections.abc import Sequence

import jiwer

from harness.accuracy.text import normalise
from harness.records import Finding, Transcript

STAND = "transcripts_stand_by_their_clips"
AREA = "accuracy"
WORDS = 3  # wrong ones at least, and
SHARE = 0.5  # of the words of the reference, so that two sentences count as unlike
SHOWN = 10  # clips that a finding names one by one


def transcripts_stand_by_their_clips(name: str, heard: Sequence[Transcript]) -> Finding:
    """Return the finding about the transcripts of the set `name`."""
    wrong = permuted(heard)
    named = " ".join(
        f"{one.clip}: expected {one.reference!r}, heard {one.hypothesis!r}."
        for one in wrong[:SHOWN]
    )
    more = f" And {len(wrong) - SHOWN} more." if len(wrong) > SHOWN else ""
    detail = (
        f"{name}: {len(wrong)} clips were heard as what others among them say. {named}{more} Look "
        "at the rows of the set's manifest and at what keeps answers apart."
    )
    return Finding(
        rule=STAND,
        title="No clip was heard, word for word, as what another says, and that one likewise.",
        holds=not wrong,
        detail=detail if wrong else f"{name}: {len(heard)} transcripts.",
        area=AREA,
        facts={"set": name, "permuted": ", ".join(one.clip for one in wrong)},
    )


def permuted(heard: Sequence[Transcript]) -> tuple[Transcript, ...]:
    """Return the transcripts that stand by the wrong clips, in the order given."""
    texts = [(normalise(one.reference), normalise(one.hypothesis)) for one in heard]
    known = {reference for reference, _ in texts}
    left = {pair for pair in texts if pair[1] in known and _unlike(*pair)}
    while (kept := _on_a_way_round(left)) != left:
        left = kept
    return tuple(one for one, pair in zip(heard, texts, strict=True) if pair in left)


def _on_a_way_round(left: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Leave out what leads nowhere, or where nothing leads to: what is left at last is a circle."""
    said, taken = {pair[0] for pair in left}, {pair[1] for pair in left}
    return {pair for pair in left if pair[0] in taken and pair[1] in said}


def _unlike(reference: str, hypothesis: str) -> bool:
    if reference == hypothesis or not reference or not hypothesis:
        return False
    seen = jiwer.process_words(reference, hypothesis)
    wrong = seen.substitutions + seen.deletions + seen.insertions
    return wrong >= max(WORDS, SHARE * len(reference.split()))
