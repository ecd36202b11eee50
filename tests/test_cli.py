"""The command line: what a person types, what is printed, what is kept, and the exit code."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from harness.budgets import LATENCIES, MEMORIES, OTHERS
from harness.cli import VERBS, main
from harness.config import read_settings
from harness.plugin import RunPlugin
from harness.records import Outcome, Verdict
from harness.store import find_run, read_run
from harness.verbs.gate import PYTEST, exit_code
from tests import toy_project
from tests.sample_run import budgets, empty_run
from tests.toy_project import BUDGETS, ROOT, harness, interrupted, make_project

WORDS = {f"hola {word}": f"hola {word}" for word in (f"amigo{i}" for i in range(30))}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which one bench was run."""
    folder = make_project(tmp_path_factory.mktemp("toy") / "project", WORDS)
    done = harness(folder, "bench", "--config", "config/toy.yaml", "--json")
    (folder / "told.json").write_text(done.stdout)
    (folder / "said.txt").write_text(done.stderr)
    assert done.returncode == 0, done.stderr
    return folder


def here(folder: Path, *words: str) -> Result:
    """Run the command line in this process, as if it had been typed in `folder`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(main, list(words))


def test_a_bench_that_keeps_its_budgets_passes_and_leaves_a_page(project: Path) -> None:
    told = json.loads((project / "told.json").read_text())
    run = read_run(find_run(project / "reports/runs", "latest"))
    assert (project / told["page"]).read_text("utf-8").startswith("<!doctype html>")
    assert run.complete
    assert run.environment is not None
    assert [t.hypothesis for t in run.transcripts] == list(WORDS)
    seen = {v["budget"]["metric"]: (v["outcome"], v["samples"]) for v in told["verdicts"]}
    assert seen["memory.peak"] == ("PASS", 3)
    assert seen["accuracy.wer.words"] == ("PASS", 30)
    assert "quality.tts_mos" not in seen, "how it speaks is of a release, not of a push"
    assert [seen[name][1] for name in ("latency.load_warm", "latency.end_to_end")] == [3, 8]


def test_what_is_left_out_is_said(project: Path) -> None:
    assert "No human speech was heard: nobody is absent" in (project / "said.txt").read_text()


def test_a_stored_run_is_judged_again_by_today_s_budgets(project: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(project, tmp_path / "copy")
    file = moved / "config/budgets.yaml"
    file.write_text(BUDGETS.replace("at_most: 2, unit: GB", "at_most: 1, unit: kB"))
    told = json.loads(here(moved, "report", "latest", "--json").stdout)
    assert [v["outcome"] for v in told["verdicts"] if v["budget"]["metric"] == "memory.peak"] == [
        Outcome.FAIL
    ]


def test_a_run_compared_with_itself_shows_no_difference(project: Path) -> None:
    done = here(project, "compare", "latest", "latest", "--json")
    assert done.exit_code == 0
    ratios = [change["ratio"] for change in json.loads(done.stdout)["changes"]]
    assert [ratio for ratio in ratios if ratio] == pytest.approx([1.0] * sum(map(bool, ratios)))


def test_one_budget_can_be_repeated_alone(project: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(project, tmp_path / "copy")
    done = here(moved, "bench", "--config", "config/toy.yaml", "-k", "load_warm", "--json")
    told = json.loads(done.stdout)
    assert [v["budget"]["metric"] for v in told["verdicts"]] == ["latency.load_warm"]
    assert not read_run(find_run(moved / "reports/runs", told["run"])).transcripts


def test_a_missed_budget_ends_with_1_and_a_page(tmp_path: Path) -> None:
    tight = BUDGETS.replace("at_most: 2, unit: GB", "at_most: 1, unit: kB")
    folder = make_project(tmp_path / "toy", WORDS, budgets=tight)
    done = here(folder, "bench", "--config", "config/toy.yaml", "-k", "memory")
    assert done.exit_code == 1
    assert "FAIL" in done.stdout
    assert list(folder.glob("reports/runs/*/page.html"))


def test_a_crash_on_one_clip_is_a_finding_and_the_others_are_heard(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "toy", {"adiós": "crash", **WORDS})
    done = here(folder, "validate", "--config", "config/toy.yaml", "-k", "requests or quality")
    run = read_run(find_run(folder / "reports/runs", "latest"))
    assert done.exit_code == 1
    assert [t.hypothesis for t in run.transcripts] == list(WORDS)
    assert any("SIGKILL" in finding.detail for finding in run.findings)
    assert "Traceback" not in done.stderr


def test_ctrl_c_keeps_what_was_measured(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "toy", {"hola": "hola", "adiós": "hang"})
    done = interrupted(folder, "bench", "--config", "config/toy.yaml", after="transcript")
    run = read_run(find_run(folder / "reports/runs", "latest"))
    assert done.returncode == 2
    assert "Interrupted. What was measured until then is kept." in done.stderr
    assert [t.hypothesis for t in run.transcripts] == ["hola"]
    assert run.measurements
    assert not run.complete
    assert list(folder.glob("reports/runs/*/page.html"))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(
            lambda folder: (folder / "model.onnx").unlink(),
            "model.onnx: no such model; config/toy.yaml names it",
            id="the model is absent",
        ),
        pytest.param(
            lambda folder: (folder / "model.onnx").write_text("not a model"),
            "model.onnx",
            id="the model is a text file",
        ),
        pytest.param(
            lambda folder: (folder / "sets/words/manifest.jsonl").write_text(""),
            "the set is empty",
            id="a reference set is empty",
        ),
        pytest.param(
            lambda folder: (folder / "config/toy.yaml").unlink(),
            "toy.yaml: no such file",
            id="the config is absent",
        ),
        pytest.param(
            lambda folder: (folder / "config/suite.yaml").write_text(
                toy_project.SUITE.replace("decode: decode", "decode: decodee")
            ),
            "has no method 'decodee'",
            id="a stage that the pipeline lacks",
        ),
        pytest.param(
            lambda folder: (folder / "config/suite.yaml").write_text(
                toy_project.SUITE.replace("toy_pipeline:Toy", "toy_pipelin:Toy")
            ),
            "toy_pipelin",
            id="a factory that cannot be imported",
        ),
        pytest.param(
            lambda folder: (folder / "reports").write_text("in the way"),
            "cannot be written",
            id="reports cannot be written",
        ),
        pytest.param(
            lambda folder: shutil.rmtree(folder / "benchmarks"),
            "benchmarks/: no such folder",
            id="no suite to run",
        ),
    ],
)
def test_what_stops_a_run_is_one_clear_line(
    tmp_path: Path, spoil: Callable[[Path], object], said: str
) -> None:
    folder = make_project(tmp_path / "toy", WORDS)
    spoil(folder)
    done = here(folder, "bench", "--config", "config/toy.yaml", "-k", "load_warm")
    assert done.exit_code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_selection_that_fits_nothing_is_no_pass(project: Path) -> None:
    done = here(project, "bench", "--config", "config/toy.yaml", "-k", "nothing_like_it")
    assert done.exit_code == 2
    assert "No test fits" in done.stderr


@pytest.mark.parametrize("bundle", ["reference", "sarai"])
def test_every_budget_is_judged_and_all_but_speaking_by_bench(bundle: str, tmp_path: Path) -> None:
    settings = read_settings(ROOT / f"config/{bundle}.yaml")
    judged = {}
    for verb, folder in (("bench", "benchmarks"), ("validate", "validation")):
        plugin = RunPlugin(settings, verb=verb, runs=tmp_path, say=click.echo)
        pytest.main([str(ROOT / folder), "--collect-only", *PYTEST], plugins=[plugin])
        judged[verb] = set(plugin.budgets)
    assert judged["bench"] | judged["validate"] == set(settings.budgets)
    left = {budget.metric.split(".")[0] for budget in set(settings.budgets) - judged["bench"]}
    assert left <= {"speech", "quality"}


@pytest.mark.parametrize(
    ("outcome", "strict", "code"),
    [
        pytest.param(Outcome.PASS, False, 0, id="kept"),
        pytest.param(Outcome.WAIVED, True, 0, id="a waiver is amber and passes"),
        pytest.param(Outcome.FAIL, False, 1, id="missed"),
        pytest.param(Outcome.INFEASIBLE, False, 1, id="physics forbids it: missed"),
        pytest.param(Outcome.NOT_MEASURED, False, 1, id="required and absent: missed"),
        pytest.param(Outcome.NOT_PROVEN, False, 0, id="a noisy runner is not red for ever"),
        pytest.param(Outcome.NOT_PROVEN, True, 3, id="strictly, not proven is not passed"),
    ],
)
def test_the_exit_code_says_what_was_found(outcome: Outcome, strict: bool, code: int) -> None:
    verdict = Verdict(
        budget=budgets()[0], outcome=outcome, value=None, interval=None, samples=0, sentence=""
    )
    assert exit_code(empty_run(), (verdict,), strict=strict) == code


def test_every_verb_has_help_and_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in VERBS:
        command = main.get_command(click.Context(main), name)
        assert command is not None
        shown = CliRunner().invoke(main, [name, "--help"])
        assert shown.exit_code == 0
        assert command.help
        assert f"harness {name}" in readme
        described = [o for o in command.params if isinstance(o, click.Option)]
        assert all(option.help for option in described)


def test_every_make_target_that_help_prints_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^([a-z0-9-]+):.*## ", makefile, re.MULTILINE):
        assert f"make {target}" in readme


def test_every_metric_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    named = [*(f"latency.{n}" for n in LATENCIES), *(f"memory.{n}" for n in MEMORIES), *OTHERS]
    assert [metric for metric in named if f"`{metric}`" not in readme] == []


def test_the_help_of_the_program_imports_nothing_heavy() -> None:
    assert here(ROOT, "--help").exit_code == 0
    code = "import sys; import harness.cli; print(*sorted({m.split('.')[0] for m in sys.modules}))"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    heavy = {"numpy", "pydantic", "pytest", "onnx", "onnxruntime", "matplotlib", "rich", "yaml"}
    assert not heavy & set(found.stdout.split())


def test_quiet_prints_the_result_alone_and_verbose_every_record(project: Path) -> None:
    asked = ("bench", "--config", "config/toy.yaml", "--quick", "-k", "load_warm")
    record = "latency.end_to_end of process 0"
    quiet, plain, verbose = (here(project, *words, *asked) for words in (["-q"], [], ["-v"]))
    assert quiet.stderr == ""
    assert "page:" in quiet.stdout
    assert plain.stderr
    assert record not in plain.stderr
    assert record in verbose.stderr
    assert here(project, "-q", "-v", *asked).exit_code == 2
