"""The latency pass looks at what it has, and goes on while a budget is undecided and may be.

The bounds hold whenever one looks (`judge.percentiles`), so going on is no second chance. What
judges is passed in: measuring knows no verdict.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from harness.records import Run
from harness.run.recording import Recording
from harness.suite import Latency

# The run so far, and how many more runs may be added -> the budgets that they may decide.
Undecided = Callable[[Run, int], tuple[str, ...]]


class Looks:
    """Whether to go on, asked after each set of processes; each look is a fact of the run."""

    def __init__(self, part: Latency, undecided: Undecided, recording: Recording) -> None:
        self._part = part
        self._undecided = undecided
        self._recording = recording
        self._taken: list[dict[str, Any]] = []
        self._started = time.monotonic()

    def more(self, done: int) -> int:
        """Return how many processes to add to the `done` ones; 0 ends the pass."""
        extend = self._part.extend
        if extend is None:
            return 0
        most = extend.most - done
        open_ = self._undecided(self._recording.run, most * self._part.repeats)
        add, ended = min(extend.processes, most), ""
        if not open_:
            ended = "no budget was left that more runs may decide"
        elif most <= 0:
            ended = f"no more than {extend.most} processes may be taken"
        elif time.monotonic() - self._started >= extend.within_s:
            ended = f"its time, {extend.within_s:g} s, was over"
        self._taken.append({"processes": done, "undecided": list(open_)})
        self._recording.fact("looks", {"taken": self._taken, "ended": ended})
        if ended:
            return 0
        self._recording.say(f"latency   {add} more processes, as not proven: {', '.join(open_)}")
        return add
