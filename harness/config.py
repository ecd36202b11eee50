"""What a person may set: `suite.yaml` (what a run does) and `budgets.yaml` (what it must keep).

Both stand beside the pipeline's own config, whose file name is the name of its bundle:
`config/reference.yaml` is judged by the rows of `reference`. Reading is strict. An unknown key or
a misspelt metric is an error that names file, key and the nearest known one, because a misspelt
budget would be a budget that nobody checks.

    settings = read_settings(Path("config/reference.yaml"))
    settings.suite.latency.processes, settings.budgets[0].title
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from harness.errors import ConfigError
from harness.records import Budget, Statistic, Waiver
from harness.strict import Strict, checked, nearest, read_yaml
from harness.units import GB, KB, MB, Unit

SUITE = "suite.yaml"
BUDGETS = "budgets.yaml"

UNITS: Mapping[str, tuple[float, Unit]] = {  # as written in budgets.yaml: factor to SI, unit
    "s": (1.0, Unit.SECONDS),
    "ms": (1e-3, Unit.SECONDS),
    "B": (1, Unit.BYTES),
    "kB": (KB, Unit.BYTES),
    "MB": (MB, Unit.BYTES),
    "GB": (GB, Unit.BYTES),
    "%": (0.01, Unit.RATIO),
    "score": (1.0, Unit.SCORE),
}


class Pass(Strict):
    """How one kind of measurement is taken."""

    set: str  # reference set whose clips are sent
    clips: int = Field(ge=1)  # how many of them, drawn by the suite's seed
    processes: int = Field(ge=1)  # fresh processes, one after the other
    repeats: int = Field(ge=1)  # timed requests in each process
    cold: int = Field(default=0, ge=0)  # how many of them find the model's files on disk only
    warmup: int = Field(ge=0)  # requests before them, not counted
    timeout_s: float = Field(gt=0)  # a process that takes longer is ended and reported


class Accuracy(Strict):
    """Which reference sets are transcribed."""

    gated: tuple[str, ...]  # sets that budgets are about
    reported: tuple[str, ...] = ()  # sets whose figures stand beside them
    human: str | None = None  # folder of a set of human speech, reported where it is present
    clips: int | None = Field(default=None, ge=1)  # at most so many a set, drawn by seed; None: all
    timeout_s: float = Field(gt=0)  # for one process that transcribes a set


class Suite(Strict):
    """What a run does."""

    factory: str  # "module:callable", called with the path of the pipeline's config
    model_key: str  # where that config names the model file: "audio_omni.model_path"
    stages: dict[str, str]  # name of a stage -> method of what the factory returns
    leaves: tuple[str, ...]  # stages that are summed: they do not contain each other
    sets: str  # folder of the reference sets
    seed: int = 0
    latency: Pass
    memory: Pass
    accuracy: Accuracy

    @model_validator(mode="after")
    def _leaves_are_stages(self) -> Self:
        for leaf in self.leaves:
            if leaf not in self.stages:
                text = f"leaves: {leaf!r} is no stage.{nearest(leaf, self.stages)}"
                raise PydanticCustomError("unknown_stage", "{text}", {"text": text})
        return self


class WaiverRow(Strict):
    """A named, dated exception."""

    reason: str = Field(min_length=1)
    expires: date

    def waiver(self) -> Waiver:
        """The row as a record."""
        return Waiver(reason=self.reason, expires=self.expires.isoformat())


class BudgetRow(Strict):
    """One row of `budgets.yaml`; exactly one of `at_most` and `at_least`."""

    metric: str
    statistic: Statistic
    at_most: float | None = None
    at_least: float | None = None
    unit: str
    title: str = Field(min_length=1)
    required: bool = True
    waiver: WaiverRow | None = None

    one_limit: ClassVar[str] = "give one limit: either at_most or at_least"

    @model_validator(mode="after")
    def _one_limit_in_a_known_unit(self) -> Self:
        if (self.at_most is None) == (self.at_least is None):
            raise PydanticCustomError("one_limit", "{text}", {"text": self.one_limit})
        if self.unit not in UNITS:
            text = f"unknown unit {self.unit!r}. Known: {', '.join(UNITS)}"
            raise PydanticCustomError("unknown_unit", "{text}", {"text": text})
        return self

    def budget(self) -> Budget:
        """The row in SI units."""
        factor, unit = UNITS[self.unit]
        limit = self.at_least if self.at_most is None else self.at_most
        return Budget(
            metric=self.metric,
            statistic=self.statistic,
            limit=factor * (limit or 0.0),
            unit=unit,
            at_most=self.at_most is not None,
            title=self.title,
            required=self.required,
            waiver=self.waiver.waiver() if self.waiver else None,
        )


class BudgetFile(Strict):
    """`budgets.yaml`: rows per bundle."""

    bundles: dict[str, tuple[BudgetRow, ...]]


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that a run was told, read and checked."""

    config: Path  # the pipeline's config file, as given
    bundle: str  # its name without ending: which rows of budgets.yaml count
    model: Path  # model file that the config names; may be absent
    quick: bool  # whether the suite's `quick` section was applied
    suite: Suite
    budgets: tuple[Budget, ...]


