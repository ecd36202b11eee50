"""What `onnx.checker`, onnxruntime and this project say of planted defects and healthy bundles.

    python -m tests.integrity.table

Prints a Markdown table. Ends with 1 where a defect is missed, its message does not name what is at
fault, or a healthy bundle is alarmed at.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness.integrity.bundle import read_bundle
from harness.integrity.opinions import can_be_asked
from harness.integrity.rules import check
from harness.records import Finding
from tests.integrity import healthy
from tests.integrity.defect import Defect
from tests.integrity.defects_in_graphs import IN_GRAPHS
from tests.integrity.defects_in_ranges import IN_RANGES
from tests.integrity.defects_in_values import IN_VALUES
from tests.integrity.defects_on_disk import ON_DISK
from tests.integrity.oddities import ODDITIES

DEFECTS: tuple[Defect, ...] = (*ON_DISK, *IN_RANGES, *IN_GRAPHS, *IN_VALUES)

# Rules that need a manifest: a bundle without one leaves them open, which is no alarm.
OPEN_WITHOUT_MANIFEST = {
    "files_are_present",
    "manifest_covers_bundle",
    "sizes_match_manifest",
    "digests_match_manifest",
    "tensors_match_manifest",
}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the three say of one bundle."""

    checker: str  # "accepts" | "refuses" | "not asked"
    runtime: str  # "loads" | "refuses" | "not asked"
    found: dict[str, Finding]  # by rule

    def breaks(self, defect: Defect) -> bool:
        """Say whether the rule of `defect` is broken and its message names what is at fault."""
        finding = self.found[defect.rule]
        return not finding.holds and self.names(defect)

    def names(self, defect: Defect) -> bool:
        """Say whether the message names tensor, bytes or file."""
        return all(name in self.found[defect.rule].detail for name in defect.names)

    @property
    def alarms(self) -> list[str]:
        """The rules that are broken, or open for another reason than that a manifest lacks."""
        return [
            finding.rule
            for finding in self.found.values()
            if not finding.holds
            or (not finding.checked and finding.rule not in OPEN_WITHOUT_MANIFEST)
        ]


def look(model: Path) -> Seen:
    """Ask all three about the bundle of `model`."""
    bundle = read_bundle(model)
    first, asked = bundle.onnx_files[0], can_be_asked(bundle.onnx_files[0])
    found = {finding.rule: finding for finding in check(bundle)}
    return Seen(
        checker=("refuses" if first.checker_says else "accepts") if asked else "not asked",
        runtime=("refuses" if first.runtime_says else "loads") if asked else "not asked",
        found=found,
    )


def planted(defect: Defect, folder: Path) -> Seen:
    """Plant a defect in a folder of its own inside `folder`, and look at it."""
    bundle = folder / "bundle"
    bundle.mkdir(parents=True)
    return look(defect.plant(bundle))


def healthy_models(folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield name and path of every healthy bundle; what is made is made inside `folder`."""
    for build in healthy.MADE:
        place = folder / (name := f"{build.__module__.rpartition('.')[2]}.{build.__name__}")
        place.mkdir()
        yield name, build(place)
    yield "the model that is shipped", healthy.SHIPPED
    for path in healthy.onnx_models():
        yield f"onnx's own {path.parent.name}", path


def main() -> int:
    """Print the table; return 1 where anything is not as it should be."""
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        (root / "healthy").mkdir()
        faults = [(d, planted(d, root / f"fault{i}")) for i, d in enumerate(DEFECTS)]
        oddities = [(d, planted(d, root / f"odd{i}")) for i, d in enumerate(ODDITIES)]
        sound = [(name, look(path).alarms) for name, path in healthy_models(root / "healthy")]
    print("## Defects: each must be a breach\n")
    missed = _print(faults, [seen.breaks(defect) for defect, seen in faults])
    print("\n## Oddities: right numbers, so each must be named and no alarm\n")
    passed = [seen.names(d) and not seen.alarms for d, seen in oddities]
    missed += _print(oddities, passed)
    print(f"\n## Healthy bundles\n\n{len(sound)} looked at, alarmed at:", end=" ")
    left = len(list(healthy.ONNX_DATA.rglob("*.onnx"))) - len(list(healthy.onnx_models()))
    alarmed = [f"{name} ({', '.join(alarms)})" for name, alarms in sound if alarms]
    print("; ".join(alarmed) or "none")
    print(f"\n{left} more of onnx's own are left out: onnxruntime does not load them here.")
    return 1 if missed or alarmed else 0


def _print(rows: Sequence[tuple[Defect, Seen]], right: Sequence[bool]) -> int:
    print("| # | planted | onnx.checker | onnxruntime | harness | rule | named |")
    print("|---|---|---|---|---|---|---|")
    for number, ((defect, seen), good) in enumerate(zip(rows, right, strict=True), start=1):
        says = ("note" if seen.found[defect.rule].holds else "breach") if good else "MISSED"
        cells = (defect.title, seen.checker, seen.runtime, says, defect.rule)
        print(f"| {number} | {' | '.join(cells)} | {', '.join(defect.names)} |")
    refused = [sum(getattr(s, who) == "refuses" for _, s in rows) for who in ("checker", "runtime")]
    print(
        f"\nOf {len(rows)}: onnx.checker refuses {refused[0]}, onnxruntime refuses {refused[1]}, "
        f"the harness says what is right of {sum(right)}."
    )
    return len(rows) - sum(right)


if __name__ == "__main__":
    sys.exit(main())
