"""Finished rows about what the pipeline understood: sets, conditions, views."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from harness.accuracy.text import signature
from harness.accuracy.wer import Counts
from harness.judge.intervals import LEVEL
from harness.judge.lacking import lacking_clips
from harness.judge.scores import (
    DECODED,
    GREEDY,
    UTTERANCES,
    Score,
    score_set,
    score_transcripts,
    sets_of,
)
from harness.records import Run, Verdict
from harness.report import names
from harness.report.names import NONE
from harness.units import Unit, show


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """One reference set."""

    set: str
    clips: str
    words: str
    decoded: str  # WER of the pipeline's text
    decoded_interval: str
    greedy: str
    greedy_interval: str
    substitutions: str
    deletions: str
    insertions: str
    limit: str
    outcome: str
    style: str
    resampled: str  # how the interval was made
    detectable: str  # smallest difference that a paired comparison on these clips would find
    warning: str  # why the interval may hold less often than it says


@dataclass(frozen=True, kw_only=True)
class ConditionRow:
    """One listening condition of one set."""

    set: str
    condition: str
    clips: str
    words: str
    decoded: str
    interval: str


def score_rows(run: Run, verdicts: tuple[Verdict, ...]) -> tuple[ScoreRow, ...]:
    """Return one row per reference set, in the order transcribed."""
    return tuple(_score_row(name, run, verdicts) for name in sets_of(run))


def condition_rows(run: Run) -> tuple[ConditionRow, ...]:
    """Return one row per condition of each set that has more than one."""
    rows = []
    for name in sets_of(run):
        slices = by_condition(run, name)
        if len(slices) > 1:
            rows += [_condition_row(name, condition, score) for condition, score in slices.items()]
    return tuple(rows)


def by_condition(run: Run, name: str) -> dict[str, Score]:
    """Score each listening condition of one set on its own."""
    taken = [t for t in run.transcripts if t.set == name and not t.treatment]
    slices: dict[str, Score] = {}
    for condition in dict.fromkeys(t.condition for t in taken):
        score = score_transcripts(tuple(t for t in taken if t.condition == condition))
        if score is not None:
            slices[condition] = score
    return slices


def speech_sentence(run: Run) -> str:
    """Say in one sentence per set what the picture shows."""
    parts = []
    for name in sets_of(run):
        score = score_set(run, name)
        if score is None:
            continue
        wrong, words = score.total.errors, score.total.length
        if score.total.rate is None:
            parts.append(f"{name}: {wrong} words heard where nothing was said.")
        else:
            rate = show(score.total.rate, Unit.RATIO)
            parts.append(f"{name}: {wrong} errors in {words} words, {rate}.")
    return " ".join(parts) or "No speech was transcribed."


def speech_method(run: Run) -> str:
    """Say how every rate of the page was counted, and of which clips."""
    text = (
        f"Gated view: {signature()}. WER = (S + D + I) / reference words, summed over the set. "
        f"Intervals at {100 * LEVEL:g} %, by bootstrap; of fewer than {UTTERANCES} clips none."
    )
    return f"{text} {drawn_text(run)}".rstrip()


def power_text(found: tuple[ScoreRow, ...]) -> str:
    """Say what a comparison on each set could see, and of which interval to beware; "" of none."""
    seen = "; ".join(f"{row.set} {row.detectable}" for row in found if row.detectable != NONE)
    told = [f"Smallest difference that a paired comparison would find: {seen}."] if seen else []
    return " ".join([*told, *(f"{row.set}: {row.warning}" for row in found if row.warning)])


def drawn_text(run: Run) -> str:
    """Say of which sets only some clips were heard, and how they were drawn; "" if of none."""
    sets = run.facts.get("sets", {})
    parts = [
        f"{name} {show(fact['clips'], Unit.COUNT)} of {show(fact['of'], Unit.COUNT)} clips"
        for name, fact in sets.items()
        if _is_drawn(fact)
    ]
    if not parts:
        return ""
    return f"Drawn by seed {run.facts['suite']['seed']}: {', '.join(parts)}."


def _is_drawn(fact: Mapping[str, Any]) -> bool:
    return bool(fact["clips"] + len(fact.get("lacking", ())) < fact["of"])


def _score_row(name: str, run: Run, verdicts: tuple[Verdict, ...]) -> ScoreRow:
    decoded, greedy = score_set(run, name), score_set(run, name, greedy=True)
    about = names.verdicts_on(DECODED + name, verdicts)
    about += names.verdicts_on(GREEDY + name, verdicts)
    outcome = names.worst(about)
    total = decoded.total if decoded else Counts()
    interval = decoded.interval() if decoded else None
    return ScoreRow(
        set=name,
        clips=_clips(run, name, len(decoded.counts) if decoded else 0),
        words=show(total.length, Unit.COUNT),
        decoded=_rate(decoded),
        decoded_interval=names.interval_text(interval, Unit.RATIO),
        greedy=_rate(greedy),
        greedy_interval=names.interval_text(greedy.interval() if greedy else None, Unit.RATIO),
        substitutions=show(total.substitutions, Unit.COUNT),
        deletions=show(total.deletions, Unit.COUNT),
        insertions=show(total.insertions, Unit.COUNT),
        limit=names.limits_text(about),
        outcome=outcome or "",
        style=names.style_of(outcome),
        resampled=interval.method if interval else NONE,
        detectable=_detectable(decoded),
        warning=decoded.warning if decoded else "",
    )


def _detectable(score: Score | None) -> str:
    least = score.detectable() if score else None
    return NONE if least is None else show(least, Unit.RATIO)


def _clips(run: Run, name: str, heard: int) -> str:
    """Write how many clips were heard, of how many where they were drawn, and how many lack."""
    fact = run.facts.get("sets", {}).get(name)
    of = f" of {show(fact['of'], Unit.COUNT)}" if fact and _is_drawn(fact) else ""
    lacking, _ = lacking_clips(run, name)
    without = f", {show(lacking, Unit.COUNT)} lacking" if lacking else ""
    return f"{show(heard, Unit.COUNT)}{of}{without}"


def _condition_row(name: str, condition: str, score: Score) -> ConditionRow:
    interval = score.interval()
    return ConditionRow(
        set=name,
        condition=condition,
        clips=show(len(score.counts), Unit.COUNT),
        words=show(score.total.length, Unit.COUNT),
        decoded=_rate(score),
        interval=names.interval_text(interval, Unit.RATIO),
    )


def _rate(score: Score | None) -> str:
    return NONE if score is None else names.rate_text(score.total)
