"""`harness load` and `harness soak`, as a person types them, on the toy project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.report.load_table import load_table
from harness.report.soak_table import soak_table
from harness.report.tables import WIDTH
from harness.store import find_run, read_run
from tests.toy_project import BUDGETS, SUITE, make_project, write_set

CONFIG = ("--config", "config/toy.yaml")
SECTIONS = """
soak: {sets: [timed, words], clips: 4, processes: 2, rounds: 6, warmup: 2, growth_bytes: 20000,
  timeout_s: 60}
load: {set: words, clips: 4, processes: 3, requests: 40, warmup: 1, concurrency: [1, 2], workers: 2,
  timeout_s: 60}
"""
ROWS = """
    - {metric: latency.end_to_end, statistic: p95, at_most: 5, unit: s, title: Window}
    - {metric: load.server, statistic: rate, at_least: 1, unit: /s, title: Highest rate}
    - {metric: load.offline.2, statistic: max, at_least: 1, unit: /s, title: Throughput}
"""


def make(folder: Path, *, suite: str = SUITE + SECTIONS, budgets: str = BUDGETS + ROWS) -> Path:
    project = make_project(folder, {f"hola {n}": f"hola {n}" for n in range(6)}, budgets=budgets)
    (project / "config/suite.yaml").write_text(suite)
    return project


def harness(folder: Path, *words: str) -> Result:
    """Run the command line in this process, as if it had been typed in `folder`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(main, list(words))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which a soak and then a load were run."""
    folder = make(tmp_path_factory.mktemp("toy") / "project")
    for verb in ("soak", "load"):
        done = harness(folder, verb, *CONFIG, "--json")
        (folder / f"{verb}.json").write_text(done.stdout)
        (folder / f"{verb}.txt").write_text(f"{done.exit_code}\n{done.stderr}")
    return folder


def told(project: Path, verb: str) -> Any:
    return json.loads((project / f"{verb}.json").read_text())


def test_a_soak_says_whether_memory_grows(project: Path) -> None:
    said = told(project, "soak")
    assert (project / "soak.txt").read_text().startswith("0\n")
    (verdict,) = said["verdicts"]
    assert verdict["budget"]["metric"] == "soak.growth"
    assert verdict["budget"]["limit"] == 20_000
    assert verdict["outcome"] == "PASS"
    assert said["growth"]["requests"] == 2 * 6 * (2 + 4)
    assert said["growth"]["interval"]["high"] < 20_000


def test_a_load_gives_every_shape_and_judges_its_budgets(project: Path) -> None:
    said = told(project, "load")
    names = [(shape["name"], shape["workers"]) for shape in said["shapes"]]
    assert names[:3] == [("single_stream", 1), ("offline", 1), ("offline", 2)]
    assert set(names[3:]) == {("server", 2)}
    assert all(shape["rtf"] > 0 and shape["throughput"] > 0 for shape in said["shapes"])
    outcomes = {v["budget"]["metric"]: v["outcome"] for v in said["verdicts"]}
    assert set(outcomes) == {"load.server", "load.offline.2"}
    assert set(outcomes.values()) <= {"PASS", "NOT PROVEN"}  # a busy machine proves less
    code = 3 if "NOT PROVEN" in outcomes.values() else 0
    assert (project / "load.txt").read_text().startswith(f"{code}\n")
    kept = said["highest_rate"]["interval"]["low"] >= 1
    assert kept is (outcomes["load.server"] == "PASS")


@pytest.mark.parametrize("verb", ["soak", "load"])
def test_the_page_has_a_section_with_sentence_picture_and_table(project: Path, verb: str) -> None:
    html = (project / told(project, verb)["page"]).read_text("utf-8")
    part = html[html.index(f'<section id="{verb}">') :]
    assert part.index('class="says"') < part.index("<figure>") < part.index("<table")
    other = {"soak": "load", "load": "soak"}[verb]
    assert f'<section id="{other}">' not in html


def test_a_stored_soak_is_judged_again_by_its_own_row_alone(project: Path) -> None:
    name = told(project, "soak")["run"]
    again = harness(project, "report", name, "--json")
    assert again.exit_code == 0, again.stderr
    assert json.loads(again.stdout)["verdicts"] == told(project, "soak")["verdicts"]


@pytest.mark.parametrize("table", [soak_table, load_table])
def test_the_tables_fit_into_a_hundred_columns(project: Path, table: Any) -> None:
    runs = [read_run(find_run(project / "reports/runs", f"latest~{age}")) for age in (0, 1)]
    drawn = [text for run in runs if (text := table(run))]
    assert len(drawn) == 1
    assert max(map(len, drawn[0].splitlines())) <= WIDTH


@pytest.mark.parametrize("verb", ["soak", "load"])
def test_a_suite_without_the_section_is_told_so(tmp_path: Path, verb: str) -> None:
    done = harness(make(tmp_path / "toy", suite=SUITE, budgets=BUDGETS), verb, *CONFIG)
    assert done.exit_code == 2
    assert f"suite.yaml: section `{verb}` is missing" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_limit_the_server_is_left_out_and_that_is_a_doubt(tmp_path: Path) -> None:
    done = harness(make(tmp_path / "toy", budgets=BUDGETS), "load", *CONFIG, "--json")
    assert done.exit_code == 0, done.stderr
    said = json.loads(done.stdout)
    assert {shape["name"] for shape in said["shapes"]} == {"single_stream", "offline"}
    assert any("no p95 budget on latency.end_to_end" in doubt for doubt in said["doubts"])


def test_a_pipeline_that_dies_under_load_misses_and_keeps_what_was_measured(tmp_path: Path) -> None:
    project = make(tmp_path / "toy")
    write_set(project / "sets/words", {f"hola {n}": f"hola {n}" for n in range(3)} | {"x": "crash"})
    done = harness(project, "soak", *CONFIG, "--json")
    assert done.exit_code == 1
    assert any("SIGKILL" in finding["detail"] for finding in json.loads(done.stdout)["findings"])


def test_a_budget_on_a_concurrency_that_no_trial_has_names_the_nearest(tmp_path: Path) -> None:
    rows = ROWS.replace("load.offline.2", "load.offline.3")
    done = harness(make(tmp_path / "toy", budgets=BUDGETS + rows), "load", *CONFIG)
    assert done.exit_code == 2
    assert "unknown metric 'load.offline.3'. Did you mean 'load.offline." in done.stderr
