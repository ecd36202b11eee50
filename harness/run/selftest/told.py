"""What a user is told by a verb: its exit code, its verdicts, its findings, its last line.

The verb runs in a process of its own, in the project's folder, as it does for a user.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import harness
from harness.faults import Sight

PROGRAM = "from harness.cli import main; main()"
TIMEOUT_S = 300.0
PASSED, COULD_NOT_WORK, NOT_PROVEN = 0, 2, 3  # exit codes
WORSE = ("slower", "more", "worse")  # words of `harness ab`
FAILED = ("FAIL", "INFEASIBLE")
ABSENT = "NOT MEASURED"

Enter = Callable[[], None]  # called in the new process before the verb


def free(project: Path) -> AbstractContextManager[Enter | None]:
    """No limit."""
    return nullcontext()


def nothing(project: Path) -> Mapping[str, str]:
    """Nothing further is to be said."""
    return {}


@dataclass(frozen=True, kw_only=True)
class Place:
    """A project, and the verb that is run in it."""

    project: Path
    words: tuple[str, ...]  # of the command line, after `harness`
    within: Callable[[Path], AbstractContextManager[Enter | None]] = free  # limits of its process
    also: Callable[[Path], Mapping[str, str]] = nothing  # further notes, while it is within them
    tries: int = 1  # times that it is asked while it cannot tell


def seen(place: Place) -> Sight:
    """Run the verb, again where it ends with NOT PROVEN and may, and return what it told."""
    for _ in range(place.tries):
        with place.within(place.project) as enter:
            done = run_verb(place.project, *place.words, enter=enter)
            more = place.also(place.project)
        if done.returncode != NOT_PROVEN:
            break
    sight = sight_of(done)
    return replace(sight, notes={**sight.notes, **more})


def run_verb(
    project: Path, *words: str, enter: Enter | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `harness WORDS` in the project's folder; `enter` is called in its process first."""
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        cwd=project,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        preexec_fn=enter,
    )


def sight_of(done: subprocess.CompletedProcess[str]) -> Sight:
    """Read the alarms off the exit code, the JSON on stdout and the last line on stderr."""
    last = (done.stderr.strip().splitlines() or [""])[-1]
    found, code = dict(_of_result(_json(done.stdout))), done.returncode
    alarms = {}
    if code not in (PASSED, NOT_PROVEN):
        alarms[f"exit {code}"] = last if code == COULD_NOT_WORK or not found else ""
    alarms |= found
    if "Traceback" in done.stderr:
        alarms["traceback"] = last
    notes = {"exit 3": "not proven"} if code == NOT_PROVEN else {}
    return Sight(alarms=alarms, notes=notes)


def _of_result(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what a result calls wrong: a row of its budgets, a rule, a difference."""
    for verdict in told.get("verdicts", ()):
        budget, outcome = verdict["budget"], verdict["outcome"]
        if outcome in FAILED or (outcome == ABSENT and budget["required"]):
            yield f"{outcome} {budget['metric']}", verdict["sentence"]
    for finding in told.get("findings", ()):
        if not finding["holds"]:
            yield f"breach {finding['rule']}", finding["detail"]
    for change in told.get("differences", ()):
        if change["word"] in WORSE and change["adjusted"] is not None:
            yield f"{change['word']} {change['metric']}", f"{change['ratio'] - 1:+.1%}"
    for change in told.get("heard", ()):
        if change["word"] in WORSE:
            by = change["new"] - change["old"]
            yield f"{change['word']} {change['metric']}", f"{100 * by:+.2f} points"


def _json(text: str) -> Mapping[str, Any]:
    try:
        told = json.loads(text)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _environment() -> dict[str, str]:
    """This process's own, and the harness that runs it found first."""
    root = str(Path(harness.__file__).parents[1])
    before = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (root, before)))}
