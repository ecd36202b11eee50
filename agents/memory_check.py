"""Memory is counted before it is taken: a refusal can be handled, the kernel's kill cannot.

A run needs its output and the working set that was measured at the model's first run. What
onnxruntime's arena keeps of earlier runs is there already, so that a run is only counted where more
results are alive at once than ever before. What one thread was granted is not there for the next
one until its run has ended: that one waits, as long as others hold anything.
"""

from __future__ import annotations

import math
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agents.errors import MemoryBudgetError, explain
from agents.memory_free import Free, free, resident, size_of

_DO = "Take a smaller variant (int8, output: frames), free memory, or raise the limit named here."

Array = NDArray[Any]


@dataclass(frozen=True, kw_only=True)
class Need:
    """What is about to be taken."""

    what: str  # the tensor or file, and the model that it belongs to
    parts: Sequence[tuple[str, int]]  # what it consists of, each in bytes

    @property
    def bytes(self) -> int:
        """The sum of the parts."""
        return sum(size for _, size in self.parts)

    def refused(self, there: Free) -> MemoryBudgetError:
        """Return the error that names the tensor and the arithmetic."""
        sums = " + ".join(f"{size_of(size)} {name}" for name, size in self.parts if size)
        return MemoryBudgetError(
            explain(
                f"Not enough memory: {self.what}",
                expected=f"at most {size_of(max(0.0, there.bytes))} ({there.said})",
                got=f"{size_of(self.bytes)} ({sums})",
                do=_DO,
            )
        )


class _Grants:
    """What all threads of this process hold and may not have filled yet."""

    def __init__(self) -> None:
        self.change = threading.Condition()
        self.bytes = 0
        self.holders = 0
        self.begun = 0  # since the start


_grants = _Grants()


@contextmanager
def granted(need: Need, *, total: int, patience: float = math.inf) -> Iterator[Callable[[], bool]]:
    """Hold `need` for what happens inside; it is told by a function whether it was alone so far.

    Args:
        need: what is taken inside.
        total: bytes that this process may have resident; 0: no such limit.
        patience: seconds to wait, at most, for other threads' runs to end.

    Raises:
        MemoryBudgetError: it is not there.
    """
    until = time.monotonic() + patience
    with _grants.change:
        while need.bytes > (there := free(total)).bytes - _grants.bytes:
            left = until - time.monotonic()
            if not _grants.holders or left <= 0:
                raise need.refused(there)
            _grants.change.wait(None if math.isinf(left) else left)
        _grants.bytes += need.bytes
        _grants.holders += 1
        _grants.begun += 1
        number = _grants.begun
    try:
        yield lambda: _grants.holders == 1 and _grants.begun == number
    finally:
        with _grants.change:
            _grants.bytes -= need.bytes
            _grants.holders -= 1
            _grants.change.notify_all()


class Room:
    """What the runs of one model take beyond what it has taken and kept."""

    def __init__(self, model: str, tensor: str, dtype: str, shape: Sequence[Any]) -> None:
        """Take the names of the model and its output, whose lengths may be unknown names."""
        self._what = f"{tensor} of {model}"
        self._tensor = f"{dtype} {list(shape)}"
        known = dtype in ("float32", "int64") and all(isinstance(size, int) for size in shape)
        self._output = math.prod(shape) * np.dtype(dtype).itemsize if known else 0
        self._alive = 0  # outputs that a run makes or a caller holds
        self._most = 0  # of them at once, so far
        self._working: int | None = None  # bytes beside the output; None: not measured yet
        self._lock = threading.Lock()

    def run(
        self,
        work: Callable[[], Array],
        *,
        total: int,
        patience: float = math.inf,
        keeps: bool = True,
        output: bool | None = None,
    ) -> Array:
        """Return what `work` gives, after a look whether there is memory for it.

        Args:
            work: runs the model.
            total, patience: see `granted`.
            keeps: freed memory is kept for the next run.
            output: the output lies in memory of its own, and this says whether this run takes it;
                None: it lies where the working set does.

        Raises:
            MemoryBudgetError: there is not.
        """
        with self._lock:
            self._alive += 1
            grows = not keeps or self._alive > self._most
        try:
            made = self._run(work, grows, grows if output is None else output, total, patience)
        except BaseException:
            self._drop()
            raise
        with self._lock:
            self._most = max(self._most, self._alive)
            self._output = max(self._output, made.nbytes)
        if output is None:
            weakref.finalize(made, self._drop).atexit = False
        else:
            self._drop()
        return made

    def _run(
        self,
        work: Callable[[], Array],
        grows: bool,
        takes: bool,
        total: int,
        patience: float,
    ) -> Array:
        parts = [
            (self._tensor, self._output if takes else 0),
            ("working set, as measured", (self._working or 0) if grows else 0),
        ]
        need = Need(what=self._what, parts=parts)
        if self._working is not None and not need.bytes:
            return work()
        with granted(need, total=total, patience=patience) as alone:
            before = resident()
            made = work()
            if self._working is None and alone():
                self._working = max(0, _grown(before) - (made.nbytes if takes else 0))
        return made

    def _drop(self) -> None:
        with self._lock:
            self._alive -= 1


def _grown(before: dict[str, int]) -> int:
    """Return how many bytes of its own this process has taken since, at the highest it can tell.

    A peak is one of this time only where it was higher than all before.
    """
    after = resident()
    now = after["RssAnon"]
    if after["VmHWM"] > before["VmHWM"]:
        now = max(now, after["VmHWM"] - after["RssFile"])
    return now - before["RssAnon"]
