"""Foreign work: a process that keeps one core busy while something else is measured."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from harness.errors import MeasurementError

# It ends by itself when the process that started it is gone, however that went.
_SPIN = """
import os, sys
core, parent = map(int, sys.argv[1:])
os.sched_setaffinity(0, {core})
while os.getppid() == parent:
    for _ in range(1_000_000):
        pass
"""


@contextmanager
def busy_core() -> Iterator[int]:
    """Keep the last of the cores that this process may use busy, and yield the spinner's pid.

    Raises:
        MeasurementError: this system cannot bind a process to a core.
    """
    if not hasattr(os, "sched_getaffinity"):
        raise MeasurementError(f"{sys.platform}: no process can be bound to a core. Use Linux.")
    core = max(os.sched_getaffinity(0))
    spinner = subprocess.Popen(
        [sys.executable, "-c", _SPIN, str(core), str(os.getpid())], start_new_session=True
    )
    try:
        yield spinner.pid
    finally:
        spinner.kill()
        spinner.wait()
