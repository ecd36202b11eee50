"""Model files that are what they are said to be: read once, and held to a digest."""

from __future__ import annotations

import hashlib
from pathlib import Path

from harness.errors import PredictorError


def pinned(file: Path, sha256: str, name: str) -> bytes:
    """Return the bytes of a predictor's file.

    Raises:
        PredictorError: it cannot be read, or has another digest; names both.
    """
    try:
        data = file.read_bytes()
    except OSError as error:
        raise PredictorError(
            f"{file}: the predictor {name} cannot be read: {error.strerror}. Restore the file."
        ) from None
    found = hashlib.sha256(data).hexdigest()
    if found != sha256:
        raise PredictorError(
            f"{file}: wrong digest of the predictor {name}: expected sha256 {sha256}, got {found}. "
            "Its scores could not be compared with earlier ones. Install the pinned version, or "
            "pin the new file and measure the baseline again."
        )
    return data
