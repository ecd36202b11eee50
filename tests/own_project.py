"""A project that shares no code with ours: tones for words, and a model that tells them apart.

A word is a tone of 0.1 s. The model correlates each 0.1 s of samples with every tone, in phase and
a quarter later, and names the strongest: a matched filter, in four ONNX operators.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import numpy as np
import onnx
import soundfile
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).parents[1]
RATE, STEP = 16_000, 1_600  # Hz; samples of a word
WORDS = ("uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho")
TONES = 400.0 + 200.0 * np.arange(len(WORDS))  # Hz
CLIPS = 24


def write_model(file: Path) -> None:
    """Write the model: `samples` float32 [n * 1600] to `words` int64 [n]."""
    phase = 2 * np.pi * TONES * np.arange(STEP)[:, None] / RATE
    filters = np.stack([np.sin(phase), np.cos(phase)]).astype(np.float32)  # [2, 1600, 8]
    nodes = [
        helper.make_node("Reshape", ["samples", "shape"], ["steps"]),
        helper.make_node("MatMul", ["steps", "filters"], ["both"]),  # [2, n, 8]
        helper.make_node("ReduceSumSquare", ["both"], ["power"], axes=[0], keepdims=0),
        helper.make_node("ArgMax", ["power"], ["words"], axis=1, keepdims=0),
    ]
    constants = {"shape": np.array([1, -1, STEP]), "filters": filters}
    graph = helper.make_graph(
        nodes,
        "tones",
        [helper.make_tensor_value_info("samples", TensorProto.FLOAT, ["samples"])],
        [helper.make_tensor_value_info("words", TensorProto.INT64, ["words"])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()],
    )
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), file
    )


def write_recordings(folder: Path, *, wrong: int = 0) -> None:
    """Write clips of five words in faint noise, each beside its text; `wrong` texts are not so."""
    folder.mkdir()
    draw = np.random.default_rng(1)
    for number in range(CLIPS):
        said = draw.integers(len(WORDS), size=5)
        samples = np.sin(2 * np.pi * np.repeat(TONES[said], STEP) * np.arange(5 * STEP) / RATE)
        samples = 0.5 * samples + 0.05 * draw.standard_normal(len(samples))
        soundfile.write(folder / f"{number:02}.wav", samples, RATE)
        text = [WORDS[word] for word in (said if number >= wrong else (said + 1) % len(WORDS))]
        (folder / f"{number:02}.txt").write_text(" ".join(text), "utf-8")


def make_environment(folder: Path) -> Path:
    """Make an environment with what the harness needs, but not the harness; return its bin."""
    venv.create(folder, with_pip=True)
    libraries = folder / "libraries"
    libraries.mkdir()
    for entry in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if "sarai_harness" not in entry.name and entry.suffix != ".pth":
            (libraries / entry.name).symlink_to(entry)
    inside = next(folder.glob("lib/python*/site-packages"))
    (inside / "libraries.pth").write_text(f"{libraries}\n")
    return folder / "bin"


def build_wheel(into: Path) -> Path:
    """Build the project's wheel from a copy of what it is made of, without a network."""
    build = ("-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet", "-w", str(into))
    source = into.parent / "source"
    source.mkdir(parents=True)
    for name in ("harness", "pyproject.toml", "README.md", "LICENSE"):
        subprocess.run(("cp", "-r", str(ROOT / name), str(source)), check=True)
    subprocess.run((sys.executable, *build, str(source)), check=True)
    return next(into.glob("*.whl"))
