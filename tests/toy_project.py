"""A small project in a folder: a pipeline that hears what it is told, its model, set and config.

What a clip contains decides what the pipeline does with it: its audio is the text to return, and
the words "crash" and "hang" are done instead of returned. A key `pause` of the config makes every
request as many seconds slower.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import onnx
from onnx import TensorProto, helper

ROOT = Path(__file__).parents[1]

PIPELINE = """
import os, signal, time

class Toy:
    def __init__(self, config):
        told = dict(line.split(": ", 1) for line in config.splitlines() if ": " in line)
        self.pause = float(told.get("pause", 0))

    @classmethod
    def from_file(cls, path):
        with open(path) as file:
            return cls(file.read())

    def process_audio(self, data):
        codes = self.decode(data)
        return {"text": self.infer(codes), "metadata": {"greedy_text": "hola"}}

    def decode(self, data):
        return data.decode()

    def infer(self, text):
        time.sleep(self.pause)
        if text == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if text == "hang":
            time.sleep(600)
        return text
"""

SUITE = """
factory: toy_pipeline:Toy.from_file
model_key: audio_omni.model_path
stages: {decode: decode, inference: infer, end_to_end: process_audio}
leaves: [decode, inference]
sets: sets
latency: {set: timed, clips: 2, processes: 4, cold: 1, repeats: 2, warmup: 0, timeout_s: 60}
memory: {set: timed, clips: 1, processes: 3, repeats: 1, warmup: 0, timeout_s: 60}
host: {seconds: 0.3}
accuracy: {gated: [words], human: nobody, timeout_s: 60}
ab:
  {set: timed, clips: 2, processes: 5, repeats: 2, warmup: 0, wer_set: words, timeout_s: 60}
quick: {latency: {processes: 1}}
"""

BUDGETS = """
bundles:
  toy:
    - {metric: latency.load_warm, statistic: max, at_most: 5, unit: s, title: Load}
    - {metric: latency.end_to_end, statistic: max, at_most: 5, unit: s, title: End to end}
    - {metric: memory.peak, statistic: max, at_most: 2, unit: GB, title: Memory}
    - {metric: accuracy.wer.words, statistic: rate, at_most: 20, unit: "%", title: WER}
    - {metric: quality.tts_mos, statistic: mean, at_least: 4, unit: score, title: MOS,
       required: false}
"""


# Of our own suites: what is no test, and what times functions of our own pipeline.
LEFT_OUT = shutil.ignore_patterns("[!t]*", "test_functions.py")


def make_project(folder: Path, words: Mapping[str, str], *, budgets: str = BUDGETS) -> Path:
    """Write the project; `words` maps each clip's reference to what the pipeline is to hear."""
    (folder / "config").mkdir(parents=True)
    (folder / "config/toy.yaml").write_text("audio_omni: {model_path: model.onnx}\n")
    (folder / "config/suite.yaml").write_text(SUITE)
    (folder / "config/budgets.yaml").write_text(budgets)
    (folder / "toy_pipeline.py").write_text(PIPELINE)
    _save_bundle(folder / "model.onnx")
    for suite in ("benchmarks", "validation"):
        shutil.copytree(ROOT / suite, folder / suite, ignore=LEFT_OUT)
    write_set(folder / "sets/timed", {"uno": "uno", "dos": "dos"})
    write_set(folder / "sets/words", words)
    return folder


def write_set(folder: Path, words: Mapping[str, str]) -> None:
    """Write a reference set whose audio is plain text."""
    (folder / "audio").mkdir(parents=True, exist_ok=True)
    rows = []
    for number, (reference, heard) in enumerate(words.items()):
        audio = folder / f"audio/{number}.wav"
        audio.write_text(heard, "utf-8")
        digest = hashlib.sha256(audio.read_bytes()).hexdigest()
        row = {"id": f"w{number}", "audio": f"audio/{number}.wav", "text": reference}
        told = {"language": "es", "speaker": "nadie", "condition": "clean", "seconds": 1.0}
        rows.append(json.dumps({**row, **told, "sha256": digest}, ensure_ascii=False) + "\n")
    (folder / "manifest.jsonl").write_text("".join(rows), "utf-8")


def harness(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command line in the project's folder."""
    return subprocess.run(
        _command(words),
        cwd=project,
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=300,
    )


def interrupted(project: Path, *words: str, after: str) -> subprocess.CompletedProcess[str]:
    """Run the command line and press Ctrl-C once a record of the kind `after` is stored."""
    process = subprocess.Popen(
        _command(words),
        cwd=project,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not _stored(project, after):
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: the whole group
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def _stored(project: Path, kind: str) -> bool:
    journals = project.glob("reports/runs/*/journal.jsonl")
    return any(f'"type": "{kind}"' in journal.read_text("utf-8") for journal in journals)


def _command(words: tuple[str, ...]) -> list[str]:
    heard = (
        "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"  # also in nohup
    )
    return [sys.executable, "-c", f"{heard}; from harness.cli import main; main()", *words]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def _save_bundle(model: Path) -> None:
    """Write a model that turns codes into numbers, and its manifest."""
    onnx.save(_model(), model)
    data = model.read_bytes()
    spec = {"shape": [1, 16, 128]}
    manifest = {
        "format": 1,
        "files": {model.name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}},
        "model": model.name,
        "contract": {
            "input": {"name": "audio_codes", "dtype": "int64", **spec},
            "output": {"name": "mel_features", "dtype": "float32", **spec},
            "codebook_size": 2048,
        },
    }
    model.with_name(f"{model.name}.manifest.json").write_text(json.dumps(manifest))


def _model() -> onnx.ModelProto:
    node = helper.make_node("Cast", ["audio_codes"], ["mel_features"], to=TensorProto.FLOAT)
    shape = [1, 16, 128]
    graph = helper.make_graph(
        [node],
        "toy",
        [helper.make_tensor_value_info("audio_codes", TensorProto.INT64, shape)],
        [helper.make_tensor_value_info("mel_features", TensorProto.FLOAT, shape)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
