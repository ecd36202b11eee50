"""Each planted fault is found by its own rule; a healthy bundle passes them all."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.errors import BundleError
from harness.integrity.bundle import read_bundle
from harness.integrity.external_data import tensors_begin_inside_file, tensors_inside_file
from harness.integrity.read_rules import READ_RULES
from harness.integrity.rule import SHOWN, NotChecked, Note, findings
from harness.integrity.rules import NAMES, RULES, check_bundle
from tests.integrity import bundles

Fault = Callable[[Path], None]

# Fault, the rules that it breaks (exactly these), and words of the message of the first.
FAULTS: list[tuple[Fault, list[str], str]] = [
    (
        bundles.no_data,
        [
            "data_files_are_present",
            "files_are_present",
            "onnx_checker_accepts",
            "onnxruntime_loads",
        ],
        "keeps 2 tensors in it, first 'weight'",
    ),
    (
        bundles.truncated,
        [
            "tensors_inside_file",
            "sizes_match_manifest",
            "digests_match_manifest",
            "onnxruntime_loads",
        ],
        "tensor 'bias' is at bytes 768 to 864 of core.onnx.data; found 859 bytes, 5 short",
    ),
    (
        bundles.trailing,
        ["no_trailing_bytes", "sizes_match_manifest", "digests_match_manifest"],
        "tensor 'bias' ends at byte 864; found 871 bytes, 7 that no tensor refers to",
    ),
    (bundles.bit_flip, ["digests_match_manifest"], "core.onnx.data: expected sha256"),
    (
        bundles.offset_outside,
        ["tensors_begin_inside_file", "onnxruntime_loads"],
        "tensor 'weight' is at bytes 100000 to 100768",
    ),
    (
        bundles.negative_offset,
        ["data_ranges_are_numbers", "onnxruntime_loads"],
        "tensor 'weight': offset is '-4'",
    ),
    (
        bundles.short_length,
        ["lengths_fit_shapes", "onnxruntime_loads"],
        "8 x 24 of float32 needs 768 bytes; found a length of 764 at byte 0",
    ),
    (
        bundles.absolute_path,
        ["data_locations_are_relative", "onnx_checker_accepts", "onnxruntime_loads"],
        "tensor 'weight' is stored at the absolute path '/",
    ),
    (
        bundles.parent_path,
        ["data_locations_stay_inside", "onnx_checker_accepts"],
        "tensor 'weight' is stored at '../",
    ),
    (
        bundles.tokenizer_cut,
        [
            "graphs_are_readable",
            "sizes_match_manifest",
            "digests_match_manifest",
            "onnx_checker_accepts",
            "onnxruntime_loads",
        ],
        "tokenizer.onnx: not an ONNX model",
    ),
    (
        bundles.no_decoder,
        ["files_are_present", "graphs_are_readable", "onnx_checker_accepts", "onnxruntime_loads"],
        "decoder.onnx: no such file; the manifest names it",
    ),
    (bundles.no_language_model, ["files_are_present"], "language_model.npz: no such file"),
    (
        bundles.unknown_operator,
        ["operators_are_known", "onnx_checker_accepts", "onnxruntime_loads"],
        "does not know Nonesuch of ai.onnx 17",
    ),
    (bundles.shapes_disagree, ["onnx_checker_accepts"], "(8) vs (9)"),
    (bundles.unlisted_data, ["manifest_covers_bundle"], "core.onnx.data: not in 'files'"),
]


def test_a_healthy_bundle_keeps_every_rule(tmp_path: Path) -> None:
    found = check_bundle(bundles.build(tmp_path))
    assert [finding.rule for finding in found] == list(NAMES)
    assert [finding for finding in found if not finding.holds or not finding.checked] == []
    noted = {finding.rule: finding.detail for finding in found if finding.detail}
    assert noted.keys() == {"tensors_match_manifest"}
    assert "names no tensors" in noted["tensors_match_manifest"]


def test_a_file_that_cannot_be_read_is_told_and_its_bytes_are_not_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = bundles.build(tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise BundleError("core.onnx.data: cannot be read: Permission denied.")

    monkeypatch.setattr("harness.integrity.tensors.scan_file", fail)
    found = {finding.rule: finding for finding in check_bundle(model)}
    assert "Permission denied" in found["bytes_are_readable"].detail
    unchecked = {rule for rule, finding in found.items() if not finding.checked}
    assert unchecked == {rule.__name__ for rule in READ_RULES} - {"bytes_are_readable"}


@pytest.mark.parametrize(
    ("fault", "broken", "words"), FAULTS, ids=[fault.__name__ for fault, *_ in FAULTS]
)
def test_a_planted_fault_breaks_its_own_rule_and_no_other(
    tmp_path: Path, fault: Fault, broken: list[str], words: str
) -> None:
    model = bundles.build(tmp_path)
    fault(tmp_path)
    found = {finding.rule: finding for finding in check_bundle(model)}
    assert {rule for rule, finding in found.items() if not finding.holds} == set(broken)
    assert words in found[broken[0]].detail


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bundles.build(tmp_path_factory.mktemp("whole"))


@settings(max_examples=30, deadline=None)
@given(kept=st.integers(min_value=0, max_value=bundles.WEIGHT_BYTES + bundles.BIAS_BYTES - 1))
def test_a_data_file_cut_anywhere_is_found(whole: Path, kept: int) -> None:
    data = whole.with_name("core.onnx.data")
    content = data.read_bytes()
    try:
        data.write_bytes(content[:kept])
        bundle = read_bundle(whole)
        breaches = [*tensors_begin_inside_file(bundle), *tensors_inside_file(bundle)]
    finally:
        data.write_bytes(content)
    assert len(breaches) == (1 if kept >= bundles.WEIGHT_BYTES else 2)


def test_a_fault_in_another_graph_of_the_bundle_is_found_too(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    (tmp_path / "tokenizer.onnx.data").write_bytes(b"\0" * 60)
    found = {finding.rule: finding for finding in check_bundle(model)}
    assert "tokenizer.onnx: tensor 'kernel'" in found["tensors_inside_file"].detail


def test_without_a_manifest_digests_are_a_doubt_and_not_a_failure(tmp_path: Path) -> None:
    model = bundles.build(tmp_path)
    bundles.no_manifest(tmp_path)
    found = {finding.rule: finding for finding in check_bundle(model)}
    assert all(finding.holds for finding in found.values())
    assert {rule for rule, finding in found.items() if not finding.checked} == {
        "files_are_present",
        "manifest_covers_bundle",
        "sizes_match_manifest",
        "digests_match_manifest",
        "tensors_match_manifest",
    }
    assert "there is no core.onnx.manifest.json" in found["digests_match_manifest"].detail


def test_a_missing_model_is_an_error_that_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"core\.onnx: no such model file. Build or download"):
        check_bundle(tmp_path / "core.onnx")


@pytest.mark.parametrize("content", [b"", b"a text file", b"\x08\x08"])
def test_an_unreadable_model_is_a_finding(tmp_path: Path, content: bytes) -> None:
    model = bundles.build(tmp_path)
    model.write_bytes(content)
    found = {finding.rule: finding for finding in check_bundle(model)}
    assert "core.onnx: not an ONNX model" in found["graphs_are_readable"].detail
    assert not found["onnxruntime_loads"].holds


def test_every_rule_has_a_sentence_and_a_name_of_its_own() -> None:
    names = [rule.__name__ for rule in RULES]
    assert len(set(names)) == len(names)
    for rule in RULES:
        assert (rule.__doc__ or "").splitlines()[0].endswith(".")


def test_a_finding_spells_out_a_few_breaches_and_counts_the_rest() -> None:
    def numbers(count: int) -> list[str]:
        """Nothing is counted."""
        return [f"{i}!" for i in range(count)]

    (finding,) = findings([numbers], SHOWN + 2, area="integrity")
    assert finding.detail == "0! 1! And 2 more."
    assert finding.title == "Nothing is counted."


def test_a_breach_outweighs_what_could_not_be_checked() -> None:
    def half(_: None) -> list[str]:
        """Half of it is known."""
        return ["broken.", NotChecked("Not checked: dark.")]

    (finding,) = findings([half], None, area="contract")
    assert (finding.holds, finding.checked, finding.detail) == (False, True, "broken.")


def test_a_note_is_said_and_the_rule_holds() -> None:
    def odd(_: None) -> list[str]:
        """Odd things are named."""
        return [Note("Note: odd."), Note("Note: odd.")]

    (finding,) = findings([odd], None, area="integrity")
    assert (finding.holds, finding.checked, finding.detail) == (True, True, "Note: odd.")


def test_a_note_does_not_hide_that_a_part_was_not_checked() -> None:
    def half(_: None) -> list[str]:
        """Half of it is known."""
        return [Note("Note: odd."), NotChecked("Not checked: dark.")]

    (finding,) = findings([half], None, area="integrity")
    assert (finding.holds, finding.checked, finding.detail) == (True, False, "Not checked: dark.")
