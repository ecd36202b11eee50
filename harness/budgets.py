"""`budgets.yaml`: what a run must keep, per bundle, and every metric that it may be about.

A misspelt metric is an error that names the nearest known one, because a misspelt budget would be
a budget that nobody checks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from harness.errors import ConfigError
from harness.records import Budget, Cover, Statistic, Waiver
from harness.strict import Strict, checked, nearest, read_yaml
from harness.suite import Suite
from harness.units import GB, KB, MB, Unit

UNITS: Mapping[str, tuple[float, Unit]] = {  # as written in budgets.yaml: factor to SI, unit
    "s": (1.0, Unit.SECONDS),
    "ms": (1e-3, Unit.SECONDS),
    "B": (1, Unit.BYTES),
    "kB": (KB, Unit.BYTES),
    "MB": (MB, Unit.BYTES),
    "GB": (GB, Unit.BYTES),
    "%": (0.01, Unit.RATIO),
    "score": (1.0, Unit.SCORE),
    "/s": (1.0, Unit.RATE),
    "x": (1.0, Unit.FACTOR),
    "dB": (1.0, Unit.DECIBEL),
    "st": (1.0, Unit.SEMITONES),
}

MEASURED_IN: Mapping[str, Unit] = {  # first word of a metric: the unit of its samples
    "latency": Unit.SECONDS,
    "memory": Unit.BYTES,
    "accuracy": Unit.RATIO,
    "quality": Unit.SCORE,
    "speech": Unit.SECONDS,
    "routing": Unit.SECONDS,
}


class WaiverRow(Strict):
    """A named, dated exception."""

    reason: str = Field(min_length=1)
    expires: date
    covers: Cover = "miss"

    def waiver(self) -> Waiver:
        """The row as a record."""
        return Waiver(reason=self.reason, expires=self.expires.isoformat(), covers=self.covers)


class BudgetRow(Strict):
    """One row of `budgets.yaml`; exactly one of `at_most` and `at_least`."""

    metric: str
    statistic: Statistic
    at_most: float | None = None
    at_least: float | None = None
    unit: str
    or_share: float | None = Field(default=None, gt=0)  # percent of the median end to end, if more
    scaled: bool = False  # the limit is of the machine that the file's `yardstick_ms` was taken on
    title: str = Field(min_length=1)
    required: bool = True
    waiver: WaiverRow | None = None

    one_limit: ClassVar[str] = "give one limit: either at_most or at_least"
    of_time: ClassVar[str] = "or_share is of the time of a request: give at_most in s or ms"
    of_speed: ClassVar[str] = "scaled is for times, without or_share: give at_most in s or ms"

    @model_validator(mode="after")
    def _one_limit_in_a_known_unit(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise PydanticCustomError("one_limit", "{text}", {"text": self.one_limit})
        if self.unit not in UNITS:
            text = f"unknown unit {self.unit!r}. Known: {', '.join(UNITS)}"
            raise PydanticCustomError("unknown_unit", "{text}", {"text": text})
        timed = self.at_most is not None and UNITS[self.unit][1] is Unit.SECONDS
        if self.or_share is not None and not timed:
            raise PydanticCustomError("of_time", "{text}", {"text": self.of_time})
        if self.scaled and (not timed or self.or_share is not None):
            raise PydanticCustomError("of_speed", "{text}", {"text": self.of_speed})
        return self

    def budget(self, yardstick_ms: float | None) -> Budget:
        """The row in SI units; `yardstick_ms` is that of the file."""
        factor, unit = UNITS[self.unit]
        limit = self.at_least if self.at_most is None else self.at_most
        return Budget(
            metric=self.metric,
            statistic=self.statistic,
            limit=factor * (limit or 0.0),
            unit=unit,
            at_most=self.at_most is not None,
            share=None if self.or_share is None else self.or_share / 100,
            yardstick=yardstick_ms / 1e3 if self.scaled and yardstick_ms else None,
            title=self.title,
            required=self.required,
            waiver=self.waiver.waiver() if self.waiver else None,
        )


class BudgetFile(Strict):
    """`budgets.yaml`: rows per bundle."""

    yardstick_ms: float | None = Field(default=None, gt=0)  # of the machine of the scaled rows
    bundles: dict[str, tuple[BudgetRow, ...]]

    no_yardstick: ClassVar[str] = "a row is scaled: give yardstick_ms, the median of host.yardstick"

    @model_validator(mode="after")
    def _scaled_by_something(self) -> Self:
        rows = [row for rows in self.bundles.values() for row in rows]
        if self.yardstick_ms is None and any(row.scaled for row in rows):
            raise PydanticCustomError("no_yardstick", "{text}", {"text": self.no_yardstick})
        return self


def read_budgets(file: Path, bundle: str, known: Iterable[str]) -> tuple[Budget, ...]:
    """Read the rows of one bundle; the rows of every other bundle are checked too.

    Args:
        known: every metric that a budget may be about, see `metrics`.

    Raises:
        ConfigError: the bundle has no rows, or as in `read_settings`.
    """
    content = checked(BudgetFile, read_yaml(file), file)
    bundles = content.bundles
    known = tuple(known)
    for name, rows in bundles.items():
        for row in rows:
            if row.metric not in known:
                raise ConfigError(
                    f"{file}: bundles.{name}: unknown metric {row.metric!r}."
                    f"{nearest(row.metric, known)}"
                )
            measured = SPOKEN.get(row.metric) or MEASURED_IN.get(row.metric.partition(".")[0])
            if measured and UNITS[row.unit][1] is not measured:
                fitting = [word for word, (_, unit) in UNITS.items() if unit is measured]
                raise ConfigError(
                    f"{file}: bundles.{name}: {row.metric}: unit: expected one of "
                    f"{', '.join(fitting)}. Got {row.unit!r}."
                )
    if not bundles.get(bundle):
        raise ConfigError(
            f"{file}: no budgets for the bundle {bundle!r} (the file name of --config). "
            f"Known: {', '.join(bundles)}. Add a section `{bundle}` with at least one row."
        )
    return tuple(row.budget(content.yardstick_ms) for row in bundles[bundle])


def growth_budgets(suite: Suite, budgets: Iterable[Budget]) -> tuple[Budget, ...]:
    """Return what a soak is judged by: the rows about it, or else `soak.growth_bytes`."""
    stated = tuple(budget for budget in budgets if budget.metric == GROWTH)
    if stated or suite.soak is None:
        return stated
    return (
        Budget(
            metric=GROWTH,
            statistic=Statistic.MEAN,
            limit=suite.soak.growth_bytes,
            unit=Unit.BYTES,
            at_most=True,
            title="Memory growth per request",
        ),
    )


def time_limit(budgets: Iterable[Budget]) -> dict[str, float | None] | None:
    """Return what one window may take end to end: `seconds`, and at which `yardstick` they count.

    None where no row limits the 95th percentile of it.
    """
    for row in budgets:
        if (row.metric, row.statistic) == (WHOLE, Statistic.P95) and row.at_most:
            return {"seconds": row.limit, "yardstick": row.yardstick}
    return None


def metrics(suite: Suite) -> tuple[str, ...]:
    """Name every metric that a budget may be about, given the suite's stages and sets."""
    sets = (*suite.accuracy.gated, *suite.accuracy.reported)
    heard = suite.conditions
    treated = [f"{heard.set}{UNDER}{name}" for name in heard.treatments] if heard else ()
    return (
        *(f"latency.{name}" for name in (*LATENCIES, *suite.stages)),
        *(f"memory.{name}" for name in MEMORIES),
        *(f"memory.stage.{stage}.{what}" for stage in suite.stages for what in ("peak", "rise")),
        *(f"accuracy.{rate}.{name}" for name in (*sets, *treated) for rate in RATES),
        *LOADS,
        *(f"load.offline.{number}" for number in (suite.load.concurrency if suite.load else ())),
        GROWTH,
        *(f"speech.{stage}" for stage in (suite.speech.stages if suite.speech else ())),
        *SPOKEN,
        *OTHERS,
    )


