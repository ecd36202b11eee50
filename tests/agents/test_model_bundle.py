"""The files of a model, and what is said when one is missing or wrong."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.bundle import external_files, read_bundle
from agents.errors import ManifestError, ModelFileNotFoundError, ModelFileSizeError

MakeBundle = Callable[..., Path]


@pytest.fixture
def model(make_bundle: MakeBundle) -> Path:
    return make_bundle().parents[1] / "models/core.onnx"


def change(model: Path, /, **keys: Any) -> None:
    """Overwrite keys of the manifest of `model`; None removes one."""
    path = model.with_name(f"{model.name}.manifest.json")
    document = {**json.loads(path.read_text()), **keys}
    kept = {key: value for key, value in document.items() if value is not None}
    path.write_text(json.dumps(kept))


def test_a_whole_bundle_is_read(model: Path) -> None:
    bundle = read_bundle(model)
    data = model.with_name("core.onnx.data")
    assert bundle.weights == model.stat().st_size + data.stat().st_size
    assert bundle.manifest is not None
    assert bundle.manifest.tokenizer == model.with_name("tokenizer.onnx")
    assert bundle.manifest.text_decoder == model.with_name("decoder.onnx")
    assert bundle.manifest.output_shape == (1, 115, 1024)


def test_the_graph_itself_says_where_its_weights_are(model: Path) -> None:
    assert external_files(model) == [model.with_name("core.onnx.data")]


def test_a_model_without_a_manifest_is_a_model_only(make_bundle: MakeBundle) -> None:
    bundle = read_bundle(make_bundle(manifest=False).parents[1] / "models/core.onnx")
    assert bundle.manifest is None
    assert bundle.weights > 0


def test_an_absent_model_is_a_file_not_found_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as caught:
        read_bundle(tmp_path / "gone.onnx")
    assert isinstance(caught.value, ModelFileNotFoundError)
    assert f"Model file not found: {tmp_path}/gone.onnx." in str(caught.value)
    assert "model_path" in str(caught.value)


@pytest.mark.parametrize("manifest", [True, False])
def test_absent_external_data_is_named(manifest: bool, make_bundle: MakeBundle) -> None:
    model = make_bundle(manifest=manifest).parents[1] / "models/core.onnx"
    model.with_name("core.onnx.data").unlink()
    with pytest.raises(ModelFileNotFoundError, match=r"not found: .*core\.onnx\.data\. .*again"):
        read_bundle(model)


@pytest.mark.parametrize(
    "name", ["core.onnx.data", "tokenizer.onnx", "decoder.onnx", "language_model.npz"]
)
def test_every_file_of_the_manifest_must_be_there(name: str, model: Path) -> None:
    model.with_name(name).unlink()
    with pytest.raises(ModelFileNotFoundError, match=rf"{name}.*https://example\.org/tiny"):
        read_bundle(model)


def test_a_truncated_file_is_named_with_both_sizes(model: Path) -> None:
    data = model.with_name("core.onnx.data")
    whole = data.read_bytes()
    data.write_bytes(whole[:-1])
    with pytest.raises(ModelFileSizeError) as caught:
        read_bundle(model)
    assert f"expected {len(whole)} bytes, got {len(whole) - 1}" in str(caught.value)
    assert str(data) in str(caught.value)
    digest = hashlib.sha256(whole).hexdigest()
    assert f"again from https://example.org/tiny (sha256 {digest})." in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"format": 3}, "expected format 1 or 2, got 3"),
        ({"format": None}, "expected format 1 or 2, got None"),
        ({"tokenizer": None}, "tokenizer missing"),
        ({"symbols": None}, "symbols missing"),
        ({"model": "other.onnx"}, "expected model core.onnx, got other.onnx"),
        ({"tokenizer": "elsewhere.onnx"}, "elsewhere.onnx not among its files"),
        ({"files": []}, "files must state the bytes of each"),
        ({"files": {"core.onnx": {}}}, "files must state the bytes of each"),
        ({"contract": {}}, "contract lacks or misstates 'input'"),
        ({"contract": 3}, "contract lacks or misstates"),
    ],
)
def test_a_wrong_manifest_is_named_with_its_key(
    keys: dict[str, Any], said: str, model: Path
) -> None:
    change(model, **keys)
    with pytest.raises(ManifestError) as caught:
        read_bundle(model)
    assert "core.onnx.manifest.json" in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize("name", ["/etc/hostname", "../secret", "a/../../secret"])
def test_a_manifest_names_no_file_outside_its_folder(name: str, model: Path) -> None:
    files = json.loads(model.with_name("core.onnx.manifest.json").read_text())["files"]
    change(model, files={**files, name: {"bytes": 1}})
    with pytest.raises(ManifestError, match="expected files beside it"):
        read_bundle(model)


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff", b""])
def test_a_manifest_that_is_no_json_object_is_refused(content: bytes, model: Path) -> None:
    model.with_name("core.onnx.manifest.json").write_bytes(content)
    with pytest.raises(ManifestError, match=r"core\.onnx\.manifest\.json: expected"):
        read_bundle(model)


@pytest.mark.parametrize("value", [None, [], {}, 7])
def test_a_part_that_is_no_name_is_refused(tmp_path: Path, value: object) -> None:
    model = tmp_path / "core.onnx"
    model.write_bytes(b"graph")
    parts = {"model": model.name, "tokenizer": value, "text_decoder": "a", "language_model": "a"}
    document = {**parts, "format": 2, "files": {"a": {"bytes": 1}}, "contract": {}, "symbols": []}
    model.with_name("core.onnx.manifest.json").write_text(json.dumps(document))
    with pytest.raises(ManifestError, match="tokenizer must name a file"):
        read_bundle(model)


@pytest.mark.parametrize("name", ["../core.onnx.data", "/core.onnx.data0", "a/../../core.data"])
def test_a_graph_names_no_file_outside_its_folder(model: Path, name: str) -> None:
    entry = b"\x0a\x08location\x12"
    model.write_bytes(entry + bytes([len(name)]) + name.encode())
    with pytest.raises(ManifestError, match="expected files beside it"):
        external_files(model)
