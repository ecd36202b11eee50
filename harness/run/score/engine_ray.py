"""The pool on a Ray cluster: actors that load the pipeline once and hear what they get.

An actor reads the audio by the path that the manifest leads to, so that every node needs the
project's folder, the models and the set at the same paths (a shared file system), and holds each
file against its sha256. It refuses to work with a bundle or a config whose digest is not the
driver's. A lost actor, or a lost node, is an answer that does not come: its clip goes back and is
heard by another. A clip that takes four actors with it lacks.

Ray is imported when it is used: `pip install "sarai-harness[ray]"`.
"""

from __future__ import annotations

import faulthandler
import hashlib
import os
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from harness.errors import MeasurementError
from harness.integrity.bundle import bundle_fingerprint
from harness.measure.host import environment
from harness.measure.inside import counters
from harness.measure.inside.instruments import Listener
from harness.measure.inside.probe import one_line
from harness.measure.job import Job
from harness.measure.keeper import GIVE_UP
from harness.measure.process import Report
from harness.records import Clip
from harness.run.score.handout import Handout
from harness.run.score.weight import Weight
from harness.run.score.workers import Pooled

INSTALL = 'pip install "sarai-harness[ray]"'
PATIENCE_S = 600.0  # seconds without a sign of any actor, after which the run ends
RAY_BYTES = 100_000_000  # what an actor takes beside the pipeline: 85 MB were seen
LOST_MOST = 1000  # actors that may be lost in all: a cluster that falls apart is no cluster


