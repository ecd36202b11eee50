"""The int8 variant: the same contract and text, a quarter of the weights, small errors."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from agents.audio import sine
from agents.audio_omni_pipeline import AudioOmniConfig, AudioOmniPipeline
from harness.accuracy.sets import read_set
from harness.integrity.contract import check_contract
from harness.integrity.drift import check_canaries
from harness.integrity.rules import check_bundle
from harness.progress import silent
from models.bundles import read_manifest
from models.int8 import DRIFT, main, quantise, to_int8
from models.rehearsal import REFERENCE, build
from models.tower import Size

CODES = np.random.default_rng(0).integers(0, 2048, (1, 16, 128))
SET = Path(__file__).parents[2] / "validation/reference_sets/es_synthetic"


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of the reference bundle's model."""
    folder = tmp_path_factory.mktemp("int8") / "reference"
    shutil.copytree(REFERENCE, folder)
    return folder / "core.onnx"


@pytest.fixture(scope="module")
def variant(bundle: Path) -> Path:
    return quantise(bundle, silent)


def run(model: Path, array: NDArray[Any] = CODES) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model)
    output: NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: array})[0]
    return output


def test_the_variant_is_whole_and_keeps_the_contract(bundle: Path, variant: Path) -> None:
    assert variant == bundle.with_name("core.int8.onnx")
    findings = check_bundle(variant) + check_contract(variant) + check_canaries(variant)[0]
    assert [f"{f.rule}: {f.detail}" for f in findings if not (f.holds and f.checked)] == []
    before, after = read_manifest(bundle), read_manifest(variant)
    same = ("contract", "symbols", "decoder", "tokenizer", "text_decoder", "language_model")
    assert [after[key] for key in same] == [before[key] for key in same]
    assert (after["name"], after["model"]) == ("reference.int8", "core.int8.onnx")


def test_its_canaries_are_the_model_s_and_show_what_quantising_costs(variant: Path) -> None:
    _, drifts = check_canaries(variant)
    assert {drift.of for drift in drifts} == {"core.onnx"}
    assert all(0.001 < drift.apart.relative < drift.limit == DRIFT for drift in drifts)
    assert all(drift.apart.cosine > 0.999 for drift in drifts)


def test_every_matrix_of_the_recogniser_is_int8(bundle: Path, variant: Path) -> None:
    data = variant.with_name(f"{variant.name}.data").stat().st_size
    assert data < 0.28 * bundle.with_name("core.onnx.data").stat().st_size
    kept = onnx.load(variant, load_external_data=False).graph
    biases = {node.input[3] for node in kept.node if node.op_type == "DynamicQuantizeLSTM"}
    tables = {
        t.name for t in kept.initializer if len(t.dims) > 1 and t.data_type == TensorProto.FLOAT
    }
    assert {name for name in tables if not name.endswith(".scale")} == biases


def test_it_hears_what_the_reference_model_hears(bundle: Path, variant: Path) -> None:
    error = run(variant) - run(bundle)
    text = slice(80, 144)
    assert 0 < np.abs(error[:, text]).mean() < 0.05 * np.abs(run(bundle)[:, text]).mean()
    full, small = (
        AudioOmniPipeline(AudioOmniConfig(name="t", model_path=str(path), resampler="soxr"))
        for path in (bundle, variant)
    )
    clips = [Path(clip.audio).read_bytes() for clip in read_set(SET)[::60]] + [sine(440.0)]
    assert [small.process_audio(clip)["text"] for clip in clips] == [
        full.process_audio(clip)["text"] for clip in clips
    ]


def test_the_rehearsal_model_has_a_variant_that_can_be_cut_too(tmp_path: Path) -> None:
    size = Size(layers=2, width=32, hidden=64, channels=160, stride=3)
    variant = quantise(build(tmp_path, size, show=silent), silent)
    whole, frames = (
        AudioOmniPipeline(
            AudioOmniConfig(name="t", model_path=str(variant), resampler="soxr", output=output)
        )
        for output in ("full", "frames")
    )
    np.testing.assert_array_equal(
        frames.run_inference(CODES), whole.run_inference(CODES)[:, :144, ::3]
    )


def test_what_is_there_is_not_made_again_unless_the_model_changed(
    bundle: Path, variant: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = variant.stat().st_mtime_ns
    assert quantise(bundle, silent) == variant
    assert variant.stat().st_mtime_ns == made
    assert capsys.readouterr().err == f"{variant}: there already\n"
    shutil.copytree(bundle.parent, tmp_path / "other")
    other = tmp_path / "other/core.onnx.manifest.json"
    digest = read_manifest(bundle)["files"]["core.onnx"]["sha256"]
    other.write_text(other.read_text().replace(digest, "0"))
    quantise(tmp_path / "other/core.onnx", silent)
    assert capsys.readouterr().err == ""


def write_plain(folder: Path, weight: NDArray[np.float32]) -> Path:
    """Write y = x @ v, with a second matrix w that is used in two ways."""
    nodes = [
        helper.make_node("MatMul", ["x", "w"], ["by"]),
        helper.make_node("Transpose", ["w"], ["turned"]),
        helper.make_node("MatMul", ["x", "v"], ["y"]),
    ]
    graph = helper.make_graph(
        nodes,
        "plain",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 8])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 4])],
        [numpy_helper.from_array(weight, name) for name in ("w", "v")],
    )
    opset = helper.make_opsetid("", 17)
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), folder / "plain.onnx")
    return folder / "plain.onnx"


def test_a_model_without_a_manifest_stays_without_one(tmp_path: Path) -> None:
    weight = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
    variant = quantise(write_plain(tmp_path, weight), silent)
    there = sorted(path.name for path in tmp_path.iterdir())
    assert there == ["plain.int8.onnx", "plain.int8.onnx.data", "plain.onnx"]
    array = np.random.default_rng(1).normal(size=(2, 8)).astype(np.float32)
    np.testing.assert_allclose(run(variant, array), array @ weight, atol=0.1)
    names = {tensor.name for tensor in onnx.load(variant).graph.initializer}
    assert names == {"w", "v.int8", "v.scale"}


def test_a_matrix_by_hand() -> None:
    """Two columns, each with its own scale: its largest magnitude over 127."""
    whole, scale = to_int8(np.array([[1.27, 0.0], [-0.5, 0.0]], np.float32), (0,))
    assert whole.tolist() == [[127, 0], [-50, 0]]
    np.testing.assert_allclose(scale, [[0.01, 1.0]], rtol=1e-6)  # zeros have no scale of their own


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=6, max_size=6))
def test_no_value_is_off_by_more_than_half_a_scale(values: list[float]) -> None:
    array = np.array(values, np.float32).reshape(2, 3)
    whole, scale = to_int8(array, (0,))
    assert np.abs(whole).max() <= 127
    assert (np.abs(whole * scale.astype(float) - array) <= 0.5001 * scale).all()


def test_a_weight_that_is_no_number_is_named(tmp_path: Path) -> None:
    model = write_plain(tmp_path, np.full((8, 4), np.nan, np.float32))
    with pytest.raises(ValueError, match="v: not all of its values are finite"):
        quantise(model, silent)
    assert list(tmp_path.iterdir()) == [model]


def test_an_absent_model_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "argv", ["int8", str(tmp_path / "gone.onnx")])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 2
    assert "gone.onnx: no such file" in capsys.readouterr().err
