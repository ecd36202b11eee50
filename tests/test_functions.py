"""What pytest-benchmark times lands in the run, after everything else, and leaves no files."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.records import Measurement, Run
from harness.store import find_run, read_run
from tests.toy_project import harness, make_project

FUNCTIONS = '''
def test_add(benchmark):
    """Add some numbers.

    Nothing else.
    """
    assert benchmark(sum, range(100)) == 4950

def test_wrong(benchmark):
    assert benchmark(int, "1") == 2
'''


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose first test file times functions."""
    folder = make_project(tmp_path_factory.mktemp("toy") / "project", {"hola": "hola"})
    (folder / "benchmarks/test_a_function.py").write_text(FUNCTIONS)
    suite = folder / "config/suite.yaml"
    suite.write_text(f"functions: {{seconds: 0.01}}\n{suite.read_text()}")
    return folder


def bench(project: Path, select: str, *more: str) -> Run:
    """Run the selected tests and return the run."""
    done = harness(project, "bench", "--config", "config/toy.yaml", "-k", select, *more)
    assert "page:" in done.stdout, done.stderr
    return read_run(find_run(project / "reports/runs", "latest"))


def test_raw_rounds_are_stored_after_every_pass_and_nothing_beside_the_run(project: Path) -> None:
    run = bench(project, "add or load_warm")
    *passes, taken = run.measurements
    assert taken.metric == "function.add"
    assert "latency.end_to_end" in {one.metric for one in passes}
    assert len(taken.samples) >= 5
    assert all(0 < seconds < 0.01 for seconds in taken.samples)
    assert taken.note.startswith("Add some numbers. A round is the mean of ")
    assert not (project / ".benchmarks").exists()


def test_a_selection_without_them_times_none(project: Path) -> None:
    assert not functions_of(bench(project, "end_to_end"))


def test_without_pytest_benchmark_the_budgets_are_still_judged(project: Path) -> None:
    run = bench(project, "load_warm", "--", "-p", "no:benchmark")
    assert run.complete
    assert not functions_of(run)


def test_a_function_that_returns_the_wrong_thing_is_no_passed_run(project: Path) -> None:
    done = harness(project, "bench", "--config", "config/toy.yaml", "-k", "wrong or load_warm")
    assert done.returncode == 2
    assert "assert 1 == 2" in done.stderr


def functions_of(run: Run) -> list[Measurement]:
    return [one for one in run.measurements if one.metric.startswith("function.")]
