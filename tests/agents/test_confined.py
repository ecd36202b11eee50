"""Processes that may have little memory end with an answer or an error, never by a kill."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents.memory_free import levels

ROOT = Path(__file__).resolve().parents[2]
MB = 1_000_000
OUTPUT = {"channels": 2048, "stride": 16}  # 134 MB of mel_features, and as much to make them

CHILD = """
import os, sys
with open(sys.argv[2], "w") as group:
    group.write(str(os.getpid()))
import numpy as np
from agents.audio_omni_pipeline import AudioOmniPipeline
from agents.errors import MemoryBudgetError
kept = []
try:
    with AudioOmniPipeline.from_file(sys.argv[1]) as pipeline:
        for _ in range(3):
            kept.append(pipeline.run_inference(np.zeros((1, 16, 128), np.int64)))
except MemoryBudgetError as error:
    print(error)
print(len(kept))
"""


@pytest.fixture
def group() -> Iterator[Path]:
    """Yield a control group within another one, for memory, to put limits on."""
    text = {name: Path(f"/proc/self/{name}").read_text() for name in ("cgroup", "mountinfo")}
    made: list[Path] = []
    for level in levels(text["cgroup"], text["mountinfo"]):
        folder = level.folder / f"audio_omni_test_{os.getpid()}"
        try:
            for path in (folder, folder / "inner"):
                path.mkdir()
                made.append(path)
            if (folder / level.limit).exists():
                break
        except OSError:
            pass
        while made:
            made.pop().rmdir()
    if not made:
        pytest.skip("no control group can be made here")
    yield made[0]
    while made:
        made.pop().rmdir()


@pytest.fixture
def confined(group: Path, make_bundle: Callable[..., Path]) -> Callable[[int], tuple[int, str]]:
    """Return a function that runs CHILD under an outer group's limit of so many MB."""
    config = make_bundle(**OUTPUT, load_on_startup=False)
    name = "memory.max" if (group / "memory.max").exists() else "memory.limit_in_bytes"

    def run(megabytes: int) -> tuple[int, str]:
        (group / name).write_text(str(megabytes * MB))
        arguments = [str(config), str(group / "inner/cgroup.procs")]
        done = subprocess.run(
            [sys.executable, "-c", CHILD, *arguments],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr[-500:]

    return run


@pytest.mark.slow
def test_under_any_limit_there_are_answers_or_an_error_and_never_a_kill(
    confined: Callable[[int], tuple[int, str]],
) -> None:
    seen = [confined(megabytes) for megabytes in (150, 250, 350, 450, 600, 1_000)]
    assert [code for code, _ in seen] == [0] * 6, seen
    answers = [int(said.split()[-1]) for _, said in seen]
    assert answers == sorted(answers)
    assert (answers[0], answers[-1]) == (0, 3)
    assert "Not enough memory: mel_features of core.onnx" in seen[0][1]
    assert "134.2 MB float32 [1, 2048, 16384]" in seen[0][1]


def test_the_process_s_own_limit_is_as_it_was_before(make_bundle: Callable[..., Path]) -> None:
    import numpy as np

    from agents.audio_omni_pipeline import AudioOmniPipeline

    before = resource.getrlimit(resource.RLIMIT_DATA)
    with AudioOmniPipeline.from_file(make_bundle()) as pipeline:
        pipeline.run_inference(np.zeros((1, 16, 128), np.int64))
        assert resource.getrlimit(resource.RLIMIT_DATA) == before
