"""A run that hears one whole set, and goes on where a killed one stopped.

What was heard is in the journal, one flushed line a clip. `--resume` reads it, hears what is not
there, and appends to the same journal: a clip is counted once, however often the run was killed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.accuracy.sets import set_digest
from harness.config import Settings
from harness.errors import StoreError, UnlikeRunsError
from harness.measure.host import allowed_cores, free_memory
from harness.measure.job import Job
from harness.measure.keeper import ANSWERS, finding
from harness.progress import Step
from harness.records import Clip, Measurement, Run
from harness.run.jobs import job_of
from harness.run.recording import Recording, Say
from harness.run.score.engine_ray import hear_on_ray, import_ray
from harness.run.score.handout import Handout
from harness.run.score.weight import Weight, refuse_too_many, weigh
from harness.run.score.workers import TRIES, Pooled, hear_all
from harness.store import RunWriter, read_run
from harness.units import Unit

VERB = "score"
LOCAL, RAY = "local", "ray"
RAY_TRIES = 4  # a node that is lost takes all its clips with it: no fault of theirs

Bar = Callable[..., AbstractContextManager[Step]]


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is to be heard, by what, and how."""

    settings: Settings
    name: str  # of the set
    clips: tuple[Clip, ...]  # that can be sent
    workers: int
    runs: Path  # folder of the runs
    engine: str = LOCAL
    address: str | None = None  # of the Ray cluster; None: one is started on this machine
    lacking: tuple[str, ...] = ()  # why further clips of the set cannot be sent, one each
    clip_s: float = 300.0  # seconds for one clip, and for a load
    budgets: tuple[Mapping[str, Any], ...] = ()  # as `budget_facts` writes them, for the journal
    folder: Path = Path()  # of the set, where a page finds its audio


def score_set(order: Order, *, resume: Path | None, say: Say, bar: Bar) -> Run:
    """Hear every clip of a set that the run in `resume` does not hold yet, and seal the run.

    Raises:
        MeasurementError: too many workers for the memory, or none loads the pipeline.
        UnlikeRunsError: set, config or bundle are not those of the run in `resume`.
        StoreError: the run cannot be read or written.
    """
    if resume is not None and (before := read_run(resume)).complete:
        _refuse_unlike(before, order, resume)
        return before
    if order.engine == RAY:
        import_ray()  # absent: before anything is measured
    job = job_of(order.settings, order.clips, timeout_s=order.clip_s)
    weight = weigh(job, order.clips)
    if order.engine == LOCAL:
        refuse_too_many(weight, order.workers, free_memory())
    with _writer(order, resume) as writer:
        recording = Recording(order.settings, writer, say, identity=_set_identity(order))
        earlier = read_run(resume) if resume is not None else None
        if earlier is not None and resume is not None:
            _refuse_unlike(earlier, order, resume, recording)
        recording.begin(_facts(order, weight))
        _hear(order, job, weight, earlier, recording, bar)
        recording.seal()
        return recording.run


def settled(run: Run, name: str) -> frozenset[str]:
    """Return the ids of a set's clips of which a run knows the outcome: heard, or lacking."""
    heard = {t.clip for t in run.transcripts if t.set == name}
    return frozenset(heard | lacking(run))


def lacking(run: Run) -> set[str]:
    """Return the ids of the clips that were sent and got no answer."""
    broken = (f for f in run.findings if f.rule == ANSWERS and not f.holds)
    return {f.facts["clip"] for f in broken if "clip" in f.facts}


def _hear(
    order: Order,
    job: Job,
    weight: Weight,
    earlier: Run | None,
    recording: Recording,
    bar: Bar,
) -> None:
    known = settled(earlier, order.name) if earlier else frozenset()
    left = [clip for clip in order.clips if clip.id not in known]
    for doubt in _doubts(order, earlier, recording):
        recording.doubt(doubt)
    session = sum(m.metric == "score.wall" for m in earlier.measurements) if earlier else 0
    tries = TRIES if order.engine == LOCAL else RAY_TRIES
    with bar(f"score {order.name}", total=len(left)) as step:
        handout = Handout(order.name, left, recording.keep, tries=tries, step=step)
        start = time.perf_counter()
        pooled = _pool(order, job, weight, handout) if left else Pooled()
        _keep_costs(recording, handout, pooled, start=start, session=session)
    for doubt in handout.doubts:
        recording.doubt(doubt)
    if not lacking(recording.run):
        recording.keep(finding(ANSWERS, f"score: {len(order.clips)} clips.", holds=True))


