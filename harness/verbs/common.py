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
from harness.progress import tell as tell

REFERENCE = "config/reference.yaml"
BESIDE = ("suite.yaml", "budgets.yaml", "claims.yaml")  # in the folder of configs, and none of them
PASSED, MISSED, COULD_NOT_WORK, NOT_PROVEN = 0, 1, 2, 3

Option = Callable[[Any], Any]


def only_config() -> str:
    """Return the config of a project that has a single one, else `REFERENCE`."""
    found = [file for file in Path("config").glob("*.yaml") if file.name not in BESIDE]
    return str(found[0]) if len(found) == 1 else REFERENCE


config: Option = click.option(
    "--config",
    default=only_config,
    show_default=f"the only one in config/, else {REFERENCE}",
    help="The pipeline's config file.",
)
reports: Option = click.option(
    "--reports", default="reports", show_default=True, help="Where runs are kept."
)
as_json: Option = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")


def runs_folder(reports: str) -> Path:
    """Return the folder of the runs."""
    return Path(reports) / "runs"


def find(reports: str, name: str) -> Path:
    """Return the folder of a run, named as in `harness report` or by the name of a baseline.

    Raises:
        StoreError: no such run.
    """
    from harness.notes import baselines
    from harness.store import find_run

    return find_run(runs_folder(reports), baselines(Path(reports)).get(name, name))


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


def colour() -> bool:
    """Return whether the terminal takes colours."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ


def write(path: Path, text: str) -> None:
    """Write a file that a person asked for.

    Raises:
        StoreError: the path cannot be written.
    """
    _write(path, text, "w")


def append(path: Path, text: str) -> None:
    """Add to a file that a person asked for, or begin it; raises as `write`."""
    _write(path, text, "a")


def _write(path: Path, text: str, mode: str) -> None:
    try:
        with open(path, mode, encoding="utf-8") as file:
            file.write(text)
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
