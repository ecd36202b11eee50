"""Memory is counted before it is taken: a refusal can be handled, the kernel's kill cannot.

A run needs its output and the working set that was measured at the model's first run. What
onnxruntime's arena keeps of earlier runs is there already, so that a run is only counted where more
results are alive, or runs under way, at once than ever before. What one thread was granted is not
there for the next one until its run has ended: that one waits, as long as others hold anything.
"""

from __future__ import annotations

import math
import resource
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
        self.usual: tuple[int, int] | None = None  # the process's own limit while another is set

    def take(self, need: Need, there: Free, unknown: bool) -> int:
        """Hold `need`, and return its number; the caller has the lock."""
        self.bytes += need.bytes
        self.holders += 1
        self.begun += 1
        if unknown:
            self._limit(there)
        return self.begun

    def give_back(self, need: Need) -> None:
        """Hold it no longer."""
        with self.change:
            self.bytes -= need.bytes
            self.holders -= 1
            if not self.holders and self.usual is not None:
                resource.setrlimit(resource.RLIMIT_DATA, self.usual)
                self.usual = None
            self.change.notify_all()

    def _limit(self, there: Free) -> None:
        """Let an allocation beyond what is there fail, which can be handled."""
        soft, hard = self.usual or resource.getrlimit(resource.RLIMIT_DATA)
        data = resident()["VmData"]
        if not data or math.isinf(there.bytes):
            return
        self.usual = (soft, hard)
        limits = [int(data + max(there.bytes, 0)), *(n for n in (soft, hard) if n >= 0)]
        resource.setrlimit(resource.RLIMIT_DATA, (min(limits), hard))


_grants = _Grants()


@contextmanager
def granted(
    need: Need, *, total: int, patience: float = math.inf, unknown: bool = False
) -> Iterator[Callable[[], bool]]:
    """Hold `need` for what happens inside; it is told by a function whether it was alone so far.

    Args:
        need: what is taken inside.
        total: bytes that this process may have resident; 0: no such limit.
        patience: seconds to wait, at most, for other threads' runs to end.
        unknown: it may take more than `need`. Until it ends, the kernel lets this process reserve
            no more than there is (RLIMIT_DATA), so that what goes beyond gets an error. That errs
            to the safe side: onnxruntime's arena reserves up to twice what it fills.

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
        number = _grants.take(need, there, unknown)
    try:
        yield lambda: _grants.holders == 1 and _grants.begun == number
    finally:
        _grants.give_back(need)


class _Most:
    """How many of a thing there are at once, and the most that there ever were."""

    def __init__(self) -> None:
        self.now = 0
        self.most = 0
        self._lock = threading.Lock()

    def one_more(self) -> bool:
        """Count one, and return whether there were never so many."""
        with self._lock:
            self.now += 1
            return self.now > self.most

    def had(self) -> None:
        """Note that there was memory for all that there are."""
        with self._lock:
            self.most = max(self.most, self.now)

    def one_less(self) -> None:
        """Count one down."""
        with self._lock:
            self.now -= 1


class Room:
    """What the runs of one model take beyond what it has taken and kept."""

    def __init__(self, model: str, tensor: str, dtype: str, shape: Sequence[Any]) -> None:
        """Take the names of the model and its output, whose lengths may be unknown names."""
        self._what = f"{tensor} of {model}"
        self._tensor = f"{dtype} {list(shape)}"
        known = dtype in ("float32", "int64") and all(isinstance(size, int) for size in shape)
        self._output = math.prod(shape) * np.dtype(dtype).itemsize if known else 0
        self._working: int | None = None  # bytes beside the output; None: not measured yet
        self._outputs = _Most()  # being made, or held by a caller
        self._runs = _Most()

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
        takes, grows = self._outputs.one_more(), self._runs.one_more()
        takes = (takes or not keeps) if output is None else output
        try:
            made = self._run(work, takes, grows or not keeps, total, patience)
        except BaseException:
            self._outputs.one_less()
            raise
        finally:
            self._runs.one_less()
        self._outputs.had()
        self._output = max(self._output, made.nbytes)
        if output is None:
            weakref.finalize(made, self._outputs.one_less).atexit = False
        else:
            self._outputs.one_less()
        return made

    def _run(
        self, work: Callable[[], Array], takes: bool, grows: bool, total: int, patience: float
    ) -> Array:
        parts = [
            (self._tensor, self._output if takes else 0),
            ("working set, as measured", (self._working or 0) if grows else 0),
        ]
        need = Need(what=self._what, parts=parts)
        if self._working is not None and not need.bytes:
            return work()
        unknown = self._working is None
        with granted(need, total=total, patience=patience, unknown=unknown) as alone:
            before = resident()
            made = work()
            self._runs.had()
            if self._working is None and alone():
                self._working = max(0, _grown(before) - (made.nbytes if takes else 0))
        return made


def _grown(before: dict[str, int]) -> int:
    """Return how many bytes of its own this process has taken since, at the highest it can tell.

    A peak is one of this time only where it was higher than all before.
    """
    after = resident()
    now = after["RssAnon"]
    if after["VmHWM"] > before["VmHWM"]:
        now = max(now, after["VmHWM"] - after["RssFile"])
    return now - before["RssAnon"]
