"""Every planted defect is found and named; no healthy bundle is alarmed at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.faults import Result, tried
from harness.integrity.bundle import Bundle, OnnxFile, read_bundle
from harness.integrity.disk import holes, no_stray_data_files
from harness.integrity.layout import gaps_are_named, tensors_do_not_overlap
from harness.integrity.opinions import why_checker_is_wrong
from harness.integrity.rules import NAMES, QUICK_RULES
from harness.integrity.version_rules import operators_are_known
from tests.integrity import healthy, table
from tests.integrity import planting as p
from tests.integrity.defect import Defect, defect
from tests.integrity.looking import CHECKER, RUNTIME, look
from tests.integrity.oddities import ODDITIES

# Healthy bundles that something is said of all the same.
NOTED = {
    "in_sparse": {"onnx_checker_accepts", "disagreements_are_named"},
    "shared_data": {"no_trailing_bytes"},
    "zeros_and_sealed": {"no_holes", "worth_knowing", "tensors_match_manifest"},
    "build": {"tensors_match_manifest"},  # its manifest is older than the digests of tensors
}


@pytest.mark.parametrize("defect", table.DEFECTS, ids=lambda defect: defect.title)
def test_a_defect_breaks_its_rule_and_is_named(tmp_path: Path, defect: Defect) -> None:
    (row,) = tried([defect], tmp_path)
    assert row.result is Result.CAUGHT, row.seen


@pytest.mark.parametrize("oddity", ODDITIES, ids=lambda oddity: oddity.title)
def test_an_oddity_is_named_and_no_alarm(tmp_path: Path, oddity: Defect) -> None:
    (row,) = tried([oddity], tmp_path)
    assert row.result is Result.CAUGHT, row.seen
    assert not row.sight.alarms


def test_no_healthy_bundle_is_alarmed_at(tmp_path: Path) -> None:
    rows = list(tried(table.healthy_bundles(), tmp_path))
    assert {row.fault.title: row.seen for row in rows if row.result is not Result.QUIET} == {}
    assert len(rows) > 100  # those of onnx are there, and are not passed over as refused


@pytest.mark.parametrize("build", healthy.MADE, ids=lambda build: build.__name__)
def test_what_is_plain_about_a_healthy_bundle_is_not_noted(
    tmp_path: Path, build: Callable[[Path], Path]
) -> None:
    noted = set(look(build(tmp_path)).notes) - {CHECKER, RUNTIME}
    assert noted == NOTED.get(build.__name__, set())


def test_every_rule_of_the_bundle_is_broken_or_noted_by_something_planted() -> None:
    covered = {rule for one in (*table.DEFECTS, *ODDITIES) for rule in (*one.expect, *one.notes)}
    tested_elsewhere = {
        *("files_are_present", "manifest_covers_bundle", "disagreements_are_named"),
        "bytes_are_readable",
    }
    assert set(NAMES) == covered | tested_elsewhere


def test_the_table_ends_with_1_where_a_defect_is_missed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    none = defect(title="no defect", plant=p.write, rule="no_holes", names=("first",))
    monkeypatch.setattr(table, "DEFECTS", (none,))
    monkeypatch.setattr(table, "healthy_bundles", lambda: iter(()))
    assert table.main() == 1
    assert "| 1 | no defect | accepts | loads | MISSED | no_holes |" in capsys.readouterr().out


def test_quick_rules_read_no_weight(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("harness.integrity.disk.sha256", _never)
    monkeypatch.setattr("harness.integrity.scan.scan_file", _never)
    bundle = read_bundle(p.write(tmp_path))
    assert [
        message for rule in QUICK_RULES for message in rule(bundle) if "No" not in message
    ] == []


@pytest.mark.parametrize(
    ("start", "explained"),
    [
        pytest.param(65_536, True, id="the granularity of Windows"),
        pytest.param(4096, True, id="a page"),
        pytest.param(128, True, id="the next multiple of 128 after 100"),
        pytest.param(104, True, id="the next multiple of 8 after 100"),
        pytest.param(100, True, id="no gap"),
        pytest.param(120, False, id="a multiple of 8, and two of them were passed"),
        pytest.param(131_072, False, id="no writer skips more than the granularity"),
    ],
)
def test_a_gap_is_padding_where_an_alignment_explains_it(
    tmp_path: Path, start: int, explained: bool
) -> None:
    tensors = [
        p.external("one", p.BYTE, [100], offset=0, length=100),
        p.external("two", p.BYTE, [4], offset=start, length=4),
    ]
    (tmp_path / p.DATA).write_bytes(bytes(start + 4))
    bundle = read_bundle(p.keep(tmp_path, p.summing(tensors)))
    assert (list(gaps_are_named(bundle)) == []) is explained


def test_two_tensors_within_a_third_are_both_named(tmp_path: Path) -> None:
    tensors = [
        p.external(name, p.BYTE, [stop - start], offset=start, length=stop - start)
        for name, start, stop in (("all", 0, 400), ("one", 64, 128), ("two", 256, 320))
    ]
    (tmp_path / p.DATA).write_bytes(bytes(400))
    breaches = list(tensors_do_not_overlap(read_bundle(p.keep(tmp_path, p.summing(tensors)))))
    assert ["'one'" in breaches[0], "'two'" in breaches[1], len(breaches)] == [True, True, 2]
    assert all("'all' at bytes 0 to 400" in said for said in breaches)


def test_a_data_file_of_another_model_in_the_folder_is_no_stranger(tmp_path: Path) -> None:
    path = p.keep(tmp_path, p.summing([p.inside("w", p.FLOAT, [4])]))
    (tmp_path / p.DATA).write_bytes(bytes(16))
    assert "holds all its tensors itself" in next(no_stray_data_files(read_bundle(path)))
    other = p.external("w", p.FLOAT, [4], offset=0, length=16)
    p.keep(tmp_path, p.summing([other]), "other.onnx")
    assert list(no_stray_data_files(read_bundle(path))) == []


def test_holes_are_where_nothing_was_written(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with path.open("wb") as file:
        file.seek(8192)
        file.write(bytes(4096))
        file.truncate(20_480)
    assert list(holes(path)) == [(0, 8192), (12_288, 20_480)]
    path.write_bytes(b"")
    assert list(holes(path)) == []


def test_an_operator_inside_a_branch_of_a_function_is_looked_at(tmp_path: Path) -> None:
    made = p.calling(p.inside("w", p.FLOAT, [4]))
    inner = p.branches(p.inside("w", p.FLOAT, [4])).graph.node[0]
    inner.attribute[0].g.node[0].op_type = "Nonesuch"
    made.functions[0].node.append(inner)
    (breach,) = operators_are_known(read_bundle(p.keep(tmp_path, made)))
    assert "Nonesuch" in breach


def test_a_link_does_not_excuse_another_fault(tmp_path: Path) -> None:
    path = p.write(tmp_path)
    (tmp_path / "other").hardlink_to(tmp_path / p.DATA)
    assert why_checker_is_wrong(_first(path)).startswith("It refuses every link")
    p.edit_graph(tmp_path, lambda graph: graph.initializer.append(graph.initializer[0]))
    assert why_checker_is_wrong(_first(path)) == ""


def test_where_the_two_disagree_the_finding_says_which_and_why(tmp_path: Path) -> None:
    path = p.write(tmp_path)
    p.edit_data(tmp_path, lambda content: content[:-1])
    said = look(path).notes["disagreements_are_named"]
    assert "onnx.checker accepts what onnxruntime does not load" in said
    assert "tensor 'third' is at bytes 8704 to 8768 of m.onnx.data; found 8767 bytes" in said


def _never(_: Path) -> str:
    raise AssertionError("a weight was read")


def _first(path: Path) -> OnnxFile:
    bundle: Bundle = read_bundle(path)
    return bundle.onnx_files[0]
