"""The data that the harness speaks: frozen records, nothing else.

    Suite --(measured process)--> Run --(budgets)--> Verdicts --(rows)--> Page

Only a `Run` is saved, as a journal of the records below (see `store`). Verdicts, statistics and
pages are derived from it again whenever they are asked for. Records do not print, log or save.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from harness.units import Unit


class Outcome(StrEnum):
    """What a verdict says. Only PASS is a pass."""

    PASS = "PASS"
    FAIL = "FAIL"
    NOT_PROVEN = "NOT PROVEN"  # the interval holds the limit, or too few samples
    NOT_MEASURED = "NOT MEASURED"  # nothing supplies this metric yet
    WAIVED = "WAIVED"  # a named exception with a reason and an expiry date
    INFEASIBLE = "INFEASIBLE"  # physics forbids it on this host: a FAIL with the arithmetic


class Statistic(StrEnum):
    """How samples become the one value that a budget is about."""

    P50 = "p50"
    P95 = "p95"
    P99 = "p99"
    MAX = "max"  # observed maximum, not a bound
    MEAN = "mean"
    RATE = "rate"  # ratio of summed counts
    ALL = "all"  # every sample must hold (checks: 1.0 holds, 0.0 does not)


@dataclass(frozen=True, kw_only=True)
class Budget:
    """One limit that a bundle must keep, from `config/budgets.yaml`."""

    metric: str  # name of a Measurement: "latency.end_to_end", "memory.peak", "accuracy.wer"
    statistic: Statistic
    limit: float  # in `unit`
    unit: Unit
    at_most: bool  # True: value <= limit passes; False: value >= limit passes
    title: str  # what a person reads: "End to end, one window"
    required: bool = True  # False: NOT MEASURED is allowed until something supplies the metric
    share: float | None = None  # of the median end to end: the limit where that is more
    yardstick: float | None = None  # seconds of `host.yardstick` where the limit was set; None: any
    waiver: Waiver | None = None


# What a waiver excuses. miss: measured, and missed or not proven; absence: nothing was measured.
Cover = Literal["miss", "absence"]


@dataclass(frozen=True, kw_only=True)
class Waiver:
    """A named, dated exception to a budget: amber, never green."""

    reason: str
    expires: str  # ISO date; the waiver counts up to and including this day
    covers: Cover = "miss"  # what is excused: never a miss and an absence at once


@dataclass(frozen=True, kw_only=True)
class Expect:
    """What a command asks for; `harness.accuracy.intents` reads it off a text."""

    intent: str  # "light.off"
    slots: tuple[tuple[str, str], ...] = ()  # name and words of each, by name


@dataclass(frozen=True, kw_only=True)
class Clip:
    """One row of a reference set."""

    id: str
    audio: str  # path of the audio file, absolute once read
    text: str  # reference, as its publisher wrote it
    language: str
    speaker: str
    condition: str
    seconds: float
    sha256: str  # of the audio file
    expect: Expect | None = None  # what the clip asks for; None: its words are judged


A, AGAIN, B = "a", "a again", "b"  # the arms of an A/B run


@dataclass(frozen=True, kw_only=True)
class Measurement:
    """Raw samples of one metric in the order taken, from one process."""

    metric: str
    unit: Unit
    samples: tuple[float, ...]
    process: int = 0  # which measured process of the pass, counted from 0
    clips: tuple[str, ...] = ()  # clip id per sample; empty when the samples belong to no clip
    tainted: tuple[bool, ...] = ()  # per sample: disturbed from outside; empty when not recorded
    note: str = ""  # how it was taken, when that is not plain from the metric's name
    arm: str = ""  # which of the pipelines that are compared; "" where there is one


@dataclass(frozen=True, kw_only=True)
class Transcript:
    """What the pipeline heard in one clip; both texts raw, so that they can be scored again."""

    set: str  # name of the reference set
    clip: str  # id
    condition: str
    speaker: str
    seconds: float
    reference: str
    hypothesis: str
    greedy: str  # "" when the pipeline offers no greedy text
    elapsed: float  # seconds of `process_audio`
    arm: str = ""  # as in Measurement
    expect: Expect | None = None  # as in Clip
    broke: str | None = None  # how the result broke its contract; "": kept; None: nobody looked
    treatment: str = ""  # what was done to the clip before: "white 10"; "": nothing


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One check of a file, a contract or a process: its rule, and what was seen."""

    rule: str  # short stable name: "tensors_inside_file"
    title: str  # the rule as a sentence
    holds: bool
    detail: str  # what was expected and found; "" when the rule holds and there is nothing to add
    area: str = "integrity"  # integrity | contract | canaries | process
    checked: bool = True  # False: the rule could not be applied; `detail` says why and what to do
    facts: Mapping[str, str] = field(default_factory=dict)  # the same for a program: stage, clip


