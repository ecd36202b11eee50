"""Many threads at once, and nothing left behind when a pipeline is closed."""

from __future__ import annotations

import ast
import gc
import logging
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents import audio_omni_pipeline
from agents.audio_omni_pipeline import AudioOmniPipeline
from agents.bundle import read_bundle
from agents.errors import (
    AudioFormatError,
    InferenceTimeoutError,
    InputShapeError,
    PipelineClosedError,
)

MakeBundle = Callable[..., Path]
TASKS = Path("/proc/self/task")
MAPS = Path("/proc/self/maps")
AGENTS = Path(audio_omni_pipeline.__file__).parent

in_proc = pytest.mark.skipif(not TASKS.exists(), reason="threads and files are counted in /proc")


def mapped(folder: Path) -> list[str]:
    """Return the files below a folder that this process maps."""
    return [line for line in MAPS.read_text().splitlines() if str(folder) in line]


def threads_settle(count: int) -> bool:
    """Whether this process comes down to so many threads: a joined one takes a moment to end."""
    until = time.monotonic() + 10
    while len(list(TASKS.iterdir())) > count and time.monotonic() < until:
        time.sleep(0.01)
    return len(list(TASKS.iterdir())) <= count


@pytest.mark.parametrize("threads", [1, 2, 5, 16])
@pytest.mark.parametrize("settings", [{}, {"bind_output": True}, {"inference_timeout_s": 0}])
def test_any_number_of_threads_get_the_bits_that_one_gets(
    threads: int, settings: dict[str, Any], make_bundle: MakeBundle, encode: Any, sound: Any
) -> None:
    clips = [encode(sound(0.3 + 0.2 * number, hertz=200 + 50 * number)) for number in range(6)]
    with AudioOmniPipeline.from_file(make_bundle(**settings)) as pipeline:

        def hear(clip: bytes) -> list[Any]:
            result = pipeline.process_audio(clip)  # a bound output lasts until the next call
            arrays = [result[name].tobytes() for name in ("mel_features", "audio_codes")]
            return [*arrays, result["text"], result["metadata"]]

        alone = [hear(clip) for clip in clips]
        with ThreadPoolExecutor(threads) as pool:
            assert list(pool.map(hear, clips * 4)) == alone * 4


@in_proc
def test_a_closed_pipeline_leaves_no_thread_and_no_mapped_file(
    make_bundle: MakeBundle, encode: Any, sound: Any
) -> None:
    config = make_bundle(weights=4_000_000, prepacking=False, intra_op_threads=3)
    before = len(list(TASKS.iterdir()))
    with AudioOmniPipeline.from_file(config) as pipeline:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(pipeline.process_audio, [encode(sound(0.5))] * 16))
        assert any("core.onnx.data" in line for line in mapped(config.parents[1]))
        assert len(list(TASKS.iterdir())) > before + 2
    assert mapped(config.parents[1]) == []
    assert threading.enumerate() == [threading.main_thread()]
    assert threads_settle(before)


@in_proc
def test_a_closed_pipeline_leaves_nothing_of_its_fallback_either(
    make_bundle: MakeBundle, encode: Any, sound: Any
) -> None:
    smaller = make_bundle(weights=4_000_000, prepacking=False)
    config = make_bundle(fallback=[str(smaller)])
    (config.parents[1] / "models/core.onnx").write_bytes(b"not a model")
    before = len(list(TASKS.iterdir()))
    with AudioOmniPipeline.from_file(config) as pipeline:
        pipeline.process_audio(encode(sound(0.5)))
        assert mapped(smaller.parents[1])
    assert mapped(smaller.parents[1]) == []
    assert threads_settle(before)


