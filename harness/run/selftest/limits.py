"""Limits that a verb is run within: a small disk, little memory.

What root may do is tried first: a disk in memory, a control group. Each is taken away again.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from harness.errors import CannotPlantError
from harness.run.selftest.told import Enter
from harness.units import MB

GROUPS = Path("/sys/fs/cgroup")
REMOVE_S = 5.0  # seconds in which a control group must be empty


@contextmanager
def small_disk(name: str, size: int, project: Path) -> Iterator[Enter | None]:
    """Make the folder `name` a disk of `size` bytes; where that is not allowed, bound each file."""
    folder = project / name
    folder.mkdir(exist_ok=True)
    options = ["-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if not _did("mount", *options):
        yield lambda: _file_limit(size)
        return
    try:
        yield None
    finally:
        _did("umount", "--lazy", str(folder))


def _file_limit(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that writing fails instead
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@contextmanager
def address_space(size: int, project: Path) -> Iterator[Enter | None]:
    """No process may have more than `size` bytes of addresses."""
    yield lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size))


@contextmanager
def memory_group(size: int, project: Path) -> Iterator[Enter | None]:
    """Run in a control group of `size` bytes of memory, without swap.

    Raises:
        CannotPlantError: this user may not make one.
    """
    group = made_group(size)
    try:
        yield lambda: _join(group)
    finally:
        _remove(group)


def _join(group: Path) -> None:
    (group / "cgroup.procs").write_text(str(os.getpid()))


def made_group(size: int) -> Path:
    """Make a control group below this process's own, of version 2 or 1, and return its folder."""
    lines = Path("/proc/self/cgroup").read_text("ascii").splitlines()
    paths = {line.split(":", 2)[1]: line.split(":", 2)[2].lstrip("/") for line in lines}
    tried = [(GROUPS / "memory" / paths.get("memory", ""), "memory.limit_in_bytes")]
    tried += [(GROUPS / paths.get("", ""), "memory.max"), (GROUPS, "memory.max")]
    for above, limit in tried:
        group = above / f"harness-selftest-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / limit).write_text(str(size))
        except OSError:
            _remove(group)
            continue
        for swap in ("memory.swap.max", "memory.memsw.limit_in_bytes"):
            with suppress(OSError):
                (group / swap).write_text("0" if swap == "memory.swap.max" else str(size))
        return group
    raise CannotPlantError(
        f"No control group of {size // MB} MB can be made under {GROUPS}. Run as root, or where "
        "the memory controller is delegated."
    )


def _remove(group: Path) -> None:
    end = time.monotonic() + REMOVE_S
    while time.monotonic() < end:
        try:
            group.rmdir()
        except OSError as error:
            if error.errno != errno.EBUSY:
                return
            time.sleep(0.05)
        else:
            return


def _did(*command: str) -> bool:
    try:
        return not subprocess.run(command, capture_output=True).returncode
    except OSError:
        return False
