"""Starts the measured process, listens to it asleep, and says how it ended.

The process is started by exec in a session of its own. Whatever it started itself ends with it;
nothing else is ever touched.
"""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryFile
from threading import Thread
from typing import IO, Any

from harness.errors import MeasurementError
from harness.measure.inside.probe import PLACE_BYTES

INSIDE = Path(__file__).with_name("inside")  # what runs in the measured process
PROBE = INSIDE / "probe.py"
LAST_LINES = 12  # of the process's output that an ending quotes
STACK_S = 0.3  # seconds that a hanging process gets to write down where it hangs

Report = Mapping[str, Any]  # one JSON object of the probe, see there

_CAUSES = {
    signal.SIGKILL: "Somebody ended it, or a supervisor did: the kernel counted no want of memory.",
    signal.SIGBUS: "A mapped file was probably cut short while it was in use.",
}


class Fault(StrEnum):
    """The ways in which a measured process can fail, each the name of a rule."""

    CRASHED = "process_crashed"  # killed by a signal
    OUT_OF_MEMORY = "process_out_of_memory"  # killed by the kernel for want of memory
    TIMED_OUT = "process_timed_out"  # ended by us, past its limit
    LEFT_EARLY = "process_left_early"  # ended by itself before its work was done


@dataclass(frozen=True, kw_only=True)
class Ending:
    """How a measured process ended."""

    status: int | None  # exit status, or minus the signal; None: out of time, ended by us
    done: bool  # every clip was sent
    stage: str  # where it was: a stage, "import", "load", "exit"; "" between stages
    clip: str  # the clip it was sent last; "" before the first
    output: str  # last lines of what it wrote
    timeout_s: float  # seconds that it was given
    starved: bool = False  # the kernel counted a kill for want of memory meanwhile

    @property
    def fault(self) -> Fault | None:
        """What went wrong; None if nothing did."""
        if self.done and self.status == 0:
            return None
        if self.status is None:
            return Fault.TIMED_OUT
        if self.status >= 0:
            return Fault.LEFT_EARLY
        killed = self.status == -signal.SIGKILL
        return Fault.OUT_OF_MEMORY if killed and self.starved else Fault.CRASHED

    @property
    def sentence(self) -> str:
        """What went wrong, where, and what to do; "" if nothing did."""
        if self.fault is None:
            return ""
        where = f" in {self.stage}" if self.stage else ""
        clip = f" on clip {self.clip}" if self.clip else ""
        words = f" Its last lines:\n{self.output}" if self.output else ""
        happened, cause = self._cause(self.fault)
        return f"{happened}{where}{clip}. {cause}{words}"

    @property
    def facts(self) -> dict[str, str]:
        """Return the same as words that a program can read."""
        return {
            "stage": self.stage,
            "clip": self.clip,
            "signal": self._signal,
            "status": "" if self.status is None else str(self.status),
            "output": self.output,
        }

    @property
    def _signal(self) -> str:
        killed = self.status is not None and self.status < 0
        return signal.Signals(-(self.status or 0)).name if killed else ""

    def _cause(self, fault: Fault) -> tuple[str, str]:
        match fault:
            case Fault.TIMED_OUT:
                limit = f"{self.timeout_s:g} s"
                return f"still ran after {limit} and was ended", "Raise timeout_s if it needs more."
            case Fault.OUT_OF_MEMORY:
                advice = "Compare memory.peak with what the machine or its container allows."
                return "was killed by SIGKILL, the kernel's answer to want of memory", advice
            case Fault.CRASHED:
                number = signal.Signals(-(self.status or 0))
                advice = _CAUSES.get(number, "Run it alone to see why.")
                return f"was killed by {number.name}", advice
        happened = f"ended with status {self.status}"
        if self.status == 0:
            happened = "ended before its work was done, with status 0"
        return happened, "Look for an exit in that code."


