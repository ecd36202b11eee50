"""Reading what a stored run says, where its records may not fit together."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import HarnessError, StoreError


@contextmanager
def fitting(*folders: Path) -> Iterator[None]:
    """Judge and draw stored runs: each line of a journal is checked when it is read, but a fact
    may lack what another record needs of it.

    Raises:
        StoreError: names the runs and the line of the harness that found no sense in them.
    """
    try:
        yield
    except HarnessError:
        raise
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        at = traceback.extract_tb(error.__traceback__)[-1]
        raise StoreError(
            f"{', '.join(map(str, folders))}: its records do not fit together "
            f"({type(error).__name__}: {str(error)[:200]}, at {Path(at.filename).name}:"
            f"{at.lineno}). The journal was changed, or another version wrote it: restore it, or "
            "read it with that version."
        ) from error
