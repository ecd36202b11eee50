"""What is no model gives one clear error, in bounded memory and time."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from onnx import TensorProto

from tests.integrity import planting as p
from tests.toy_project import ROOT, make_project

HUGE = 10**12  # elements
MEMORY = 4 * 2**30  # bytes of address space, of which the libraries take more than 1 GiB
SECONDS = 30  # of CPU time


def bomb(path: Path) -> None:
    """10 MB that declare 10^12 elements."""
    tensor = TensorProto(name="w", data_type=p.FLOAT, dims=[HUGE], raw_data=bytes(10_000_000))
    path.write_bytes(p.adding(tensor, size=HUGE).SerializeToString())


def shape_bomb(path: Path) -> None:
    """10 MB of sizes, whose product would have ten million digits and more."""
    tensor = TensorProto(name="w", data_type=p.FLOAT, dims=[HUGE] * 1_600_000)
    path.write_bytes(p.adding(tensor).SerializeToString())


def crowd(path: Path) -> None:
    """10 MB of empty tensors, five million of them."""
    made = p.summing([p.inside("w", p.FLOAT, [4])]).SerializeToString()
    tensors = b"\x2a\x00" * 5_000_000  # field 5 of a graph, of 0 bytes
    size = bytes([len(tensors) >> s & 127 | 128 for s in (0, 7, 14)] + [len(tensors) >> 21])
    path.write_bytes(made + b"\x3a" + size + tensors)  # field 7 of a model: more of its graph


def nested(path: Path) -> None:
    """Graphs within graphs, deeper than protobuf reads."""
    made = p.branches(p.inside("w", p.FLOAT, [4]))
    for _ in range(60):
        outer = p.branches(p.inside("w", p.FLOAT, [4]))
        outer.graph.node[0].attribute[0].g.node[0].CopyFrom(made.graph.node[0])
        made = outer
    path.write_bytes(made.SerializeToString())


def half(path: Path) -> None:
    """A graph that ends early."""
    path.write_bytes(p.summing([p.inside("w", p.FLOAT, [4])]).SerializeToString()[:-30])


# How it is made, what the error says, and the exit code of `bench` and of `validate`.
BAD: dict[str, tuple[Callable[[Path], object], str, tuple[int, int]]] = {
    "a folder": (Path.mkdir, "expected a model file, found a folder", (2, 2)),
    "a text": (lambda path: path.write_text("no model"), "not an ONNX model", (2, 2)),
    "0 bytes": (Path.touch, "not an ONNX model (it holds no graph; 0 bytes)", (2, 2)),
    "ends early": (half, "not an ONNX model", (2, 2)),
    "nested": (nested, "not an ONNX model", (2, 2)),
    "a bomb": (bomb, "of float32 needs 4000000000000 bytes; found 10000000", (2, 1)),
    "a crowd": (crowd, "expected at most 200000 tensors, found more", (2, 2)),
    "a shape bomb": (shape_bomb, "tensor 'w' declares the shape 1000000000000 x", (2, 2)),
}

# Every verb on every project, in one process, for its imports take most of the time.
CALLS = """
import json, os, sys
from click.testing import CliRunner
from harness.cli import main

told = {}
for project in sys.argv[1:]:
    os.chdir(project)
    for verb in ("bench", "validate"):
        done = CliRunner().invoke(main, [verb, "--config", "config/toy.yaml"])
        told[f"{verb} {project}"] = [done.exit_code, done.stdout, done.stderr]
print(json.dumps(told))
"""

Told = dict[str, tuple[int, str, str]]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """Exit code, stdout and stderr of each verb on each bad model, under bounds."""
    folder = tmp_path_factory.mktemp("bad")
    for name, (make, _, _) in BAD.items():
        project = make_project(folder / name, {"hola": "hola"})
        (project / "model.onnx").unlink()
        make(project / "model.onnx")
    projects = [str(folder / name) for name in BAD]
    done = subprocess.run(
        [sys.executable, "-c", CALLS, *projects],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        preexec_fn=_bound,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return {call.replace(f"{folder}/", ""): said for call, said in json.loads(done.stdout).items()}


@pytest.mark.parametrize("name", BAD)
@pytest.mark.parametrize("verb", ["bench", "validate"])
def test_what_is_no_model_is_one_clear_error(told: Told, verb: str, name: str) -> None:
    _, words, codes = BAD[name]
    code, out, err = told[f"{verb} {name}"]
    assert code == codes[verb == "validate"], err
    assert words in " ".join((out + err).split())
    assert "Traceback" not in out + err
    if code == 2:
        (line,) = err.strip().splitlines()
        assert (out, line[:9]) == ("", "harness: ")


def _bound() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