def run_probe(
    order: Mapping[str, Any],
    *,
    timeout_s: float,
    hear: Callable[[Report], None],
    python: str = sys.executable,
) -> Ending:
    """Run the probe in a fresh process until it ends or its time is over.

    Args:
        order: what the probe is to do; see there. Its descriptors are added here, and those
            under `inherit` are open in it too.
        timeout_s: wall-clock seconds for the whole process.
        hear: called with each report as it comes.
        python: the interpreter to run it with.

    Raises:
        MeasurementError: this system cannot start or watch a process.
    """
    if not hasattr(os, "waitid"):
        raise MeasurementError(f"{sys.platform}: a process cannot be watched here. Use Linux.")
    clip, done, kills = "", False, _kills_for_memory()
    with TemporaryFile() as output, TemporaryFile() as place:
        place.truncate(PLACE_BYTES)
        with _started(python, order, output, place) as (process, reader, ended):
            for report in _reports(reader, ended, time.monotonic() + timeout_s):
                clip = report.get("clip", clip) if report["kind"] == "calling" else clip
                done = done or report["kind"] == "done"
                hear(report)
            status = _status(process)
            if status is None:
                _ask_for_stack(process)
        return Ending(
            status=status,
            done=done,
            stage=os.pread(place.fileno(), PLACE_BYTES, 0).rstrip(b"\0").decode(errors="replace"),
            clip=clip,
            output=_last_lines(output),
            timeout_s=timeout_s,
            starved=_kills_for_memory() > kills,
        )


def _kills_for_memory() -> int:
    """How many processes the kernel has killed for want of memory since it started."""
    try:
        lines = Path("/proc/vmstat").read_text("ascii").splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("oom_kill "))


@contextmanager
def _started(
    python: str, order: Mapping[str, Any], output: IO[bytes], place: IO[bytes]
) -> Iterator[tuple[subprocess.Popen[bytes], int, int]]:
    """The running process, its reports, and what can be read when it has ended.

    It is ended and reaped on leaving.
    """
    (reader, writer), (ended, end) = os.pipe(), os.pipe()
    with TemporaryFile() as stdin, open(reader, "rb"), open(ended, "rb"):
        stdin.write(json.dumps({**order, "reports": writer, "place": place.fileno()}).encode())
        stdin.seek(0)
        try:
            process = subprocess.Popen(
                [python, "-P", str(PROBE)],
                cwd=order["root"],  # relative paths of its config are of its project
                stdin=stdin,
                stdout=output,
                stderr=output,
                pass_fds=(writer, place.fileno(), *order.get("inherit", ())),
                start_new_session=True,
            )
        except OSError as error:
            os.close(end)
            where = f"{python} in {order['root']}"
            raise MeasurementError(f"{where}: cannot be started: {error.strerror}.") from error
        finally:
            os.close(writer)
        watcher = Thread(target=_close_when_ended, args=(process.pid, end), daemon=True)
        watcher.start()
        try:
            yield process, reader, ended
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            watcher.join()
            process.wait()


def _close_when_ended(pid: int, descriptor: int) -> None:
    """Wait, asleep, for the process to end; it is not reaped, so its number stays taken."""
    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
    os.close(descriptor)


def _reports(reader: int, ended: int, deadline: float) -> Iterator[Report]:
    """Yield each report as it comes, until the process has ended or the deadline is past."""
    watch = select.poll()
    watch.register(reader, select.POLLIN)
    watch.register(ended, select.POLLIN)
    torn = b""
    while ready := dict(watch.poll(max(0.0, 1000 * (deadline - time.monotonic())))):
        if ended in ready:
            watch.unregister(ended)
            deadline = 0.0  # read what is left, wait no more
        if reader in ready:
            chunk = os.read(reader, 1 << 16)
            if not chunk:
                watch.unregister(reader)
            *lines, torn = (torn + chunk).split(b"\n")
            yield from map(json.loads, lines)


def _status(process: subprocess.Popen[bytes]) -> int | None:
    """The status of a process that has ended, without reaping it; None: it runs."""
    seen = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if seen is None:
        return None
    return seen.si_status if seen.si_code == os.CLD_EXITED else -seen.si_status


def _ask_for_stack(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGUSR1)  # the probe's answer goes to its output
    time.sleep(STACK_S)


def _last_lines(output: IO[bytes]) -> str:
    """The end of what the process wrote, without the probe's own frames and empty lines."""
    size = output.seek(0, os.SEEK_END)
    output.seek(max(0, size - 16_384))
    lines = output.read().decode("utf-8", "replace").splitlines()
    told = [line[:200] for line in lines if line.strip() and str(INSIDE) not in line]
    return "\n".join(told[-LAST_LINES:])