LATENCIES = (
    *("imports", "load_cold", "load_warm", "first_result", "first_inference"),
    "unattributed",
)
MEMORIES = (
    *("peak", "load_peak", "first_run_peak", "steady", "libraries", "anon", "file", "shmem"),
    "swap",
    *("ledger.model", "ledger.runtime", "ledger.audio", "ledger.output", "ledger.left_over"),
)
RATES = ("wer", "wer_greedy", "cer", "ser", "catastrophes")  # of each reference set
UNDER = "@"  # before the name of a treatment: accuracy.wer.es_synthetic@white 10
RTF, FIRST_AUDIO = "speech.rtf", "speech.first_audio"
ROUND_TRIP, OVER_FLOOR = "quality.round_trip_wer", "quality.over_floor"
EMOTION = "quality.emotion."  # and a control of `accuracy.speech_quality.emotion`
SPOKEN: Mapping[str, Unit] = {  # how the pipeline speaks
    RTF: Unit.FACTOR,  # seconds until the audio is there, per second of audio
    "speech.cpu": Unit.FACTOR,  # seconds on a core, all threads, per second of audio
    FIRST_AUDIO: Unit.SECONDS,
    "speech.streamed": Unit.SECONDS,
    "speech.end_to_end": Unit.SECONDS,
    "speech.peak": Unit.BYTES,
    ROUND_TRIP: Unit.RATIO,
    OVER_FLOOR: Unit.RATIO,
    f"{EMOTION}rate": Unit.RATIO,
    f"{EMOTION}pitch": Unit.RATIO,
    f"{EMOTION}pitch_range": Unit.SEMITONES,
    f"{EMOTION}energy": Unit.DECIBEL,
}
SERVER = "load.server"  # the highest rate of requests that keeps the budget end to end
LOADS = ("load.single_stream", SERVER)
GROWTH = "soak.growth"  # by how much one more request raises the resident memory
WHOLE = "latency.end_to_end"
END_TO_END = "accuracy.end_to_end"  # the share of clips that were answered rightly and in time
OVERHEAD = "routing.overhead"  # of a request through the agent graph
MOS = "quality.tts_mos"  # what listeners said of a voice: of a listening test alone
OTHERS = (END_TO_END, OVERHEAD, MOS)
UNMEASURED = "not measured: "  # before a metric: the fact that says why a run has nothing of it
