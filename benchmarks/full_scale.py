"""The production model's configs side by side, in one table.

    python -m benchmarks.full_scale [--rounds 6] [--clips 60] [--variant sarai.int8 ...]

Needs both models (`make model-full`, `make model-int8`). Prints Markdown, or JSON with --json, and
keeps a run that `harness report` judges again.
"""

from __future__ import annotations

import sys

import click

from harness.errors import HarnessError
from harness.verbs.common import COULD_NOT_WORK
from harness.verbs.full_scale import full_scale

if __name__ == "__main__":
    try:
        full_scale()
    except HarnessError as error:
        click.echo(f"harness: {error}", err=True)
        sys.exit(COULD_NOT_WORK)
