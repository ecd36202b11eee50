"""What `harness inspect` prints: the graphs, their values, dtypes and largest tensors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from harness.report import inspect_rows as rows
from harness.report.tables import Row, drawn, table

if TYPE_CHECKING:
    from rich.console import RenderableType


def inspect_table(told: rows.Told, *, colour: bool = False) -> str:
    """Return the tables of a model as text of at most 100 columns.

    Args:
        told: what `harness inspect --json` prints.
        colour: with ANSI colours, for a terminal.
    """
    parts: list[RenderableType] = [f"{told['path']}: {rows.sentence(told)}"]
    parts += [f"{name}: {value}" for name, value in rows.fact_rows(told)]
    parts += ["", _graphs(told), _values(told), _kinds(told), _tensors(told), _operators(told)]
    return drawn(parts, colour)


def _graphs(told: rows.Told) -> RenderableType:
    found: list[Row] = [
        ((r.name, r.nodes, r.tensors, r.parameters, r.bytes, r.flops, r.moved, r.opsets), "none")
        for r in rows.graph_rows(told)
    ]
    heads = ("Graph", "Nodes", "Tensors", "Parameters", "Size", "Operations", "Moved", "Opsets")
    return table(heads, found)


def _values(told: rows.Told) -> RenderableType:
    found: list[Row] = [((r.name, r.kind, r.dtype, r.shape), "none") for r in rows.value_rows(told)]
    return table(("Value", "Kind", "dtype", "Shape"), found)


def _kinds(told: rows.Told) -> RenderableType:
    found: list[Row] = [
        ((r.dtype, r.tensors, r.parameters, r.bytes, r.share), "none") for r in rows.kind_rows(told)
    ]
    return table(("dtype", "Tensors", "Parameters", "Size", "Share"), found)


def _tensors(told: rows.Told) -> RenderableType:
    """Name the file in the head where there is but one, so that names have room."""
    shown = rows.tensor_rows(told)
    files = {row.file for row in shown}
    only = files.pop() if len(files) == 1 and rows.INSIDE not in files else ""
    found: list[Row] = [
        ((r.name, r.dtype, r.shape, r.bytes, r.share, _where(r, only)), "none") for r in shown
    ]
    place = f"Bytes in {only}" if only else "Where"
    return table(("Largest tensors", "dtype", "Shape", "Size", "Share", place), found)


def _where(row: rows.TensorRow, only: str) -> str:
    if row.file == rows.INSIDE:
        return row.file
    return row.place if only else f"{row.file} {row.place}"


def _operators(told: rows.Told) -> RenderableType:
    found: list[Row] = [(cells, "none") for cells in rows.operator_rows(told)]
    return table(("Operator", "Nodes"), found)
