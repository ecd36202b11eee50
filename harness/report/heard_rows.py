"""Finished rows about where the errors of each set are: rates, parts, words, catastrophes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from harness.accuracy.catastrophes import APART, GRAM, MORE, RATIO
from harness.accuracy.confusions import confusions, most
from harness.accuracy.wer import Counts
from harness.judge import understanding
from harness.judge.scores import Score, by_sentence, score_set, sets_of
from harness.judge.understanding import Rates
from harness.records import Run
from harness.report import names
from harness.report.names import NONE
from harness.units import Unit, show

SPEAKERS = 6  # shown one by one: those understood worst
WORDS = 8  # of each kind, of each set
CLIPS = 12  # catastrophes shown of each set
LETTERS = 200  # of a catastrophic output

METHOD = (
    "Sums over the set. CER counts characters, the space between two words among them; wrong "
    "sentences are clips with an error. Punctuation: wrong marks per mark of the reference. "
    "Capitals: of the words that are right, those written with other capitals. RTF: seconds of "
    "work per second of audio. Where nothing was said there is no rate: the words heard are given."
)
CATASTROPHES = (
    f"Empty: words were said, none was heard. Loop: a run of {GRAM} words is heard at least {MORE} "
    f"times more often than one was said. Length: over {RATIO:g} times or under 1/{RATIO:g} of the "
    f"words said, and {APART} or more apart. Silence: nothing was said, words were heard."
)


@dataclass(frozen=True, kw_only=True)
class RateRow:
    """What one set was rated by, beside its words."""

    set: str
    characters: str
    sentences: str
    punctuation: str
    capitals: str
    rtf: str
    silence: str  # words heard in clips in which nothing was said
    catastrophes: str


@dataclass(frozen=True, kw_only=True)
class PartRow:
    """One part of a set."""

    set: str
    by: str  # speaker | length
    part: str
    clips: str
    words: str
    rate: str
    interval: str
    errors: str  # S / D / I
    sentences: str


@dataclass(frozen=True, kw_only=True)
class WordsRow:
    """The words of one set that went wrong most often, each with how often."""

    set: str
    confused: tuple[str, ...]
    lost: tuple[str, ...]
    invented: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CatastropheRow:
    """One clip whose output is a catastrophe."""

    set: str
    clip: str
    kinds: str
    said: str
    heard: str


def rate_rows(run: Run) -> tuple[RateRow, ...]:
    """Return one row per reference set, in the order transcribed."""
    return tuple(_rate_row(name, score) for name, score in _scores(run))


def part_rows(run: Run) -> tuple[PartRow, ...]:
    """Return speakers and lengths of each set that has more than one of them."""
    rows: list[PartRow] = []
    for name, score in _scores(run):
        parts = {
            "speaker": _few(understanding.by_speaker(score)),
            "length": understanding.by_length(score),
        }
        for by, found in parts.items():
            if len(found) > 1:
                rows += [_part_row(name, by, part, of) for part, of in found.items()]
    return tuple(rows)


def words_rows(run: Run) -> tuple[WordsRow, ...]:
    """Return the words that went wrong in each set; no row for a set without an error."""
    rows = []
    for name, score in _scores(run):
        found = confusions(score.wrong)
        pairs = Counter({f"{said} → {heard}": n for (said, heard), n in found.pairs.items()})
        lists = [_list(counted) for counted in (pairs, found.deleted, found.inserted)]
        if any(lists):
            row = WordsRow(set=name, confused=lists[0], lost=lists[1], invented=lists[2])
            rows.append(row)
    return tuple(rows)


def catastrophe_rows(run: Run) -> tuple[CatastropheRow, ...]:
    """Return the first catastrophes of each set, in the order heard."""
    return tuple(
        CatastropheRow(
            set=name,
            clip=transcript.clip,
            kinds=", ".join(kinds),
            said=transcript.reference or "(nothing)",
            heard=_short(transcript.hypothesis) or "(nothing)",
        )
        for name, score in _scores(run)
        for transcript, kinds in understanding.catastrophic(score)[:CLIPS]
    )


def catastrophe_sentence(run: Run) -> str:
    """Say how many outputs of each set are catastrophes, and of what kinds; "" for none."""
    parts = []
    for name, score in _scores(run):
        found = understanding.catastrophic(score)
        if found:
            kinds = Counter(str(kind) for _, of in found for kind in of)
            told = ", ".join(f"{show(n, Unit.COUNT)} {kind}" for kind, n in most(kinds, len(kinds)))
            many, of = show(len(found), Unit.COUNT), show(len(score.counts), Unit.COUNT)
            parts.append(f"{name}: {many} of {of} clips ({told}).")
    return " ".join(parts)


def _scores(run: Run) -> list[tuple[str, Score]]:
    found = ((name, score_set(run, name)) for name in sets_of(run))
    return [(name, score) for name, score in found if score is not None]


def _rate_row(name: str, score: Score) -> RateRow:
    found = understanding.rates(score)
    return RateRow(
        set=name,
        characters=names.rate_text(found.characters),
        sentences=_share(found.sentences),
        punctuation=names.rate_text(found.punctuation),
        capitals=names.rate_text(found.capitals),
        rtf=NONE if found.rtf is None else show(found.rtf, Unit.FACTOR),
        silence=_silence(found),
        catastrophes=show(len(understanding.catastrophic(score)), Unit.COUNT),
    )


def _part_row(name: str, by: str, part: str, score: Score) -> PartRow:
    total = score.total
    errors = (total.substitutions, total.deletions, total.insertions)
    return PartRow(
        set=name,
        by=by,
        part=part,
        clips=show(len(score.counts), Unit.COUNT),
        words=show(total.length, Unit.COUNT),
        rate=names.rate_text(total),
        interval=names.interval_text(score.interval(), Unit.RATIO),
        errors=" / ".join(show(number, Unit.COUNT) for number in errors),
        sentences=_share(by_sentence(score).total),
    )


def _few(parts: dict[str, Score]) -> dict[str, Score]:
    """Keep the first parts and join the others, where there are more than fit."""
    if len(parts) <= SPEAKERS + 1:
        return parts
    first = dict(list(parts.items())[:SPEAKERS])
    others = [score for name, score in parts.items() if name not in first]
    return {**first, f"{len(others)} others": understanding.together(others)}


def _list(counted: Counter[str]) -> tuple[str, ...]:
    """Write the most frequent with their numbers, and how many more there are."""
    told = [f"{word} {show(n, Unit.COUNT)}" for word, n in most(counted, WORDS)]
    more = len(counted) - len(told)
    return (*told, f"and {show(more, Unit.COUNT)} more") if more else tuple(told)


def _share(counts: Counts) -> str:
    """Write clips with an error: `'12 of 60, 20.00 %'`."""
    wrong, of = show(counts.errors, Unit.COUNT), show(counts.length, Unit.COUNT)
    return f"{wrong} of {of}, {names.rate_text(counts)}"


def _silence(found: Rates) -> str:
    if not found.silent:
        return NONE
    clips = f"{show(found.silent, Unit.COUNT)} clip{'s' if found.silent > 1 else ''}"
    return f"{show(found.in_silence, Unit.COUNT)} in {clips}"


def _short(text: str) -> str:
    return text if len(text) <= LETTERS else f"{text[:LETTERS].rstrip()} …"
