"""Runs the product's own tests, each in a fresh process, and keeps what they print."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryFile

from harness.measure.keeper import Emit
from harness.records import Finding

AREA = "product"
KEPT = 4000  # last bytes of a test's output that a run keeps


def run_script(script: Path, root: Path, timeout_s: float, emit: Emit) -> None:
    """Run a Python file in the project's folder; emit a finding named after it.

    Args:
        script: relative to `root`; passes by ending with status 0.
        root: the current folder of the process, from which it imports.
        timeout_s: after so many seconds it is ended, with what it started.
        emit: takes the finding; `facts` has `output`, what it printed, and `seconds`.
    """
    if not (root / script).is_file():
        detail = f"{script}: no such file. Name it in claims.yaml as it is called."
        emit(_finding(script, detail, {}, holds=True, checked=False))
        return
    started = time.monotonic()
    status, output = _ended(script, root, timeout_s)
    facts = {"output": output, "seconds": f"{time.monotonic() - started:.3f}"}
    last = " ".join(output.strip().splitlines()[-1:])
    told = {0: "", None: f"still ran after {timeout_s:g} s and was ended."}
    detail = told.get(status, f"ended with status {status}: {last}")
    emit(_finding(script, detail, facts, holds=status == 0))


def _ended(script: Path, root: Path, timeout_s: float) -> tuple[int | None, str]:
    """The status of the process, None if it was ended, and the end of what it printed."""
    with TemporaryFile() as printed:
        process = subprocess.Popen(
            [sys.executable, str(script)],
            cwd=root,
            env={**os.environ, "PYTHONPATH": str(root.absolute())},
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        status: int | None = None
        try:
            status = process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            pass
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        printed.seek(max(0, printed.seek(0, os.SEEK_END) - KEPT))
        return status, printed.read().decode("utf-8", "replace")


def _finding(
    script: Path, detail: str, facts: dict[str, str], *, holds: bool, checked: bool = True
) -> Finding:
    return Finding(
        rule=script.stem,
        title=f"The product's own test {script.name} passes as it stands.",
        holds=holds,
        detail=detail,
        area=AREA,
        checked=checked,
        facts=facts,
    )
