"""What is measured of a call: one instrument for each mode of the probe.

Standard library only: the measured process imports this file from beside the probe.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING or __package__:
    from harness.measure.inside import agreed, counters, yardstick
else:
    import agreed
    import counters
    import yardstick

Call = Callable[..., Any]
Clip = Mapping[str, str]  # id, audio: path
Seen = dict[str, Any]  # what JSON can hold


class Instrument:
    """Told when a stage begins and ends; asked for every call what was seen of it."""

    wraps = True  # whether it is to be told of stages at all

    def __init__(self, order: Mapping[str, Any]) -> None:
        self.order = order

    def prepare(self) -> None:
        """Get ready, before the pipeline is imported."""

    def enter(self, stage: str) -> None:
        """Note that a stage begins."""

    def leave(self, stage: str) -> None:
        """Note that it ends."""

    def drive(self, clips: Iterable[Clip], send: Callable[[Clip], None]) -> None:
        """Send every clip, one after the other."""
        for clip in clips:
            send(clip)

    def call(self, process: Call, data: bytes) -> Seen:
        """Call the pipeline and return what was seen."""
        raise NotImplementedError

    def finish(self) -> Seen:
        """Return what is known only when every clip was sent."""
        return {}


class Stopwatch(Instrument):
    """Time per stage: of a leaf without the leaves inside it, of any other stage with them.

    So the leaves of one thread never sum to more than the stage around them.
    """

    def __init__(self, order: Mapping[str, Any]) -> None:
        super().__init__(order)
        self._leaves = frozenset(order["leaves"])
        self._taken: list[tuple[str, int]] = []
        self._open = threading.local()

    def enter(self, stage: str) -> None:
        frames = self._open.__dict__.setdefault("frames", [])
        frames.append([0, 0])  # ns spent in leaves inside; start, read last
        frames[-1][1] = time.perf_counter_ns()

    def leave(self, stage: str) -> None:
        now = time.perf_counter_ns()
        frames = self._open.frames
        inside, start = frames.pop()
        leaf = stage in self._leaves
        self._taken.append((stage, now - start - inside if leaf else now - start))
        if frames:
            frames[-1][0] += now - start if leaf else inside

    def call(self, process: Call, data: bytes) -> Seen:
        self._taken.clear()
        before = counters.outside(self.order["throttling"])
        result = process(data)
        after = counters.outside(self.order["throttling"])
        stages: dict[str, int] = {}
        for stage, ns in self._taken:
            stages[stage] = stages.get(stage, 0) + ns
        text, greedy = texts(result)
        apart = counters.difference(before, after)
        return {"stages": stages, "outside": apart, "text": str(text), "greedy": greedy}

    def finish(self) -> Seen:
        return {"yardstick": yardstick.yardstick()}


class Bare(Instrument):
    """The call and a clock, nothing else: what the full latency pass is compared with."""

    wraps = False

    def call(self, process: Call, data: bytes) -> Seen:
        start = time.perf_counter_ns()
        process(data)
        return {"stages": {"end_to_end": time.perf_counter_ns() - start}, "outside": None}


class Scale(Instrument):
    """Memory between calls, when the result has been dropped. The kernel's peak is left alone."""

    def call(self, process: Call, data: bytes) -> Seen:
        process(data)
        return {"memory": counters.memory()}


class StageScale(Instrument):
    """Peak of every stage and its rise over the stage's start, of one thread at a time.

    Each boundary reads the kernel's peak for all stages that are open, and sets it back. `highest`
    is the peak of the process so far. After the call: what the result holds, and how much of the
    bundle's files is mapped and resident.
    """

    def __init__(self, order: Mapping[str, Any]) -> None:
        super().__init__(order)
        self._clear = os.open("/proc/self/clear_refs", os.O_WRONLY)
        self._open: list[list[int]] = []  # peak so far and bytes at the start
        self._seen: dict[str, dict[str, int]] = {}
        self._highest = 0

    def enter(self, stage: str) -> None:
        self._open.append([0, self._boundary()["VmRSS"]])

    def leave(self, stage: str) -> None:
        self._boundary()
        peak, start = self._open.pop()
        seen = self._seen.setdefault(stage, {"peak": 0, "rise": 0})
        seen["peak"] = max(seen["peak"], peak)
        seen["rise"] = max(seen["rise"], peak - start)

    def call(self, process: Call, data: bytes) -> Seen:
        self._seen = {}
        held = array_bytes(process(data))
        return {
            "stages": self._seen,
            "highest": self._highest,
            "memory": counters.memory(),
            "result": held,
            "mapped": counters.mapped(self.order["bundle"]),
        }

    def _boundary(self) -> dict[str, int]:
        """Credit the peak since the last boundary to every open stage; the next begins here."""
        now = counters.memory()
        self._highest = max(self._highest, now["VmHWM"])
        for stage in self._open:
            stage[0] = max(stage[0], now["VmHWM"])
        os.write(self._clear, b"5")
        return now


class Listener(Instrument):
    """What the pipeline hears, how long the call takes, and how the result broke its contract."""

    def call(self, process: Call, data: bytes) -> Seen:
        start = time.perf_counter_ns()
        result = process(data)
        elapsed = time.perf_counter_ns() - start
        text, greedy = texts(result)
        if not isinstance(text, str):
            got = sorted(result) if isinstance(result, dict) else type(result).__name__
            raise TypeError(f"expected a dict with the str 'text', got {got}")
        contract = self.order["contract"]
        broke = None if contract is None else agreed.broken(result, contract)
        return {"text": text, "greedy": greedy, "elapsed": elapsed, "broke": broke}

    def finish(self) -> Seen:
        return {"yardstick": yardstick.yardstick()}


INSTRUMENTS: dict[str, type[Instrument]] = {
    "latency": Stopwatch,
    "bare": Bare,
    "memory": Scale,
    "memory_stages": StageScale,
    "transcribe": Listener,
}


def texts(result: Any) -> tuple[Any, str]:
    """Return the text of a result and its greedy one: None and "" where it has none."""
    if not isinstance(result, dict):
        return None, ""
    known = result.get("metadata")
    greedy = known.get("greedy_text") if isinstance(known, dict) else None
    return result.get("text"), str(greedy or "")


def array_bytes(result: Any) -> int:
    """Return the bytes of the arrays in a result: what `nbytes` says of each of its values."""
    values = result.values() if isinstance(result, dict) else [result]
    return sum(int(getattr(value, "nbytes", 0)) for value in values)
