"""Bad input of the verbs: exit code 2 and one clear line, in a small project."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from harness.cli import main
from harness.faults import Fault, Sight
from harness.run.selftest.told import sight_of
from tests.test_bad_input import BEFORE, WORDS
from tests.toy_project import make_project

CONFIG = ("--config", "config/toy.yaml")


@dataclass(frozen=True, kw_only=True)
class Typed:
    """Words that are typed in a folder."""

    folder: Path
    words: tuple[str, ...]


def typed(place: Typed) -> Sight:
    """Run the verb in this process, and see its exit code, its JSON, its last line."""
    with chdir(place.folder):
        done = CliRunner().invoke(main, list(place.words))
    assert done.stderr.strip().count("\n") < 6, done.stderr
    return sight_of(
        subprocess.CompletedProcess(list(place.words), done.exit_code, done.stdout, done.stderr)
    )


def row(
    title: str, words: tuple[str, ...], *names: str, spoil: Callable[[Path], object] | None = None
) -> Fault[Typed]:
    """Words that must end with 2 and a line that holds `names`."""

    def plant(folder: Path) -> Typed:
        make_project(folder / "toy", WORDS)
        if spoil is not None:
            spoil(folder / "toy")
        return Typed(folder=folder / "toy", words=words)

    return Fault(name=title, title=title, plant=plant, see=typed, expect=("exit 2",), names=names)


def _from_tests(param: Any) -> Fault[Typed]:
    """A mistake that the tests make, as a row."""
    spoil, said = param.values
    return row(str(param.id), ("bench", *CONFIG), *said, spoil=spoil)


VERBS: tuple[Fault[Typed], ...] = (
    *map(_from_tests, BEFORE),
    row(
        "bench: no such config", ("bench", "--config", "config/no.yaml"), "config/no.yaml: no such"
    ),
    row(
        "bench: no model",
        ("bench", *CONFIG),
        *("model.onnx: no such model", "config/toy.yaml"),
        spoil=lambda folder: (folder / "model.onnx").unlink(),
    ),
    row("bench: nothing fits -k", ("bench", *CONFIG, "-k", "no_such"), "No test fits"),
    row("bench: an unknown option", ("bench", "--fast"), "No such option"),
    row("report: no run", ("report", "latest"), "no run 'latest'"),
    row("compare: no run", ("compare", "a", "b"), "no run 'a'"),
    row("ab: no such config", ("ab", *CONFIG, "--b", "config/no.yaml"), "config/no.yaml"),
    row("soak: no section for it", ("soak", *CONFIG), "section `soak` is missing"),
    row("load: no section for it", ("load", *CONFIG), "section `load` is missing"),
    row("tune: no section for it", ("tune", *CONFIG), "section `tune` is missing"),
    row("selfbench: no such run", ("selfbench", "--from", "latest"), "no run 'latest'"),
    row("selftest: no such fault", ("selftest", "weights-cot"), "Did you mean 'weights-cut'?"),
    row("score: no such set", ("score", "nobody", *CONFIG), "nobody"),
    row("verify: no model", ("verify", "no.onnx"), "no.onnx"),
    row("seal: no model", ("seal", "no.onnx"), "no.onnx"),
    row("inspect: no model", ("inspect", "no.onnx"), "no.onnx"),
    row(
        "inspect: a text as a model",
        ("inspect", "text.onnx"),
        "text.onnx",
        spoil=lambda folder: (folder / "text.onnx").write_text("no model"),
    ),
    row("set check: no such folder", ("set", "check", "nowhere"), "nowhere"),
)