def _pool(order: Order, job: Job, weight: Weight, handout: Handout) -> Pooled:
    if order.engine == LOCAL:
        return hear_all(job, handout, workers=order.workers)
    threads = order.settings.threads
    return hear_on_ray(
        job, handout, workers=order.workers, address=order.address, threads=threads, weight=weight
    )


def _keep_costs(
    recording: Recording, handout: Handout, pooled: Pooled, *, start: float, session: int
) -> None:
    """Record what this session took; one that is killed leaves its clips, not its costs."""
    end = time.perf_counter()
    hearing = end - min(pooled.ready, default=end)
    for metric, unit, values in (
        ("score.wall", Unit.SECONDS, [end - start]),
        ("score.hearing", Unit.SECONDS, [hearing]),
        ("score.heard", Unit.COUNT, [float(handout.heard_clips)]),
        ("score.audio", Unit.SECONDS, [handout.heard_seconds]),
        ("score.worker_peak", Unit.BYTES, [float(peak) for peak in pooled.peaks]),
    ):
        if values:
            taken = tuple(values)
            recording.keep(Measurement(metric=metric, unit=unit, samples=taken, process=session))


def _writer(order: Order, resume: Path | None) -> RunWriter:
    if resume is not None:
        return RunWriter.reopen(resume)
    settings = order.settings
    config = str(settings.config)
    return RunWriter(order.runs, verb=VERB, bundle=settings.bundle, config=config)


def _set_identity(order: Order) -> dict[str, str]:
    return {f"set {order.name}": set_digest(order.clips)}


def _facts(order: Order, weight: Weight) -> dict[str, Any]:
    given = {"workers": order.workers, "engine": order.engine, "threads": order.settings.threads}
    of_set = {
        "clips": len(order.clips),
        "of": len(order.clips) + len(order.lacking),
        "digest": set_digest(order.clips),
        "folder": str(order.folder),
        "lacking": list(order.lacking),
    }
    return {
        "budgets": order.budgets,
        "sets": {order.name: of_set},
        "score": {**given, "weight": asdict(weight)},
    }


def _refuse_unlike(
    before: Run, order: Order, folder: Path, recording: Recording | None = None
) -> None:
    """Raise unless the run heard the same set with the same config and bundle."""
    if before.verb != VERB:
        raise StoreError(f"{folder}: a run of `{before.verb}`. Resume one of `{VERB}`.")
    then = before.environment.identity if before.environment else {}
    if not then:
        raise StoreError(f"{folder}: ended before it was known what it measures. Start anew.")
    now = dict(recording.place.identity) if recording else _set_identity(order)
    keys = [key for key in (f"set {order.name}", "config", "bundle") if key in now]
    changed = [
        f"{key}: {then.get(key, 'not in that run')[:12]} then, {now[key][:12]} now"
        for key in keys
        if then.get(key) != now[key]
    ]
    if changed:
        raise UnlikeRunsError(
            f"{folder}: cannot go on, as something is not what it was: {'; '.join(changed)} "
            "(sha256). Put it back, or start a new run without --resume."
        )


def _doubts(order: Order, earlier: Run | None, recording: Recording) -> list[str]:
    """What may keep two workers, or two sessions, from hearing the same."""
    told, threads = [], order.settings.threads
    cores = allowed_cores()
    if order.engine == LOCAL and order.workers > 1 and order.workers * (threads or cores) > cores:
        told.append(
            f"{order.workers} workers with {threads or cores} threads each share {cores} cores. "
            "Set intra_op_threads to 1 in the pipeline's config for as many clips as can be."
        )
    if order.engine == RAY and threads == 0:
        told.append(
            "The config lets the pipeline compute with one thread per core: nodes with other "
            "numbers of cores may hear other texts. Set intra_op_threads."
        )
    if earlier is not None and earlier.environment is not None:
        then, now = earlier.environment.comparable, recording.place.comparable
        differ = [
            f"{key}: {then.get(key, 'absent')} then, {now.get(key, 'absent')} now"
            for key in sorted({*then, *now})
            if then.get(key) != now.get(key)
        ]
        if differ:
            told.append(
                f"The run went on under other conditions ({'; '.join(differ)}): clips heard "
                "before and after may differ. Hear all in one place to be sure."
            )
    return told
