"""A smaller model takes over where the first cannot answer, says so, and gives back its place."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from agents import memory_check
from agents.audio_omni_pipeline import AudioOmniPipeline
from agents.config import AudioOmniConfig
from agents.errors import (
    AudioFormatError,
    InferenceTimeoutError,
    MemoryBudgetError,
    ModelFileNotFoundError,
    OnnxRuntimeError,
)
from agents.memory_free import Free
from agents.onnx_model import OnnxModel

MakeBundle = Callable[..., Path]


@pytest.fixture
def clip(encode: Any, sound: Any) -> bytes:
    return bytes(encode(sound(1.0)))


@pytest.fixture
def smaller(make_bundle: MakeBundle) -> str:
    return str(make_bundle(name="smaller"))


def core_of(config: Path) -> Path:
    return config.parents[1] / "models/core.onnx"


def fails(monkeypatch: pytest.MonkeyPatch, model: Path, error: Callable[[], Exception]) -> None:
    """Let every run of one model file raise."""
    plain = OnnxModel.run

    def run(self: OnnxModel, array: Any) -> Any:
        if self.path == model:
            raise error()
        return plain(self, array)

    monkeypatch.setattr(OnnxModel, "run", run)


def test_a_model_that_works_is_not_replaced(
    make_bundle: MakeBundle, smaller: str, clip: bytes
) -> None:
    with AudioOmniPipeline.from_file(make_bundle(fallback=[smaller])) as pipeline:
        assert "fallback" not in pipeline.process_audio(clip)["metadata"]
        assert pipeline._fallbacks._opened == {}  # and nothing was loaded for it


@pytest.mark.parametrize("load_on_startup", [True, False])
@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda core: core.write_bytes(b"not a model"), "Model file damaged: "),
        (lambda core: core.unlink(), "Model file not found: "),
        (lambda core: core.with_name("core.onnx.data").unlink(), "core.onnx.data"),
    ],
    ids=["damaged", "absent", "without its data"],
)
def test_a_model_that_cannot_be_opened_is_replaced(
    damage: Callable[[Path], Any],
    why: str,
    load_on_startup: bool,
    make_bundle: MakeBundle,
    smaller: str,
    clip: bytes,
    caplog: pytest.LogCaptureFixture,
) -> None:
    config = make_bundle(fallback=[smaller], load_on_startup=load_on_startup)
    damage(core_of(config))
    with AudioOmniPipeline.from_file(config) as pipeline:
        result = pipeline.process_audio(clip)
    assert result["text"] == "a"
    assert result["metadata"]["model"] == "smaller"
    said = result["metadata"]["fallback"]
    assert (said["model"], said["instead_of"]) == ("smaller", "tiny")
    assert why in said["why"]
    assert "takes over" in caplog.text


def test_without_a_fallback_the_error_stays(make_bundle: MakeBundle) -> None:
    config = make_bundle()
    core_of(config).unlink()
    with pytest.raises(ModelFileNotFoundError):
        AudioOmniPipeline.from_file(config)


@pytest.mark.parametrize(
    "error",
    [
        lambda: MemoryError("Unable to allocate 1.87 GiB"),
        lambda: MemoryBudgetError("Not enough memory: planted"),
        lambda: OnnxRuntimeError("ONNX Runtime error: planted"),
    ],
)
def test_a_model_that_fails_while_it_runs_is_replaced_within_the_request(
    error: Callable[[], Exception],
    make_bundle: MakeBundle,
    smaller: str,
    clip: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    config = make_bundle(fallback=[smaller])
    with AudioOmniPipeline.from_file(config) as pipeline:
        fails(monkeypatch, core_of(config), error)
        for _ in range(2):
            result = pipeline.process_audio(clip)
            assert result["text"] == "a"
            assert result["metadata"]["fallback"]["why"] == str(error())
        assert pipeline._sessions is None  # its memory was given back


def test_what_the_request_did_wrong_replaces_nothing(
    make_bundle: MakeBundle, smaller: str, clip: bytes
) -> None:
    with AudioOmniPipeline.from_file(make_bundle(fallback=[smaller])) as pipeline:
        with pytest.raises(AudioFormatError):
            pipeline.process_audio(b"hola")
        assert "fallback" not in pipeline.process_audio(clip)["metadata"]


def test_a_fallback_that_fails_too_gives_way_to_the_next(
    make_bundle: MakeBundle, clip: bytes
) -> None:
    first, second, third = (make_bundle(name=name) for name in ("first", "second", "third"))
    settings = yaml.safe_load(first.read_text())["audio_omni"]
    names = [str(core_of(second)), str(third)]  # a model file, then a config
    config = first.with_name("chain.yaml")
    config.write_text(yaml.safe_dump({"audio_omni": {**settings, "fallback": names}}))
    core_of(first).unlink()
    with AudioOmniPipeline.from_file(config) as pipeline:
        assert pipeline.process_audio(clip)["metadata"]["model"] == "first (core.onnx)"
    core_of(second).unlink()
    with AudioOmniPipeline.from_file(config) as pipeline:
        assert pipeline.process_audio(clip)["metadata"]["model"] == "third"
    core_of(third).unlink()
    with pytest.raises(ModelFileNotFoundError):
        AudioOmniPipeline.from_file(config)


def test_late_requests_in_a_row_let_the_next_take_over(
    make_bundle: MakeBundle, smaller: str, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = make_bundle(fallback=[smaller], fallback_after_timeouts=2, inference_timeout_s=0.3)
    pipeline = AudioOmniPipeline.from_file(config)
    release = threading.Event()
    plain = OnnxModel.run

    def run(self: OnnxModel, array: Any) -> Any:
        if self.path == core_of(config):
            release.wait(10)
        return plain(self, array)

    monkeypatch.setattr(OnnxModel, "run", run)
    with pytest.raises(InferenceTimeoutError):
        pipeline.process_audio(clip)
    while_busy = pipeline.process_audio(clip)  # the first one's run goes on
    assert "tiny is busy" in while_busy["metadata"]["fallback"]["why"]
    release.set()
    pipeline.limit.run(pipeline.limit.enter)
    monkeypatch.setattr(OnnxModel, "run", plain)
    assert "fallback" not in pipeline.process_audio(clip)["metadata"]  # one late request is no row
    release.clear()
    monkeypatch.setattr(OnnxModel, "run", run)
    for _ in range(2):
        with pytest.raises(InferenceTimeoutError):
            pipeline.process_audio(clip)
        release.set()
        pipeline.limit.run(pipeline.limit.enter)
        release.clear()
    why = pipeline.process_audio(clip)["metadata"]["fallback"]["why"]
    assert why.startswith("2 requests in a row were late: Inference timeout")
    release.set()
    pipeline.close()


def test_the_first_model_is_tried_again_and_serves_when_it_can(
    make_bundle: MakeBundle, smaller: str, clip: bytes
) -> None:
    config = make_bundle(fallback=[smaller], fallback_recovery_s=0.05)
    whole = core_of(config).read_bytes()
    core_of(config).write_bytes(b"not a model")
    with AudioOmniPipeline.from_file(config) as pipeline:
        for _ in range(3):  # attempts that fail leave the other one serving
            time.sleep(0.06)
            assert "fallback" in pipeline.process_audio(clip)["metadata"]
        core_of(config).write_bytes(whole)
        until = time.monotonic() + 10
        while "fallback" in pipeline.process_audio(clip)["metadata"]:
            assert time.monotonic() < until
            time.sleep(0.02)
        assert pipeline.process_audio(clip)["metadata"]["model"] == "tiny"


def test_before_its_time_the_first_model_is_not_tried(
    make_bundle: MakeBundle, smaller: str, clip: bytes
) -> None:
    config = make_bundle(fallback=[smaller])
    whole = core_of(config).read_bytes()
    core_of(config).write_bytes(b"not a model")
    with AudioOmniPipeline.from_file(config) as pipeline:
        core_of(config).write_bytes(whole)
        for _ in range(3):
            assert "fallback" in pipeline.process_audio(clip)["metadata"]
        assert not pipeline._fallbacks._trying


def test_many_threads_meet_a_failing_model_and_all_get_answers(
    make_bundle: MakeBundle, smaller: str, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = make_bundle(fallback=[smaller])
    with AudioOmniPipeline.from_file(config) as pipeline:
        fails(monkeypatch, core_of(config), MemoryError)
        found: list[Any] = []
        threads = [
            threading.Thread(target=lambda: found.append(pipeline.process_audio(clip)))
            for _ in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [one["metadata"]["model"] for one in found] == ["smaller"] * 16
        assert pipeline._sessions is None


def test_refused_memory_hands_over_to_what_needs_less(
    make_bundle: MakeBundle, clip: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = make_bundle(name="smaller")
    config = make_bundle(weights=4_000_000, fallback=[str(small)])
    monkeypatch.setattr(memory_check, "free", lambda total: Free(3_000_000, "planted"))
    with AudioOmniPipeline.from_file(config) as pipeline:
        said = pipeline.process_audio(clip)["metadata"]["fallback"]
    assert (said["model"], "got 4.0 MB" in said["why"]) == ("smaller", True)


def test_a_stand_in_has_no_stand_in_of_its_own(tmp_path: Path) -> None:
    config = AudioOmniConfig(name="one", model_path="a.onnx", fallback=("b.onnx",), output="frames")
    smaller = config.smaller(tmp_path / "b.onnx")
    assert (smaller.fallback, smaller.load_on_startup) == ((), False)
    assert (smaller.name, smaller.output) == ("one (b.onnx)", "frames")
    assert smaller.model_path == str(tmp_path / "b.onnx")


def test_a_take_over_logs_no_text(
    make_bundle: MakeBundle, smaller: str, clip: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "agents")
    config = make_bundle(fallback=[smaller])
    core_of(config).write_bytes(b"not a model")
    with AudioOmniPipeline.from_file(config) as pipeline:
        caplog.clear()
        pipeline.process_audio(clip)
    assert caplog.text == ""
