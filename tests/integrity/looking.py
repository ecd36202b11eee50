"""What onnx.checker, onnxruntime and this project say of a bundle."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.faults import Sight
from harness.integrity.bundle import read_bundle
from harness.integrity.opinions import can_be_asked
from harness.integrity.rules import check
from harness.records import Finding

CHECKER, RUNTIME = "onnx.checker", "onnxruntime"  # notes of what they say

# Rules that need a manifest: a bundle without one leaves them open, which is no alarm.
OPEN_WITHOUT_MANIFEST = {
    "files_are_present",
    "manifest_covers_bundle",
    "sizes_match_manifest",
    "digests_match_manifest",
    "tensors_match_manifest",
}


def look(model: Path) -> Sight:
    """Ask all three about the bundle of `model`: a broken or open rule is an alarm."""
    bundle = read_bundle(model)
    found, first = check(bundle), bundle.onnx_files[0]
    asked = can_be_asked(first)
    said = {
        CHECKER: ("refuses" if first.checker_says else "accepts") if asked else "not asked",
        RUNTIME: ("refuses" if first.runtime_says else "loads") if asked else "not asked",
    }
    notes = {one.rule: one.detail for one in found if one.holds and one.checked and one.detail}
    return Sight(alarms=dict(_alarms(found)), notes={**said, **notes})


def _alarms(found: tuple[Finding, ...]) -> Iterator[tuple[str, str]]:
    for finding in found:
        if not finding.holds:
            yield finding.rule, finding.detail
        elif not finding.checked and finding.rule not in OPEN_WITHOUT_MANIFEST:
            yield f"open: {finding.rule}", finding.detail
