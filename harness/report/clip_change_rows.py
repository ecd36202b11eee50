"""Finished rows about clips that two runs heard otherwise: both alignments side by side."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import escape

from harness.accuracy import wer
from harness.accuracy.text import GATED
from harness.judge.clip_changes import ClipChange
from harness.records import Transcript
from harness.report.change_rows import shortened
from harness.report.clip_rows import WordCell, word_cell

MOST = 1_400_000  # characters of HTML that all clips of a page take, about
WORDS = 120  # places of an alignment that are shown
LETTERS = 40  # of a word
RAW = 400  # of a raw text
_CELL = 100  # characters of markup around a word
_CARD = 1_500  # around a clip


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What one run heard of a clip."""

    name: str  # old | new
    errors: str  # "3 errors in 8 words"
    words: tuple[WordCell, ...]
    more: str  # "and 40 more places"; ""
    raw: str


@dataclass(frozen=True, kw_only=True)
class ClipChangeRow:
    """One clip in both runs."""

    set: str
    clip: str
    change: str  # "2 errors more"
    style: str
    gained: str  # words
    lost: str
    reference: str
    sides: tuple[Heard, Heard]


@dataclass(frozen=True, kw_only=True)
class ClipChangeTable:
    """Every clip that changed, as a page shows them."""

    sentence: str
    rows: tuple[ClipChangeRow, ...]
    left: int  # clips for which the page has no room


def clip_change_table(changes: Sequence[ClipChange], both: int) -> ClipChangeTable:
    """Return the clips of a page: as many as it has room for, the largest changes first.

    Args:
        changes: as `judge.clip_changes` orders them.
        both: how many clips both runs heard.
    """
    rows, spent = [], 0
    for change in changes:
        row = clip_change_row(change)
        spent += _cost(row)
        if spent > MOST:
            break
        rows.append(row)
    left = len(changes) - len(rows)
    return ClipChangeTable(sentence=sentence(changes, both), rows=tuple(rows), left=left)


def sentence(changes: Sequence[ClipChange], both: int) -> str:
    """Say how many clips became better and worse, and by how many errors."""
    if not both:
        return "No clip was heard by both runs."
    if not changes:
        return f"All {both} clips that both runs heard have the same words wrong."
    worse, better = ([c for c in changes if c.more * sign > 0] for sign in (1, -1))
    other = len(changes) - len(worse) - len(better)
    return (
        f"Of {both} clips that both runs heard {len(better)} got better "
        f"({-sum(c.more for c in better)} errors fewer), {len(worse)} worse "
        f"({sum(c.more for c in worse)} errors more), and {other} have other words wrong."
    )


def clip_change_row(change: ClipChange) -> ClipChangeRow:
    """Return one clip in both runs."""
    return ClipChangeRow(
        set=shortened(change.new.set, LETTERS),
        clip=shortened(change.new.clip, 2 * LETTERS),
        change=more_text(change.more),
        style="fail" if change.more > 0 else "pass" if change.more < 0 else "none",
        gained=words_text(change.gained),
        lost=words_text(change.lost),
        reference=shortened(change.new.reference, RAW),
        sides=(
            _heard("old", change.old, change.before),
            _heard("new", change.new, change.after),
        ),
    )


def more_text(more: int) -> str:
    """Write how many errors were added: `'2 errors more'`."""
    noun = "error" if abs(more) == 1 else "errors"
    return f"{abs(more)} {noun} {'more' if more > 0 else 'fewer'}" if more else "other words wrong"


def words_text(words: Sequence[str], most: int = 12) -> str:
    """Write words in a row, with how many more there are."""
    told = ", ".join(shortened(word, LETTERS) for word in words[:most])
    left = len(words) - most
    return f"{told} and {left} more" if left > 0 else told


def _heard(name: str, transcript: Transcript, counts: wer.Counts) -> Heard:
    pairs = wer.align(transcript.reference, transcript.hypothesis, GATED)
    left = len(pairs) - WORDS
    noun = "error" if counts.errors == 1 else "errors"
    return Heard(
        name=name,
        errors=f"{counts.errors} {noun} in {counts.length} words",
        words=tuple(map(_short, pairs[:WORDS])),
        more=f"… and {left} more places" if left > 0 else "",
        raw=shortened(transcript.hypothesis, RAW),
    )


def _short(pair: wer.Pair) -> WordCell:
    said, heard = shortened(pair.reference, LETTERS), shortened(pair.hypothesis, LETTERS)
    return word_cell(pair._replace(reference=said, hypothesis=heard))


def _cost(row: ClipChangeRow) -> int:
    texts: Iterable[str] = (row.set, row.clip, row.gained, row.lost, row.reference)
    cells = [cell for side in row.sides for cell in side.words]
    letters = sum(len(escape(text)) for text in (*texts, *(side.raw for side in row.sides)))
    letters += sum(len(escape(cell.reference)) + len(escape(cell.heard)) for cell in cells)
    return letters + _CELL * len(cells) + _CARD
