"""End-to-end accuracy: the share of clips for which all of `process_audio` was as it must be.

A clip counts as right where it was answered at all, and

    contract  the result kept its contract: keys, dtypes, shapes, codes in range, finite features
    time      the call took no longer than the end-to-end budget of the bundle, stretched by the
              yardstick where the budget is; a clip longer than one window may take as much more as
              it is longer, which is the real-time factor of a full window at the budget
    answer    the words are right (lenient view), or the intent where the set expects one

The clips of all gated sets count together. Times are as taken, whatever disturbed them. The
interval is Wilson's (JASA 22, 1927); below 20 clips there is none, and nothing is proven.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from scipy import special

from harness.accuracy.answers import Answer, answer_of
from harness.accuracy.intents import Grammar, parse
from harness.judge.intervals import LEVEL, percentile
from harness.judge.limits import YARDSTICK
from harness.judge.samples import samples_of
from harness.records import Interval, Run, Transcript

WINDOW = 1024 * 160 / 16_000  # seconds: mel frames of 10 ms
LEAST = 20  # clips; fewer give no interval


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One clip that was answered."""

    heard: Transcript
    limit: float  # seconds that it might take
    answer: Answer

    @property
    def in_time(self) -> bool:
        """Whether the call took no longer than it might."""
        return self.heard.elapsed <= self.limit

    @property
    def kept(self) -> bool:
        """Whether the result kept its contract."""
        return self.heard.broke == ""

    @property
    def missed(self) -> tuple[str, ...]:
        """What was not as it must be: contract, time, words, intent; () for a clip that counts."""
        asked = "words" if self.answer.expected is None else "intent"
        parts = {"contract": self.kept, "time": self.in_time, asked: self.answer.right}
        return tuple(name for name, held in parts.items() if not held)


@dataclass(frozen=True, kw_only=True)
class EndToEnd:
    """The clips of the gated sets."""

    judged: tuple[Judged, ...]
    unanswered: int  # clips that were to be heard, and of which there is no answer
    limit: float  # seconds that one window may take
    stretched: float  # by which factor the yardstick stretched it; 1.0: as written

    @property
    def clips(self) -> int:
        """All clips, answered or not."""
        return len(self.judged) + self.unanswered

    @property
    def right(self) -> int:
        """Clips of which nothing was missed."""
        return sum(not clip.missed for clip in self.judged)

    @property
    def rate(self) -> float:
        """The share of right clips, 0 to 1."""
        return self.right / self.clips

    def interval(self) -> Interval | None:
        """Wilson's interval of the rate; None from too few clips."""
        return wilson(self.right, self.clips) if self.clips >= LEAST else None

    def remedy(self, limit: float) -> str:
        """Say how many clips more would decide whether the rate is `limit` or better."""
        if self.clips < LEAST:
            more = LEAST - self.clips
            return f"{self.clips} clips decide nothing, {LEAST} are needed: {more} more."
        if self.rate == limit:
            return "The rate is the limit itself: no number of clips proves it."
        more = _needed(self.rate, limit) - self.clips
        return f"About {max(more, 1)} more clips at this rate would decide it."


def end_to_end(run: Run) -> EndToEnd | None:
    """Judge the clips of the gated sets; None where the run cannot tell.

    That is so without a gated set heard by the one pipeline, without a budget for the time, and
    where nobody looked at the contract, as in transcripts from elsewhere.
    """
    limit = _limit(run)
    sets = run.facts.get("sets", {})
    gated = run.facts.get("suite", {}).get("accuracy", {}).get("gated", ())
    heard = [t for t in run.transcripts if t.set in gated and not (t.arm or t.treatment)]
    if limit is None or not heard or any(t.broke is None for t in heard):
        return None
    grammars = {name: _grammar(name, sets) for name in gated}
    judged = tuple(_judged(t, limit[0], grammars[t.set]) for t in heard)
    known = [sets[name] for name in gated if name in sets]
    planned = sum(one["clips"] + len(one.get("lacking", ())) for one in known)
    return EndToEnd(
        judged=judged,
        unanswered=max(0, planned - len(judged)),
        limit=limit[0],
        stretched=limit[1],
    )


def wilson(right: int, clips: int) -> Interval:
    """Return Wilson's interval of `right` out of `clips`."""
    from scipy.stats import binomtest  # takes long to import: not before it is needed

    found = binomtest(right, clips).proportion_ci(LEVEL, method="wilson")
    method = f"Wilson, {clips} clips"
    return Interval(low=float(found.low), high=float(found.high), level=LEVEL, method=method)


def _judged(heard: Transcript, limit: float, grammar: Grammar | None) -> Judged:
    return Judged(
        heard=heard,
        limit=limit * max(1.0, heard.seconds / WINDOW),
        answer=answer_of(heard, grammar),
    )


def _grammar(name: str, sets: dict[str, dict[str, str]]) -> Grammar | None:
    text = sets.get(name, {}).get("grammar", "")
    return parse(text, f"grammar of {name}") if text else None


def _limit(run: Run) -> tuple[float, float] | None:
    """Seconds that one window may take here, and the factor by which that was stretched."""
    told = run.facts.get("time_limit")
    if not told:
        return None
    written, there = float(told["seconds"]), told["yardstick"]
    here = None if there is None else _median(run, (f"{YARDSTICK}_hearing", YARDSTICK))
    factor = 1.0 if here is None else here / float(there)
    return written * factor, factor


def _median(run: Run, metrics: Iterable[str]) -> float | None:
    for metric in metrics:
        samples = samples_of(run, metric)
        if samples is not None and samples.finite.all():
            return percentile(samples.values, 0.5)
    return None


def _needed(rate: float, limit: float) -> int:
    """Clips at which Wilson's interval around `rate` would no longer hold `limit`.

    The limit leaves the interval where the score statistic of the test against it reaches z.
    """
    z = float(special.ndtri((1 + LEVEL) / 2))
    return math.ceil(z**2 * limit * (1 - limit) / (rate - limit) ** 2)
