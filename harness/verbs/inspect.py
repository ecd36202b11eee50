"""`harness inspect`: what a model is made of, read from its graph alone."""

from __future__ import annotations

from pathlib import Path

import click

from harness.verbs import common


@click.command()
@click.argument("model", type=click.Path(path_type=Path))
@click.option(
    "--page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Also draw it, as one HTML file.",
)
@common.as_json
def inspect(model: Path, page: Path | None, as_json: bool) -> None:
    """Show what a model is made of: its graph, its tensors, their size and work.

    Reads the graph and no weight, so a model whose data file is absent can be shown too.
    """
    from harness.integrity.bundle import bundle_facts
    from harness.integrity.work import work_facts
    from harness.report.inspect_table import inspect_table

    told = {**bundle_facts(model), "work": work_facts(model)}
    if page:
        from harness.report.inspect_page import inspect_page

        common.write(page, inspect_page(told))
    shown = common.to_json(told) if as_json else inspect_table(told, colour=common.colour())
    click.echo(shown, nl=as_json)
