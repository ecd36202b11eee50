"""The pool on one machine: measured processes that load the pipeline once and hear what they get.

A worker is the measured process of every other pass, with a line on which clips come. One thread
of the harness listens to each, asleep. A worker that dies is replaced, and the clip that it held
is heard once more, first of all, in its replacement.

The threads of a worker are those of the pipeline's config, whatever the number of workers: sums of
floats depend on how many threads share them, so that a pool that chose them by itself would not
hear what one process hears. `intra_op_threads: 1` lets workers fill the cores.
"""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from itertools import count

from harness.errors import MeasurementError
from harness.measure.job import Job
from harness.measure.keeper import GIVE_UP, order_of
from harness.measure.process import Ending, Report, run_probe
from harness.records import Clip
from harness.run.score.handout import Handout

TRIES = 2  # workers that a clip may take with it
WORKER_S = 14 * 86_400.0  # a worker is replaced after two weeks


@dataclass
class Pooled:
    """What is known of the workers when all have ended."""

    peaks: list[int] = field(default_factory=list)  # bytes, of every process that said it
    ready: list[float] = field(default_factory=list)  # when each had loaded, in perf_counter's s
    errors: list[str] = field(default_factory=list)  # why a place in the pool was left empty
    numbers: count[int] = field(default_factory=count)  # of the processes, in the order started


def hear_all(job: Job, handout: Handout, *, workers: int) -> Pooled:
    """Let `workers` processes hear every clip of `handout`; `job.timeout_s` is for one clip.

    Raises:
        MeasurementError: no worker is left that loads the pipeline; what was heard is kept.
    """
    pooled = Pooled()
    with ThreadPoolExecutor(max_workers=workers) as pool:
        places = [pool.submit(_keep_place, job, handout, pooled) for _ in range(workers)]
        try:
            for place in as_completed(places):
                place.result()
        except BaseException:
            handout.stop()  # the workers end when they have answered what they hold
            raise
    if handout.left:
        why = pooled.errors[0] if pooled.errors else "the pool was stopped"
        raise MeasurementError(f"{handout.left} clips were not heard: {why}")
    return pooled


def _keep_place(job: Job, handout: Handout, pooled: Pooled) -> None:
    """Fill one place of the pool with worker after worker until no clip is left."""
    unloaded, clip = 0, handout.take()
    while clip is not None:
        worker = _Worker(job, handout, pooled, clip)
        ending = worker.run()
        clip = worker.clip
        if not worker.loaded:
            unloaded += 1
            if unloaded == GIVE_UP:
                pooled.errors.append(worker.why(ending))
                handout.give_back(worker.first)
                return
            continue
        unloaded = 0
        if clip is None and ending.fault:
            handout.note(f"One worker {ending.sentence} It had answered everything before.")
        if clip is None or not handout.lost(clip, worker.why(ending)):
            clip = handout.take()


class _Worker:
    """One process of the pool: `clip` is what it holds, None once there is no more for it."""

    def __init__(self, job: Job, handout: Handout, pooled: Pooled, first: Clip) -> None:
        self._job = job
        self._handout = handout
        self._pooled = pooled
        self.first = first
        self.clip: Clip | None = first
        self.loaded = False
        self._number = next(pooled.numbers)
        self._peak = 0
        self._error = ""  # why it did not load

    def run(self) -> Ending:
        """Start it and hand it clips until it ends, whatever its end is."""
        reader, self._line = os.pipe()
        told = {"line": reader, "load_s": self._job.timeout_s, "clip_s": self._job.timeout_s}
        order = {**order_of(self._job, "handout", ()), "inherit": [reader], "handout": told}
        try:
            return run_probe(order, timeout_s=WORKER_S, hear=self._hear, python=self._job.python)
        finally:
            os.close(reader)
            self._hang_up()
            if self._peak:
                self._pooled.peaks.append(self._peak)

    def why(self, ending: Ending) -> str:
        """Say why it ended, in words that follow "one"."""
        if self._error:
            return f"worker did not load: {self._error}"
        if "Timeout (" in ending.output:
            limit = f"{self._job.timeout_s:g} s"
            return f"still worked after {limit} and was ended. Its last lines:\n{ending.output}"
        return ending.sentence or "ended while it held a clip."

    def _hear(self, report: Report) -> None:
        match report["kind"]:
            case "loaded":
                self.loaded = True
                self._pooled.ready.append(time.perf_counter())
                self._hand(self.first)
            case "called":
                self._peak = max(self._peak, report["peak"])
                answered, self.clip = self._answered()
                self._handout.heard(answered, report)
            case "failed" if report["clip"]:
                answered, self.clip = self._answered()
                self._handout.refused(answered, report["stage"], report["error"])
            case "failed":
                self._error = report["error"]
            case "end":
                self._peak = max(self._peak, report["memory"].get("VmHWM", 0))

    def _answered(self) -> tuple[Clip, Clip | None]:
        """Hand over the next clip before the answer is kept: the worker never waits for a disk."""
        answered, following = self.clip, self._handout.take()
        if answered is None:
            raise MeasurementError(f"worker {self._number} answered what it was not asked.")
        if following is None:
            self._hang_up()
        else:
            self._hand(following)
        return answered, following

    def _hand(self, clip: Clip) -> None:
        row = json.dumps({"id": clip.id, "audio": clip.audio}) + "\n"
        os.write(self._line, row.encode())

    def _hang_up(self) -> None:
        if self._line >= 0:
            os.close(self._line)
            self._line = -1
