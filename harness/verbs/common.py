"""What verbs share: options, exit codes, and how a result is printed."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from harness.errors import ConfigError, StoreError
from harness.untrusted import printable

REFERENCE = "config/reference.yaml"
PASSED, MISSED, COULD_NOT_WORK, NOT_PROVEN = 0, 1, 2, 3

Option = Callable[[Any], Any]

config: Option = click.option(
    "--config", default=REFERENCE, show_default=True, help="The pipeline's config file."
)
reports: Option = click.option(
    "--reports", default="reports", show_default=True, help="Where runs are kept."
)
as_json: Option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def runs_folder(reports: str) -> Path:
    """Return the folder of the runs."""
    return Path(reports) / "runs"


def section(value: Any, name: str, config: Path) -> Any:
    """Return a section of suite.yaml that a verb cannot do without.

    Raises:
        ConfigError: it is absent.
    """
    if value is None:
        raise ConfigError(
            f"{config.parent / 'suite.yaml'}: section `{name}` is missing. Add it as the project's "
            "own suite.yaml has it."
        )
    return value


def tell(text: str) -> None:
    """Say what happens now, beside the result: standard output holds the result alone."""
    click.echo(printable(text), err=True)


def colour() -> bool:
    """Return whether the terminal takes colours."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def write(path: Path, text: str) -> None:
    """Write a file that a person asked for.

    Raises:
        StoreError: the path cannot be written.
    """
    try:
        path.write_text(text, "utf-8")
    except OSError as error:
        raise StoreError(f"{path}: cannot be written: {error.strerror}.") from None


def to_json(value: Any) -> str:
    """Write a result as JSON, with null for what it has no number for: the open end of a bound."""
    return json.dumps(_finite(value), ensure_ascii=False, indent=2)


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
