"""Facts, files and fingerprint of a bundle."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from harness.errors import BundleError
from harness.integrity.bundle import bundle_facts, bundle_files, bundle_fingerprint
from harness.integrity.graph import stored_tensors
from harness.untrusted import is_inside
from tests.integrity import bundles


def test_facts_of_a_bundle_are_what_was_built(tmp_path: Path) -> None:
    facts = bundle_facts(bundles.build(tmp_path))
    assert facts["opsets"] == {"ai.onnx": 17}
    assert facts["ir_version"] == 8
    assert facts["operators"] == {"Reshape": 2, "Cast": 1, "MatMul": 1, "Add": 1}
    assert facts["inputs"] == [{"name": "audio_codes", "dtype": "int64", "shape": [1, 2, 4]}]
    assert facts["outputs"] == [{"name": "mel_features", "dtype": "float32", "shape": [1, 3, 8]}]
    assert facts["parameters"] == 8 * 24 + 24 + 2 + 3
    assert facts["initializers"][1] == {
        "name": "bias",
        "dtype": "float32",
        "shape": [24],
        "bytes": bundles.BIAS_BYTES,
        "location": "core.onnx.data",
        "offset": bundles.WEIGHT_BYTES,
        "length": bundles.BIAS_BYTES,
    }
    assert facts["files"]["core.onnx.data"] == bundles.WEIGHT_BYTES + bundles.BIAS_BYTES
    assert facts["parts"]["tokenizer"]["operators"] == {"MatMul": 1}
    assert facts["manifest"]["name"] == "tiny"


def test_facts_can_be_written_as_json(tmp_path: Path) -> None:
    facts = bundle_facts(bundles.build(tmp_path))
    assert json.loads(json.dumps(facts)) == facts


def test_facts_are_read_without_the_data_file(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    bundles.no_data(tmp_path)
    assert bundle_facts(model)["parameters"] == 8 * 24 + 24 + 2 + 3


def test_a_bundle_without_manifest_is_its_graph_and_data(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    bundles.no_manifest(tmp_path)
    assert [path.name for path in bundle_files(model)] == ["core.onnx", "core.onnx.data"]
    assert bundle_facts(model)["manifest"] is None


def test_a_bundle_with_manifest_is_all_that_it_names_and_itself(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    (tmp_path / "unrelated.txt").write_text("not of the bundle")
    assert [path.name for path in bundle_files(model)] == [
        "core.onnx",
        "core.onnx.data",
        "core.onnx.manifest.json",
        "decoder.onnx",
        "language_model.npz",
        "tokenizer.onnx",
        "tokenizer.onnx.data",
    ]


def test_the_fingerprint_is_about_bytes_and_names_not_folder_or_order(tmp_path: Path) -> None:
    files = bundle_files(bundles.build(_folder(tmp_path / "a")))
    copy = bundle_files(Path(shutil.copytree(tmp_path / "a", tmp_path / "b")) / "core.onnx")
    assert bundle_fingerprint(files) == bundle_fingerprint(reversed(copy))


@pytest.mark.parametrize("name", ["core.onnx", "core.onnx.data", "language_model.npz"])
def test_one_flipped_bit_in_any_file_changes_the_fingerprint(tmp_path: Path, name: str) -> None:
    files = bundle_files(bundles.build(tmp_path))
    before = bundle_fingerprint(files)
    bundles.bit_flip(tmp_path, name)
    assert bundle_fingerprint(files) != before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(None, "no such model file", id="absent"),
        pytest.param(b"", "0 bytes", id="empty"),
        pytest.param(b"this is a text file\n", "not an ONNX model", id="text"),
        pytest.param(b"\x08\x08", "it holds no graph", id="a proto without a graph"),
    ],
)
def test_a_file_that_is_no_model_is_one_clear_line(
    tmp_path: Path, content: bytes | None, expected: str
) -> None:
    if content is not None:
        (tmp_path / "core.onnx").write_bytes(content)
    with pytest.raises(BundleError, match=expected) as refusal:
        bundle_facts(tmp_path / "core.onnx")
    assert "core.onnx" in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_folder_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="expected a model file, found a folder"):
        bundle_facts(tmp_path)


@pytest.mark.parametrize(
    ("manifest", "expected"),
    [
        pytest.param("{", "not a readable JSON file", id="not JSON"),
        pytest.param("[]", "expected \"format\": 1 or 2, found 'list'", id="not an object"),
        pytest.param('{"format": 3}', 'expected "format": 1 or 2, found 3', id="another format"),
        pytest.param('{"format": 1}', "the key 'files' is missing", id="no files"),
        pytest.param(
            '{"format": 1, "files": {"../x": {"bytes": 1, "sha256": "0"}}}',
            "'../x' is not a path inside",
            id="a file outside",
        ),
        pytest.param(
            '{"format": 1, "files": {}, "tokenizer": "/etc/passwd"}',
            "'/etc/passwd' is not a path inside",
            id="a part outside",
        ),
        pytest.param(
            '{"format": 1, "files": {}, "contract": {"codebook_size": 0}}',
            "'codebook_size' is 1 or more, got 0",
            id="no codes",
        ),
    ],
)
def test_a_broken_manifest_is_named(tmp_path: Path, manifest: str, expected: str) -> None:
    model = bundles.build(tmp_path)
    (tmp_path / "core.onnx.manifest.json").write_text(manifest)
    with pytest.raises(BundleError, match=expected) as refusal:
        bundle_files(model)
    assert "core.onnx.manifest.json" in str(refusal.value)


@pytest.mark.parametrize(
    ("location", "inside"),
    [
        ("model.data", True),
        ("weights/model.data", True),
        ("..data", True),
        ("", False),
        ("/etc/passwd", False),
        ("../model.data", False),
        ("weights/../../model.data", False),
        ("C:\\model.data", False),
        ("..\\model.data", False),
    ],
)
def test_a_path_is_inside_its_folder_or_not(location: str, inside: bool) -> None:
    assert is_inside(location) is inside


def test_tensors_of_subgraphs_and_constants_are_listed() -> None:
    inner = helper.make_graph(
        [helper.make_node("Identity", ["w"], ["y"])],
        "inner",
        [],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2])],
        [numpy_helper.from_array(np.zeros(2, np.float32), "w")],
    )
    constant = numpy_helper.from_array(np.array(True), "flag")
    nodes = [
        helper.make_node("Constant", [], ["condition"], value=constant),
        helper.make_node("If", ["condition"], ["out"], then_branch=inner, else_branch=inner),
    ]
    model = helper.make_model(helper.make_graph(nodes, "outer", [], []))
    assert [tensor.name for tensor in stored_tensors(model)] == ["flag", "w", "w"]


@pytest.mark.parametrize(
    ("dtype", "elements", "expected"),
    [
        pytest.param(TensorProto.FLOAT, 3, 12, id="four bytes each"),
        pytest.param(TensorProto.BFLOAT16, 3, 6, id="no numpy dtype of its own"),
        pytest.param(TensorProto.FLOAT8E4M3FN, 3, 3, id="one byte each"),
        pytest.param(TensorProto.INT4, 3, 2, id="packed in pairs, rounded up"),
        pytest.param(TensorProto.UINT2, 5, 2, id="packed by four, rounded up"),
        pytest.param(TensorProto.BOOL, 3, 3, id="a byte each"),
        pytest.param(TensorProto.STRING, 3, None, id="strings have no fixed size"),
        pytest.param(99, 3, None, id="a dtype of the future"),
    ],
)
def test_bytes_by_shape_follow_the_dtype(dtype: int, elements: int, expected: int | None) -> None:
    model = helper.make_model(helper.make_graph([], "g", [], []))
    model.graph.initializer.add(name="w", dims=[elements], data_type=TensorProto.FLOAT)
    model.graph.initializer[0].data_type = dtype
    (tensor,) = stored_tensors(model)
    assert tensor.bytes_by_shape == expected


def _folder(path: Path) -> Path:
    path.mkdir()
    return path
