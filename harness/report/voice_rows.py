"""Finished rows about how the pipeline speaks: what it costs, which words are lost, the signal."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from harness.accuracy.speech_quality.facts import FACTS, SIGNAL
from harness.budgets import FIRST_AUDIO, OVER_FLOOR, ROUND_TRIP, RTF
from harness.judge.beside import arms_beside, ratio
from harness.judge.round_trip import blame, floor, lost, over_floor, round_trip
from harness.judge.samples import Samples, samples_of
from harness.records import Interval, Run, Verdict
from harness.report import names
from harness.report.names import NONE
from harness.units import Unit, show

SOURCE = "source"
COPIES = {"stoi": "STOI", "pesq": "PESQ"}
_STREAMED, _WHOLE, _PEAK, _CPU = (
    f"speech.{name}" for name in ("streamed", "end_to_end", "peak", "cpu")
)
_TITLES = {
    RTF: "RTF: time per second of audio",
    _CPU: "CPU time per second of audio",
    FIRST_AUDIO: "First audio of a paragraph",
    _STREAMED: "Last audio of it",
    _WHOLE: "One sentence",
    _PEAK: "Peak memory of the process",
}


@dataclass(frozen=True, kw_only=True)
class CostRow:
    """One figure of speaking, beside the other system's."""

    title: str
    part: bool  # of the row above
    runs: str
    middle: str  # median
    highest: str
    beside: str  # median of the system beside it
    ratio: str  # how many times as much, with its interval
    limit: str
    outcome: str
    style: str


@dataclass(frozen=True, kw_only=True)
class WordRow:
    """One way to count the words that were lost."""

    title: str
    value: str
    interval: str
    about: str
    outcome: str
    style: str


@dataclass(frozen=True, kw_only=True)
class SignalRow:
    """One fact over all sentences, and over their source."""

    title: str
    clips: str
    middle: str
    low: str
    high: str
    source: str  # median


def voice_sentence(run: Run) -> str:
    """Say what the round trip found; "" where nobody spoke."""
    score = round_trip(run)
    if score is None or score.total.rate is None:
        return ""
    said = (
        f"{len(score.counts)} sentences spoken and heard again: {score.total.errors} errors in "
        f"{show(score.total.length, Unit.COUNT)} words, {show(score.total.rate, Unit.RATIO)}."
    )
    over, least = over_floor(run), floor(run)
    if over is None or least is None or least.total.rate is None:
        return f"{said} Nothing says how many of them are the recogniser's own."
    spread = names.interval_text(over.interval, Unit.RATIO)
    return (
        f"{said} In the source ({run.facts.get('speech_source') or 'not named'}) it is "
        f"{show(least.total.rate, Unit.RATIO)}, so that the voice adds {names.signed(over.value)} "
        f"({spread})."
    )


def voice_method(run: Run) -> str:
    """Say how it was counted."""
    over = over_floor(run)
    least = over.detectable if over else None
    told = (
        "The pipeline's own recogniser hears the voice, and a source of the same sentences; the "
        "difference is paired by sentence, its interval by bootstrap."
    )
    if least is not None:
        told += f" So many sentences find a difference of {show(least, Unit.RATIO)}."
    wrong = [one for one in lost(run).values() if one.skipped or one.repeated]
    skipped = sum(len(one.skipped) for one in wrong)
    again = sum(len(one.repeated) for one in wrong)
    return f"{told} Beyond the source: {skipped} words skipped, {again} said twice."


def cost_rows(run: Run, verdicts: tuple[Verdict, ...]) -> tuple[CostRow, ...]:
    """Return RTF, first audio, the stages of a sentence, and memory; () where nobody spoke."""
    stages = run.facts.get("suite", {}).get("speech") or {}
    parts = [f"speech.{stage}" for stage in stages.get("stages", {})]
    metrics = (RTF, _CPU, FIRST_AUDIO, _STREAMED, _WHOLE, *parts, _PEAK)
    found = (_cost_row(run, metric, metric in parts, verdicts) for metric in metrics)
    return tuple(row for row in found if row is not None)


def beside_name(run: Run) -> str:
    """Return the name of the system beside the voice; "" where there was none."""
    return next(iter(arms_beside(run)), "")


def cost_method(run: Run) -> str:
    """Say how the costs were taken."""
    beside = beside_name(run)
    told = (
        f"Beside it {beside}, called as a library within its process, a process of each in turn; "
        "the ratio is that of the medians, round by round."
        if beside
        else "No other system was timed in turn with it."
    )
    return f"{told} Peak memory is VmHWM from exec to exit."


