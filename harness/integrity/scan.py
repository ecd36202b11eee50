"""One pass over a data file: its digests, and digest and values of every tensor in it.

The file is read once, block by block into buffers that are used again, so that memory stays the
same whatever the size. A second thread computes sha256, the slowest part, while this one does the
rest with the same block. Reading beats mapping here: a disk that fails in the middle of a mapped
file ends the process, and reading it is an error that can be told.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from blake3 import blake3

from harness.errors import BundleError
from harness.integrity.values import WIDTHS, Facts, facts_of

BLOCK = 1 << 20  # bytes read at a time: the cache of a core holds them
RING = 16  # blocks that may wait for sha256
FAST_BLOCK = 1 << 22  # bytes that blake3 shares out among the cores at a time

Step = Callable[[], None]  # one more block of BLOCK bytes is done


@dataclass(frozen=True, kw_only=True, order=True)
class Region:
    """The bytes of one tensor in its file, and what they are."""

    start: int
    stop: int  # the byte after the last
    dtype: str  # numpy's name
    elements: int


@dataclass(frozen=True, kw_only=True)
class RegionScan:
    """What the bytes of a region are."""

    blake3: str  # 64 hex digits
    facts: Facts | None  # None: no elements, or a dtype whose values cannot be read
    hole: int = 0  # bytes that were never written: the file system makes them up


@dataclass(frozen=True, kw_only=True)
class FileScan:
    """What one pass over a file saw."""

    bytes: int
    digests: Mapping[str, str]  # "sha256", "blake3" -> 64 hex digits
    regions: Mapping[Region, RegionScan]  # those asked for that could be read


def blocks_of(path: Path) -> int:
    """Return how many steps the pass over a file has."""
    return -(-path.stat().st_size // BLOCK)


def scan_file(
    path: Path, regions: Iterable[Region] = (), *, digests: Sequence[str] = (), step: Step
) -> FileScan:
    """Read a file once and return its digests, and digest and values of its regions.

    A region that reaches beyond the file, or into one that begins before it, is left out.

    Args:
        path: the file.
        regions: where its tensors are, in any order.
        digests: those of the whole file: "sha256", "blake3".
        step: is called after each block.

    Raises:
        BundleError: the file cannot be read, or changes while it is read.
    """
    hashers = {name: blake3() if name == "blake3" else hashlib.new(name) for name in digests}
    with _unchanged(path) as file:
        size = os.fstat(file.fileno()).st_size
        readers = [_Reader(region) for region in apart(regions, size)]
        _pass(file, readers, hashers, step)
        holes = tuple(_holes(file.fileno(), size))
    return FileScan(
        bytes=size,
        digests={name: hasher.hexdigest() for name, hasher in hashers.items()},
        regions={reader.region: reader.scan(holes) for reader in readers},
    )


def fast_digest(path: Path, *, step: Step) -> str:
    """Return the blake3 of a file, computed on all cores that this process may use.

    Raises:
        BundleError: the file cannot be read, or changes while it is read.
    """
    hasher = blake3(max_threads=len(os.sched_getaffinity(0)))
    with _unchanged(path) as file:
        for block in _ahead(file):
            hasher.update(block)
            for _ in range(-(-len(block) // BLOCK)):
                step()
    return hasher.hexdigest()


def apart(regions: Iterable[Region], size: int) -> list[Region]:
    """Return the regions inside a file of `size` bytes that overlap none before them, in order."""
    found: list[Region] = []
    for region in sorted(set(regions)):
        if region.stop <= size and (not found or region.start >= found[-1].stop):
            found.append(region)
    return found


class _Reader:
    """Takes the bytes of one region in order, a piece of each block that it reaches into."""

    def __init__(self, region: Region) -> None:
        self.region = region
        self.facts: Facts | None = None
        self._hasher = blake3()
        self._width = WIDTHS.get(region.dtype)
        self._torn = b""  # the beginning of an element whose end is in the next block

    def take(self, piece: memoryview) -> None:
        self._hasher.update(piece)
        if self._width is None:
            return
        raw = np.frombuffer(self._torn + bytes(piece) if self._torn else piece, np.uint8)
        whole = len(raw) - len(raw) % self._width
        left = self.region.elements - (self.facts.elements if self.facts else 0)
        if whole and left > 0:
            seen = facts_of(self.region.dtype, raw[:whole], left)
            self.facts = self.facts + seen if self.facts else seen
        self._torn = raw[whole:].tobytes()

    def scan(self, holes: Sequence[tuple[int, int]]) -> RegionScan:
        start, stop = self.region.start, self.region.stop
        shared = (min(stop, end) - max(start, begin) for begin, end in holes)
        hole = sum(size for size in shared if size > 0)
        return RegionScan(blake3=self._hasher.hexdigest(), facts=self.facts, hole=hole)


def _pass(file: Any, readers: Sequence[_Reader], hashers: Mapping[str, Any], step: Step) -> None:
    """Give every block to sha256 in its thread, to the other digests, and to its regions."""
    waiting: deque[Future[None]] = deque()
    start, index = 0, 0
    with ThreadPoolExecutor(1) as thread:
        for block in _blocks(file, waiting):
            if "sha256" in hashers:
                waiting.append(thread.submit(hashers["sha256"].update, block))
            if "blake3" in hashers:
                hashers["blake3"].update(block)
            stop = start + len(block)
            while index < len(readers) and readers[index].region.start < stop:
                region = readers[index].region
                readers[index].take(block[max(region.start - start, 0) : region.stop - start])
                if region.stop > stop:
                    break
                index += 1
            start = stop
            step()


def _blocks(file: Any, waiting: deque[Future[None]]) -> Iterator[memoryview]:
    """Read block after block into a ring of buffers; one is free when its sha256 is done.

    A file that grows meanwhile is read up to the size that it had.
    """
    ring = deque(memoryview(bytearray(BLOCK)) for _ in range(RING))
    left = os.fstat(file.fileno()).st_size
    while left > 0 and (read := file.readinto(ring[0])):
        yield ring[0][:read]
        left -= read
        ring.rotate(-1)
        if len(waiting) == RING:
            waiting.popleft().result()


def _ahead(file: Any) -> Iterator[memoryview]:
    """Read a block while the one before it is in use; stop at the size that the file has now."""
    left = os.fstat(file.fileno()).st_size
    now, then = (memoryview(bytearray(FAST_BLOCK)) for _ in range(2))
    with ThreadPoolExecutor(1) as thread:
        read = file.readinto(now)
        while read and left > 0:
            coming = thread.submit(file.readinto, then)
            yield now[:read]
            left -= read
            read, now, then = coming.result(), then, now


@contextmanager
def _unchanged(path: Path) -> Iterator[Any]:
    """Open a file; at the end it must be the one that it was."""
    try:
        with path.open("rb", buffering=0) as file:
            before = _state(file.fileno())
            yield file
            after = _state(file.fileno())
    except OSError as error:
        reason = error.strerror or str(error)
        raise BundleError(
            f"{path}: cannot be read: {reason}. Check its permissions and the disk, or get the "
            "file again."
        ) from None
    if before != after:
        raise BundleError(
            f"{path}: the file changed while it was read. Wait until what writes it is done, and "
            "start again."
        )


def _state(file: int) -> tuple[int, int]:
    found = os.fstat(file)
    return found.st_size, found.st_mtime_ns


def _holes(file: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield the parts of a file that were never written, as far as the file system tells."""
    position = 0
    while position < size:
        try:
            data = os.lseek(file, position, os.SEEK_DATA)
        except OSError as error:
            if error.errno == errno.ENXIO:  # no data up to the end
                yield position, size
            return
        if data > position:
            yield position, data
        position = os.lseek(file, data, os.SEEK_HOLE)
