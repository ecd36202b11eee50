"""What a judged run is written as, for CI services."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from harness.verbs import common

if TYPE_CHECKING:
    from harness.records import Run, Verdict


def outputs(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that `write_outputs` takes."""
    file = click.Path(dir_okay=False, path_type=Path)
    for option in (
        click.option(
            "--annotate", is_flag=True, help="Print GitHub annotations of what is missed."
        ),
        click.option("--markdown", type=file, help="Append a summary: $GITHUB_STEP_SUMMARY."),
        click.option("--junit", type=file, help="Write every budget and rule as JUnit XML."),
    ):
        command = option(command)
    return command


def write_outputs(
    run: Run,
    verdicts: tuple[Verdict, ...],
    page: Path | None,
    *,
    junit: Path | None,
    markdown: Path | None,
    annotate: bool,
) -> None:
    """Write what was asked for.

    Raises:
        StoreError: a file cannot be written.
    """
    from harness.report import for_ci

    if junit:
        common.write(junit, for_ci.junit(run, verdicts))
    if markdown:
        common.append(markdown, for_ci.markdown(run, verdicts, page=str(page or "")))
    if annotate:
        click.echo(for_ci.workflow_commands(run, verdicts), nl=False, err=True)
