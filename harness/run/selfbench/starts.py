"""How long the program takes to say what it can do, beside an interpreter that does nothing."""

from __future__ import annotations

import random
import subprocess
import sys
import sysconfig
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.errors import MeasurementError
from harness.progress import progress
from harness.records import Measurement
from harness.run.recording import Recording
from harness.suite import Selfbench
from harness.units import Unit

START = "selfbench.start"  # wall time of a whole process, from its start to its end
PYTHON, HELP = "python -c pass", "harness --help"


def starts_pass(part: Selfbench, recording: Recording) -> None:
    """Start both programs in turn, in an order drawn anew for each pair, and time each.

    Raises:
        MeasurementError: the program is not installed in this environment, or fails.
    """
    programs = _programs()
    recording.fact("help", {"metric": START, "base": PYTHON, "other": HELP})
    order = random.Random(recording.settings.suite.seed)
    with progress("help", total=part.starts) as step:
        for number in range(part.starts):
            for arm in order.sample(list(programs), len(programs)):
                recording.keep(_started(arm, programs[arm], number))
            step()


def _programs() -> Mapping[str, Sequence[str]]:
    script = Path(sysconfig.get_path("scripts")) / "harness"
    if not script.is_file():
        raise MeasurementError(
            f"{script}: no such program. Install the harness in this environment: pip install -e ."
        )
    return {PYTHON: (sys.executable, "-c", "pass"), HELP: (str(script), "--help")}


def _started(arm: str, command: Sequence[str], number: int) -> Measurement:
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    elapsed = time.perf_counter() - start
    if done.returncode:
        said = done.stderr.strip().splitlines()[-1:] or ["nothing"]
        raise MeasurementError(f"{arm}: ended with {done.returncode} and said: {said[0]}")
    return Measurement(metric=START, unit=Unit.SECONDS, samples=(elapsed,), process=number, arm=arm)
