"""Facts about the host: present, as text, and the same when asked again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from harness.measure.host import commit, cpu_quota, environment, memory_limit


def test_two_environments_of_one_host_are_comparable(tmp_path: Path) -> None:
    first, second = environment(tmp_path), environment(tmp_path)
    assert first.comparable == second.comparable
    assert {"cpu", "cores", "memory", "kernel", "python", "package numpy"} <= set(first.comparable)
    facts = {**first.comparable, **first.identity, **first.noise}
    assert all(isinstance(value, str) and value for value in facts.values())
    assert first.identity["commit"] == "none"  # the folder is no repository


def test_what_the_caller_knows_is_kept(tmp_path: Path) -> None:
    made = environment(
        tmp_path,
        packages=["numpy", "no-such-package"],
        options={"intra_op_threads": "1"},
        identity={"bundle": "f00"},
        noise={"steal": "0.00 %"},
    )
    assert made.comparable["intra_op_threads"] == "1"
    assert made.comparable["package no-such-package"] == "not installed"
    assert made.identity["bundle"] == "f00"
    assert made.noise == {"steal": "0.00 %"}


def test_a_variable_that_sets_threads_makes_runs_unlike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    plain = environment(tmp_path)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    assert environment(tmp_path).comparable != plain.comparable


def test_a_commit_says_when_files_differ_from_it(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        name = ["-c", "user.name=n", "-c", "user.email=e@x", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", "-C", tmp_path, *name, *words], check=True, capture_output=True)

    git("init")
    git("commit", "--allow-empty", "--message", "first")
    clean = commit(tmp_path)
    assert len(clean) == 40
    (tmp_path / "new").touch()
    assert commit(tmp_path) == f"{clean} + changes"


def test_limits_of_the_control_group_are_positive_or_absent() -> None:
    for limit in (cpu_quota(), memory_limit()):
        assert limit is None or limit > 0
