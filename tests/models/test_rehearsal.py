"""The rehearsal model, built small: the contract, the reference model inside, no weight idle."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime
import pytest
from numpy.typing import NDArray

from agents.audio import sine
from agents.audio_omni_pipeline import AudioOmniConfig, AudioOmniPipeline
from harness.accuracy.sets import read_set
from harness.integrity.contract import check_contract
from harness.integrity.drift import check_canaries
from harness.integrity.rules import check_bundle
from harness.progress import silent
from models.bundles import NoRoomError, free_space
from models.rehearsal import DRIFT, NAME, REFERENCE, build
from models.tower import Size, Weights

SMALL = Size(layers=2, width=32, hidden=64, channels=160, stride=3)
CODES = np.random.default_rng(0).integers(0, 2048, (1, 16, 128))
SET = Path(__file__).parents[2] / "validation/reference_sets/es_synthetic"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("small"), SMALL, show=silent)


def run(model: Path) -> NDArray[np.float32]:
    """Return mel_features of CODES, computed without any rewriting of the graph."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options)
    output: NDArray[np.float32] = session.run(None, {"audio_codes": CODES})[0]
    return output


def digests(model: Path) -> dict[str, Any]:
    files = json.loads(model.with_name(f"{NAME}.manifest.json").read_text())["files"]
    return {name: files[name] for name in (NAME, f"{NAME}.data")}


def test_the_bundle_is_whole_and_keeps_its_contract(model: Path) -> None:
    onnx.checker.check_model(str(model), full_check=True)
    findings = check_bundle(model) + check_contract(model) + check_canaries(model)[0]
    assert [f"{f.rule}: {f.detail}" for f in findings if not (f.holds and f.checked)] == []


def test_the_reference_model_lies_at_every_stride_th_value_of_the_first_channels(
    model: Path,
) -> None:
    output, heard = run(model), run(REFERENCE / "core.onnx")
    assert output.shape == (1, 160, 3 * 1024)
    difference = np.abs(output[:, :144, ::3] - heard)
    assert 0 < difference.max() < 0.01  # a thousandth, times what a normal value can be
    np.testing.assert_array_equal(output[:, :, 1::3], output[:, :, ::3])
    assert not output[:, 144:].any()


def test_its_canaries_are_the_reference_model_s_and_its_answers_are_near(model: Path) -> None:
    _, drifts = check_canaries(model)
    assert {drift.of for drift in drifts} == {"core.onnx"}
    assert all(0 < drift.apart.relative < drift.limit == DRIFT for drift in drifts)


def test_its_text_is_the_reference_model_s(model: Path) -> None:
    pipelines = [
        AudioOmniPipeline(AudioOmniConfig(name="t", model_path=str(path), resampler="soxr"))
        for path in (model, REFERENCE / "core.onnx")
    ]
    clips = [Path(clip.audio).read_bytes() for clip in read_set(SET)[::60]] + [sine(440.0)]
    small, reference = ([p.process_audio(clip)["text"] for clip in clips] for p in pipelines)
    assert small == reference
    assert any(reference)


def test_no_weight_is_idle(model: Path) -> None:
    """Each tensor of the tower zeroed alone, and one element of each, change the picture."""
    data, whole = model.with_name(f"{NAME}.data"), run(model)
    bytes_ = data.read_bytes()
    tensors = onnx.load(model, load_external_data=False).graph.initializer
    tower = [tensor for tensor in tensors if tensor.name.startswith("tower.")]
    assert len(tower) == 2 + 1 + 3 * SMALL.layers
    try:
        for tensor in tower:
            stated = {entry.key: entry.value for entry in tensor.external_data}
            start, length = int(stated["offset"]), int(stated["length"])
            for count in (length, 4):
                data.write_bytes(bytes_[:start] + bytes(count) + bytes_[start + count :])
                assert (run(model) != whole)[:, :144, ::3].any(), (tensor.name, count)
    finally:
        data.write_bytes(bytes_)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(
    model: Path, tmp_path: Path
) -> None:
    again, other = (build(tmp_path / str(seed), SMALL, seed, silent) for seed in (1, 2))
    assert digests(again) == digests(model)
    assert digests(other)[f"{NAME}.data"] != digests(model)[f"{NAME}.data"]


def test_the_weights_are_the_same_on_every_machine() -> None:
    weights = Weights(1)
    (first,), (second,) = weights.matrix(2, 2, 1.0), weights.matrix(1, 2, 1.0)
    np.testing.assert_array_equal(
        first,
        np.array(
            [1.5884097814559937, 1.0515905618667603, -0.9371693730354309, -0.5240882635116577], "f4"
        ),
    )
    np.testing.assert_array_equal(second, np.array([1.15147864818573, 0.9349854588508606], "f4"))
    many = np.concatenate(list(Weights(1).matrix(3000, 2000, 0.5)))
    assert many.size == 6_000_000
    assert many.dtype == np.float32
    assert abs(many.mean()) < 0.001
    assert abs(many.std() - 0.5) < 0.001


def test_what_is_there_is_not_built_again(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = [path.stat().st_mtime_ns for path in sorted(model.parent.iterdir())]
    assert build(model.parent, SMALL, show=silent) == model
    assert capsys.readouterr().err == f"{model}: there already\n"
    assert [path.stat().st_mtime_ns for path in sorted(model.parent.iterdir())] == before


def test_a_damaged_or_another_model_is_built_again(tmp_path: Path) -> None:
    model = build(tmp_path, SMALL, show=silent)
    stated, data = digests(model), model.with_name(f"{NAME}.data")
    data.write_bytes(data.read_bytes()[:-1])
    assert digests(build(tmp_path, SMALL, show=silent)) == stated
    assert data.stat().st_size == stated[data.name]["bytes"]
    assert digests(build(tmp_path, SMALL, seed=2, show=silent)) != stated


def test_a_full_disk_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    huge = Size(layers=1, width=2048, hidden=free_space(tmp_path) // 8192)
    with pytest.raises(NoRoomError, match=r"needs [\d,]+ bytes of disk, there are [\d,]+\. Free"):
        build(tmp_path, huge, show=silent)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("wanted", "name"), [(4.3e9, "GB"), (4.3 * 2**30, "GiB")])
def test_the_full_size_is_the_product_s(wanted: float, name: str) -> None:
    size = Size.of(wanted)
    assert (size.channels, size.stride, size.layers) == (2048, 240, 32), name
    assert abs(size.weights - wanted) < wanted / 200


def test_an_interrupted_build_leaves_nothing(tmp_path: Path) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(tmp_path, SMALL, show=broken)
    assert list(tmp_path.iterdir()) == []
