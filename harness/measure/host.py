"""Where a run is made: processor, memory, kernel, libraries."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from harness.records import Environment
from harness.units import Unit, show

# Packages whose version a figure may depend on.
PACKAGES = (
    *("numpy", "onnxruntime", "onnx", "soundfile", "soxr", "librosa"),
    *("jiwer", "num2words", "scipy"),
)
# Variables that change how many threads compute, or how memory is taken.
VARIABLES = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_WAIT_POLICY"),
    *("MALLOC_ARENA_MAX", "MALLOC_CONF", "LD_PRELOAD", "AUDIO_OMNI_CONFIG"),
)
# Where CI services name the branch of a commit that they check out by itself.
BRANCH_VARIABLES = ("GITHUB_HEAD_REF", "GITHUB_REF_NAME", "CI_COMMIT_REF_NAME")
UNKNOWN = "not exposed"

_CPU = Path("/sys/devices/system/cpu")
_CGROUP = Path("/sys/fs/cgroup")
_MEMORY_V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes")


def environment(
    root: Path | None = None,
    *,
    packages: Iterable[str] = PACKAGES,
    options: Mapping[str, str] | None = None,
    identity: Mapping[str, str] | None = None,
    noise: Mapping[str, str] | None = None,
) -> Environment:
    """Describe this host and what is measured on it.

    Args:
        root: folder whose git commit is recorded; None: the current one.
        packages: installed distributions whose versions are recorded.
        options: more facts without which two runs are not comparable (session options).
        identity: what the run is about (digests of bundle, config, sets); the commit is added.
        noise: how quiet it was, see `noise`; None: the load average of now.
    """
    libraries = {f"package {name}": _version(name) for name in packages}
    variables = {f"variable {name}": os.environ[name] for name in VARIABLES if name in os.environ}
    return Environment(
        comparable={**_processor(), **_system(), **libraries, **variables, **(options or {})},
        identity={**_revision(root or Path.cwd()), **(identity or {})},
        noise=noise or {"load average at start": load_average()},
    )


def commit(root: Path) -> str:
    """Return the git commit of `root`; "+ changes" says that files differ from it."""
    head = _git(root, "rev-parse", "HEAD")
    if not head:
        return "none"
    return f"{head} + changes" if _git(root, "status", "--porcelain") else head


def branch(root: Path) -> str:
    """Return the git branch of `root`, or that which a CI service says it checked out; "": none."""
    given = (os.environ.get(name, "") for name in BRANCH_VARIABLES)
    here = _git(root, "symbolic-ref", "--short", "--quiet", "HEAD")
    return here or next(filter(None, given), "")


def cpu_quota() -> float | None:
    """Return how many cores' worth of time the control group may use; None: no limit."""
    limits = [line.split() for line in _values("cpu", "cpu.max")]
    quotas, periods = _values("cpu", "cpu.cfs_quota_us"), _values("cpu", "cpu.cfs_period_us")
    limits += map(list, zip(quotas, periods, strict=True))  # version 1 keeps them in two files
    cores = [int(quota) / int(period) for quota, period in limits if quota not in ("max", "-1")]
    return min(cores, default=None)


def memory_limit() -> int | None:
    """Return the bytes that the control group may use; None: no limit."""
    names = ("memory.max", "memory.limit_in_bytes")
    values = [value for name in names for value in _values("memory", name)]
    limits = [int(value) for value in values if value.isdecimal()]
    return min((limit for limit in limits if limit < 1 << 60), default=None)  # v1: no limit is 2^63


def free_memory() -> int:
    """Return the bytes that may still be taken: of the machine, and of every control group.

    What a group holds of files counts as free, as the kernel drops it when memory is wanted.
    """
    free = int(psutil.virtual_memory().available)
    for group in _cgroups("memory"):
        for most, used in (("memory.max", "memory.current"), _MEMORY_V1):
            limit, usage = _read(group / most), _read(group / used)
            if limit.isdecimal() and usage.isdecimal():
                free = min(free, int(limit) - int(usage) + _file_pages(group))
    return max(0, free)


def throttling_file() -> str | None:
    """Return the `cpu.stat` of the control group if a CPU quota is set, else None."""
    if cpu_quota() is None:
        return None
    return next(
        (str(group / "cpu.stat") for group in _cgroups("cpu") if (group / "cpu.stat").is_file()),
        None,
    )


def allowed_cores() -> int:
    """Return how many cores this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def load_average() -> str:
    """Return the load averages over 1, 5 and 15 minutes."""
    return " ".join(_read(Path("/proc/loadavg")).split()[:3])


def _revision(root: Path) -> dict[str, str]:
    known, name = {"commit": commit(root)}, branch(root)
    return {**known, "branch": name} if name else known


def _processor() -> dict[str, str]:
    facts = _cpuinfo()
    flags = " ".join(sorted(facts.get("flags", facts.get("Features", "")).split()))
    quota = cpu_quota()
    return {
        "cpu": facts.get("model name") or platform.processor() or platform.machine(),
        "cpu flags": f"sha256 {hashlib.sha256(flags.encode()).hexdigest()}" if flags else UNKNOWN,
        "microcode": facts.get("microcode", UNKNOWN),
        "cores": f"{allowed_cores()} of {os.cpu_count()}",
        "cpu quota": "none" if quota is None else f"{quota:g} cores",
        "smt": _read(_CPU / "smt/control"),
        "governor": _read(_CPU / "cpu0/cpufreq/scaling_governor"),
        "turbo off": _read(_CPU / "intel_pstate/no_turbo"),
    }


def _system() -> dict[str, str]:
    limit = memory_limit()
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "memory": show(total, Unit.BYTES),
        "memory limit": "none" if limit is None else show(limit, Unit.BYTES),
        "transparent huge pages": _chosen(
            _read(Path("/sys/kernel/mm/transparent_hugepage/enabled"))
        ),
        "kernel": f"{platform.system()} {platform.release()}",
        "machine": platform.machine(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
    }


def _cpuinfo() -> dict[str, str]:
    """The facts of the first core in /proc/cpuinfo."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", "replace")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.split("\n\n")[0].splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _file_pages(group: Path) -> int:
    rows = (line.split() for line in _read(group / "memory.stat").splitlines())
    return sum(int(row[1]) for row in rows if row[0] in ("inactive_file", "active_file"))


def _cgroups(controller: str) -> list[Path]:
    """The folders of this process's control group and of those around it, innermost first."""
    try:
        rows = [line.split(":", 2) for line in Path("/proc/self/cgroup").read_text().splitlines()]
    except OSError:
        return []
    found = []
    for _, names, path in rows:
        if names and controller not in names.split(","):
            continue
        top = _CGROUP / controller if names else _CGROUP
        inner = Path(path.lstrip("/"))
        found += [top / part for part in (inner, *inner.parents)]
    return found


def _values(controller: str, name: str) -> list[str]:
    files = (group / name for group in _cgroups(controller))
    return [value for file in files if (value := _read(file)) != UNKNOWN]


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip() or UNKNOWN
    except OSError:
        return UNKNOWN


def _chosen(choices: str) -> str:
    """The word in brackets: "always [madvise] never"."""
    return choices.partition("[")[2].partition("]")[0] or choices


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _git(root: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
