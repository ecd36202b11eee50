"""What a run stands on: interpreter, libraries, processor, the kernel's instruments."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from harness.integrity.processor import level
from harness.measure.host import allowed_cores, cpu_quota, environment, load_average
from harness.measure.inside.counters import memory, outside
from harness.run.doctor.line import Line, broken, look, ok

DISTRIBUTION = "sarai-harness"
FORMATS = ("WAV", "FLAC", "OGG", "MP3")  # what a request may be
PROVIDER = "CPUExecutionProvider"
LOCK = Path("requirements.lock")
SLOW_INT8 = ("avx512", "avx2", "avx")  # levels without instructions for products of int8

# Programs that only some targets call, and what for.
PROGRAMS: Mapping[str, str] = {
    "git": "harness ab git:REVISION and the commit on a page",
    "espeak-ng": "make model-reference and make sets; make system installs it",
}


def python() -> Iterator[Line]:
    """The interpreter and the system."""
    wanted = distribution(DISTRIBUTION).metadata["Requires-Python"]
    here = platform.python_version()
    if SpecifierSet(wanted).contains(here, prereleases=True):
        yield ok("python", "Interpreter", f"{sys.implementation.name} {here}, {sys.executable}")
    else:
        remedy = "Remove .venv and name another: make test PYTHON=python3.13"
        yield broken("python", "Interpreter", f"{here}; {wanted} is wanted", remedy)
    if sys.platform == "linux":
        yield ok("python", "System", f"Linux {platform.release()}, {platform.machine()}")
    else:
        seen = f"{sys.platform}: memory and disturbances are read from /proc"
        yield broken("python", "System", seen, "Measure on Linux.")


def libraries() -> Iterator[Line]:
    """What the project imports, against what it asks for and what its lock file names."""
    rows = [Requirement(text) for text in distribution(DISTRIBUTION).requires or ()]
    for row in (row for row in rows if row.marker is None):
        if (found := installed(row.name)) is None:
            remedy = f"make installs it; by hand: pip install '{row}'"
            yield broken("libraries", row.name, "not installed", remedy)
        elif not row.specifier.contains(found, prereleases=True):
            remedy = f"pip install '{row}', or remove .venv and let make build it again"
            yield broken("libraries", row.name, f"{found}; {row.specifier} is wanted", remedy)
    yield from _against_lock()
    yield from _audio_formats()
    yield from _provider()


def machine() -> Iterator[Line]:
    """The processor, and how busy it is."""
    facts = environment().comparable
    quota = cpu_quota()
    share = "" if quota is None else f", {quota:g} of them by the control group's quota"
    yield ok("machine", "Processor", f"{facts['cpu']}, {facts['cores']} cores{share}")
    if level() in SLOW_INT8:
        remedy = "int8 variants are hardly quicker here: measure them on the machine of production."
        yield look("machine", "Products of int8", f"{level()}: neither VNNI nor AMX", remedy)
    else:
        yield ok("machine", "Products of int8", level())
    if (governor := facts["governor"]) in ("powersave", "ondemand", "conservative", "schedutil"):
        remedy = "For steady timings: cpupower frequency-set -g performance"
        yield look("machine", "Governor", governor, remedy)
    busy = float((load_average().split() or ["0"])[0])
    if busy > allowed_cores() / 2:
        remedy = "End what else runs, or: harness bench --wait-quiet 60"
        yield look("machine", "Load", f"{busy:g} tasks in the last minute", remedy)
    else:
        yield ok("machine", "Load", f"{busy:g} tasks in the last minute")
    for program, use in PROGRAMS.items():
        if shutil.which(program) is None:
            yield look("machine", program, "not installed", f"Needed only for {use}.")


def instruments() -> Iterator[Line]:
    """What the kernel lets a process see of itself and of others."""
    area = "instruments"
    if {"VmHWM", "VmRSS"} <= memory().keys():
        yield ok(area, "Peak memory", "VmHWM in /proc/self/status")
    else:
        yield broken(area, "Peak memory", "no VmHWM in /proc/self/status", "Measure on Linux.")
    try:
        os.close(os.open("/proc/self/clear_refs", os.O_WRONLY))
        yield ok(area, "Peak memory of a stage", "/proc/self/clear_refs can be written")
    except OSError as error:
        remedy = "Run where a process may write there: not in a restricted container."
        seen = f"/proc/self/clear_refs: {error.strerror}; stages are not weighed"
        yield look(area, "Peak memory of a stage", seen, remedy)
    counters = outside()
    if counters is None:
        remedy = "Run where /proc/stat can be read: without it no disturbance is seen."
        yield look(area, "Disturbances", "no /proc/stat", remedy)
        return
    seen = "CPU time of others and steal" + (", pressure" if "pressure" in counters else "")
    yield ok(area, "Disturbances", seen)
    if not hasattr(os, "posix_fadvise"):
        yield look(area, "Cold starts", "no posix_fadvise", "Cold loads are not measured here.")


def installed(name: str) -> str | None:
    """Return the installed version of a distribution; None: it is not there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _against_lock() -> Iterator[Line]:
    if not LOCK.is_file():
        return
    lines = [line.split("#")[0].strip() for line in LOCK.read_text("utf-8").splitlines()]
    rows = [Requirement(line) for line in lines if line]
    rows = [row for row in rows if row.marker is None or row.marker.evaluate()]
    other = [
        f"{row.name} {found or 'absent'} ({row.specifier})"
        for row in rows
        if (found := installed(row.name)) is None or not row.specifier.contains(found)
    ]
    if other:
        seen = f"{len(other)} of {len(rows)} are not those of {LOCK}: {', '.join(other[:3])}"
        remedy = "Figures of other versions are not comparable: remove .venv, make builds it."
        yield look("libraries", "Versions", seen, remedy)
    else:
        yield ok("libraries", "Versions", f"all {len(rows)} of {LOCK}")


def _audio_formats() -> Iterator[Line]:
    import soundfile

    able = soundfile.available_formats()
    lacking = [name for name in FORMATS if name not in able]
    if lacking:
        seen = f"libsndfile {soundfile.__libsndfile_version__} lacks {', '.join(lacking)}"
        remedy = "Such audio ends as 'Format not recognised'. pip install --upgrade soundfile"
        yield look("libraries", "Audio formats", seen, remedy)
    else:
        seen = f"{', '.join(FORMATS)} by libsndfile {soundfile.__libsndfile_version__}"
        yield ok("libraries", "Audio formats", seen)


def _provider() -> Iterator[Line]:
    import onnxruntime

    offered = onnxruntime.get_available_providers()
    seen = f"onnxruntime {onnxruntime.__version__}, {', '.join(offered)}"
    if PROVIDER in offered:
        yield ok("libraries", "onnxruntime", seen)
    else:
        remedy = "pip install --force-reinstall onnxruntime"
        yield broken("libraries", "onnxruntime", f"{seen}: no {PROVIDER}", remedy)
