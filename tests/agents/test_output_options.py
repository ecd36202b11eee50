"""`output` and `bind_output`: each changes what it says, and not the text."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import TensorProto, helper

from agents.audio_omni_pipeline import AudioOmniPipeline
from agents.cut import CannotCutError, cut_graph
from agents.errors import OnnxRuntimeError

WIDE: dict[str, Any] = {"channels": 128, "stride": 3, "moved": True}  # mel_features [1, 128, 3072]
CODES = np.random.default_rng(0).integers(0, 2048, (1, 16, 128))


@pytest.fixture
def make(make_bundle: Callable[..., Path]) -> Callable[..., AudioOmniPipeline]:
    return lambda **options: AudioOmniPipeline.from_file(make_bundle(**options))


@pytest.fixture
def clips(encode: Callable[..., bytes], sound: Callable[..., NDArray[np.float32]]) -> list[bytes]:
    """One window, two windows, silence."""
    two = np.concatenate([sound(9.0), np.zeros(8_000, np.float32), sound(5.0)])
    return [encode(samples) for samples in (sound(1.0), two, np.zeros(16_000))]


def write_shapeless(model: Path) -> None:
    """Write a model whose output has as many columns as there are codes above zero."""
    nodes = [
        helper.make_node("NonZero", ["audio_codes"], ["places"]),
        helper.make_node("Cast", ["places"], ["mel_features"], to=TensorProto.FLOAT),
    ]
    taken = helper.make_tensor_value_info("audio_codes", TensorProto.INT64, CODES.shape)
    given = helper.make_tensor_value_info("mel_features", TensorProto.FLOAT, [3, "found"])
    graph = helper.make_graph(nodes, "places", [taken], [given])
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=9), model)


def heard(result: dict[str, Any]) -> list[Any]:
    """Return what must not depend on how the output is taken."""
    metadata = {key: value for key, value in result["metadata"].items() if key != "output"}
    return [result["text"], metadata, result["audio_codes"].tolist()]


def test_frames_are_the_values_that_the_text_needs_of_the_whole(
    make: Callable[..., AudioOmniPipeline], clips: list[bytes]
) -> None:
    whole, frames = make(**WIDE), make(**WIDE, output="frames")
    for clip in clips:
        full, cut = whole.process_audio(clip), frames.process_audio(clip)
        assert heard(cut) == heard(full)
        np.testing.assert_array_equal(cut["mel_features"], full["mel_features"][:, :115, ::3])
        assert (full["metadata"]["output"], cut["metadata"]["output"]) == ("full", "frames")


def test_a_cut_graph_ends_where_the_output_only_repeats(make_bundle: Callable[..., Path]) -> None:
    model = make_bundle(**WIDE).parents[1] / "models/core.onnx"
    cut = cut_graph(model, channels=115, stride=3)
    assert (cut.tensor, cut.stride, cut.whole_shape) == ("picture", 1, (1, 128, 3072))
    kinds = [node.op_type for node in onnx.load_from_string(cut.graph).graph.node]
    assert kinds == ["Cast", "Unsqueeze", "Expand", "Reshape", "MatMul", "Add"]


@pytest.mark.parametrize(
    "options",
    [
        {"channels": 128, "stride": 3},  # the core computes the whole, value by value
        {"manifest": False},  # nothing says which part the text needs
    ],
)
def test_a_graph_that_cannot_be_cut_runs_whole_and_says_so(
    options: dict[str, Any],
    make: Callable[..., AudioOmniPipeline],
    caplog: pytest.LogCaptureFixture,
) -> None:
    whole, frames = make(**options), make(**options, output="frames")
    assert "core.onnx: " in caplog.text
    assert "the whole is taken" in caplog.text
    np.testing.assert_array_equal(frames.run_inference(CODES), whole.run_inference(CODES))


def test_why_a_graph_cannot_be_cut_is_said(make_bundle: Callable[..., Path]) -> None:
    model = make_bundle(channels=128, stride=3).parents[1] / "models/core.onnx"
    with pytest.raises(CannotCutError, match="Add makes mel_features"):
        cut_graph(model, channels=115, stride=3)
    write_shapeless(model)
    with pytest.raises(CannotCutError, match="shape of mel_features"):
        cut_graph(model, channels=115, stride=3)
    model.write_bytes(b"not a model")
    with pytest.raises(CannotCutError, match="onnx cannot read the graph"):
        cut_graph(model, channels=115, stride=3)


@pytest.mark.parametrize("output", ["full", "frames"])
def test_a_bound_output_is_the_same_output(
    output: str, make: Callable[..., AudioOmniPipeline], clips: list[bytes]
) -> None:
    free, bound = make(**WIDE, output=output), make(**WIDE, output=output, bind_output=True)
    for clip in clips:
        expected, found = free.process_audio(clip), bound.process_audio(clip)
        assert heard(found) == heard(expected)
        np.testing.assert_array_equal(found["mel_features"], expected["mel_features"])


def test_a_bound_output_lies_in_the_same_memory_until_the_next_call(
    make: Callable[..., AudioOmniPipeline],
) -> None:
    pipeline = make(**WIDE, bind_output=True)
    first = pipeline.run_inference(CODES)
    kept = first.copy()
    second = pipeline.run_inference(CODES[:, :, ::-1])  # another order in memory too
    assert np.shares_memory(first, second)
    assert not np.array_equal(first, kept)
    np.testing.assert_array_equal(pipeline.run_inference(CODES), kept)
    free = make(**WIDE)
    assert not np.shares_memory(free.run_inference(CODES), free.run_inference(CODES))


def test_each_thread_has_memory_of_its_own(
    make: Callable[..., AudioOmniPipeline], clips: list[bytes]
) -> None:
    pipeline = make(**WIDE, bind_output=True)
    expected = [heard(pipeline.process_audio(clip)) for clip in clips]
    outputs = [pipeline.run_inference(np.full_like(CODES, n)).copy() for n in range(4)]

    def repeat(n: int) -> bool:
        own = [pipeline.run_inference(np.full_like(CODES, n)) for _ in range(20)]
        return np.array_equal(own[-1], outputs[n])

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(repeat, range(4)))
        assert [heard(result) for result in pool.map(pipeline.process_audio, clips)] == expected


def test_an_output_without_a_shape_cannot_be_bound(make_bundle: Callable[..., Path]) -> None:
    config = make_bundle(manifest=False, bind_output=True)
    write_shapeless(config.parents[1] / "models/core.onnx")
    with pytest.raises(OnnxRuntimeError, match=r"cannot bind.*'found'.*Set bind_output: false"):
        AudioOmniPipeline.from_file(config)
