"""A model is held to its contract by running it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from harness.errors import BundleError
from harness.integrity.contract import (
    RULES,
    Tried,
    check_contract,
    codes_out_of_range_are_harmless,
)
from harness.integrity.model import Model, sweep
from harness.integrity.outputs import Output, look_at
from harness.integrity.repeatable import thread_counts_agree
from harness.integrity.rule import findings
from harness.integrity.specification import PRODUCT_CONTRACT, Contract, TensorSpec
from harness.integrity.strange import Answer, answers
from harness.records import Finding
from tests.integrity import bundles

REFUSED = Answer(refused="out of bounds")


def found(model: Path) -> dict[str, Finding]:
    return {finding.rule: finding for finding in check_contract(model)}


def broken(findings: dict[str, Finding]) -> set[str]:
    return {rule for rule, finding in findings.items() if not finding.holds}


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
    findings = found(model)
    assert broken(findings) == rules
    assert words in " ".join(finding.detail for finding in findings.values())


def test_codes_beyond_the_codebook_of_the_model_are_refused(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    table = helper.make_tensor("table", TensorProto.FLOAT, [bundles.CODEBOOK], [0.0] * 16)
    look_up = helper.make_node("Gather", ["table", "audio_codes"], ["found"])
    total = helper.make_node("ReduceSum", ["found"], ["nothing"], keepdims=0)
    add = helper.make_node("Add", ["sum", "nothing"], ["shifted"])
    graph = bundles.core((look_up, total, add), "shifted")
    graph.graph.initializer.append(table)
    bundles.save(graph, model)
    within = found(model)
    assert broken(within) == set()
    # The table is read with negative indices from its end, as ONNX says.
    told = within["codes_out_of_range_are_harmless"].detail
    assert "code 16 is refused; code -1 gives values up to" in told
    bundles.edit_manifest(tmp_path, change("codebook_size", to=bundles.CODEBOOK + 1))
    beyond = found(model)
    assert broken(beyond) == {"codes_are_accepted"}
    assert "codes from 0 to 16" in beyond["codes_are_accepted"].detail


def test_infinite_values_are_counted(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    bundles.save(bundles.core(bias=float("inf")), model)
    findings = found(model)
    assert broken(findings) == {"output_is_finite"}
    assert "24 of 24 values" in findings["output_is_finite"].detail


def test_a_model_that_draws_random_numbers_is_not_repeatable(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    noise = helper.make_node("RandomNormalLike", ["sum"], ["noise"])
    bundles.save(bundles.core((noise,), "noise"), model)
    findings = found(model)
    assert broken(findings) == {"runs_are_equal"}
    assert "relative, at most" in findings["runs_are_equal"].detail


def test_a_model_of_any_length_does_not_refuse_a_wrong_shape(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    bundles.save(_any_length(), model)
    findings = found(model)
    assert "wrong_shape_is_refused" in broken(findings)
    assert "codes [1, 2, 5] are accepted" in findings["wrong_shape_is_refused"].detail


def test_a_model_that_does_not_load_says_why_once(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    bundles.no_data(tmp_path)
    findings = found(model)
    assert broken(findings) == {"model_is_loaded"}
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


class Planted(Model):
    """A model whose answer by one thread is given."""

    def __init__(self, first: Output, alone: Output | str) -> None:
        super().__init__(Path("none.onnx"), PRODUCT_CONTRACT, threads=2)
        self.__dict__ |= {"first": first, "alone": alone}


def output(*values: float) -> Output:
    return look_at(np.array([values], np.float32), PRODUCT_CONTRACT)


@pytest.mark.parametrize(
    ("alone", "holds", "words"),
    [
        pytest.param(output(1, 2, 4), True, "give the same bytes", id="the same"),
        pytest.param(output(1, 2, 4.00003), True, "at most 3.00e-05 and 63 ULP", id="rounding"),
        pytest.param(output(1, 2, 4.1), False, "1e-04 are allowed", id="another value"),
        pytest.param(output(1, 2), False, "of shape [1, 3] instead of [1, 2]", id="shape"),
        pytest.param(output(1, 2, np.nan), False, "not finite", id="not finite"),
        pytest.param("no memory", False, "one thread is refused", id="refused"),
    ],
)
def test_threads_may_differ_by_rounding_and_no_more(
    alone: Output | str, holds: bool, words: str
) -> None:
    model = Planted(output(1, 2, 4), alone)
    (finding,) = findings((thread_counts_agree,), model, area="contract")
    assert finding.holds is holds
    assert words in finding.detail


# What a model does with codes outside its codebook, and what the rule says of it.
@pytest.mark.parametrize(
    ("answers", "holds", "words"),
    [
        pytest.param(
            {"above": REFUSED, "below": REFUSED, "far": REFUSED},
            True,
            "code 2048 is refused; code -1 is refused",
            id="refused",
        ),
        pytest.param(
            {"above": Answer(shape=(1,), largest=3), "below": REFUSED, "far": REFUSED},
            True,
            "code 2048 gives values up to 3;",
            id="finite",
        ),
        pytest.param(
            {"above": Answer(shape=(1,), largest=900), "below": REFUSED, "far": REFUSED},
            True,
            "code 2048 gives garbage, values up to 900",
            id="garbage",
        ),
        pytest.param(
            {"above": REFUSED, "below": Answer(shape=(1,), not_finite=7), "far": REFUSED},
            False,
            "code -1 gives 7 values that are NaN or infinite",
            id="NaN",
        ),
        pytest.param(
            {"above": REFUSED, "below": REFUSED, "far": Answer(crashed="ends by SIGSEGV")},
            False,
            "code 9223372036854775807 ends by SIGSEGV",
            id="crash",
        ),
    ],
)
def test_each_behaviour_on_codes_out_of_range_has_its_words(
    answers: dict[str, Answer], holds: bool, words: str
) -> None:
    model = Tried(Path("none.onnx"), PRODUCT_CONTRACT)
    model.__dict__ |= {"first": output(1, 2, 4), "strange": answers}
    (finding,) = findings((codes_out_of_range_are_harmless,), model, area="contract")
    assert finding.holds is holds
    assert words in finding.detail


def test_a_model_that_turns_a_code_out_of_range_into_nan_breaks_the_rule(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    root = helper.make_node("Sqrt", ["real"], ["root"])
    graph = bundles.core()
    graph.graph.node.insert(1, root)
    graph.graph.node[2].input[0] = "root"
    bundles.save(graph, model)
    findings = found(model)
    assert broken(findings) == {"codes_out_of_range_are_harmless"}
    assert "code -1 gives" in findings["codes_out_of_range_are_harmless"].detail


def test_a_process_that_dies_is_named_and_the_other_inputs_are_still_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real process is killed by a hook that Python runs at its start."""
    model = bundles.build(tmp_path)
    (tmp_path / "sitecustomize.py").write_text(DIES)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    seen = answers(model, ["longer", "above", "below"])
    assert seen["longer"].refused
    assert seen["above"].crashed == "ends its process by SIGKILL"
    assert seen["below"].shape == bundles.FEATURES


# Kills the process when it makes the input `above`.
DIES = """
import os, signal, sys

def watch(frame, event, arg):
    if event == "call" and frame.f_code.co_name == "above":
        os.kill(os.getpid(), signal.SIGKILL)

sys.setprofile(watch)
"""


def _any_length() -> Any:
    model = bundles.core(frames="frames")
    pick = helper.make_node("Slice", ["real", "from", "to", "axes"], ["first"])
    model.graph.node.insert(1, pick)
    model.graph.node[2].input[0] = "first"
    for name, values in (("from", [0]), ("to", [bundles.CODES[-1]]), ("axes", [2])):
        model.graph.initializer.append(helper.make_tensor(name, TensorProto.INT64, [1], values))
    return model
