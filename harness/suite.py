"""`suite.yaml`: what a run does, section by section. Reading is strict."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, FiniteFloat, PositiveInt, model_validator
from pydantic_core import PydanticCustomError

from harness.opinions import Listening, PredictedMos
from harness.speaking import Speech
from harness.strict import Strict, checked, nearest, read_yaml

END_TO_END = "end_to_end"  # the stage that is called; it contains all others


class Pass(Strict):
    """How one kind of measurement is taken."""

    set: str  # reference set whose clips are sent
    clips: int = Field(ge=1)  # how many of them, drawn by the suite's seed
    processes: int = Field(ge=1)  # fresh processes, one after the other
    repeats: int = Field(ge=1)  # timed requests in each process
    cold: int = Field(
        default=0, ge=0
    )  # how many of them, drawn by the seed, find the files on disk
    warmup: int = Field(ge=0)  # requests before them, not counted
    timeout_s: float = Field(gt=0)  # a process that takes longer is ended and reported


class Accuracy(Strict):
    """Which reference sets are transcribed."""

    gated: tuple[str, ...]  # sets that budgets are about
    reported: tuple[str, ...] = ()  # sets whose figures stand beside them
    human: str | None = None  # folder of a set of human speech, reported where it is present
    clips: int | None = Field(default=None, ge=1)  # at most so many a set, drawn by seed; None: all
    timeout_s: float = Field(gt=0)  # for one process that transcribes a set


class Routing(Pass):
    """Requests through an agent graph, beside the same without it."""

    factory: str  # "module:callable" of what has the methods of `measure.routing.STAGES`
    needs: str  # module without which nothing is measured, and the run says so


class Extension(Strict):
    """How a latency pass goes on when a budget is not proven."""

    processes: int = Field(ge=1)  # added at each look
    most: int = Field(ge=1)  # processes in all, where it stops
    within_s: float = Field(gt=0)  # wall-clock seconds of the whole pass after which none is added


class Latency(Pass):
    """How time is taken."""

    extend: Extension | None = None  # None: the processes above, and no more

    @model_validator(mode="after")
    def _most_is_not_less(self) -> Self:
        if self.extend is not None and self.extend.most < self.processes:
            text = f"extend.most: {self.extend.most} is less than processes: {self.processes}"
            raise PydanticCustomError("too_few", "{text}", {"text": text})
        return self


class Host(Strict):
    """The machine's own ceilings."""

    seconds: float = Field(gt=0, le=5)  # for all of them together


class Functions(Strict):
    """How pytest-benchmark times single functions."""

    seconds: float = Field(gt=0)  # for each function, about; at least five rounds are taken


class Soak(Strict):
    """Many requests of mixed lengths in one process: does its memory grow?"""

    sets: tuple[str, ...] = Field(min_length=1)  # clips are drawn from all of them
    clips: int = Field(ge=1)  # at most so many of each; all of them, in a new order, are a round
    processes: int = Field(ge=1)
    rounds: int = Field(ge=4)  # in each process
    warmup: int = Field(ge=1)  # rounds before them, not counted: the arena fits the longest clip
    growth_bytes: float = Field(ge=0)  # per request: what may be shown before it is a FAIL
    refusal: str = ""  # "package.module:Class" of the pipeline's errors: bad input ends in one
    timeout_s: float = Field(gt=0)


class Load(Strict):
    """Requests as users send them."""

    set: str
    clips: int = Field(ge=1)
    processes: int = Field(ge=2)  # trials of each shape, each in a fresh process
    requests: int = Field(ge=20)  # in one trial
    warmup: int = Field(ge=0)
    concurrency: tuple[PositiveInt, ...] = Field(min_length=1)  # offline: requests in flight
    workers: int = Field(ge=1)  # server: threads that answer what comes
    timeout_s: float = Field(gt=0)


class Comparing(Strict):
    """Two arms, interleaved."""

    set: str
    clips: int = Field(ge=1)
    processes: int = Field(ge=3)  # an arm
    repeats: int = Field(ge=1)
    warmup: int = Field(ge=0)
    wer_set: str  # whose words are compared, pair by pair
    wer_clips: int | None = Field(default=None, ge=1)  # at most so many, drawn by seed; None: all
    timeout_s: float = Field(gt=0)


