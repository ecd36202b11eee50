"""The self-test catches what is planted, and can itself fail."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.faults import Fault
from harness.run import selftest
from harness.run.selftest import limits, told
from harness.run.selftest.making import placed
from harness.run.selftest.told import Place
from harness.units import MB

# What the issue names, each by the fault that plants it.
ASKED = {
    *("weights-cut", "weights-flipped", "weights-nan", "file-changed", "slow-stage", "leak"),
    *("one-point", "swapped", "cached-answer", "missing-metric", "clock-back", "disk-full"),
    *("killed", "segfault", "bus-error", "out-of-memory", "memory-refused", "hang"),
}


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["selftest", *words])


def only(monkeypatch: pytest.MonkeyPatch, name: str, **how: object) -> Fault[Place]:
    """Leave one fault, without its control, changed by `how`."""
    found = next(fault for fault in selftest.FAULTS if fault.name == name)
    changed = replace(found, control=None, **how)  # type: ignore[arg-type]
    monkeypatch.setattr(selftest, "FAULTS", (changed,))
    return changed


def test_everything_that_was_asked_for_is_planted_beside_a_healthy_control() -> None:
    assert {fault.name for fault in selftest.FAULTS} >= ASKED
    assert all(fault.expect and fault.control for fault in selftest.FAULTS)
    assert not any(f.control.expect for f in selftest.FAULTS if f.control)
    assert run("--list").output.count("\n") == len(selftest.FAULTS)


def test_a_planted_fault_is_caught_and_its_control_is_quiet() -> None:
    done = run("weights-flipped", "--json")
    assert done.exit_code == 0, done.output
    rows = json.loads(done.stdout)["rows"]
    assert [row["result"] for row in rows] == ["QUIET", "CAUGHT"]
    assert "digests_match_manifest" in rows[1]["seen"]
    assert "CAUGHT" in done.stderr


def test_a_fault_that_is_not_planted_is_missed_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    only(monkeypatch, "weights-cut", plant=placed("verify", "model.onnx", "--json"))
    done = run()
    assert done.exit_code == 1
    assert "0 of 1 faults caught; MISSED: weights-cut." in done.output


@pytest.mark.parametrize(
    ("name", "without"),
    [
        pytest.param(
            "file-changed",
            "import harness.run.recording as r; same = r.still_the_same; "
            "r.still_the_same = lambda model, before: same(model, r.look(model, before.seed))",
            marks=pytest.mark.slow,
        ),
        (
            "swapped",
            "import harness.accuracy.permuted as p; p.permuted = lambda heard: ()",
        ),
    ],
)
def test_an_instrument_without_its_check_is_found_out(
    monkeypatch: pytest.MonkeyPatch, name: str, without: str
) -> None:
    only(monkeypatch, name)
    monkeypatch.setattr(told, "PROGRAM", f"{without}; {told.PROGRAM}")
    done = run()
    assert done.exit_code == 1
    assert f"MISSED: {name}." in done.output


def test_a_name_that_does_not_exist_is_said() -> None:
    done = run("weights-cot")
    assert done.exit_code == 2
    assert "Did you mean 'weights-cut'?" in done.output


DISK = 65_536  # bytes


def fill(folder: Path) -> int:
    """Write a megabyte in a process apart, and return how many bytes arrived."""
    script = "open('disk/f', 'wb', buffering=0).write(bytes(1_000_000))"
    with limits.small_disk("disk", DISK, folder) as enter:
        subprocess.run([sys.executable, "-c", script], cwd=folder, preexec_fn=enter)
        return (folder / "disk/f").stat().st_size


@pytest.mark.parametrize("root", [True, False])
def test_a_small_disk_is_full_with_and_without_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: bool
) -> None:
    if not root:
        refuse: Callable[..., bool] = lambda *command: False  # noqa: E731
        monkeypatch.setattr(limits, "_did", refuse)
    assert 0 < fill(tmp_path) <= DISK


def test_where_no_control_group_can_be_made_the_fault_is_not_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "GROUPS", tmp_path / "none")
    only(monkeypatch, "out-of-memory")
    done = run()
    assert done.exit_code == 3
    assert "NOT POSSIBLE: out-of-memory." in done.output
    assert f"{900 * MB // MB} MB can be made" in " ".join(done.output.split())


@pytest.mark.slow
def test_every_fault_is_caught() -> None:
    done = run()
    assert done.exit_code == 0, done.output