class Hearer:
    """What runs in an actor: the pipeline, loaded once, in a process of Ray."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self._told = told
        os.chdir(told["root"])
        sys.path.insert(0, told["root"])
        pipeline = resolve_name(told["factory"])(told["config"])
        self._process = getattr(pipeline, told["method"])
        self._listener = Listener({"contract": told["contract"]})

    def ready(self) -> Report:
        """Say what this actor works with, once the pipeline is loaded."""
        files = [Path(file) for file in self._told["bundle"]]
        return {
            "bundle": bundle_fingerprint(files),
            "config": hashlib.sha256(Path(self._told["config"]).read_bytes()).hexdigest(),
            "cpu": environment(Path(self._told["root"])).comparable["cpu"],
            "node": os.uname().nodename,
        }

    def hear(self, audio: str, sha256: str) -> Report:
        """Let the pipeline hear one file; an exception of its own is an answer, not a loss."""
        faulthandler.dump_traceback_later(self._told["clip_s"], exit=True)
        try:
            data = Path(audio).read_bytes()
            if (found := hashlib.sha256(data).hexdigest()) != sha256:
                raise ValueError(f"sha256 {found[:12]} here, {sha256[:12]} in the manifest")
            seen = self._listener.call(self._process, data)
        except Exception as error:
            return {"kind": "failed", "error": one_line(error)}
        finally:
            faulthandler.cancel_dump_traceback_later()
        return {"kind": "called", **seen, "peak": counters.memory().get("VmHWM", 0)}


def hear_on_ray(
    job: Job,
    handout: Handout,
    *,
    workers: int,
    address: str | None,
    threads: int,
    weight: Weight,
) -> Pooled:
    """Let `workers` actors hear every clip of `handout`, results as they come.

    Args:
        job: what the actors load; `timeout_s` is for one clip.
        handout: the clips.
        workers: actors; Ray places each where `threads` cores and the memory of `weight` are free.
        address: of the cluster; None: a local one is started for the run, on loopback.
        threads: that one pipeline computes with; 0 is asked for as one core.
        weight: of one worker.

    Raises:
        MeasurementError: Ray is absent, or unreachable, or no actor loads the pipeline.
    """
    ray = import_ray()
    ours = not ray.is_initialized()
    if ours:
        _connect(ray, address)
    try:
        pool = _Pool(ray, job, handout, cores=max(1, threads), memory=weight.peak + RAY_BYTES)
        return pool.hear(workers)
    finally:
        if ours:
            ray.shutdown()


def import_ray() -> Any:
    """Return the module, or raise a MeasurementError that says how to install it."""
    try:
        return import_module("ray")
    except ImportError as error:
        raise MeasurementError(
            f"--engine ray: Ray cannot be imported ({error}). Install it: {INSTALL}"
        ) from None


def _connect(ray: Any, address: str | None) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # it would report to its makers
    local = {"_node_ip_address": "127.0.0.1", "include_dashboard": False}
    try:
        ray.init(**({"address": address} if address else local), log_to_driver=False)
    except Exception as error:  # whatever Ray says, it is about the cluster
        raise MeasurementError(
            f"--engine ray: no cluster at {address or 'this machine'}: {one_line(error)}. "
            "Start one with `ray start --head`, and give its --address."
        ) from None


class _Pool:
    """The actors and what each of them holds."""

    def __init__(self, ray: Any, job: Job, handout: Handout, *, cores: int, memory: int) -> None:
        self._ray = ray
        self._handout = handout
        self._pooled = Pooled()
        self._expected = {
            "bundle": bundle_fingerprint(job.bundle),
            "config": hashlib.sha256(job.config.read_bytes()).hexdigest(),
        }
        self._told = {
            "root": str(job.root.absolute()),
            "factory": job.factory,
            "config": str(job.config.absolute()),
            "method": job.stages["end_to_end"],
            "bundle": [str(file.absolute()) for file in job.bundle],
            "clip_s": job.timeout_s,
            "contract": job.contract,
        }
        options = {"num_cpus": cores, "memory": memory, "max_restarts": 0, "max_task_retries": 0}
        self._make = ray.remote(Hearer).options(**options)
        self._waiting: dict[Any, tuple[Any, Clip | None]] = {}  # answer to come -> actor, its clip
        self._idle: list[Any] = []
        self._unloaded = 0  # actors in a row that were lost before they had loaded
        self._lost = 0
        self._peaks: dict[Any, int] = {}
        self._cpus: set[str] = set()

    def hear(self, workers: int) -> Pooled:
        """Go round until every clip is settled."""
        for _ in range(min(workers, self._handout.left)):
            self._start()
        while self._handout.left:
            waiting = list(self._waiting)
            done, _ = self._ray.wait(waiting, num_returns=1, timeout=PATIENCE_S)
            if not done:
                raise MeasurementError(
                    f"--engine ray: no sign of {len(waiting)} actors for {PATIENCE_S:g} s. "
                    "`ray status` says what they wait for: cores, memory, or a node."
                )
            done, _ = self._ray.wait(waiting, num_returns=len(waiting), timeout=0)
            for answer in done:  # all that are there: a round of many actors costs one look
                self._settle(answer)
        for actor in (*self._idle, *(actor for actor, _ in self._waiting.values())):
            self._ray.kill(actor)
        self._pooled.peaks = list(self._peaks.values())
        if len(self._cpus) > 1:
            self._handout.note(
                f"The nodes have unlike processors ({', '.join(sorted(self._cpus))}): texts may "
                "differ from one to the other. Take nodes of one kind."
            )
        return self._pooled

    def _start(self) -> None:
        actor = self._make.remote(self._told)
        self._waiting[actor.ready.remote()] = (actor, None)

    def _settle(self, answer: Any) -> None:
        """Take one answer, or the news that none will come, and give the actor its next clip."""
        actor, clip = self._waiting.pop(answer)
        errors = self._ray.exceptions
        try:
            report = self._ray.get(answer)
        except errors.ActorDiedError as error:
            self._bury(actor, clip, error)
            return
        except (errors.RayActorError, errors.RaySystemError, errors.ObjectLostError) as error:
            self._ray.kill(actor)  # out of reach: nothing more is wanted from it
            self._bury(actor, clip, error)
            return
        except errors.RayTaskError as error:
            raise MeasurementError(f"--engine ray: an actor failed: {one_line(error)}") from error
        if clip is None:
            self._welcome(report)
        elif report["kind"] == "called":
            self._peaks[actor] = max(self._peaks.get(actor, 0), report["peak"])
            self._handout.heard(clip, report)
        else:
            self._handout.refused(clip, "", report["error"])
        self._next(actor)

    def _welcome(self, report: Report) -> None:
        """Refuse an actor that works with other files than the driver."""
        for what, expected in self._expected.items():
            if report[what] != expected:
                raise MeasurementError(
                    f"--engine ray: node {report['node']} has another {what}: sha256 "
                    f"{report[what][:12]} there, {expected[:12]} here. Copy it again."
                )
        self._cpus.add(report["cpu"])
        self._unloaded = 0
        self._pooled.ready.append(time.perf_counter())

    def _bury(self, actor: Any, clip: Clip | None, error: Exception) -> None:
        """Replace a lost actor; its clip goes back."""
        why = f"actor was lost: {one_line(error)[:400]}"
        self._lost += 1
        if clip is None:
            self._unloaded += 1
            cause = getattr(error, "cause", None) or error
            if self._unloaded >= GIVE_UP and not self._peaks:
                raise MeasurementError(
                    f"--engine ray: no actor loads the pipeline: {one_line(cause)[:800]}"
                )
        elif self._handout.lost(clip, why):
            self._handout.give_back(clip)
        if self._idle:  # it may hold the cores that a new actor would wait for
            self._next(self._idle.pop())
            return
        if self._lost > LOST_MOST:
            raise MeasurementError(f"--engine ray: {self._lost} actors were lost; the last {why}")
        self._start()

    def _next(self, actor: Any) -> None:
        clip = self._handout.take()
        if clip is None:
            self._idle.append(actor)  # kept alive: another's clip may come back
            return
        self._waiting[actor.hear.remote(clip.audio, clip.sha256)] = (actor, clip)
