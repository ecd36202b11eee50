"""What changed between two runs, metric by metric. Unlike runs are refused.

Times and memory: the sample is the median of one process, the interval is Welch's of the
difference of the mean logarithms, so that it bounds the ratio new / old. WER: paired bootstrap
over the utterances that both runs transcribed, over their speakers where these repeat. Of fewer
than 20 clips, or where the old run made no error at all, a difference has no interval and cannot
be told; that the new run is worse is then told only where the intervals of both rates lie apart.
The two runs were not interleaved: what differs between two sessions of one machine is inside no
interval, so a difference also has to pass a margin of 3 % before it is called one.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from scipy import special

from harness.accuracy.wer import Counts
from harness.errors import UnlikeRunsError
from harness.judge.intervals import LEVEL, by_process, rate_difference
from harness.judge.likeness import budget_changes, identity_changes, unlike
from harness.judge.mapsswe import of_transcripts
from harness.judge.power import detectable
from harness.judge.samples import Floats, Samples, metrics_of, samples_of
from harness.judge.scores import (
    DECODED,
    GREEDY,
    UTTERANCES,
    Score,
    as_they_are,
    score_transcripts,
    sets_of,
)
from harness.records import Interval, Run, Transcript
from harness.units import Unit

MARGIN = 0.03  # a smaller change of time or memory is not called a change
PROCESSES = 3  # fewer in either run cannot tell
MACHINE = "host."  # how the rates of the machine begin: no figures of the pipeline


class Word(StrEnum):
    """What a comparison says about one metric."""

    FASTER = "faster"
    SLOWER = "slower"
    LESS = "less"
    MORE = "more"
    BETTER = "better"
    WORSE = "worse"
    SAME = "no difference shown"
    UNKNOWN = "cannot tell"


@dataclass(frozen=True, kw_only=True)
class Change:
    """One metric in two runs."""

    metric: str
    unit: Unit
    old: float | None  # median over processes of the process medians, or corpus WER; None: absent
    new: float | None
    ratio: float | None  # geometric mean of new / old; None for WER (a difference) and in doubt
    interval: Interval | None  # of the ratio; of new - old for WER; None when it cannot tell
    word: Word
    note: str = ""  # why it cannot tell, or what is left out
    detectable: float | None = None  # smallest change of a WER that it could have told


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two runs side by side."""

    old: Run
    new: Run
    unlike: tuple[str, ...]  # conditions that differ; not empty only when compared anyway
    identity: tuple[str, ...]  # what was meant to differ: commit, digests, versions of the harness
    budgets: tuple[str, ...]  # budgets that differ between the two decisions
    changes: tuple[Change, ...]


def compare(old: Run, new: Run, *, anyway: bool = False) -> Comparison:
    """Compare `new` with `old`, which must have been made under like conditions.

    Raises:
        UnlikeRunsError: the conditions differ and `anyway` is False; the message names each.
    """
    differing = unlike(old, new)
    if differing and not anyway:
        raise UnlikeRunsError(
            f"{old.id} and {new.id} were not made under like conditions. "
            + " ".join(differing)
            + " "
            "Run the older one again under the conditions of the newer, or compare anyway."
        )
    named = dict.fromkeys((*metrics_of(old), *metrics_of(new)))
    metrics = [metric for metric in named if not metric.startswith(MACHINE)]
    sets = dict.fromkeys((*sets_of(old), *sets_of(new)))
    measured = [_measured_change(metric, old, new) for metric in metrics]
    heard = as_they_are(old), as_they_are(new)
    scored = [wer_change(name, *heard, greedy=greedy) for name in sets for greedy in (False, True)]
    return Comparison(
        old=old,
        new=new,
        unlike=differing,
        identity=identity_changes(old, new),
        budgets=budget_changes(old, new),
        changes=(*measured, *(change for change in scored if change is not None)),
    )


def _measured_change(metric: str, old: Run, new: Run) -> Change:
    first, second = samples_of(old, metric), samples_of(new, metric)
    if first is None or second is None:
        return _one_sided(metric, first, second)
    a, b = _process_medians(first), _process_medians(second)
    before, after = float(np.median(a)), float(np.median(b))
    reason = _cannot(first, second, a, b)
    interval = None if reason else _ratio_interval(np.log(a), np.log(b))
    return Change(
        metric=metric,
        unit=second.unit,
        old=before,
        new=after,
        ratio=math.sqrt(interval.low * interval.high) if interval else None,
        interval=interval,
        word=Word.UNKNOWN if interval is None else word_of(second.unit, interval),
        note=reason,
    )


def _one_sided(metric: str, first: Samples | None, second: Samples | None) -> Change:
    present = first or second
    if present is None:
        raise ValueError(f"{metric} is in neither run")
    value = float(np.median(_process_medians(present)))
    return Change(
        metric=metric,
        unit=present.unit,
        old=value if first else None,
        new=value if second else None,
        ratio=None,
        interval=None,
        word=Word.UNKNOWN,
        note="Only in the old run." if first else "Only in the new run.",
    )


