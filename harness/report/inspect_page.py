"""The page of `harness inspect`: what a model is made of, in one HTML file of its own."""

from __future__ import annotations

from harness.report import inspect_rows as rows
from harness.report.inspect_figure import kind_picture, tensor_picture
from harness.report.page import rendered


def inspect_page(told: rows.Told) -> str:
    """Return the page as HTML; `told` is what `harness inspect --json` prints."""
    return rendered(
        "inspect.html.j2",
        model=told["work"]["model"],
        path=told["path"],
        sentence=rows.sentence(told),
        facts=rows.fact_rows(told),
        graphs=rows.graph_rows(told),
        values=rows.value_rows(told),
        kinds=rows.kind_rows(told),
        tensors=rows.tensor_rows(told),
        operators=rows.operator_rows(told),
        kind_picture=kind_picture(told),
        tensor_picture=tensor_picture(told),
    )