@dataclass(frozen=True, kw_only=True)
class Variant:
    """The pipeline's config with some options changed, as `harness tune` measures it."""

    name: str  # "prepacking=false, intra_op_threads=2"
    options: Mapping[str, Any]  # key of the pipeline's config -> value; {}: the config as given
    config: str  # path of the config file that was written for it
    arm: str  # of its measurements and transcripts
    part: str  # screen: looked at briefly | final: measured in full | control: as given, again


@dataclass(frozen=True, kw_only=True)
class Planting:
    """Memory that was planted in a stage on purpose, and what two instruments saw of it."""

    planted: int  # bytes that the stage touched, and freed before it ended
    held: float  # seconds from the last touch to the release, as ordered
    lived: float  # seconds from the allocation to the release, touching included, as measured
    kernel: float  # bytes: the stage's rise, by the kernel's own peak
    polled: float | None  # bytes: the rise that a sampler saw; None: it never looked meanwhile
    tolerance: float  # bytes by which `kernel` may miss `planted`

    @property
    def within(self) -> bool:
        """Whether the kernel's figure is as near as it must be."""
        return abs(self.kernel - self.planted) <= self.tolerance


@dataclass(frozen=True, kw_only=True)
class Environment:
    """Where and on what a run was made. Two runs are alike when `comparable` is equal."""

    comparable: Mapping[str, str]  # cpu, cores, memory, kernel, library versions, threads, options
    identity: Mapping[str, str]  # git commit, digests of bundle, config and reference sets
    noise: Mapping[str, str]  # load average, steal, pressure, foreign CPU: how quiet it was


@dataclass(frozen=True, kw_only=True)
class Run:
    """Everything that one `bench` or `validate` saw, as read from its folder."""

    id: str  # "20261123T192559Z-reference-bench-1a2b"
    verb: str  # bench | validate
    bundle: str  # name of the bundle: "reference", "sarai"
    config: str  # path of the pipeline's config as given
    started: str  # ISO 8601 UTC
    environment: Environment | None  # None when the run ended before it was known
    measurements: tuple[Measurement, ...] = ()
    transcripts: tuple[Transcript, ...] = ()
    findings: tuple[Finding, ...] = ()
    doubts: tuple[str, ...] = ()  # what a reader should not trust, each with its remedy
    facts: Mapping[str, Any] = field(default_factory=dict)  # graph facts, set digests, settings
    complete: bool = False  # sealed at its end; False: interrupted, what is here is still true


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A two-sided confidence interval, or a one-sided bound when one end is infinite."""

    low: float
    high: float
    level: float  # 0.95
    method: str  # "bootstrap over utterances, 10 000 draws, seed 0"


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a run says about one budget."""

    budget: Budget
    outcome: Outcome
    value: float | None  # exact, never rounded; None: not measured, or from too few runs
    interval: Interval | None
    samples: int
    sentence: str  # one line for a person: why this outcome, and what to do
