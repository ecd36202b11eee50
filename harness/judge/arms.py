"""What an A/B run says: every metric of both arms judged, and what follows from the gated ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from harness.judge.ab import Difference, holm, judge_ratio
from harness.judge.change import Change, Word
from harness.judge.heard_change import rate_change
from harness.judge.intervals import by_process
from harness.judge.samples import Samples, metrics_of, samples_of
from harness.judge.scores import DECODED, GREEDY
from harness.records import AGAIN, A, B, Run

WORSE = (Word.SLOWER, Word.MORE, Word.WORSE)
IMPROVED = (Word.FASTER, Word.LESS, Word.BETTER)

# What decides, corrected together by Holm; `inference` where the suite has a stage of that name.
# The words that were returned decide too, by an interval of their own.
GATED = ("latency.end_to_end", "latency.inference", "latency.load_warm", "memory.peak")
_IF_PRESENT = ("latency.inference",)
_WHOLE = "latency.end_to_end"
_NO_RATIO = ("latency.unattributed",)  # what is left over may be nothing


class Answer(StrEnum):
    """What a comparison says as a whole."""

    BROKEN = "BROKEN"  # a process failed, or a clip was refused
    WORSE = "WORSE"  # some gated metric of b is slower, more or worse
    UNKNOWN = "CANNOT TELL"  # none is, and of some gated one it cannot be told, or it is absent
    BETTER = "BETTER"  # none of these, and some gated one is faster, less or better
    SAME = "NO DIFFERENCE SHOWN"


@dataclass(frozen=True, kw_only=True)
class Sides:
    """Both sides of an A/B run, compared."""

    differences: tuple[Difference, ...]  # the gated ones first, corrected; a metric each
    heard: tuple[Change, ...]  # WER of each set: what was returned, then the greedy text
    tainted: float  # share of the timed requests of all arms that were disturbed from outside
    answer: Answer


def judge_sides(run: Run) -> Sides:
    """Compare the arms of a run, from its stored samples and transcripts alone."""
    found = dict.fromkeys(m for arm in (A, AGAIN, B) for m in metrics_of(run, arm))
    wanted = [m for m in found if m.startswith("latency.") or m == "memory.peak"]
    gated = holm(_difference(run, metric) for metric in GATED if metric in found)
    others = [m for m in wanted if m not in (*GATED, *_NO_RATIO)]
    heard = _heard(run)
    words = [d.word for d in gated] + [c.word for c in heard if is_gated(c)]
    absent = [m for m in GATED if m not in found and m not in _IF_PRESENT]
    known = run.complete and heard and not absent
    return Sides(
        differences=(*gated, *(_difference(run, metric) for metric in others)),
        heard=heard,
        tainted=_tainted(run),
        answer=_answer(run, words if known else [*words, Word.UNKNOWN]),
    )


def is_gated(row: Difference | Change) -> bool:
    """Return whether a row decides."""
    return row.metric in GATED or row.metric.startswith(DECODED)


def _answer(run: Run, words: Sequence[Word]) -> Answer:
    if any(not finding.holds for finding in run.findings):
        return Answer.BROKEN
    if any(word in WORSE for word in words):
        return Answer.WORSE
    if Word.UNKNOWN in words:
        return Answer.UNKNOWN
    return Answer.BETTER if any(word in IMPROVED for word in words) else Answer.SAME


def _difference(run: Run, metric: str) -> Difference:
    arms = [samples_of(run, metric, arm) for arm in (A, AGAIN, B)]
    medians = [{} if taken is None else _medians(taken) for taken in arms]
    rounds = [n for n in medians[0] if all(n in arm for arm in medians)]
    unit = next(taken.unit for taken in arms if taken is not None)
    a, again, b = (np.array([arm[n] for n in rounds], dtype=np.float64) for arm in medians)
    return judge_ratio(metric, unit, a, again, b)


def _medians(samples: Samples) -> dict[int, float]:
    """The median of each process, by its number, which is that of the round."""
    groups = by_process(samples.values, samples.processes)
    numbers = map(int, np.unique(samples.processes))
    return {n: float(np.median(group)) for n, group in zip(numbers, groups, strict=True)}


def _heard(run: Run) -> tuple[Change, ...]:
    first, second = ([t for t in run.transcripts if t.arm == arm] for arm in (A, B))
    sets = dict.fromkeys(t.set for t in first)
    scored = [rate_change(rate, s, first, second) for s in sets for rate in (DECODED, GREEDY)]
    return tuple(change for change in scored if change is not None)


def _tainted(run: Run) -> float:
    flags = [f for m in run.measurements if m.metric == _WHOLE and m.arm for f in m.tainted]
    return float(np.mean(flags)) if flags else 0.0
