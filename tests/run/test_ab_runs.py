"""`harness ab` from end to end: configs, git revisions and interpreters of a small project."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

import pytest

from harness.config import read_settings
from harness.run.sides import Wanted, opened
from harness.store import find_run, read_run
from tests.toy_project import harness, interrupted, make_project

WORDS = {f"hola {number}": f"hola {number}" for number in range(30)}
WORDS["hola 29"] = "ola 29"  # a difference from no error at all could not be told
PAUSE, LONG = "pause: 0.01\n", "pause: 0.04\n"  # seconds of every request
QUICK = ("--config", "config/toy.yaml", "--json")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_project(tmp_path_factory.mktemp("ab") / "project", WORDS)
    config = folder / "config/toy.yaml"
    model = config.read_text()
    config.write_text(model + PAUSE)
    (folder / "config/slow.yaml").write_text(model + LONG)
    return folder


@pytest.fixture(scope="module")
def compared(project: Path) -> subprocess.CompletedProcess[str]:
    return harness(project, "ab", "--b", "config/slow.yaml", *QUICK)


def git(folder: Path, *words: str) -> str:
    name = ("-c", "user.name=nobody", "-c", "user.email=nobody@localhost")
    done = subprocess.run(
        ["git", *name, *words], cwd=folder, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def repository(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a repository: a first commit that answers, a second that reads out a file of its own.

    The working tree lacks that file.
    """
    folder = tmp_path_factory.mktemp("git") / "project"
    shutil.copytree(project, folder, ignore=shutil.ignore_patterns("reports"))
    (folder / ".gitignore").write_text("/build/\n/reports/\n__pycache__/\n")
    (folder / "requirements.lock").write_text("numpy\n")
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "first")
    pipeline = folder / "toy_pipeline.py"
    reads = "return open('word.txt').read()\n"
    pipeline.write_text(pipeline.read_text().replace("return text\n", reads))
    (folder / "word.txt").write_text("nada")
    git(folder, "add", "-A")
    git(folder, "commit", "--quiet", "-m", "second")
    (folder / "word.txt").unlink()
    return folder


def test_a_slower_config_is_found_and_ends_with_1(
    compared: subprocess.CompletedProcess[str],
) -> None:
    told = json.loads(compared.stdout)
    assert compared.returncode == 1, compared.stderr
    assert told["answer"] == "WORSE"
    first = told["differences"][0]
    assert (first["metric"], first["word"], first["rounds"]) == ("latency.end_to_end", "slower", 5)
    assert 2 < first["ratio"] < 5
    assert "End to end" in told["sentence"]
    assert [row["word"] for row in told["heard"]] == ["no difference shown"] * 2


def test_every_measurement_is_stored_with_its_arm(
    project: Path, compared: subprocess.CompletedProcess[str]
) -> None:
    run = read_run(find_run(project / "reports/runs", json.loads(compared.stdout)["run"]))
    peaks = [(m.arm, m.process) for m in run.measurements if m.metric == "memory.peak"]
    assert sorted(peaks) == [(arm, n) for arm in ("a", "a again", "b") for n in range(5)]
    assert {t.arm for t in run.transcripts} == {"a", "b"}
    assert run.complete
    given = {name: side["given"] for name, side in run.facts["sides"].items()}
    assert given == {"a": "config/toy.yaml", "b": "config/slow.yaml"}


def test_a_stored_comparison_is_drawn_again(
    project: Path, compared: subprocess.CompletedProcess[str]
) -> None:
    page = project / json.loads(compared.stdout)["page"]
    drawn = page.read_text("utf-8")
    page.unlink()
    done = harness(project, "report", json.loads(compared.stdout)["run"])
    assert page.read_text("utf-8") == drawn
    assert "b against a" in drawn
    assert done.stdout.startswith("WORSE  b against a. Slower: End to end +")


def test_revisions_run_their_own_code_in_their_own_environment(
    repository: Path, tmp_path: Path
) -> None:
    python = _environment(tmp_path / "env", sees=sysconfig.get_paths()["purelib"])
    sides = ("--a", "git:HEAD~1", "--b", "git:main", "--b-python", str(python))
    done = harness(repository, "ab", *sides, "--processes", "3", *QUICK)
    told = json.loads(done.stdout)
    a, b = (told["sides"][name] for name in ("a", "b"))
    assert [a["commit"], b["commit"]] == [
        git(repository, "rev-parse", name) for name in ("HEAD~1", "HEAD")
    ]
    assert b["given"] == f"git:main with {python}"
    assert a["packages"] == b["packages"]
    assert told["differences"][0]["rounds"] == 3
    assert {row["metric"]: row["word"] for row in told["heard"]}["accuracy.wer.words"] == "worse"
    assert done.returncode == 1


