"""Sealing a bundle, and verifying it against the seal."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from blake3 import blake3
from onnx import helper, numpy_helper

from harness.errors import BundleError
from harness.integrity.manifest import Seal, read_manifest
from harness.integrity.seal import seal_bundle
from harness.integrity.verify import Verified, checksum_list, verify_bundle
from harness.progress import silent
from tests.integrity import bundles

STAMP = Seal(by="tests", at="2026-11-25T00:00:00Z", tool="sarai-harness 0")
URL = "https://example.org/tiny"


def seal(model: Path, **how: Any) -> dict[str, Any]:
    return dict(seal_bundle(model, STAMP, show=silent, **how).document)


def verify(model: Path, fast: bool = False) -> Verified:
    return verify_bundle(model, fast=fast, show=silent)


def broken(seen: Verified) -> dict[str, str]:
    return {finding.rule: finding.detail for finding in seen.findings if not finding.holds}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A sealed bundle, with a source."""
    path = bundles.build(tmp_path)
    seal(path, source=URL)
    return path


def flip(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(bytes(content))


def core(model: Path, weight: np.ndarray[Any, Any], external: bool = True) -> None:
    """Write a core of one tensor."""
    graph = helper.make_graph([], "core", [], [], [numpy_helper.from_array(weight, "weight")])
    bundles.save(helper.make_model(graph), model, external)


def test_a_seal_says_what_the_files_are_and_keeps_what_was_said(model: Path) -> None:
    document = json.loads(model.with_name("core.onnx.manifest.json").read_text("utf-8"))
    data = model.with_name("core.onnx.data").read_bytes()
    assert (document["format"], document["source"], document["name"]) == (2, URL, "tiny")
    assert document["contract"] == bundles.CONTRACT
    assert document["sealed"] == {"by": "tests", "at": STAMP.at, "tool": STAMP.tool}
    assert document["files"]["core.onnx.data"]["blake3"] == blake3(data).hexdigest()
    assert document["tensors"][1] == {
        "graph": "core.onnx",
        "name": "bias",
        "dtype": "float32",
        "shape": [24],
        "file": "core.onnx.data",
        "offset": bundles.WEIGHT_BYTES,
        "bytes": bundles.BIAS_BYTES,
        "blake3": blake3(data[bundles.WEIGHT_BYTES :]).hexdigest(),
    }


@pytest.mark.parametrize("fast", [False, True], ids=["whole", "fast"])
def test_a_sealed_bundle_is_whole(model: Path, fast: bool) -> None:
    assert broken(verify(model, fast)) == {}


@pytest.mark.parametrize("fast", [False, True], ids=["whole", "fast"])
def test_one_flipped_bit_names_its_tensor_and_no_other(model: Path, fast: bool) -> None:
    flip(model.with_name("core.onnx.data"), bundles.WEIGHT_BYTES + 5)
    seen = verify(model, fast)
    assert [change.tensor.name for change in seen.changed] == ["bias"]
    assert set(broken(seen)) == {"files_are_those_sealed", "tensors_are_those_sealed"}
    told = broken(seen)["tensors_are_those_sealed"]
    assert "core.onnx.data: tensor 'bias', bytes 768 to 864: expected blake3" in told
    assert f"Download it again from {URL} (sha256 " in broken(seen)["files_are_those_sealed"]


@pytest.mark.parametrize(
    ("spoil", "rule", "said"),
    [
        pytest.param(bundles.no_data, "files_are_present", f"from {URL} (sha256", id="absent"),
        pytest.param(bundles.truncated, "tensors_are_those_sealed", "'bias'", id="truncated"),
        pytest.param(bundles.trailing, "files_are_those_sealed", "864 bytes, found", id="longer"),
        pytest.param(bundles.tokenizer_cut, "files_are_those_sealed", "tokenizer", id="a graph"),
    ],
)
@pytest.mark.parametrize("fast", [False, True], ids=["whole", "fast"])
def test_a_broken_bundle_is_told(
    model: Path, spoil: Callable[[Path], None], rule: str, said: str, fast: bool
) -> None:
    spoil(model.parent)
    assert said in broken(verify(model, fast))[rule]


def test_bytes_of_no_tensor_are_told_as_such(tmp_path: Path) -> None:
    core(model := tmp_path / "core.onnx", np.ones((4, 8), np.float32))
    data = model.with_name("core.onnx.data")
    data.write_bytes(data.read_bytes() + b"\0" * 8)
    seal(model)
    flip(data, -1)
    seen = verify(model)
    assert seen.changed == ()
    told = [f.detail for f in seen.findings if f.rule == "tensors_are_those_sealed"]
    assert told == ["core.onnx.data: no tensor in it changed; the bytes that did belong to none."]


def test_a_tensor_inside_the_graph_is_named_too(tmp_path: Path) -> None:
    core(model := tmp_path / "core.onnx", weight := np.ones((16, 32), np.float32), external=False)
    seal(model)
    weight[3, 3] = 2
    core(model, weight, external=False)
    assert [change.tensor.name for change in verify(model).changed] == ["weight"]


@pytest.mark.parametrize(
    ("weight", "rule"),
    [
        pytest.param([[1.0, np.nan]] * 16, "no_weight_is_nan", id="NaN"),
        pytest.param([[1.0, np.inf]] * 16, "no_weight_is_infinite", id="infinity"),
        pytest.param([[0.0, -np.inf]] * 16, "", id="zeros and infinities are a mask"),
        pytest.param(np.zeros((128, 128)), "no_weight_is_all_zero", id="all zero"),
        pytest.param(np.zeros((16, 2)), "", id="all zero and small: an initial state"),
    ],
)
@pytest.mark.parametrize("external", [True, False], ids=["in a data file", "in the graph"])
def test_a_broken_value_is_found_and_not_sealed(
    tmp_path: Path, weight: Any, rule: str, external: bool
) -> None:
    core(model := tmp_path / "core.onnx", np.array(weight, np.float32), external)
    done = seal_bundle(model, STAMP, show=silent)
    assert [f.rule for f in done.findings if not f.holds] == ([rule] if rule else [])
    assert done.manifest.exists() == done.written == (not rule)
    seal(model, anyway=True)
    assert list(broken(verify(model))) == ([rule] if rule else [])


def test_a_bool_that_is_2_is_found(tmp_path: Path) -> None:
    core(model := tmp_path / "core.onnx", np.ones(64, np.bool_))
    data = model.with_name("core.onnx.data")
    data.write_bytes(b"\2" * 64)
    seal(model, anyway=True)
    assert list(broken(verify(model))) == ["booleans_are_0_or_1"]


def test_denormals_are_worth_knowing_and_no_fault(tmp_path: Path) -> None:
    core(model := tmp_path / "core.onnx", np.full(64, 1e-40, np.float32))
    found = seal_bundle(model, STAMP, show=silent).findings
    (note,) = [finding for finding in found if "are denormal" in finding.detail]
    assert note.holds
    assert "64 of 64 values are denormal" in note.detail


def test_a_damaged_copy_does_not_replace_the_seal(model: Path) -> None:
    flip(model.with_name("core.onnx.data"), 5)
    before = model.with_name("core.onnx.manifest.json").read_bytes()
    done = seal_bundle(model, STAMP, show=silent)
    assert not done.written
    assert [f.rule for f in done.findings if not f.holds] == ["files_are_those_sealed"]
    assert model.with_name("core.onnx.manifest.json").read_bytes() == before
    seal(model, anyway=True)
    assert broken(verify(model)) == {}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(bundles.no_data, "core.onnx.data: no such file", id="no data"),
        pytest.param(bundles.truncated, "expected tensor 'bias' at bytes 768 to 864", id="cut"),
        pytest.param(bundles.tokenizer_cut, "tokenizer.onnx: not an ONNX model", id="no graph"),
        pytest.param(bundles.no_language_model, "language_model.npz: no such file", id="no part"),
    ],
)
def test_only_a_whole_bundle_is_sealed(
    model: Path, spoil: Callable[[Path], None], said: str
) -> None:
    spoil(model.parent)
    with pytest.raises(BundleError) as refusal:
        seal(model)
    assert said in str(refusal.value)


