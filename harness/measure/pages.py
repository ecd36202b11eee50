"""Whether files lie in the page cache, and how they are put out of it before a cold load."""

from __future__ import annotations

import ctypes
import mmap
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_CHUNK = 1 << 22  # bytes read at once
COLD = 0.01  # share of pages that may be left in memory where a load is called cold


@dataclass(frozen=True, kw_only=True)
class Residency:
    """How much of some files is in memory."""

    files: int
    pages: int  # in all of them
    resident: int | None  # of these, in memory; None: the kernel does not tell

    @property
    def cold(self) -> bool:
        """Whether reading them now would read the disk."""
        return self.resident is not None and self.resident <= COLD * self.pages

    def __str__(self) -> str:
        if self.resident is None:
            return f"not verified: the kernel does not tell which of {self.pages} pages are cached"
        return f"{self.resident} of {self.pages} pages of {self.files} files in the page cache"


def drop(files: Iterable[Path]) -> Residency:
    """Put files out of the page cache and return what stayed.

    Pages that some process maps stay, and so do all pages of a file system in memory (tmpfs). Of a
    virtual machine's disk the host may keep copies: a cold load is then one from there.
    """
    present = [file for file in files if file.is_file()]
    for file in present:
        descriptor = os.open(file, os.O_RDONLY)
        try:
            with suppress(OSError):  # a read-only file system has nothing to write back
                os.fsync(descriptor)  # a page not yet written cannot be dropped
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)
    return residency(present)


def fill(files: Iterable[Path]) -> None:
    """Read files once, so that they lie in the page cache where they fit."""
    for file in files:
        with suppress(OSError), file.open("rb", buffering=0) as opened:
            while opened.read(_CHUNK):
                pass


def residency(files: Iterable[Path]) -> Residency:
    """Count the pages of files that are in memory, by mincore(2).

    The kernel tells it to those who own a file or may write to it, and calls every page resident
    to others: such a count is not verified.
    """
    counts = [_pages(file) for file in files if file.stat().st_size]
    known = [resident for _, resident in counts if resident is not None]
    return Residency(
        files=len(counts),
        pages=sum(pages for pages, _ in counts),
        resident=sum(known) if len(known) == len(counts) else None,
    )


def _pages(file: Path) -> tuple[int, int | None]:
    size = file.stat().st_size
    pages = -(-size // mmap.PAGESIZE)
    if not (os.access(file, os.W_OK) or file.stat().st_uid == os.geteuid()):
        return pages, None
    descriptor = os.open(file, os.O_RDONLY)
    try:
        return pages, _resident(descriptor, size, pages)
    finally:
        os.close(descriptor)


def _resident(descriptor: int, size: int, pages: int) -> int | None:
    """Map the file, without touching it, and ask."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    address = libc.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, descriptor, 0)
    if address in (None, ctypes.c_void_p(-1).value):
        return None
    try:
        flags = (ctypes.c_ubyte * pages)()
        where, length = ctypes.c_void_p(address), ctypes.c_size_t(size)
        told = libc.mincore(where, length, flags) == 0
        return sum(flag & 1 for flag in flags) if told else None
    finally:
        libc.munmap(ctypes.c_void_p(address), ctypes.c_size_t(size))
