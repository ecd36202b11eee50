"""What `harness seal` and `harness verify` print: files, tensors that changed, rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from harness.records import Finding
from harness.report.canary_rows import canary_row
from harness.report.tables import Row, drawn, table
from harness.units import Unit, show

if TYPE_CHECKING:
    from rich.console import RenderableType

MOST = 20  # tensors that have a line of their own
HEX = 16  # digits of a digest that are shown


def verify_table(
    told: Mapping[str, Any], findings: Sequence[Finding], *, colour: bool = False
) -> str:
    """Return the tables of a verification as text of at most 100 columns.

    Args:
        told: what `harness verify --json` prints.
        findings: its rules.
        colour: with ANSI colours, for a terminal.
    """
    parts: list[RenderableType] = [_verdict(told, findings), "", _files(told)]
    if told["changed"]:
        parts.append(_changed(told["changed"]))
    if (more := len(told["changed"]) - MOST) > 0:
        parts.append(f"And {more} more tensors changed: --json lists all.")
    if told["canaries"]:
        parts += ["", _canaries(told["canaries"])]
    return drawn([*parts, *remarks(findings)], colour)


def seal_table(
    told: Mapping[str, Any], findings: Sequence[Finding], *, colour: bool = False
) -> str:
    """Return what was sealed; `told` is what `harness seal --json` prints."""
    files, tensors = told["files"], told["tensors"]
    rows: list[Row] = [
        ((name, show(f["bytes"], Unit.BYTES), f["sha256"][:HEX], f["blake3"][:HEX]), "none")
        for name, f in files.items()
    ]
    word = "SEALED" if told["written"] else "NOT SEALED"
    size = show(sum(f["bytes"] for f in files.values()), Unit.BYTES)
    answers = f", canaries in {told['canaries']['file']}" if told["canaries"] else ""
    first = (
        f"{word}  {told['manifest']}: {len(files)} files, {size}, {len(tensors)} tensors{answers}."
    )
    parts: list[RenderableType] = [first, "", table(("File", "Size", "sha256", "blake3"), rows)]
    if not told["written"]:
        parts.append("Nothing was written. --anyway seals the bundle as it is.")
    return drawn([*parts, *remarks(findings)], colour)


def remarks(findings: Iterable[Finding]) -> list[str]:
    """Say which rules are broken, could not be applied, or have something to add."""
    words = {False: "FAIL", True: "NOTE"}
    return [
        f"{words[f.holds] if f.checked else 'NOT CHECKED'}  {f.title.rstrip('.')}. {f.detail}"
        for f in sorted(findings, key=lambda f: (f.holds, f.checked))
        if f.detail
    ]


def _verdict(told: Mapping[str, Any], findings: Sequence[Finding]) -> str:
    files, seal, tensors = told["files"], told["sealed"], told["tensors"]
    read = sum(file["bytes"] for file in files)
    seconds = show(told["seconds"], Unit.SECONDS)
    cost = f"{show(read, Unit.BYTES)} read in {seconds}, by {told['digest']}"
    if told["holds"]:
        by = f", sealed by {seal['by']} at {seal['at']}" if seal else ""
        names = f", {tensors} tensors" if tensors else ""
        return f"WHOLE  {told['model']}: {len(files)} files{names}{by}. {cost}."
    broken = sum(not finding.holds for finding in findings)
    return f"BROKEN  {told['model']}: {broken} of {len(findings)} rules do not hold. {cost}."


def _files(told: Mapping[str, Any]) -> RenderableType:
    rows: list[Row] = []
    for file in told["files"]:
        same = file["expected"] == file["found"]
        digests = (file["expected"][:HEX], file["found"][:HEX])
        cells = (file["name"], show(file["bytes"], Unit.BYTES), *digests)
        rows.append(((*cells, "same" if same else "CHANGED"), "pass" if same else "fail"))
    digest = told["digest"]
    return table(("File", "Size", f"{digest} sealed", f"{digest} found", "Verdict"), rows)


def _changed(changed: Sequence[Mapping[str, Any]]) -> RenderableType:
    rows: list[Row] = [
        ((row["name"], row["file"], _range(row), row["expected"][:HEX], row["found"][:HEX]), "fail")
        for row in changed[:MOST]
    ]
    return table(("Tensor that changed", "File", "Bytes", "blake3 sealed", "blake3 found"), rows)


def _canaries(drifts: Sequence[Mapping[str, Any]]) -> RenderableType:
    names = ("Canary", "Answered by", "Largest", "Relative", "Allowed", "Cosine", "Verdict")
    rows = (canary_row(drift) for drift in drifts)
    cells = [
        (
            (r.canary, r.of, r.max_abs, r.relative, r.limit, r.cosine, r.outcome),
            r.style,
        )
        for r in rows
    ]
    return table(names, cells)


def _range(row: Mapping[str, Any]) -> str:
    if row["offset"] is None:
        return "inside the graph"
    return f"{row['offset']} to {row['offset'] + row['bytes']}"