@in_proc
def test_errors_hold_no_model_until_the_garbage_is_collected(
    make_bundle: MakeBundle, encode: Any, sound: Any, no_collection: None
) -> None:
    config = make_bundle(weights=4_000_000, prepacking=False, inference_timeout_s=0.3)
    pipeline = AudioOmniPipeline.from_file(config)
    with pytest.raises(InputShapeError):
        pipeline.run_inference(np.zeros((1, 16, 1), np.int64))
    with pytest.raises(AudioFormatError):
        pipeline.process_audio(b"hola")
    release = threading.Event()
    results: list[weakref.ref[Any]] = []

    def late() -> Any:
        pipeline.limit.enter()
        release.wait(10)
        result = pipeline.run_inference(np.zeros((1, 16, 128), np.int64))
        results.append(weakref.ref(result))
        return result

    with pytest.raises(InferenceTimeoutError):
        pipeline.limit.run(late)
    release.set()
    pipeline.close()
    assert mapped(config.parents[1]) == []
    assert [result() for result in results] in ([None], [])


@pytest.fixture
def no_collection() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@in_proc
def test_a_request_that_was_given_up_leaves_no_thread(make_bundle: MakeBundle) -> None:
    before = len(list(TASKS.iterdir()))
    pipeline = AudioOmniPipeline.from_file(make_bundle(inference_timeout_s=0.1))
    release = threading.Event()
    with pytest.raises(InferenceTimeoutError):
        pipeline.limit.run(lambda: release.wait(10))
    threading.Timer(0.1, release.set).start()
    pipeline.close()  # waits for what still runs
    assert release.is_set()
    assert threads_settle(before)
    pipeline.close()  # once more does no harm


def test_a_closed_pipeline_says_so_to_every_call(
    make_bundle: MakeBundle, encode: Any, sound: Any
) -> None:
    for settings in ({}, {"inference_timeout_s": 0}, {"fallback": [str(make_bundle())]}):
        with AudioOmniPipeline.from_file(make_bundle(**settings)) as pipeline:
            pass
        with pytest.raises(PipelineClosedError):
            pipeline.process_audio(encode(sound(0.5)))
        with pytest.raises(PipelineClosedError):
            pipeline.run_inference(np.zeros((1, 16, 128), np.int64))


def test_a_pipeline_that_is_dropped_ends_its_threads(
    make_bundle: MakeBundle, encode: Any, sound: Any
) -> None:
    pipeline = AudioOmniPipeline.from_file(make_bundle())
    pipeline.process_audio(encode(sound(0.5)))
    workers = [one for one in threading.enumerate() if one.name.startswith("audio_omni")]
    assert len(workers) == 1
    del pipeline
    workers[0].join(10)
    assert not workers[0].is_alive()


def test_nothing_but_the_smoke_run_prints() -> None:
    for file in AGENTS.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            called = getattr(getattr(node, "func", None), "id", "")
            assert called != "print" or file.name == "smoke.py", file.name


def test_words_are_logged_at_debug_only(
    make_bundle: MakeBundle, encode: Any, sound: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "agents")
    with AudioOmniPipeline.from_file(make_bundle()) as pipeline:
        pipeline.process_audio(encode(sound(0.5)))
    with_words = [one for one in caplog.records if "greedy_text" in one.getMessage()]
    assert with_words
    assert {one.levelno for one in with_words} == {logging.DEBUG}


def test_a_model_that_keeps_its_weights_inside_needs_no_data_file(
    make_bundle: MakeBundle, caplog: pytest.LogCaptureFixture
) -> None:
    import onnx

    config = make_bundle(manifest=False)
    core = config.parents[1] / "models/core.onnx"
    model = onnx.load(core)
    core.with_name("core.onnx.data").unlink()
    onnx.save(model, core)
    assert read_bundle(core).weights == core.stat().st_size
    with AudioOmniPipeline.from_file(config) as pipeline:
        assert pipeline.run_inference(np.zeros((1, 16, 128), np.int64)).shape == (1, 115, 1024)
    assert [one for one in caplog.records if one.levelno >= logging.WARNING] == []


def test_lists_of_unlike_lengths_are_an_input_shape_mismatch(make_bundle: MakeBundle) -> None:
    ragged: Any = [[1, 2], [3]]
    with (
        AudioOmniPipeline.from_file(make_bundle()) as pipeline,
        pytest.raises(InputShapeError, match=r"^Input shape mismatch.*got no array"),
    ):
        pipeline.run_inference(ragged)
