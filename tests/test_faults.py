"""Plant, expect, see: what counts as caught, and that a fault which is missed is never a pass."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.errors import CannotPlantError
from harness.faults import Fault, Result, Sight, tried, with_controls
from harness.report.faults_table import fault_lines, faults_markdown, faults_sentence


def fault(sight: Sight | Exception, **more: Any) -> Fault[Path]:
    def see(place: Path) -> Sight:
        assert place.is_dir()
        if isinstance(sight, Exception):
            raise sight
        return sight

    return Fault(**{"name": "f", "title": "a fault", "plant": lambda p: p, "see": see, **more})


ALARM = Sight(alarms={"exit 1": "", "breach whole": "m.data is cut short"})
NOTE = Sight(alarms={}, notes={"odd": "m.data has two names"})
NOTHING = Sight(alarms={})


@pytest.mark.parametrize(
    ("sight", "expected", "result"),
    [
        pytest.param(ALARM, {"expect": ("breach whole",)}, Result.CAUGHT, id="the alarm"),
        pytest.param(
            ALARM,
            {"expect": ("exit 1", "breach whole"), "names": ("m.data",)},
            Result.CAUGHT,
            id="both alarms, with its name",
        ),
        pytest.param(ALARM, {"expect": ("exit 2",)}, Result.MISSED, id="another alarm"),
        pytest.param(
            ALARM, {"expect": ("breach whole",), "names": ("n.data",)}, Result.MISSED, id="no name"
        ),
        pytest.param(
            ALARM,
            {"expect": ("exit 1",), "names": ("m.data",)},
            Result.MISSED,
            id="of another",
        ),
        pytest.param(NOTHING, {"expect": ("exit 1",)}, Result.MISSED, id="no alarm"),
        pytest.param(NOTE, {"expect": ("odd",)}, Result.MISSED, id="a note is no alarm"),
        pytest.param(NOTE, {"notes": ("odd",), "names": ("two",)}, Result.CAUGHT, id="the note"),
        pytest.param(
            Sight(alarms={"exit 1": ""}, notes=NOTE.notes),
            {"notes": ("odd",)},
            Result.MISSED,
            id="the note, and an alarm",
        ),
        pytest.param(NOTHING, {}, Result.QUIET, id="healthy and quiet"),
        pytest.param(ALARM, {}, Result.ALARM, id="healthy and alarmed at"),
        pytest.param(ValueError("x"), {"expect": ("exit 1",)}, Result.MISSED, id="it broke off"),
        pytest.param(ValueError("x"), {}, Result.ALARM, id="seeing a healthy one broke off"),
        pytest.param(
            CannotPlantError("no root"), {"expect": ("exit 1",)}, Result.IMPOSSIBLE, id="not here"
        ),
    ],
)
def test_what_came_of_a_fault(
    tmp_path: Path, sight: Any, expected: dict[str, Any], result: Result
) -> None:
    (row,) = tried([fault(sight, **expected)], tmp_path)
    assert (row.result, row.seen) == (result, row.seen or "something")


def test_a_control_comes_once_and_before_its_faults() -> None:
    healthy = fault(NOTHING, name="h")
    one, two = (fault(ALARM, name=name, control=healthy) for name in ("one", "two"))
    assert [f.name for f in with_controls([one, two])] == ["h", "one", "two"]


def test_every_fault_has_a_folder_of_its_own(tmp_path: Path) -> None:
    rows = list(tried([fault(NOTHING), fault(NOTHING)], tmp_path))
    assert [row.result for row in rows] == [Result.QUIET] * 2
    assert len(list(tmp_path.iterdir())) == 2


def test_the_sentence_names_what_was_missed(tmp_path: Path) -> None:
    faults = [
        fault(ALARM, name="caught", expect=("exit 1",)),
        fault(NOTHING, name="lost", expect=("exit 1",)),
        fault(ALARM, name="cry"),
        fault(CannotPlantError("no root"), name="rootless", expect=("exit 1",)),
    ]
    rows = list(tried(faults, tmp_path))
    assert faults_sentence(rows) == (
        "1 of 3 faults caught; no alarm at 0 of 1 healthy controls; MISSED: lost; "
        "FALSE ALARM: cry; NOT POSSIBLE: rootless."
    )
    assert "expected exit 1\n" in fault_lines(rows[1], colour=False)
    assert "| 2 | a fault | exit 1 | no alarm | no |" in faults_markdown(rows)
    assert "| 4 | a fault | exit 1 | no root | not possible |" in faults_markdown(rows)
