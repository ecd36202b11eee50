"""The planted slowdown adds the share it says, and changes nothing else."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from harness.measure.planted.slowed import from_file, slowed

PIPELINE = """
class Pipeline:
    def __init__(self, config):
        self.config = config

    def hear(self, data, *, loud=False):
        return (self.config, data, loud)
"""


def test_a_request_is_busy_for_a_share_of_its_own_time_longer() -> None:
    took = []

    def request() -> str:
        start = time.perf_counter()
        while time.perf_counter() < start + 0.02:
            pass
        took.append(time.perf_counter() - start)
        return "hola"

    start, busy = time.perf_counter(), time.process_time()
    assert slowed(request, 1.5)() == "hola"
    assert time.perf_counter() - start >= 2.5 * took[0]
    assert time.process_time() - busy > 0  # it spins: a sleep would leave the core to others


def test_the_named_pipeline_is_loaded_from_its_root_with_its_own_config(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.path", [])
    (tmp_path / "slow_me.py").write_text(PIPELINE)
    told = {"factory": "slow_me:Pipeline", "root": str(tmp_path), "config": "own.yaml"}
    config = tmp_path / "slow.json"
    config.write_text(json.dumps({**told, "method": "hear", "share": 0.1}))
    pipeline = from_file(str(config))
    assert pipeline.hear(b"uno", loud=True) == ("own.yaml", b"uno", True)
