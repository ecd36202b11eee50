"""What predicted MOS show: a voice beside its anchors, and whether it got worse than before.

Two runs are compared sentence by sentence: the mean of new - old over the sentences that both
spoke, with Student's interval. With several scores each interval is of level 1 - 5 % / scores
(Bonferroni), so that all of them hold together with 95 %. A voice is worse where a whole interval
lies below -0.05: on a scale of 1 to 5 a smaller change is not called one. Scores of other predictor
files are never compared.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy import special

from harness.accuracy.predicted_mos.predict import ANCHOR, METRIC
from harness.errors import UnlikeRunsError
from harness.judge.change import Word
from harness.judge.intervals import LEVEL, mean_interval
from harness.judge.samples import Samples, metrics_of, samples_of
from harness.records import Finding, Interval, Run

MARGIN = 0.05  # a smaller change of the mean is not called a change
SENTENCES = 20  # fewer that both runs spoke cannot tell
RULE = "predicted_mos_is_no_worse"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """The mean of one score over sentences or clips."""

    mean: float
    interval: Interval | None  # None: of one sentence
    many: int


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """One score of a voice, never without its anchors."""

    name: str  # "dnsmos_ovrl"
    voice: Seen
    anchors: Mapping[str, Seen]  # name of the anchor -> its mean; at least one


@dataclass(frozen=True, kw_only=True)
class VoiceChange:
    """One score in two runs, over the sentences that both spoke."""

    name: str
    sentences: int
    difference: float | None  # mean of new - old; None: no sentence is in both
    interval: Interval | None  # None: too few sentences
    word: Word


def predictions(run: Run) -> tuple[Prediction, ...]:
    """Return every score of the voice that stands beside at least one anchor in the same run."""
    arms = list(dict.fromkeys(m.arm for m in run.measurements if m.arm.startswith(ANCHOR)))
    found = []
    for metric in _scores(run):
        voice = samples_of(run, metric)
        anchors = {
            arm.removeprefix(ANCHOR): _seen(taken)
            for arm in arms
            if (taken := samples_of(run, metric, arm)) is not None
        }
        if voice is not None and anchors:
            name = metric.removeprefix(METRIC)
            found.append(Prediction(name=name, voice=_seen(voice), anchors=anchors))
    return tuple(found)


def voice_changes(old: Run, new: Run) -> tuple[VoiceChange, ...]:
    """Compare the voice of two runs by every score that both hold beside anchors.

    Raises:
        UnlikeRunsError: a score was given by another predictor file in one of them.
    """
    names = [one.name for one in predictions(new) if one.name in _names(old)]
    for name in names:
        before, after = (_digest(run, name) for run in (old, new))
        if before != after:
            raise UnlikeRunsError(
                f"{METRIC}{name}: predictor {before or 'unknown'} in {old.id}, "
                f"{after or 'unknown'} in {new.id}. Measure the baseline voice again."
            )
    return tuple(_change(name, old, new, len(names)) for name in names)


def no_worse(old: Run, new: Run) -> tuple[Finding, ...]:
    """Return for each score whether the voice is no worse than the baseline's; the gate's rule.

    A score that only the baseline has, or that too few sentences tell of, is not checked: no pass.

    Raises:
        UnlikeRunsError: as in `voice_changes`.
    """
    found = [_finding(change, old) for change in voice_changes(old, new)]
    gone = sorted(_names(old) - _names(new))
    lost = [
        _rule(f"NOT MEASURED: {METRIC}{name} is in the baseline {old.id} and not in this run.")
        for name in gone
    ]
    return (*found, *lost)


def _finding(change: VoiceChange, old: Run) -> Finding:
    many = f"{change.sentences} sentences of both this run and {old.id}"
    if change.interval is None or change.difference is None:
        return _rule(f"{change.name}: {many}; {SENTENCES} are needed. Speak the baseline's again.")
    low, high = change.interval.low, change.interval.high
    told = f"{change.name}: {change.difference:+.2f} ({low:+.2f} to {high:+.2f}) over {many}."
    return _rule(told, holds=change.word is not Word.WORSE, checked=True)


def _rule(detail: str, *, holds: bool = True, checked: bool = False) -> Finding:
    return Finding(
        rule=RULE,
        title="No predicted MOS of the voice is worse than the baseline voice's.",
        holds=holds,
        detail=detail,
        area="quality",
        checked=checked,
    )


def _change(name: str, old: Run, new: Run, scores: int) -> VoiceChange:
    before, after = (_by_sentence(run, name) for run in (old, new))
    both = [clip for clip in after if clip in before]
    apart = np.array([after[clip] - before[clip] for clip in both])
    difference = float(apart.mean()) if both else None
    if len(both) < SENTENCES or difference is None:
        told = Word.UNKNOWN
        return VoiceChange(
            name=name, sentences=len(both), difference=difference, interval=None, word=told
        )
    level = 1 - (1 - LEVEL) / scores
    error = float(apart.std(ddof=1)) / math.sqrt(len(both))
    half = float(special.stdtrit(len(both) - 1, (1 + level) / 2)) * error
    interval = Interval(
        low=difference - half,
        high=difference + half,
        level=level,
        method=f"Student's t, paired over {len(both)} sentences, Bonferroni over {scores} scores",
    )
    word = Word.WORSE if interval.high < -MARGIN else Word.SAME
    word = Word.BETTER if interval.low > MARGIN else word
    return VoiceChange(
        name=name, sentences=len(both), difference=difference, interval=interval, word=word
    )


def _scores(run: Run) -> list[str]:
    return [metric for metric in metrics_of(run) if metric.startswith(METRIC)]


def _names(run: Run) -> set[str]:
    return {one.name for one in predictions(run)}


def _digest(run: Run, name: str) -> str:
    return str(run.facts.get("predicted_mos", {}).get("digests", {}).get(name, ""))


def _by_sentence(run: Run, name: str) -> dict[str, float]:
    return {
        clip: value
        for m in run.measurements
        if m.metric == f"{METRIC}{name}" and not m.arm
        for clip, value in zip(m.clips, m.samples, strict=True)
    }


def _seen(samples: Samples) -> Seen:
    values = samples.values
    return Seen(
        mean=float(values.mean()),
        interval=mean_interval(values, samples.processes),
        many=len(values),
    )
