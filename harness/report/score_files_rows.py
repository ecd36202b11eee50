"""Finished rows of texts scored from files: numbers are rounded here and nowhere after."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from harness.accuracy.wer import Counts, total
from harness.judge.score_files import TINY, FileComparison, FileScore
from harness.records import Interval
from harness.report.tables import NOTHING
from harness.units import Unit, show

NAMED = 5  # ids that a line names before it says how many more there are


@dataclass(frozen=True, kw_only=True)
class CountsRow:
    """Counts of a system or of one of its speakers, in sclite's columns."""

    name: str
    clips: str
    words: str
    hits: str
    substitutions: str
    deletions: str
    insertions: str
    errors: str
    rate: str  # errors per reference word
    wrong: str  # clips with at least one error


@dataclass(frozen=True, kw_only=True)
class SplitRow:
    """A clip in which the weights give other counts than the plain distance."""

    clip: str
    plain: str  # S D I
    weighed: str


def counts_row(name: str, counts: Counts, clips: int, wrong: int) -> CountsRow:
    """Return one row."""
    return CountsRow(
        name=name,
        clips=show(clips, Unit.COUNT),
        words=show(counts.length, Unit.COUNT),
        hits=show(counts.hits, Unit.COUNT),
        substitutions=show(counts.substitutions, Unit.COUNT),
        deletions=show(counts.deletions, Unit.COUNT),
        insertions=show(counts.insertions, Unit.COUNT),
        errors=show(counts.errors, Unit.COUNT),
        rate=_rate(counts.rate),
        wrong=show(wrong, Unit.COUNT),
    )


def system_row(score: FileScore) -> CountsRow:
    """Return the row of a system."""
    return counts_row(score.name, score.total, len(score.clips), score.wrong)


def speaker_rows(score: FileScore) -> list[CountsRow]:
    """Return a row for each speaker; none where speakers are not known."""
    return [
        counts_row(
            speaker or NOTHING,
            total(clip.counts for clip in clips),
            len(clips),
            sum(clip.counts.errors > 0 for clip in clips),
        )
        for speaker, clips in score.speakers().items()
    ]


def split_rows(score: FileScore) -> list[SplitRow]:
    """Return a row for each clip in which the weights split the errors otherwise."""
    return [
        SplitRow(clip=clip.id, plain=_split(clip.plain), weighed=_split(clip.counts))
        for clip in score.clips
        if clip.splits
    ]


def score_sentences(score: FileScore) -> list[str]:
    """Say how sure the rate is, and what the score lacks."""
    lines = [f"{score.name}: WER {_rate(score.total.rate)}, {_bound(score)}."]
    if not score.total.length:
        lines.append(
            f"No reference word: {show(score.total.insertions, Unit.COUNT)} words were heard in "
            "silence; there is no rate."
        )
    if score.missing:
        what = (
            "counted as empty, every word deleted"
            if score.empty
            else "not scored: the score is not whole and cannot pass. A clip in which nothing was "
            "heard is a line without words, or --missing-is-empty"
        )
        clips = _named("clip", score.missing)
        lines.append(f"{score.name}: {clips} without a hypothesis, {what}.")
    if score.unknown:
        heard = _named("hypothesis", score.unknown)
        lines.append(f"{score.name}: {heard} without a reference, not scored.")
    return lines


def comparison_sentences(first: FileScore, second: FileScore, found: FileComparison) -> list[str]:
    """Say what changes from the first system to the second, and how far it can be told."""
    matched = found.matched
    lines = [
        f"{second.name} against {first.name}, {show(found.clips, Unit.COUNT)} clips that both "
        f"heard: WER {_rate(found.first.rate)}, then {_rate(found.second.rate)}.",
        f"Difference {_points(found.difference)}, {_interval(found.interval, signed=True)}: "
        f"{found.word}." + _detectable(found),
        f"Clips: {len(found.better)} with fewer errors, {len(found.worse)} with more, "
        f"{found.clips - len(found.better) - len(found.worse)} with as many.",
        f"MAPSSWE, {matched.segments} segments: errors a segment, {first.name} minus "
        f"{second.name}: mean {matched.mean:+.3f}, deviation {matched.deviation:.3f}; "
        f"Z {_three(matched.z)}, two-tailed p {_three(matched.p)}: "
        f"{'they differ' if matched.differ else 'NOT PROVEN'}.",
    ]
    return [*lines, f"In doubt: {matched.doubt}"] if matched.doubt else lines


def _rate(rate: float | None) -> str:
    return NOTHING if rate is None else show(rate, Unit.RATIO)


def _points(difference: float | None) -> str:
    return NOTHING if difference is None else f"{100 * difference:+.2f} points"


def _bound(score: FileScore) -> str:
    return _interval(score.interval())


def _interval(interval: Interval | None, *, signed: bool = False) -> str:
    if interval is None:
        return f"no interval (below {TINY} clips, no reference word, or no error to differ from)"
    form = "{:+.2f}" if signed else "{:.2f}"
    low, high = form.format(100 * interval.low), form.format(100 * interval.high)
    return f"{100 * interval.level:.0f} % interval {low} to {high} % ({interval.method})"


def _detectable(found: FileComparison) -> str:
    if found.detectable is None:
        return ""
    return f" Smallest difference that it would find: {100 * found.detectable:.2f} points."


def _split(counts: Counts) -> str:
    return f"S {counts.substitutions} D {counts.deletions} I {counts.insertions}"


def _named(what: str, ids: Sequence[str]) -> str:
    plural = {"clip": "clips", "hypothesis": "hypotheses"}[what] if len(ids) > 1 else what
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    return f"{len(ids)} {plural} ({', '.join(ids[:NAMED])}{more})"


def _three(value: float | None) -> str:
    if value is None:
        return NOTHING
    return "below 0.001" if 0 < value < 0.001 else f"{value:.3f}"
