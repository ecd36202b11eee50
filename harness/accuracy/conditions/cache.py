"""Treated clips on disk, each under the digest of what it was made from.

A file appears whole or not at all. The least recently used go first once the folder holds more
than it may; that is looked at between runs, so that a run keeps what it needs.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from harness.errors import StoreError


@dataclass(frozen=True, kw_only=True)
class Cache:
    """A folder of files named by digest."""

    folder: Path
    most: int  # bytes that may stay

    def keep(self, key: str, make: Callable[[], bytes]) -> Path:
        """Return the file of `key`, made now where it is not there yet.

        Raises:
            StoreError: the folder cannot be written to.
        """
        path = self.folder / key[:2] / f"{key}.wav"
        try:
            if path.is_file():
                os.utime(path)
                return path.absolute()
            data = make()
            path.parent.mkdir(parents=True, exist_ok=True)
            half = path.with_suffix(f".{secrets.token_hex(4)}.half")
            half.write_bytes(data)
            half.replace(path)
        except OSError as error:
            raise StoreError(
                f"{path}: cannot be written: {error.strerror}. Free some space, or name another "
                "folder with --reports."
            ) from None
        return path.absolute()

    def trim(self) -> None:
        """Remove the files used longest ago until the rest is within the bound."""
        known = [(file, file.stat()) for file in self.folder.glob("*/*") if file.is_file()]
        left = sum(stat.st_size for _, stat in known)
        for file, stat in sorted(known, key=lambda one: one[1].st_mtime_ns):
            if left <= self.most:
                return
            file.unlink(missing_ok=True)
            left -= stat.st_size
