"""Human speech is reported where it is present, never gated, and missed visibly where it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.config import read_settings
from harness.errors import ConfigError
from harness.run.plan import Plan, make_plan
from tests.toy_project import BUDGETS, harness, make_project, write_set

WORDS = {f"hola {n}": f"hola {n}" for n in range(30)}


def planned(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Plan:
    monkeypatch.chdir(folder)
    return make_plan(read_settings(Path("config/toy.yaml")), whole=True)


def test_it_is_heard_where_it_is_present(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = make_project(tmp_path / "toy", WORDS)
    write_set(folder / "nobody", {"sí": "no"})
    plan = planned(folder, monkeypatch)
    assert list(plan.sets) == ["words", "nobody"]
    assert plan.doubts == ()


def test_a_line_says_that_it_is_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = planned(make_project(tmp_path / "toy", WORDS), monkeypatch)
    assert list(plan.sets) == ["words"]
    assert plan.doubts == ("No human speech was heard: nobody is absent. Put such a set there.",)


def test_no_budget_can_be_about_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gated = BUDGETS.replace("accuracy.wer.words", "accuracy.wer.nobody")
    folder = make_project(tmp_path / "toy", WORDS, budgets=gated)
    write_set(folder / "nobody", {"sí": "no"})
    with pytest.raises(ConfigError, match=r"unknown metric 'accuracy\.wer\.nobody'"):
        planned(folder, monkeypatch)


def test_a_run_reports_it_and_its_errors_miss_no_gate(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "toy", WORDS)
    write_set(folder / "nobody", {"sí": "no", "hola": "adiós"})
    done = harness(folder, "validate", "--config", "config/toy.yaml", "-k", "quality")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nobody" in done.stdout
    assert "100.00 %" in done.stdout
    assert "No human speech" not in done.stderr
