"""A latency pass goes on while something is undecided and may be decided, and says why it ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from harness.judge.looks import undecided
from harness.judge.samples import samples_of
from harness.records import Measurement, Run, Statistic
from harness.run.looks import Looks
from harness.store import find_run, read_run
from harness.suite import Latency
from harness.units import Unit
from tests.sample_run import budget, empty_run, measurement
from tests.toy_project import BUDGETS, SUITE, harness, make_project

P95 = budget("latency.inference", 0.1, Unit.SECONDS)
MAX = budget("latency.inference", 0.1, Unit.SECONDS, statistic=Statistic.MAX)


class Notebook:
    """Stands for a recording: a run that the test decides, and what is noted about it."""

    def __init__(self) -> None:
        self.run = empty_run()
        self.facts: dict[str, Any] = {}
        self.said: list[str] = []

    def fact(self, name: str, value: Any) -> None:
        self.facts[name] = value

    def say(self, text: str) -> None:
        self.said.append(text)


def part(**extend: Any) -> Latency:
    """Return the settings of a pass of 10 processes of 8 requests."""
    told = {"set": "s", "clips": 1, "processes": 10, "repeats": 8, "warmup": 0, "timeout_s": 9}
    more = {"processes": 5, "most": 22, "within_s": 100}
    return Latency.model_validate({**told, "extend": {**more, **extend}})


def pass_through(settings: Latency, answers: list[tuple[str, ...]]) -> tuple[list[int], Notebook]:
    """Ask after each look until nothing is added; return the processes at each, and the notes."""
    notebook, waiting, done = Notebook(), iter(answers), [settings.processes]
    looks = Looks(settings, lambda run, left: next(waiting), notebook)  # type: ignore[arg-type]
    while added := looks.more(done[-1]):
        done.append(done[-1] + added)
    return done, notebook


def test_it_ends_as_soon_as_every_budget_is_decided() -> None:
    done, notebook = pass_through(part(), [("a",), ("a",), ()])
    assert done == [10, 15, 20]
    assert notebook.facts["looks"] == {
        "taken": [
            {"processes": 10, "undecided": ["a"]},
            {"processes": 15, "undecided": ["a"]},
            {"processes": 20, "undecided": []},
        ],
        "ended": "no budget was left that more runs may decide",
    }
    assert notebook.said == ["latency   5 more processes, as not proven: a"] * 2


def test_a_decided_pass_takes_no_more_than_its_first_processes() -> None:
    assert pass_through(part(), [()])[0] == [10]


def test_it_ends_with_the_most_processes_that_it_may_take() -> None:
    done, notebook = pass_through(part(), [("a",)] * 4)
    assert done == [10, 15, 20, 22]
    assert notebook.facts["looks"]["ended"] == "no more than 22 processes may be taken"


def test_it_ends_when_its_time_is_over() -> None:
    done, notebook = pass_through(part(within_s=1e-9), [("a",)])
    assert done == [10]
    assert "was over" in notebook.facts["looks"]["ended"]


def test_without_an_extension_it_looks_at_nothing() -> None:
    settings = part().model_copy(update={"extend": None})
    done, notebook = pass_through(settings, [])
    assert (done, notebook.facts) == ([10], {})


def timed(*times: float, tainted: int = 0) -> Run:
    """Return a run of these inference times, dealt out to ten processes; the first are tainted."""
    parts: list[Measurement] = []
    for i in range(10):
        taints = tuple(j < tainted for j in range(len(times)))[i::10]
        parts.append(measurement("latency.inference", list(times[i::10]), i, tainted=taints))
    return empty_run(measurements=tuple(parts))


@pytest.mark.parametrize(
    ("run", "left", "named", "why"),
    [
        (timed(*[0.05] * 80), 320, 0, "80 clean runs pass: decided"),
        (timed(*[0.2] * 80), 320, 0, "a clear fail is decided early"),
        (timed(*[0.05] * 78, 0.2, 0.2), 320, 1, "two over: 153 would prove it"),
        (timed(*[0.05] * 80, tainted=9), 320, 1, "11 % disturbed: 10 more quiet ones dilute them"),
        (timed(*[0.05] * 80, tainted=60), 320, 0, "400 runs would still hold 15 % disturbed ones"),
        (empty_run(), 320, 0, "what no run measures will not be measured by more"),
    ],
)
def test_budgets_are_named_while_more_runs_may_decide_them(
    run: Run, left: int, named: int, why: str
) -> None:
    assert len(undecided([P95, MAX], run, left=left)) == named, why


def test_only_percentiles_of_latency_are_gone_on_for() -> None:
    run = timed(*[0.05] * 20)
    assert undecided([P95, MAX], run, left=320) == ("latency.inference p95",)


def test_a_bench_goes_on_and_keeps_why_it_ended(tmp_path: Path) -> None:
    # 8 runs, at most 12: too few for a p95 whatever they show, unless too many are disturbed.
    p95 = BUDGETS.replace("end_to_end, statistic: max", "end_to_end, statistic: p95")
    folder = make_project(tmp_path / "toy", {"hola": "hola"}, budgets=p95)
    extended = SUITE.replace(
        "warmup: 0, timeout_s: 60}\nmemory",
        "warmup: 0, timeout_s: 60, extend: {processes: 2, most: 6, within_s: 60}}\nmemory",
    )
    (folder / "config/suite.yaml").write_text(extended)
    done = harness(folder, "bench", "--config", "config/toy.yaml", "-k", "end_to_end", "--strict")
    assert done.returncode == 3, done.stderr
    run = read_run(find_run(folder / "reports/runs", "latest"))
    taken = samples_of(run, "latency.end_to_end")
    assert taken is not None
    looks = run.facts["looks"]
    assert looks["taken"][0]["processes"] == 4
    assert looks["taken"][-1]["processes"] == taken.process_count
    assert looks["ended"]
