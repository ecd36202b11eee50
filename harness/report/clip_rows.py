"""Finished rows about clips with errors: the worst of each set, then all others, with their audio.

The clips of gated sets come first: what is embedded has its limits (see `clip_sounds`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from harness.accuracy import wer
from harness.accuracy.text import GATED
from harness.accuracy.wer import Counts, Pair
from harness.judge.scores import score_set, sets_of
from harness.records import Run, Transcript
from harness.report.clip_sounds import Key, SetNow, Sound, set_now, sounds
from harness.units import Unit, show

WORST = 4  # clips of each set that are shown first, each with a picture
OTHERS = 150  # of each set that are shown after them

_LETTERS = {"equal": "", "substitute": "S", "delete": "D", "insert": "I"}
_ERRORS = {"S": "substituted", "D": "not heard", "I": "never said"}
_KINDS = {"equal": "hit", "substitute": "sub", "delete": "del", "insert": "ins"}

Wrong = tuple[Transcript, Counts]


@dataclass(frozen=True, kw_only=True)
class WordCell:
    """One place of an alignment."""

    kind: str  # hit | sub | del | ins
    letter: str  # "" | S | D | I
    reference: str  # "" for an insertion
    heard: str  # "" for a deletion


@dataclass(frozen=True, kw_only=True)
class ClipRow:
    """One badly heard clip, word by word."""

    set: str
    clip: str
    condition: str
    about: str  # condition, speaker, length
    errors: str  # "3 errors in 8 words"
    wrong: int  # of them
    length: int  # words said
    seconds: float
    kinds: tuple[str, ...]  # of its errors: S, D, I
    words: tuple[WordCell, ...]
    reference: str  # raw
    heard: str  # raw
    greedy: str  # raw; "" where it is not offered
    sound: Sound


@dataclass(frozen=True, kw_only=True)
class ClipTable:
    """Every clip with an error, as a page shows them."""

    worst: tuple[ClipRow, ...]
    others: tuple[ClipRow, ...]
    sentence: str  # how many there are, and how many can be played
    problems: tuple[str, ...]  # why the clips of a set cannot be played, one each
    choices: tuple[Choice, ...]  # by which they can be filtered


Choice = tuple[str, str, tuple[tuple[str, str], ...]]  # key, title, and (value, words) of each


def clip_table(run: Run, each: int = WORST) -> ClipTable:
    """Return the clips with errors of every set, those with most first."""
    gated = run.facts.get("suite", {}).get("accuracy", {}).get("gated", ())
    ordered = sorted(sets_of(run), key=lambda name: name not in gated)
    wrong = {name: _wrong(run, name) for name in ordered}
    shelves = {name: set_now(run, name) for name, clips in wrong.items() if clips}
    first = [pair for clips in wrong.values() for pair in clips[:each]]
    rest = [pair for clips in wrong.values() for pair in clips[each : each + OTHERS]]
    found = sounds(shelves, [t for t, _ in first], [t for t, _ in rest])
    worst, others = (tuple(_clip_row(*pair, found) for pair in part) for part in (first, rest))
    return ClipTable(
        worst=worst,
        others=others,
        sentence=_sentence(wrong, found),
        problems=tuple(_problem(name, shelf) for name, shelf in shelves.items() if shelf.problem),
        choices=_choices((*worst, *others)),
    )


def _choices(rows: tuple[ClipRow, ...]) -> tuple[Choice, ...]:
    """What may be chosen of the clips shown."""
    sets, conditions = ({getattr(row, key) for row in rows} for key in ("set", "condition"))
    kinds = {kind for row in rows for kind in row.kinds}
    return (
        ("set", "Set", tuple((name, name) for name in sorted(sets))),
        ("condition", "Condition", tuple((name, name) for name in sorted(conditions - {""}))),
        ("kind", "Error", tuple((k, words) for k, words in _ERRORS.items() if k in kinds)),
    )


def _wrong(run: Run, name: str) -> list[Wrong]:
    """The clips of a set with an error in them, those with most first."""
    score = score_set(run, name)
    if score is None:
        return []
    found = [pair for pair in zip(score.transcripts, score.counts, strict=True) if pair[1].errors]
    return sorted(found, key=lambda pair: (-pair[1].errors, pair[0].clip))


def _sentence(wrong: Mapping[str, list[Wrong]], found: Mapping[Key, Sound]) -> str:
    clips = sum(map(len, wrong.values()))
    told = f"{_clips(clips)} {'has' if clips == 1 else 'have'} an error."
    heard = sum(bool(sound.audio) for sound in found.values())
    if heard:
        told += f" {heard} of them can be played here: a copy in Ogg Vorbis, 16 kHz, mono."
    if named := sum(
        not (sound.audio or sound.problem) and bool(sound.file) for sound in found.values()
    ):
        told += f" For {named} the page has no room: it names their file."
    if left := clips - len(found):
        told += f" {_clips(left)} with fewer errors are left out; the journal of the run has them."
    return told


def _problem(name: str, shelf: SetNow) -> str:
    return f"No audio of {name}. {shelf.problem.rstrip('.')}."


def _clips(number: int) -> str:
    return f"{show(number, Unit.COUNT)} clip{'' if number == 1 else 's'}"


def _clip_row(transcript: Transcript, counts: Counts, found: Mapping[Key, Sound]) -> ClipRow:
    pairs = wer.align(transcript.reference, transcript.hypothesis, GATED)
    known = (transcript.condition, transcript.speaker, show(transcript.seconds, Unit.SECONDS))
    noun = "error" if counts.errors == 1 else "errors"
    letters = {_LETTERS[pair.kind] for pair in pairs}
    return ClipRow(
        set=transcript.set,
        clip=transcript.clip,
        condition=transcript.condition,
        about=", ".join(text for text in known if text),
        errors=f"{counts.errors} {noun} in {counts.length} words",
        wrong=counts.errors,
        length=counts.length,
        seconds=transcript.seconds,
        kinds=tuple(letter for letter in _ERRORS if letter in letters),
        words=tuple(word_cell(pair) for pair in pairs),
        reference=transcript.reference,
        heard=transcript.hypothesis,
        greedy=transcript.greedy,
        sound=found[transcript.set, transcript.clip],
    )


def word_cell(pair: Pair) -> WordCell:
    """Return one place of an alignment as the page writes it."""
    return WordCell(
        kind=_KINDS[pair.kind],
        letter=_LETTERS[pair.kind],
        reference=pair.reference,
        heard=pair.hypothesis,
    )
