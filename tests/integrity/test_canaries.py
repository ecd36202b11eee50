"""A model's answers to fixed codes are stored when it is sealed; later ones are held to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from harness.errors import BundleError
from harness.integrity.canaries import MOST, SAME, codes_in
from harness.integrity.drift import Drift, check_canaries
from harness.integrity.manifest import Seal, read_manifest
from harness.integrity.processor import level, level_of
from harness.integrity.seal import Sealed, seal_bundle
from harness.integrity.specification import contract_of
from harness.progress import silent
from harness.records import Finding
from tests.integrity import bundles

STAMP = Seal(by="a tester", at="2026-11-23T12:00:00Z", tool="tests")


def sealed(folder: Path, **how: Any) -> Sealed:
    return seal_bundle(folder / "core.onnx", STAMP, show=silent, **how)


def asked(model: Path) -> tuple[Finding, tuple[Drift, ...]]:
    (finding,), drifts = check_canaries(model)
    return finding, drifts


def save_weight(model: Path, name: str, change: Any) -> None:
    """Put `change(weight)` in place of a weight of a model; its manifest stays."""
    graph = onnx.load(model)
    (tensor,) = [tensor for tensor in graph.graph.initializer if tensor.name == name]
    tensor.CopyFrom(numpy_helper.from_array(change(numpy_helper.to_array(tensor).copy()), name))
    bundles.save(graph, model)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = bundles.build(tmp_path)
    sealed(tmp_path)
    return path


def test_a_model_as_sealed_answers_its_canaries_to_the_last_bit(model: Path) -> None:
    finding, drifts = asked(model)
    assert finding.holds
    assert finding.checked
    assert [drift.canary for drift in drifts] == ["sweep", "drawn"]
    assert all(drift.apart.max_abs == 0 and drift.apart.cosine == 1 for drift in drifts)
    assert [drift.limit for drift in drifts] == [SAME, SAME]


def test_sealing_twice_gives_the_same_file(model: Path) -> None:
    file = model.with_name("core.onnx.canaries.npz")
    first = file.read_bytes()
    sealed(model.parent)
    assert file.read_bytes() == first


def test_a_damaged_weight_shows_as_a_number(model: Path) -> None:
    def damage(weight: np.ndarray) -> np.ndarray:
        weight[3, 5] += 0.25
        return weight

    save_weight(model, "weight", damage)
    finding, drifts = asked(model)
    assert not finding.holds
    # Row 3 meets the last code of the sweep, 15 of 0, 5, 10, 15: 0.25 x 15.
    assert drifts[0].apart.max_abs == pytest.approx(3.75)
    assert "sweep" in finding.detail
    assert "3.8e+00 at most" in finding.detail


def test_answers_that_are_not_finite_are_a_breach_without_a_number(model: Path) -> None:
    save_weight(model, "bias", lambda bias: bias * np.float32("nan"))
    finding, drifts = asked(model)
    assert not finding.holds
    assert "24 NaN or infinite" in finding.detail
    assert drifts == ()


def test_a_variant_keeps_the_canaries_of_its_model_and_is_held_to_its_own_limit(
    model: Path,
) -> None:
    save_weight(model, "weight", lambda weight: weight * np.float32(1.01))

    def of_another(manifest: dict[str, Any]) -> None:
        manifest["canaries"] |= {"of": "first.onnx", "tolerance": {"same": 0.02, "other": 0.02}}

    bundles.edit_manifest(model.parent, of_another)
    sealed(model.parent, anyway=True)
    finding, drifts = asked(model)
    assert finding.holds
    assert "first.onnx gave the stored answers" in finding.detail
    assert {(drift.of, drift.limit) for drift in drifts} == {("first.onnx", 0.02)}
    assert all(0.005 < drift.apart.relative < 0.02 for drift in drifts)


def test_on_another_processor_the_wider_limit_counts(model: Path) -> None:
    def elsewhere(manifest: dict[str, Any]) -> None:
        manifest["canaries"] |= {"level": "abacus", "tolerance": {"same": 0.0, "other": 0.5}}

    bundles.edit_manifest(model.parent, elsewhere)
    assert {drift.limit for drift in asked(model)[1]} == {0.5}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        pytest.param(lambda file: file.unlink(), "No such file", id="absent"),
        pytest.param(lambda file: file.write_bytes(b"PK"), "expected sha256", id="changed"),
    ],
)
def test_a_file_of_canaries_that_is_not_the_sealed_one_is_a_breach(
    model: Path, spoil: Any, words: str
) -> None:
    spoil(model.with_name("core.onnx.canaries.npz"))
    finding, _ = asked(model)
    assert not finding.holds
    assert words in finding.detail


def test_without_canaries_the_rule_is_not_checked_and_says_how_to_get_some(model: Path) -> None:
    sealed(model.parent, canaries=False)
    finding, _ = asked(model)
    assert finding.holds
    assert not finding.checked
    assert f"harness seal {model}" in finding.detail


def test_a_model_that_refuses_its_codes_is_sealed_without_canaries_and_told_so(
    tmp_path: Path,
) -> None:
    bundles.build(tmp_path)
    bundles.edit_manifest(tmp_path, lambda m: m["contract"]["input"].update(name="codes"))
    done = sealed(tmp_path)
    assert done.written
    (told,) = [f for f in done.findings if f.rule == "canaries_are_taken"]
    assert told.holds
    assert not told.checked
    assert "canaries" not in json.loads(done.manifest.read_text())


def test_codes_of_real_speech_become_canaries_and_stay_when_sealed_again(model: Path) -> None:
    given = model.with_name("speech.npy")
    np.save(given, np.ones((2, *bundles.CODES), np.int32))
    sealed(model.parent, codes=given)
    sealed(model.parent)
    assert [d.canary for d in asked(model)[1]] == ["sweep", "drawn", "speech 0", "speech 1"]


@pytest.mark.parametrize(
    ("array", "words"),
    [
        pytest.param(np.zeros((1, 2, 5), np.int64), r"found int64 \[1, 2, 5\]", id="shape"),
        pytest.param(np.zeros(bundles.CODES, np.float32), "others than these", id="dtype"),
        pytest.param(np.full(bundles.CODES, 16), "from 0 to 15", id="beyond the codebook"),
        pytest.param(np.full(bundles.CODES, -1), "from 0 to 15", id="negative"),
    ],
)
def test_codes_that_no_contract_allows_are_an_error(
    tmp_path: Path, array: np.ndarray, words: str
) -> None:
    np.save(tmp_path / "codes.npy", array)
    with pytest.raises(BundleError, match=words):
        codes_in(tmp_path / "codes.npy", contract_of(bundles.CONTRACT))


def test_too_many_canaries_are_an_error(model: Path) -> None:
    given = model.with_name("speech.npy")
    np.save(given, np.zeros((MOST, *bundles.CODES), np.int64))
    with pytest.raises(BundleError, match=f"expected {MOST} canaries at most"):
        sealed(model.parent, codes=given)


def test_a_limit_that_is_no_number_is_an_error_that_names_it(model: Path) -> None:
    bundles.edit_manifest(
        model.parent, lambda m: m["canaries"].update(tolerance={"same": -1, "other": 1})
    )
    with pytest.raises(BundleError, match="'tolerance' of 'canaries'"):
        read_manifest(model)


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        ("avx avx2 fma", "avx2"),
        ("avx avx2 fma avx_vnni", "avx_vnni"),
        ("avx2 fma avx512f avx512bw avx512_vnni", "avx512_vnni"),
        ("avx512f avx512bw avx512_vnni amx_tile amx_int8", "amx"),
        ("asimd", ""),
    ],
)
def test_a_processor_is_known_by_its_best_instructions(flags: str, name: str) -> None:
    assert level_of(set(flags.split())) == name


def test_this_machine_has_a_level() -> None:
    assert level()


def test_more_than_canaries_hold_is_not_unpacked(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("harness.integrity.canaries.MOST_BYTES", 100)
    finding, _ = asked(model)
    assert not finding.holds
    assert "more than 100" in finding.detail