def word_rows(run: Run, verdicts: tuple[Verdict, ...]) -> tuple[WordRow, ...]:
    """Return the round trip, its floor, the difference, and which part it comes from."""
    score, least, over = round_trip(run), floor(run), over_floor(run)
    if score is None or score.total.rate is None:
        return ()
    own, more = (names.verdicts_on(metric, verdicts) for metric in (ROUND_TRIP, OVER_FLOOR))
    rows = [_word_row("Voice, heard again", score.total.rate, score.interval(), own)]
    if least is not None and least.total.rate is not None:
        rows.append(_word_row("Source, heard: the floor", least.total.rate, least.interval()))
    if over is not None:
        rows.append(_word_row("Voice over the floor", over.value, over.interval, more))
    return tuple(rows)


def blame_rows(run: Run) -> tuple[WordRow, ...]:
    """Return which part each of the errors comes from."""
    return tuple(
        WordRow(
            title=part.name[:1].upper() + part.name[1:],
            value=names.signed(part.value),
            interval=names.interval_text(part.interval, Unit.RATIO),
            about=part.how,
            outcome="",
            style="none",
        )
        for part in blame(run)
    )


def signal_rows(run: Run) -> tuple[SignalRow, ...]:
    """Return every fact of the signal over all sentences."""
    rows = []
    for name, fact in FACTS.items():
        own, source = (samples_of(run, SIGNAL + name, arm) for arm in ("", SOURCE))
        if own is not None:
            rows.append(_signal_row(fact.title, own, source))
    return tuple(rows)


def copy_text(run: Run) -> str:
    """Say how like their source the vocoder's copies are; "" where none were made."""
    if "speech_likeness" not in run.facts:
        return ""
    parts = []
    for name, title in COPIES.items():
        found = samples_of(run, f"quality.copy.{name}")
        reason = run.facts["speech_likeness"].get(name, "no copy could be compared")
        parts.append(
            f"{title} NOT MEASURED: {reason}."
            if found is None
            else f"{title} {show(float(found.values.mean()), Unit.SCORE)} on average of "
            f"{len(found.values)}, at least {show(float(found.values.min()), Unit.SCORE)}."
        )
    about = "The source copied by the vocoder, with the same timing, against itself:"
    return f"{about} {' '.join(parts)}"


def _cost_row(run: Run, metric: str, part: bool, verdicts: tuple[Verdict, ...]) -> CostRow | None:
    own = samples_of(run, metric)
    if own is None:
        return None
    arm, about = beside_name(run), names.verdicts_on(metric, verdicts)
    compared = ratio(run, metric, arm) if arm else None
    outcome = names.worst(about)
    stage = metric.removeprefix("speech.").replace("_", " ")
    return CostRow(
        title=_TITLES.get(metric, stage[:1].upper() + stage[1:]),
        part=part,
        runs=show(len(own.values), Unit.COUNT),
        middle=show(float(np.median(own.values)), own.unit),
        highest=show(float(own.values.max()), own.unit),
        beside=show(compared.beside, own.unit) if compared else NONE,
        ratio=_ratio_text(compared.ratio, compared.interval) if compared else NONE,
        limit=names.limits_text(about),
        outcome=outcome or "",
        style=names.style_of(outcome),
    )


def _ratio_text(value: float, interval: Interval | None) -> str:
    spread = f" ({names.interval_text(interval, Unit.FACTOR)})" if interval else ""
    return f"{show(value, Unit.FACTOR)}{spread}"


def _word_row(
    title: str, value: float, interval: Interval | None, verdicts: tuple[Verdict, ...] = ()
) -> WordRow:
    outcome = names.worst(verdicts)
    return WordRow(
        title=title,
        value=show(value, Unit.RATIO),
        interval=names.interval_text(interval, Unit.RATIO),
        about=names.limits_text(verdicts),
        outcome=outcome or "",
        style=names.style_of(outcome),
    )


def _signal_row(title: str, own: Samples, source: Samples | None) -> SignalRow:
    return SignalRow(
        title=title,
        clips=show(len(own.values), Unit.COUNT),
        middle=show(float(np.median(own.values)), own.unit),
        low=show(float(own.values.min()), own.unit),
        high=show(float(own.values.max()), own.unit),
        source=NONE if source is None else show(float(np.median(source.values)), source.unit),
    )
