"""`harness selfbench`: what a person types, what is kept, and what is judged again from it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.store import JOURNAL, find_run, read_run
from tests import toy_project
from tests.toy_project import harness, interrupted, make_project

SELFBENCH = """
selfbench:
  set: timed
  clips: 2
  warmup: 0
  timeout_s: 60
  overhead: {rounds: 3, repeats: 2}
  comparison: {rounds: 3, repeats: 2}
  comparisons: 50
  starts: 3
  plantings: 1
  gates: 2
  covered: 1
  watched: 1
"""
CONFIG = ("--config", "config/toy.yaml")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which every part was measured once, with two comparisons."""
    folder = make_project(tmp_path_factory.mktemp("toy") / "project", {"hola": "hola"})
    with (folder / "config/suite.yaml").open("a") as suite:
        suite.write(SELFBENCH)
    done = harness(folder, "selfbench", "--comparisons", "2", *CONFIG, "--json")
    assert done.returncode in (1, 3), done.stderr  # a toy's request is too short for 2 % overhead
    (folder / "told.json").write_text(done.stdout)
    return folder


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    """That project, to be spoiled."""
    return shutil.copytree(project, tmp_path / "copy")


def here(folder: Path, *words: str) -> Result:
    """Run the command line in this process, as if it had been typed in `folder`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(main, list(words))


def told(done: Result) -> dict[str, dict[str, object]]:
    """The verdicts by metric."""
    return {v["budget"]["metric"]: v for v in json.loads(done.stdout)["verdicts"]}


def test_every_part_is_measured_and_judged(project: Path) -> None:
    result = json.loads((project / "told.json").read_text())
    samples = {v["budget"]["metric"]: v["samples"] for v in result["verdicts"]}
    assert samples == {
        "selfbench.help": 3,
        "selfbench.false_pass": 2,
        "selfbench.false_fail": 2,
        "selfbench.coverage": 1,
        "selfbench.false_shifts": 1,
        "selfbench.false_words": 27,  # 30 runs without their spikes
        "selfbench.overhead": 3,
        "selfbench.memory": 8,
        "selfbench.false_alarms": 2,
        "selfbench.power": 2,
    }
    assert [(a["arm"], a["comparisons"]) for a in result["alarms"]] == [
        ("same", 2),
        ("slow10", 2),
        ("slow15", 2),
    ]
    assert all(finding["holds"] for finding in result["findings"])
    page = (project / result["page"]).read_text("utf-8")
    assert "False alarms and power" in page
    for head in (
        "What measuring adds",
        "How often a gate is wrong",
        "How often an interval",
        "How often the history is wrong",
        "Planted memory",
    ):
        assert head in page


def test_the_raw_samples_of_every_arm_are_kept(project: Path) -> None:
    run = read_run(find_run(project / "reports/runs", "latest"))
    taken: dict[str, int] = {}
    for m in run.measurements:
        if m.metric in ("latency.end_to_end", "selfbench.start"):
            taken[m.arm] = taken.get(m.arm, 0) + len(m.samples)
    assert taken == {
        **dict.fromkeys(("python -c pass", "harness --help"), 3),
        **dict.fromkeys(("bare", "full"), 3 * 2),
        **dict.fromkeys(("a", "a again", "same", "slow10", "slow15"), 2 * 3 * 2),
    }
    assert run.complete
    slow = json.loads((project / f"reports/runs/{run.id}/slow15.json").read_text())
    assert slow["share"] == 0.15


def test_an_interrupted_run_is_judged_by_what_is_whole_in_it(copy: Path) -> None:
    folder = find_run(copy / "reports/runs", "latest")
    journal = folder / JOURNAL
    lines = journal.read_text("utf-8").splitlines(keepends=True)
    alarms = [n for n, line in enumerate(lines) if '"arm": "slow15"' in line]
    journal.write_text("".join(lines[: alarms[-1]]), "utf-8")  # its last process is missing
    done = here(copy, "selfbench", "--from", folder.name, "--json")
    verdicts = told(done)
    assert verdicts["selfbench.power"]["samples"] == 1
    assert verdicts["selfbench.help"]["samples"] == 3
    assert json.loads(done.stdout)["alarms"][0]["left_out"] == 1


def test_a_stored_run_is_reported_as_any_other(project: Path) -> None:
    done = here(project, "report", "latest")
    assert done.exit_code == 0, done.stderr
    assert "Identical code called slower" in done.stdout
    assert "Welch, pooled" in done.stdout


def test_ctrl_c_keeps_what_was_measured(copy: Path) -> None:
    shutil.rmtree(copy / "reports")
    done = interrupted(copy, "selfbench", "alarms", *CONFIG, after="measurement")
    assert done.returncode == 2
    assert "Interrupted. What was measured until then is kept." in done.stderr
    run = read_run(find_run(copy / "reports/runs", "latest"))
    assert run.measurements
    assert not run.complete


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(
            ("--from", "latest", "--comparisons", "3"),
            "--from judges what the run holds",
            id="a stored run cannot be measured differently",
        ),
        pytest.param(("--from", "nothing"), "no run 'nothing'", id="no such run"),
        pytest.param(("overhaed",), "'overhaed' is not one of", id="a misspelt part"),
        pytest.param(("--comparisons", "0"), "--comparisons", id="no comparison at all"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    project: Path, words: tuple[str, ...], said: str
) -> None:
    done = here(project, "selfbench", *words, *CONFIG)
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_project_without_the_section_is_told_to_add_it(copy: Path) -> None:
    (copy / "config/suite.yaml").write_text(toy_project.SUITE)
    done = here(copy, "selfbench", "help", *CONFIG)
    assert done.exit_code == 2
    assert "suite.yaml: section `selfbench` is missing" in done.stderr