def _cannot(first: Samples, second: Samples, a: Floats, b: Floats) -> str:
    if first.unit != second.unit:
        return f"In {first.unit} then in {second.unit}."
    fewest = min(len(a), len(b))
    if fewest < PROCESSES:
        return f"{fewest} of {PROCESSES} processes in one of the runs."
    if not (np.isfinite(a).all() and np.isfinite(b).all() and (a > 0).all() and (b > 0).all()):
        return "Not every median is a positive number."
    return ""


def _process_medians(samples: Samples) -> Floats:
    groups = by_process(samples.values, samples.processes)
    return np.array([float(np.median(group)) for group in groups])


def _ratio_interval(a: Floats, b: Floats) -> Interval:
    """Return Welch's interval of mean(b) - mean(a), as a ratio; a point when nothing varies."""
    parts = np.array([a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)])
    error = math.sqrt(parts.sum())
    difference = float(b.mean() - a.mean())
    if not error:
        half = 0.0
    else:
        freedom = parts.sum() ** 2 / (parts**2 / np.array([len(a) - 1, len(b) - 1])).sum()
        half = float(special.stdtrit(freedom, (1 + LEVEL) / 2)) * error
    return Interval(
        low=math.exp(difference - half),
        high=math.exp(difference + half),
        level=LEVEL,
        method=f"Welch's t on log medians of {len(a)} and {len(b)} processes",
    )


def word_of(unit: Unit, interval: Interval, margin: float = MARGIN) -> Word:
    """Name the change when the whole interval of a ratio is beyond the margin, else `SAME`."""
    timed = unit is Unit.SECONDS
    down, up = (Word.FASTER, Word.SLOWER) if timed else (Word.LESS, Word.MORE)
    if interval.high < 1 / (1 + margin):
        return down
    return up if interval.low > 1 + margin else Word.SAME


def wer_change(
    name: str, old: Sequence[Transcript], new: Sequence[Transcript], *, greedy: bool = False
) -> Change | None:
    """Compare the word errors in the utterances of the set `name` that stand in both.

    None when there is none, or one of both offers no greedy text.
    """
    pair = _common(name, old, new)
    scores = [score_transcripts(transcripts, greedy=greedy) for transcripts in pair]
    if scores[0] is None or scores[1] is None:
        return None
    first, second = scores[0], scores[1]
    before, after = second.by_unit(first.counts), second.by_unit(second.counts)
    errors, words = (_errors(before), _errors(after)), [counts.length for counts in after]
    told = first.total.errors > 0 and second.decides
    matched = _matched(*pair) if second.decides and not greedy else ""
    interval = rate_difference(errors, words, unit=second.unit) if told else None
    return Change(
        metric=(GREEDY if greedy else DECODED) + name,
        unit=Unit.RATIO,
        old=first.total.rate,
        new=second.total.rate,
        ratio=None,
        interval=interval,
        word=_wer_word(interval, first, second),
        note=" ".join(filter(None, (_wer_note(name, old, new, first, second), matched))),
        detectable=detectable(errors, words) if second.decides else None,
    )


def _matched(old: Sequence[Transcript], new: Sequence[Transcript]) -> str:
    """Say what the matched-pairs test of the same utterances finds, see `mapsswe`."""
    found = of_transcripts(new, old)
    if found.z is None or found.p is None:
        return f"MAPSSWE: {found.segments} segments say nothing."
    differ = "they differ" if found.differ else "no difference shown"
    return f"MAPSSWE: {found.segments} segments, Z = {found.z:+.2f}, p = {found.p:.3f}: {differ}."


def _common(
    name: str, old: Sequence[Transcript], new: Sequence[Transcript]
) -> tuple[tuple[Transcript, ...], tuple[Transcript, ...]]:
    """Return the transcripts of utterances that stand in both, in one order."""
    first = {(t.clip, t.reference): t for t in old if t.set == name}
    second = {(t.clip, t.reference): t for t in new if t.set == name}
    both = [key for key in first if key in second]
    return tuple(first[key] for key in both), tuple(second[key] for key in both)


def _errors(units: Sequence[Counts]) -> list[int]:
    return [counts.errors for counts in units]


def _wer_word(interval: Interval | None, old: Score, new: Score) -> Word:
    if interval is None:
        return Word.WORSE if _apart(old, new) else Word.UNKNOWN
    if interval.high < 0:
        return Word.BETTER
    return Word.WORSE if interval.low > 0 else Word.SAME


def _apart(old: Score, new: Score) -> bool:
    """Whether the new rate is above the old one by two intervals that do not meet."""
    before, after = old.interval(), new.interval()
    return before is not None and after is not None and after.low > before.high


def _wer_note(
    name: str, old: Sequence[Transcript], new: Sequence[Transcript], first: Score, score: Score
) -> str:
    most = max(sum(t.set == name for t in heard) for heard in (old, new))
    dropped = most - len(score.counts)
    told = [f"{dropped} utterances stand on one side only."] if dropped else []
    if not score.total.length:
        told.append("No reference word.")
    elif not score.decides:
        told.append(f"{len(score.counts)} clips: a difference is told from {UTTERANCES} on.")
    elif not first.total.errors:
        told.append("The old side made no error: a difference from none has no interval.")
    return " ".join([*told, *([score.warning] if score.warning else [])])
