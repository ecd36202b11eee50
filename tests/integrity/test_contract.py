"""A model is held to its contract by running it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from harness.errors import BundleError
from harness.integrity.contract import RULES, check_contract, sweep
from harness.integrity.specification import PRODUCT_CONTRACT, Contract, TensorSpec
from harness.records import Finding
from tests.integrity import bundles


def found(model: Path) -> dict[str, Finding]:
    return {finding.rule: finding for finding in check_contract(model)}


def broken(model: Path) -> set[str]:
    return {rule for rule, finding in found(model).items() if not finding.holds}


def test_a_healthy_model_keeps_its_contract(tmp_path: Path) -> None:
    findings = check_contract(bundles.build(tmp_path))
    assert [finding.rule for finding in findings] == [rule.__name__ for rule in RULES]
    assert all(finding.holds and finding.checked for finding in findings)
    assert {finding.area for finding in findings} == {"contract"}


def change(*keys: str, to: object) -> Callable[[dict[str, Any]], None]:
    """Return an edit of the manifest's contract."""

    def edit(manifest: dict[str, Any]) -> None:
        place = manifest["contract"]
        for key in keys[:-1]:
            place = place[key]
        place[keys[-1]] = to

    return edit


@pytest.mark.parametrize(
    ("edit", "rules", "words"),
    [
        pytest.param(
            change("input", "name", to="codes"),
            {"input_is_as_agreed", "codes_are_accepted"},
            "expected codes int64 [1, 2, 4]; found audio_codes int64 [1, 2, 4]",
            id="input name",
        ),
        pytest.param(
            change("input", "dtype", to="int32"),
            {"input_is_as_agreed", "codes_are_accepted"},
            "expected audio_codes int32 [1, 2, 4]; found audio_codes int64",
            id="input dtype",
        ),
        pytest.param(
            change("output", "dtype", to="float16"),
            {"output_is_as_agreed", "output_keeps_its_shape"},
            "expected mel_features float16 [1, 3, 8]; found mel_features float32 [1, 3, 8]",
            id="output dtype",
        ),
        pytest.param(
            change("output", "shape", to=[1, 3, 9]),
            {"output_is_as_agreed", "output_keeps_its_shape"},
            "expected mel_features float32 [1, 3, 9]; found mel_features float32 [1, 3, 8]",
            id="output shape",
        ),
    ],
)
def test_a_model_that_differs_from_its_contract_is_told_what_differs(
    tmp_path: Path, edit: Callable[[dict[str, Any]], None], rules: set[str], words: str
) -> None:
    model = bundles.build(tmp_path)
    bundles.edit_manifest(tmp_path, edit)
    assert broken(model) == rules
    assert words in " ".join(finding.detail for finding in found(model).values())


def test_codes_beyond_the_codebook_of_the_model_are_refused(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    table = helper.make_tensor("table", TensorProto.FLOAT, [bundles.CODEBOOK], [0.0] * 16)
    look_up = helper.make_node("Gather", ["table", "audio_codes"], ["found"])
    total = helper.make_node("ReduceSum", ["found"], ["nothing"], keepdims=0)
    add = helper.make_node("Add", ["sum", "nothing"], ["shifted"])
    graph = bundles.core((look_up, total, add), "shifted")
    graph.graph.initializer.append(table)
    bundles.save(graph, model)
    assert broken(model) == set()
    bundles.edit_manifest(tmp_path, change("codebook_size", to=bundles.CODEBOOK + 1))
    assert broken(model) == {"codes_are_accepted"}
    assert "codes from 0 to 16" in found(model)["codes_are_accepted"].detail


def test_infinite_values_are_counted(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    bundles.save(bundles.core(bias=float("inf")), model)
    assert broken(model) == {"output_is_finite"}
    assert "24 of 24 values" in found(model)["output_is_finite"].detail


def test_a_model_that_draws_random_numbers_is_not_repeatable(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    noise = helper.make_node("RandomNormalLike", ["sum"], ["noise"])
    bundles.save(bundles.core((noise,), "noise"), model)
    assert broken(model) == {"runs_are_equal"}


def test_a_model_of_any_length_does_not_refuse_a_wrong_shape(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    bundles.save(_any_length(), model)
    assert "wrong_shape_is_refused" in broken(model)
    assert "codes [1, 2, 5] are accepted" in found(model)["wrong_shape_is_refused"].detail


def test_a_model_that_does_not_load_says_why_once(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    bundles.no_data(tmp_path)
    findings = found(model)
    assert broken(model) == {"model_is_loaded"}
    assert "core.onnx.data" in findings.pop("model_is_loaded").detail
    assert not any(finding.checked for finding in findings.values())


def test_without_a_manifest_the_product_s_contract_holds(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    bundles.no_manifest(tmp_path)
    assert "expected audio_codes int64 [1, 16, 128]" in found(model)["input_is_as_agreed"].detail


def test_a_missing_model_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="no such model file"):
        check_contract(tmp_path / "core.onnx")


@pytest.mark.parametrize("size", [1, 2, 100, 2048, 10_000])
def test_a_sweep_holds_the_first_and_the_last_code_of_every_codebook(size: int) -> None:
    spec = TensorSpec(name="audio_codes", dtype="int64", shape=(1, 16, 128))
    contract = Contract(input=spec, output=PRODUCT_CONTRACT.output, codebook_size=size)
    codes = sweep(contract)
    assert codes.dtype == np.int64
    assert codes.shape == (1, 16, 128)
    assert set(codes.min(axis=-1).flat) == {0}
    assert set(codes.max(axis=-1).flat) == {size - 1}


def _any_length() -> Any:
    model = bundles.core(frames="frames")
    pick = helper.make_node("Slice", ["real", "from", "to", "axes"], ["first"])
    model.graph.node.insert(1, pick)
    model.graph.node[2].input[0] = "first"
    for name, values in (("from", [0]), ("to", [bundles.CODES[-1]]), ("axes", [2])):
        model.graph.initializer.append(helper.make_tensor(name, TensorProto.INT64, [1], values))
    return model
