"""What a fuzzed entry is, and the rule that every input must keep."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

MOST_SECONDS = 1.0  # of CPU time that one input may take; wall time would blame a busy machine


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One way by which untrusted bytes come in."""

    name: str
    read: Callable[[bytes], object]  # the code that is fuzzed
    refused: type[Exception]  # the documented error: the only exception that `read` may raise
    seeds: Callable[[], Iterable[bytes]]  # real files, small enough for thousands a second
    words: tuple[bytes, ...] = ()  # of the format, for the fuzzer's dictionary
    longest: int = 65_536  # bytes of an input

    def try_one(self, data: bytes) -> bool:
        """Read `data` and return whether it was accepted.

        Raises:
            Exception: a finding: anything but the documented error, or `SlowInput`.
        """
        start = time.process_time()
        try:
            self.read(data)
            accepted = True
        except self.refused as error:
            accepted = False
            if not str(error).strip() or len(str(error)) > 10_000:
                raise AssertionError(f"a refusal of {len(str(error))} characters") from error
        if (took := time.process_time() - start) > MOST_SECONDS:
            raise SlowInput(f"{self.name}: {len(data)} bytes took {took:.2f} s of CPU time")
        return accepted


def keys(words: str) -> tuple[bytes, ...]:
    """Return the words as JSON writes them."""
    return tuple(f'"{word}"'.encode() for word in words.split())


class SlowInput(Exception):  # noqa: N818
    """An input takes longer than it may."""