def test_a_revision_leaves_nothing_behind(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    settings = read_settings(Path("config/toy.yaml"))
    wanted = Wanted(name="b", pipeline="git:HEAD", config=settings.config, python=None)
    with suppress(RuntimeError), opened(wanted, settings, pytest.fail) as side:
        assert side.root.is_dir()
        assert side.config == side.root / "config/toy.yaml"
        raise RuntimeError
    assert not side.root.exists()
    assert len(git(repository, "worktree", "list").splitlines()) == 1
    assert list((repository / "build").iterdir()) == []


def test_an_interrupt_ends_with_2_and_leaves_no_worktree(repository: Path) -> None:
    shutil.rmtree(repository / "reports", ignore_errors=True)
    done = interrupted(repository, "ab", "--a", "git:HEAD", *QUICK, after="measurement")
    assert done.returncode == 2
    assert "Interrupted. What was measured until then is kept." in done.stderr
    assert len(git(repository, "worktree", "list").splitlines()) == 1
    assert not read_run(find_run(repository / "reports/runs", "latest")).complete


def test_a_revision_is_lent_the_model_that_git_does_not_keep(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    git(repository, "rm", "--quiet", "--cached", "model.onnx", "model.onnx.manifest.json")
    git(repository, "commit", "--quiet", "-m", "without its model")
    settings = read_settings(Path("config/toy.yaml"))
    wanted = Wanted(name="b", pipeline="git:HEAD", config=settings.config, python=None)
    with opened(wanted, settings, pytest.fail) as side:
        assert side.model == side.root / "model.onnx"
        assert side.model.read_bytes() == Path("model.onnx").read_bytes()
        assert side.model.with_name("model.onnx.manifest.json").exists()
    git(repository, "reset", "--quiet", "--soft", "HEAD~1")
    git(repository, "add", "model.onnx", "model.onnx.manifest.json")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--b", "config/none.yaml"), "--b config/none.yaml: config/none.yaml"),
        (("--b", "git:nowhere"), "--b git:nowhere: git rev-parse --verify nowhere^{commit}: fatal"),
        (("--b-python", "/no/python"), "--b-python /no/python: no such interpreter"),
    ],
)
def test_what_cannot_be_had_is_named_with_its_option(
    repository: Path, words: tuple[str, ...], said: str
) -> None:
    done = harness(repository, "ab", *words, *QUICK)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_interpreter_without_onnxruntime_is_refused(project: Path, tmp_path: Path) -> None:
    python = _environment(tmp_path / "env", sees="")
    done = harness(project, "ab", "--a-python", str(python), *QUICK)
    assert done.returncode == 2
    assert f"{python} has no onnxruntime" in done.stderr


def test_a_clip_that_is_refused_ends_with_2_and_what_was_measured_is_kept(
    project: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns("reports"))
    (copy / "sets/words/audio/0.wav").write_bytes(b"\xff")
    done = harness(copy, "ab", "--processes", "3", *QUICK)
    told = json.loads(done.stdout)
    assert done.returncode == 2
    assert "Clip w0" in done.stderr
    assert told["answer"] == "BROKEN"
    assert told["differences"][0]["rounds"] == 3


def test_a_revision_that_lacks_a_stage_is_named(repository: Path) -> None:
    suite = repository / "config/suite.yaml"
    whole = suite.read_text()
    suite.write_text(whole.replace("inference: infer,", "inference: guess,"))
    done = harness(repository, "ab", "--b", "git:HEAD", *QUICK)
    suite.write_text(whole)
    assert done.returncode == 2
    assert "a (config/toy.yaml): " in done.stderr
    assert "guess" in done.stderr


def _environment(folder: Path, *, sees: str) -> Path:
    """Make an environment that sees the packages in one other folder."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    packages = next(folder.glob("lib/*/site-packages"))
    (packages / "seen.pth").write_text(f"{sees}\n")
    return folder / "bin/python"