class FullScale(Strict):
    """Configs of one model, side by side."""

    repeats: dict[str, PositiveInt]  # config beside suite.yaml -> timed requests of a process
    baseline: str  # of them: whose words those with another model file are compared with
    set: str
    clips: int = Field(ge=1)
    processes: int = Field(ge=3)  # of each config
    cold: int = Field(ge=0)  # of these, how many find the model's files on disk only
    warmup: int = Field(ge=0)
    wer_set: str
    wer_clips: int | None = Field(default=None, ge=1)  # at most so many, drawn by seed; None: all
    wer_points: float = Field(gt=0)  # percent by which the WER may be higher than the baseline's
    timeout_s: float = Field(gt=0)

    @model_validator(mode="after")
    def _baseline_is_one(self) -> Self:
        if self.baseline not in self.repeats:
            text = f"baseline: {self.baseline!r} is not in repeats."
            text += nearest(self.baseline, self.repeats)
            raise PydanticCustomError("no_baseline", "{text}", {"text": text})
        return self


class Conditions(Strict):
    """A set heard again under noise, over a line, in a room (see `accuracy.conditions`)."""

    set: str
    clips: int | None = Field(default=None, ge=1)  # at most so many, drawn by seed; None: all
    white: tuple[FiniteFloat, ...] = ()  # dB of SNR, over the active speech level
    pink: tuple[FiniteFloat, ...] = ()
    babble: tuple[FiniteFloat, ...] = ()
    telephone: tuple[Literal["linear", "mulaw"], ...] = ()
    gain: tuple[FiniteFloat, ...] = ()  # dB
    clipping: tuple[Annotated[FiniteFloat, Field(gt=0)], ...] = ()  # dB below the clip's peak
    reverb: tuple[Annotated[FiniteFloat, Field(gt=0, le=10)], ...] = ()  # RT60 in seconds
    speed: tuple[Annotated[FiniteFloat, Field(ge=0.25, le=4)], ...] = ()  # factor
    timeout_s: float = Field(gt=0)  # for one process, that hears one kind at all its levels
    cache_mb: float = Field(default=2000, gt=0)  # treated clips that may stay on disk, in 10^6 B

    @property
    def treatments(self) -> tuple[str, ...]:
        """Names of all that is asked for, kind by kind: `("white 20", "white 10", "mulaw")`."""
        lines = [name for name in ("linear", "mulaw") if name in self.telephone]
        found = [
            f"{kind} {level:g}"
            for kind in ("white", "pink", "babble")
            for level in getattr(self, kind)
        ]
        found += ["telephone" if name == "linear" else name for name in lines]
        rest = ("gain", "clipping", "reverb", "speed")
        found += [f"{kind} {level:g}" for kind in rest for level in getattr(self, kind)]
        return tuple(dict.fromkeys(found))


class Tuning(Comparing):
    """Variants of the pipeline's config, measured on the same clips."""

    # Key of the pipeline's config -> values to try, first the one that holds where it is absent.
    grid: dict[str, Annotated[tuple[Any, ...], Field(min_length=2)]]
    screen: int = Field(ge=3)  # processes of each single change, to see which are worth more
    combinations: int = Field(ge=0)  # of the changes that won something: at most so many measured


class Rounds(Strict):
    """How many interleaved processes."""

    rounds: int = Field(ge=3)  # processes of every arm
    repeats: int = Field(ge=1)  # timed requests in each


class Selfbench(Strict):
    """The harness measured by itself."""

    set: str
    clips: int = Field(ge=1)
    warmup: int = Field(ge=0)
    timeout_s: float = Field(gt=0)
    overhead: Rounds  # the latency pass beside a bare loop
    comparison: Rounds  # one comparison of a pipeline with itself and with slower copies
    comparisons: int = Field(ge=1)  # how many of them
    starts: int = Field(ge=3)  # of each program whose start is timed
    plantings: int = Field(ge=1)  # of each amount of memory
    gates: int = Field(ge=1)  # simulated in each cell of the operating curve
    covered: int = Field(default=1000, ge=1)  # sets simulated in each cell of the coverage
    watched: int = Field(default=300, ge=1)  # series of runs simulated in each cell of the history