def test_a_manifest_of_format_1_is_read_and_verified_by_sha256(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    (open_,) = [f for f in verify(model).findings if not f.checked]
    assert (open_.rule, "harness seal" in open_.detail) == ("tensors_are_those_sealed", True)
    bundles.bit_flip(tmp_path)
    assert list(broken(verify(model))) == ["files_are_those_sealed"]
    with pytest.raises(BundleError, match=r"no blake3 of .*, which the fast check compares"):
        verify(model, fast=True)


def test_without_a_manifest_there_is_nothing_to_verify_against(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    bundles.no_manifest(tmp_path)
    with pytest.raises(BundleError, match=f"harness seal {model}"):
        verify(model)


def test_an_absent_model_is_told_with_where_to_get_it(model: Path) -> None:
    model.unlink()
    with pytest.raises(BundleError, match=rf"no such model\. Download it again from {URL}"):
        verify(model)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        pytest.param({"offset": -1}, "'offset' of 'weight' is a whole number", id="negative"),
        pytest.param({"bytes": "768"}, "'bytes' of 'weight' is a whole number", id="text"),
        pytest.param({"blake3": "12"}, "is no digest of 64 hex digits", id="digest"),
        pytest.param({"file": "../x"}, "'../x' is not a path inside", id="outside"),
        pytest.param({"shape": [True]}, "'shape' of 'weight' is a whole number", id="shape"),
    ],
)
def test_a_wrong_tensor_of_a_manifest_is_named(
    model: Path, edit: dict[str, Any], said: str
) -> None:
    bundles.edit_manifest(model.parent, lambda manifest: manifest["tensors"][0].update(edit))
    with pytest.raises(BundleError, match=said):
        read_manifest(model)


def test_sha256sum_accepts_the_exported_list(model: Path) -> None:
    odd = model.with_name("odd\\name.txt")
    odd.write_text("x")
    entry = {"bytes": 1, "sha256": hashlib.sha256(b"x").hexdigest()}
    bundles.edit_manifest(model.parent, lambda raw: raw["files"].update({odd.name: entry}))
    manifest = read_manifest(model)
    assert manifest is not None
    sums = checksum_list(manifest)
    done = check_sums(model.parent, sums)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK") == len(manifest.files)
    bundles.bit_flip(model.parent)
    assert "core.onnx.data: FAILED" in check_sums(model.parent, sums).stdout


def check_sums(folder: Path, sums: str) -> subprocess.CompletedProcess[str]:
    command = ["sha256sum", "-c", "--strict"]
    return subprocess.run(command, input=sums, cwd=folder, capture_output=True, text=True)
