"""Names and their order: how metrics, limits and intervals are written for a person."""

from __future__ import annotations

import math
from collections.abc import Iterable

from harness.accuracy.wer import Counts
from harness.judge.change import Word
from harness.judge.scores import rate_name
from harness.records import Budget, Interval, Outcome, Run, Statistic, Verdict
from harness.units import Unit, show

NONE = "–"  # stands where there is nothing to show
NOT_AVAILABLE = "not available"  # a percentile of fewer runs than its bound needs

LEAVES = ("decode_audio", "resample_audio", "log_mel", "tokenise", "inference", "post_processing")
UNATTRIBUTED = "unattributed"
_STARTS = ("imports", "load_cold", "load_warm", "first_result", "first_inference")
_LATENCY = ("end_to_end", "audio_to_codes", *LEAVES, UNATTRIBUTED)
_MEMORY = ("peak", "first_run_peak", "load_peak", "steady", "libraries")
SPLIT = ("anon", "file", "shmem")

_TITLES = {
    "latency.imports": "Imports",
    "latency.load_cold": "Load, cold",
    "latency.load_warm": "Load, warm",
    "latency.first_result": "First result, cold",
    "latency.first_inference": "First inference",
    "latency.end_to_end": "End to end",
    "latency.audio_to_codes": "Audio to codes",
    "latency.decode_audio": "Decode audio",
    "latency.resample_audio": "Resample",
    "latency.log_mel": "Log-mel",
    "latency.tokenise": "Tokenise",
    "latency.inference": "Inference",
    "latency.post_processing": "Post-processing",
    "latency.unattributed": "Unattributed",
    "memory.peak": "Whole process, peak",
    "memory.first_run_peak": "First run, peak",
    "memory.load_peak": "Load, peak",
    "memory.steady": "Steady",
    "memory.libraries": "Libraries alone",
    "memory.anon": "Steady: private (anon)",
    "memory.file": "Steady: mapped files",
    "memory.shmem": "Steady: shared memory",
}
_WORST_FIRST = (
    Outcome.FAIL,
    Outcome.INFEASIBLE,
    Outcome.NOT_PROVEN,
    Outcome.NOT_MEASURED,
    Outcome.WAIVED,
    Outcome.PASS,
)
WORD_STYLES = {
    Word.SLOWER: "fail",
    Word.MORE: "fail",
    Word.WORSE: "fail",
    Word.FASTER: "pass",
    Word.LESS: "pass",
    Word.BETTER: "pass",
    Word.UNKNOWN: "not-proven",
    Word.SAME: "none",
}
_STATISTICS = {Statistic.MAX: "max", Statistic.ALL: "all", Statistic.RATE: "rate"}


def title(metric: str) -> str:
    """Name a metric for a person: `title("latency.log_mel")` is `'Log-mel'`."""
    if metric.startswith("memory.stage."):
        stage = metric.removeprefix("memory.stage.").rpartition(".")[0]
        return title(f"latency.{stage}")
    words = metric.rpartition(".")[2].replace("_", " ")
    return _TITLES.get(metric, words[:1].upper() + words[1:])


def parts_of(run: Run) -> tuple[str, ...]:
    """Return the stages whose times add up to a request, in the order in which they run."""
    return (*run.facts.get("suite", {}).get("leaves", LEAVES), UNATTRIBUTED)


def start_metrics(present: Iterable[str]) -> list[str]:
    """Return the metrics of starting up (load, first result), in reading order."""
    return _ordered(present, "latency.", _STARTS, strict=True)


def stage_metrics(present: Iterable[str]) -> list[str]:
    """Return the metrics of the warm stages: the whole first, its parts after it."""
    starts = {f"latency.{name}" for name in _STARTS}
    return _ordered([m for m in present if m not in starts], "latency.", _LATENCY)


def memory_metrics(present: Iterable[str]) -> list[str]:
    """Return the metrics of the whole process, highest water mark first, without its ledger."""
    elsewhere = ("memory.stage.", "memory.ledger.", "memory.cached", "memory.swap")
    kept = [m for m in present if not m.startswith(elsewhere)]
    split = {f"memory.{name}" for name in SPLIT}
    return _ordered([m for m in kept if m not in split], "memory.", _MEMORY)


def stages_weighed(present: Iterable[str]) -> list[str]:
    """Return the stages whose memory peak was taken, in the order in which they run."""
    found = {
        m.removeprefix("memory.stage.").removesuffix(".peak")
        for m in present
        if m.startswith("memory.stage.") and m.endswith(".peak")
    }
    known = [stage for stage in _LATENCY if stage in found]
    return known + sorted(found - set(known))


def limit_text(budget: Budget) -> str:
    """Write a limit: `'p95 ≤ 60 ms'`, with the share of a request that may take its place."""
    sign = "≤" if budget.at_most else "≥"
    name = rate_name(budget.metric) or _STATISTICS.get(budget.statistic, str(budget.statistic))
    share = "" if budget.share is None else f" or {show(budget.share, Unit.RATIO)}"
    return f"{name} {sign} {show(budget.limit, budget.unit)}{share}"


def limits_text(verdicts: Iterable[Verdict]) -> str:
    """Write every limit on one metric; a dash when it has none."""
    return ", ".join(limit_text(verdict.budget) for verdict in verdicts) or NONE


def interval_text(interval: Interval | None, unit: Unit) -> str:
    """Write an interval as `'0.71 % – 3.15 %'`; an end that is not there as a word."""
    if interval is None or (math.isinf(interval.low) and math.isinf(interval.high)):
        return NONE
    if math.isinf(interval.high):
        return f"≥ {show(interval.low, unit)}"
    if math.isinf(interval.low):
        return f"≤ {show(interval.high, unit)}"
    return f"{show(interval.low, unit)} – {show(interval.high, unit)}"


def rate_text(counts: Counts) -> str:
    """Write an error rate; the insertions by number where there is nothing to divide them by."""
    if counts.rate is not None:
        return show(counts.rate, Unit.RATIO)
    return f"{show(counts.insertions, Unit.COUNT)} inserted" if counts.insertions else NONE


def signed(share: float) -> str:
    """Write a relative change: `'+1.25 %'`."""
    return f"{'+' if share >= 0 else ''}{show(share, Unit.RATIO)}"


def worst(verdicts: Iterable[Verdict]) -> Outcome | None:
    """Return the outcome that a reader must see first; None without a verdict."""
    given = {verdict.outcome for verdict in verdicts}
    return next((outcome for outcome in _WORST_FIRST if outcome in given), None)


def verdicts_on(metric: str, verdicts: Iterable[Verdict]) -> tuple[Verdict, ...]:
    """Return the verdicts about one metric."""
    return tuple(verdict for verdict in verdicts if verdict.budget.metric == metric)


def style_of(outcome: str | None) -> str:
    """Return the word by which page and pictures colour an outcome: `'not-proven'`.

    INFEASIBLE has the colour of FAIL, for it is one.
    """
    seen = Outcome.FAIL if outcome == Outcome.INFEASIBLE else outcome
    return (seen or "none").lower().replace(" ", "-")


def _ordered(
    present: Iterable[str], prefix: str, order: tuple[str, ...], *, strict: bool = False
) -> list[str]:
    found = {metric for metric in present if metric.startswith(prefix)}
    known = [prefix + name for name in order if prefix + name in found]
    return known if strict else known + sorted(found - set(known))
