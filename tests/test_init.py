"""`harness init`: what it writes can be used as it stands, and nothing is overwritten."""

from __future__ import annotations

import ast
import subprocess
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from harness.cli import main
from harness.config import read_settings
from harness.starting import CI, FILES


def init(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["init", str(folder), *words])


def test_what_is_written_is_read_without_complaint(tmp_path: Path) -> None:
    done = init(tmp_path, "--name", "ours", "--factory", "a.b:c", "--model", "m/x.onnx")
    assert done.exit_code == 0, done.output
    for quick in (False, True):
        settings = read_settings(tmp_path / "config/ours.yaml", quick=quick)
        assert settings.suite.factory == "a.b:c"
        assert settings.model == Path("m/x.onnx")
        assert "accuracy.wer.ours" in {row.metric for row in settings.budgets}
    for suite in ("benchmarks/test_bench.py", "validation/test_validate.py"):
        tree = ast.parse((tmp_path / suite).read_text("utf-8"))
        assert all(ast.get_docstring(f) for f in tree.body if isinstance(f, ast.FunctionDef))


def test_every_file_is_named_and_written(tmp_path: Path) -> None:
    done = init(tmp_path, "--ci", "github", "--ci", "gitlab")
    wanted = {where.format(name="mine") for where in (*FILES.values(), *CI.values())}
    found = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert found == wanted
    assert all(f"written  {tmp_path / name}" in done.output for name in wanted)


@pytest.mark.parametrize("name", ["config/suite.yaml", "validation/test_validate.py"])
def test_nothing_is_overwritten(tmp_path: Path, name: str) -> None:
    mine = tmp_path / name
    mine.parent.mkdir()
    mine.write_text("mine")
    done = init(tmp_path)
    assert done.exit_code == 2
    assert f"{mine}: is there already; nothing was written" in done.output
    assert mine.read_text() == "mine"
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == [mine]


@pytest.mark.parametrize(
    "words",
    [
        ("--name", "../up"),
        ("--name", "a-b"),
        ("--model", 'x"\nfactory: os:system'),
        ("--factory", "a: b # c}"),
        ("--method", ""),
    ],
)
def test_a_value_that_is_no_name_is_refused(tmp_path: Path, words: tuple[str, str]) -> None:
    done = init(tmp_path, *words)
    assert done.exit_code == 2
    assert f"{words[0]}: expected" in done.output
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("service", CI)
def test_every_step_for_ci_is_a_script_that_a_shell_can_read(tmp_path: Path, service: str) -> None:
    init(tmp_path, "--ci", service)
    steps = scripts(service, tmp_path / CI[service])
    assert len(steps) >= 6
    for script in steps:
        subprocess.run(("bash", "-n", "-c", script), check=True)


def scripts(service: str, file: Path) -> list[str]:
    """The scripts of a CI file, in order."""
    told = yaml.safe_load(file.read_text("utf-8"))
    if service == "gitlab":
        return [*told["harness"]["before_script"], *told["harness"]["script"]]
    return [step["run"] for step in told["jobs"]["bench"]["steps"] if "run" in step]


def test_the_only_config_of_a_project_need_not_be_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    init(tmp_path, "--name", "ours")
    monkeypatch.chdir(tmp_path)
    alone = CliRunner().invoke(main, ["bench"])
    assert "config/ours.yaml names it" in alone.output
    scored = CliRunner().invoke(main, ["score", "ours"])
    assert scored.exit_code == 2
    assert "ours" in scored.output
    assert "config/reference.yaml" not in scored.output
    (tmp_path / "config/second.yaml").write_text("model_path: x\n")
    two = CliRunner().invoke(main, ["bench"])
    assert "config/reference.yaml" in two.output
