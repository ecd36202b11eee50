"""Environments of git revisions: shared by equal locks, and built once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from harness.errors import ConfigError
from harness.run.revisions import ENVIRONMENTS, LOCK, interpreter_of


@pytest.fixture
def revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Stand in a project whose lock is not that of the revision that is returned."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / LOCK).write_text("numpy\n")
    folder = tmp_path / "revision"
    folder.mkdir()
    return folder


def test_a_lock_equal_to_ours_is_served_by_this_interpreter(revision: Path) -> None:
    (revision / LOCK).write_text("numpy\n")
    assert interpreter_of(revision, pytest.fail) == sys.executable


def test_a_revision_without_a_lock_needs_an_interpreter(revision: Path) -> None:
    with pytest.raises(ConfigError, match=r"has no requirements\.lock.*--a-python"):
        interpreter_of(revision, pytest.fail)


def test_an_environment_is_built_once_for_equal_locks(revision: Path) -> None:
    (revision / LOCK).write_text("# nothing is needed\n")
    said: list[str] = []
    python = interpreter_of(revision, said.append)
    assert len(said) == 1
    asked = subprocess.run([python, "-c", "import sys; print(sys.prefix)"], capture_output=True)
    assert Path(asked.stdout.decode().strip()).parent == ENVIRONMENTS.absolute()
    assert interpreter_of(revision, pytest.fail) == python


def test_an_environment_that_cannot_be_built_is_told_with_what_was_tried(revision: Path) -> None:
    (revision / LOCK).write_text("# nothing is needed\n")
    ENVIRONMENTS.parent.write_text("a file where the folder should be")
    with pytest.raises(ConfigError, match=r"(?s)requirements\.lock of revision cannot.*-m venv"):
        interpreter_of(revision, lambda text: None)