def read_settings(config: Path, *, quick: bool = False) -> Settings:
    """Read the pipeline's config and the two files beside it.

    Args:
        config: the pipeline's config; `suite.yaml` and `budgets.yaml` lie in the same folder.
        quick: apply the suite's `quick` section over the rest.

    Raises:
        ConfigError: a file is absent or cannot be used; names file, key and what was expected.
    """
    document = read_yaml(config)
    full = read_suite(config.parent / SUITE)
    return Settings(
        config=config,
        bundle=config.stem,
        model=model_path(config, document, full.model_key),
        quick=quick,
        suite=read_suite(config.parent / SUITE, quick=True) if quick else full,
        budgets=read_budgets(config.parent / BUDGETS, config.stem, metrics(full)),
    )


def read_suite(file: Path, *, quick: bool = False) -> Suite:
    """Read `suite.yaml`; both settings of it are checked whichever is asked for.

    Raises:
        ConfigError: as in `read_settings`.
    """
    data = dict(read_yaml(file))
    overrides = data.pop("quick", {})
    full = checked(Suite, data, file)
    short = checked(Suite, _merged(data, overrides), file, part="with `quick` applied, ")
    return short if quick else full


def read_budgets(file: Path, bundle: str, known: Iterable[str]) -> tuple[Budget, ...]:
    """Read the rows of one bundle; the rows of every other bundle are checked too.

    Args:
        known: every metric that a budget may be about, see `metrics`.

    Raises:
        ConfigError: the bundle has no rows, or as in `read_settings`.
    """
    bundles = checked(BudgetFile, read_yaml(file), file).bundles
    known = tuple(known)
    for name, rows in bundles.items():
        for row in rows:
            if row.metric not in known:
                raise ConfigError(
                    f"{file}: bundles.{name}: unknown metric {row.metric!r}."
                    f"{nearest(row.metric, known)}"
                )
    if not bundles.get(bundle):
        raise ConfigError(
            f"{file}: no budgets for the bundle {bundle!r} (the file name of --config). "
            f"Known: {', '.join(bundles)}. Add a section `{bundle}` with at least one row."
        )
    return tuple(row.budget() for row in bundles[bundle])


def metrics(suite: Suite) -> tuple[str, ...]:
    """Name every metric that a budget may be about, given the suite's stages and sets."""
    sets = (*suite.accuracy.gated, *suite.accuracy.reported)
    return (
        *(f"latency.{name}" for name in (*LATENCIES, *suite.stages)),
        *(f"memory.{name}" for name in MEMORIES),
        *(f"memory.stage.{stage}.{what}" for stage in suite.stages for what in ("peak", "rise")),
        *(f"accuracy.{rate}.{name}" for name in sets for rate in ("wer", "wer_greedy")),
        *OTHERS,
    )


LATENCIES = (
    *("imports", "load_cold", "load_warm", "first_result", "first_inference"),
    "unattributed",
)
MEMORIES = (
    *("peak", "load_peak", "first_run_peak", "steady", "libraries", "anon", "file", "shmem"),
    *("ledger.model", "ledger.runtime", "ledger.audio"),  # supplied by no pass yet
)
OTHERS = ("accuracy.end_to_end", "quality.tts_mos")  # supplied by no pass yet


def model_path(config: Path, document: Mapping[str, Any], key: str) -> Path:
    """Return where the pipeline's config, whose content is `document`, says that its model lies.

    A relative path counts from the current folder, or from the parent of the config's folder.

    Raises:
        ConfigError: `key` leads to nothing.
    """
    value: Any = document
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{config}: expected the path of the model at {key!r}, got {value!r}.")
    here, project = Path(value), config.resolve().parent.parent / value
    return project if project.exists() and not here.exists() else here


def _merged(data: Mapping[str, Any], over: Any) -> dict[str, Any]:
    """`data` with the values of `over` in place of its own, section by section."""
    merged = dict(data)
    for key, value in over.items() if isinstance(over, dict) else ():
        old = merged.get(key)
        merged[key] = _merged(old, value) if isinstance(old, dict) else value
    return merged
