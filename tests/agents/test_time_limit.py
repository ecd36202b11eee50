"""A request is answered within its limit, or its caller is told so while the run goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper, save_model

from agents import audio, time_limit
from agents.audio_omni_pipeline import AudioOmniPipeline
from agents.errors import InferenceTimeoutError, InputShapeError, PipelineClosedError
from agents.onnx_model import OnnxModel
from agents.time_limit import TimeLimit

CODES = np.zeros((1, 16, 128), np.int64)
SIZE = 400  # of the matrix that a slow model multiplies by itself


@pytest.fixture
def slow(make_bundle: Callable[..., Path]) -> Iterator[Callable[..., AudioOmniPipeline]]:
    """Return a function that makes the pipeline of a model that takes seconds, node after node."""
    made: list[AudioOmniPipeline] = []

    def make(nodes: int = 1_000, **settings: Any) -> AudioOmniPipeline:
        config = make_bundle(manifest=False, load_on_startup=False, **settings)
        write_slow(config.parents[1] / "models/core.onnx", nodes)
        made.append(AudioOmniPipeline.from_file(config))
        return made[-1]

    yield make
    for pipeline in made:
        pipeline.close()


def write_slow(path: Path, nodes: int) -> None:
    """Write a model whose codes become a matrix that is multiplied by itself `nodes` times."""
    square = np.array([SIZE, SIZE], np.int64)
    wide = helper.make_tensor("wide", TensorProto.INT64, [2], square)
    first, last = [
        helper.make_tensor(name, TensorProto.INT64, [len(value)], value)
        for name, value in (("first", [0, 0, 0]), ("last", [1, 1, 1]))
    ]
    graph = helper.make_graph(
        [
            helper.make_node("Slice", ["audio_codes", "first", "last"], ["one"]),
            helper.make_node("Squeeze", ["one"], ["scalar"]),
            helper.make_node("Cast", ["scalar"], ["float"], to=TensorProto.FLOAT),
            helper.make_node("Expand", ["float", "wide"], ["m0"]),
            *(
                helper.make_node("MatMul", [f"m{n}", f"m{n}"], [f"m{n + 1}"])
                for n in range(nodes - 1)
            ),
            helper.make_node("MatMul", [f"m{nodes - 1}", "m0"], ["mel_features"]),
        ],
        "slow",
        [helper.make_tensor_value_info("audio_codes", TensorProto.INT64, [1, 16, 128])],
        [helper.make_tensor_value_info("mel_features", TensorProto.FLOAT, [SIZE, SIZE])],
        [wide, first, last],
    )
    opset = helper.make_opsetid("", 17)
    save_model(helper.make_model(graph, opset_imports=[opset], ir_version=9), path)


def test_a_long_run_is_stopped_and_the_caller_told_what_ran(
    slow: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []
    plain = OnnxModel._run_free

    def run(self: OnnxModel, *given: Any) -> Any:
        try:
            return plain(self, *given)
        except Exception as error:
            ended.append(str(error))
            raise

    monkeypatch.setattr(OnnxModel, "_run_free", run)
    pipeline = slow(nodes=3_000, inference_timeout_s=0.3)
    pipeline._open()
    with pytest.raises(InferenceTimeoutError) as caught:
        pipeline.run_inference(CODES)
    said = str(caught.value)
    assert "expected an answer within inference_timeout_s = 0.3, got none, with core.onnx" in said
    assert isinstance(caught.value, TimeoutError)
    pipeline.close()  # waits for the run: a product takes far less than all of them
    assert not pipeline.limit.busy
    assert "terminate" in ended[0]


def test_the_next_call_waits_for_the_late_run_and_no_longer_than_its_own_limit() -> None:
    limit, release = TimeLimit(0.2), threading.Event()

    def late() -> None:
        limit.enter()
        release.wait(10)

    with pytest.raises(InferenceTimeoutError):
        limit.run(late)
    assert limit.busy
    with pytest.raises(InferenceTimeoutError):  # the session is still busy
        limit.run(limit.enter)
    release.set()
    limit.run(limit.enter)
    assert not limit.busy
    limit.close()


def test_a_late_run_s_memory_is_dropped_and_never_used_again() -> None:
    limit, release, model = TimeLimit(0.2), threading.Event(), TimeLimit(0)
    seen: list[Any] = []

    def write() -> None:
        limit.enter()
        seen.append(time_limit.buffers().setdefault(model, np.zeros(3)))
        release.wait(10)
        seen[0][:] = 7  # the node's end

    with pytest.raises(InferenceTimeoutError):
        limit.run(write)
    release.set()

    def kept() -> Any:
        limit.enter()
        return time_limit.buffers().setdefault(model, np.zeros(3))

    fresh = limit.run(kept)
    assert not np.shares_memory(fresh, seen[0])
    assert seen[0].tolist() == [7, 7, 7]
    assert limit.run(kept) is fresh
    limit.close()


def test_a_bound_output_survives_a_timeout_unharmed(slow: Any) -> None:
    pipeline = slow(nodes=100, inference_timeout_s=30, bind_output=True)
    ones = np.ones_like(CODES)
    first = pipeline.run_inference(CODES)
    pipeline.limit._seconds = 0.05
    with pytest.raises(InferenceTimeoutError):
        pipeline.run_inference(ones)
    pipeline.limit._seconds = 30
    again = pipeline.run_inference(CODES)
    assert not np.shares_memory(first, again)
    assert not again.any()


def test_decoding_and_text_count_too(
    make_bundle: Callable[..., Path], encode: Any, sound: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = threading.Event()
    plain = audio.decode

    def stuck(*given: Any) -> Any:
        release.wait(10)
        return plain(*given)

    with AudioOmniPipeline.from_file(make_bundle(inference_timeout_s=0.2)) as pipeline:
        monkeypatch.setattr(audio, "decode", stuck)
        with pytest.raises(InferenceTimeoutError, match="with no model running"):
            pipeline.process_audio(encode(sound(1.0)))
        monkeypatch.setattr(audio, "decode", plain)
        speech = pipeline._open().speech
        assert speech is not None
        release.set()
        release = threading.Event()
        monkeypatch.setattr(speech.decoder, "greedy", lambda _: release.wait(10) and "")
        with pytest.raises(InferenceTimeoutError):
            pipeline.process_audio(encode(sound(1.0)))
        release.set()


def test_each_further_window_has_the_limit_anew() -> None:
    request = time_limit.Request(0.2, time_limit.buffers())
    core, tokenizer = object(), object()
    for model in (tokenizer, core):
        request.begin(model)
    before = request._deadline
    time.sleep(0.05)
    request.begin(core)
    assert request._deadline > before
    request.begin(tokenizer)  # once more in this window: not a new one
    assert request.remaining() <= 0.2
    time.sleep(0.21)
    with pytest.raises(InferenceTimeoutError):
        request.begin(core)


def test_the_warm_up_has_no_limit(make_bundle: Callable[..., Path]) -> None:
    pipeline = AudioOmniPipeline.from_file(make_bundle(inference_timeout_s=1e-9))
    with pytest.raises(InferenceTimeoutError):
        pipeline.run_inference(CODES)
    pipeline.close()


def test_without_a_limit_the_work_is_done_where_it_was_asked_for() -> None:
    limit = TimeLimit(0)
    assert limit.run(threading.get_ident) == threading.get_ident()
    assert TimeLimit(5).run(threading.get_ident) != threading.get_ident()


def test_what_the_work_raises_reaches_the_caller(make_bundle: Callable[..., Path]) -> None:
    def late() -> None:
        raise TimeoutError("of a socket, say")

    with pytest.raises(TimeoutError, match="of a socket, say"):
        TimeLimit(5).run(late)
    with AudioOmniPipeline.from_file(make_bundle()) as pipeline, pytest.raises(InputShapeError):
        pipeline.run_inference(CODES[0])


def test_a_caller_that_is_interrupted_stops_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    limit, seen = TimeLimit(10), threading.Event()

    def work() -> None:
        limit.enter()
        request = time_limit.current()
        assert request is not None
        while request.remaining():
            time.sleep(0.005)
        seen.set()

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(time_limit, "_result", interrupted)
    with pytest.raises(KeyboardInterrupt):
        limit.run(work)
    assert seen.wait(10)
    limit.close()


def test_threads_of_before_a_fork_are_not_waited_for() -> None:
    limit = TimeLimit(5)
    limit.run(threading.get_ident)
    limit._process += 1  # as in a forked child
    assert limit.run(lambda: 3) == 3


def test_a_closed_limit_takes_nothing() -> None:
    limit = TimeLimit(5)
    limit.close()
    with pytest.raises(PipelineClosedError, match="Create another one"):
        limit.run(lambda: 3)
