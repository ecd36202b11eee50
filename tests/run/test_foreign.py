"""The foreign process is busy on one core, and is never left behind."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from harness.run.selfbench.foreign import busy_core


def cpu_ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11])


def soon(true: object) -> bool:
    """Whether a function answers yes within five seconds."""
    assert callable(true)
    deadline = time.monotonic() + 5
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_it_is_busy_on_one_core_and_ends_with_the_block() -> None:
    with busy_core() as pid:
        assert soon(lambda: os.sched_getaffinity(pid) == {max(os.sched_getaffinity(0))})
        assert soon(lambda: cpu_ticks(pid) > 2)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_it_ends_with_the_block_when_that_fails() -> None:
    with pytest.raises(ZeroDivisionError), busy_core() as pid:
        print(1 / 0)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_it_ends_by_itself_when_the_process_that_started_it_is_gone() -> None:
    code = (
        "import os\nfrom harness.run.selfbench.foreign import busy_core\n"
        "with busy_core() as pid:\n    print(pid, flush=True)\n    os._exit(1)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    pid = int(done.stdout)
    assert soon(lambda: gone(pid))


def gone(pid: int) -> bool:
    """Whether a process is gone, or a zombie that nobody has reaped yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True
