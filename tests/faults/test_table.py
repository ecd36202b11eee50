"""The table of faults: quick groups are tried for real, and the table can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.faults import BAD, tried
from tests.faults import table
from tests.faults.hardening import HARDENING
from tests.faults.memory import MEMORY
from tests.faults.pipeline import PIPELINE, audio
from tests.faults.store import STORE


def test_quick_faults_are_met_as_expected(tmp_path: Path) -> None:
    rows = tried((*PIPELINE, *HARDENING, *STORE, MEMORY[1]), tmp_path)
    assert {row.fault.title: row.seen for row in rows if row.result in BAD} == {}


def test_there_are_enough_faults_and_no_two_of_a_group_are_called_alike() -> None:
    for faults in table.GROUPS.values():
        assert len({fault.title for fault in faults}) == len(faults)
    assert sum(map(len, table.GROUPS.values())) >= 200


def test_the_table_ends_with_1_where_a_fault_is_missed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refused = audio("no audio at all", b"", "AudioTooLongError")
    monkeypatch.setattr(table, "GROUPS", {"pipeline": (refused,)})
    assert table.main([]) == 1
    told = capsys.readouterr().out
    assert "| 1 | no audio at all | AudioTooLongError | AudioFormatError: Format not" in told
    assert "MISSED: no-audio-at-all." in told


def test_a_group_that_does_not_exist_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert table.main(["pipelines"]) == 2
    assert "no group 'pipelines'. Did you mean 'pipeline'?" in capsys.readouterr().err