class Suite(Strict):
    """What a run does."""

    factory: str  # "module:callable", called with the path of the pipeline's config
    model_key: str  # where that config names the model file: "audio_omni.model_path"
    name_key: str | None = None  # where it says which model that is; None: nowhere
    threads_key: str | None = None  # where it says how many threads compute; absent or 0: all cores
    output_key: str | None = None  # where it says what part of its output the model is run for
    voice_key: str | None = None  # where it names the model file of the voice; absent there: none
    stages: dict[str, str]  # name of a stage -> method of what the factory returns
    leaves: tuple[str, ...]  # stages that are summed: they do not contain each other
    sets: str  # folder of the reference sets
    seed: int = 0
    latency: Latency
    memory: Pass
    accuracy: Accuracy
    host: Host = Host(seconds=4)
    operators: Pass | None = None  # requests under onnxruntime's own profile; None: not taken
    functions: Functions = Functions(seconds=0.3)
    routing: Routing | None = None
    listening: Listening | None = None
    predicted_mos: PredictedMos | None = None  # None: no model of listeners is asked
    soak: Soak | None = None
    load: Load | None = None
    conditions: Conditions | None = None
    ab: Comparing | None = None
    tune: Tuning | None = None
    full_scale: FullScale | None = None
    selfbench: Selfbench | None = None
    speech: Speech | None = None

    @model_validator(mode="after")
    def _stages_fit_together(self) -> Self:
        if END_TO_END not in self.stages:
            text = f"stages: {END_TO_END} is missing: the method that takes a clip's bytes"
            raise PydanticCustomError("missing_stage", "{text}", {"text": text})
        for leaf in self.leaves:
            if leaf not in self.stages:
                text = f"leaves: {leaf!r} is no stage.{nearest(leaf, self.stages)}"
                raise PydanticCustomError("unknown_stage", "{text}", {"text": text})
        return self


class Overrides(Strict):
    """What takes the place of the suite's values, section by section."""

    quick: dict[str, Any] = Field(default_factory=dict)  # for a short run of any bundle
    bundles: dict[str, dict[str, Any]] = Field(default_factory=dict)  # for runs of this one alone


def read_suite(file: Path, *, bundle: str = "", quick: bool = False) -> Suite:
    """Read `suite.yaml`; every setting of it is checked whichever is asked for.

    Args:
        bundle: whose values of `bundles` take the place of the suite's; "": those of none.
        quick: put the values of `quick` over these.

    Raises:
        ConfigError: as in `read_settings`.
    """
    data, overrides = _parted(file)
    found = {}
    for name, over in {"": {}, **overrides.bundles}.items():
        whose = f"with `bundles.{name}` applied, " if name else ""
        whole = _merged(data, over)
        found[name, False] = checked(Suite, whole, file, part=whose)
        short, part = _merged(whole, overrides.quick), f"{whose}with `quick` applied, "
        found[name, True] = checked(Suite, short, file, part=part)
    return found[bundle if bundle in overrides.bundles else "", quick]


def overridden_bundles(file: Path) -> tuple[str, ...]:
    """Return the names of the bundles that `suite.yaml` has values of their own for.

    Raises:
        ConfigError: as in `read_settings`.
    """
    return tuple(_parted(file)[1].bundles)


def _parted(file: Path) -> tuple[dict[str, Any], Overrides]:
    """What the file says of every run, and what takes its place in some."""
    data = dict(read_yaml(file))
    over = {key: data.pop(key) for key in Overrides.model_fields if key in data}
    return data, checked(Overrides, over, file)


def _merged(data: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """`data` with the values of `over` in place of its own, section by section."""
    merged = dict(data)
    for key, value in over.items():
        old = merged.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            value = _merged(old, value)
        merged[key] = value
    return merged
