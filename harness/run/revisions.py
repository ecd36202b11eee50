"""A git revision as a folder that can be measured: its files, and the packages that it locks."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from harness.errors import ConfigError
from harness.run.recording import Say

LOCK = "requirements.lock"  # every package of a revision's environment, in the project's folder
BUILD = Path("build")  # worktrees while they are measured, and environments
ENVIRONMENTS = BUILD / "environments"
STAMP = ".installed"  # in an environment that was built to its end
LAST = 12  # lines of a failed installation that an error quotes


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """The project at a revision, in a git worktree that is removed on leaving.

    It lies beside the working tree, on the same disk. Where the current folder is a part of the
    repository, so is the one returned.

    Raises:
        ConfigError: git does not know the revision, or the current folder is in no repository.
    """
    commit = _git("rev-parse", "--verify", f"{revision}^{{commit}}")
    inside = _git("rev-parse", "--show-prefix")
    BUILD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="revision-", dir=BUILD) as folder:
        tree = Path(folder).absolute() / commit[:12]
        try:
            _git("-c", "core.hooksPath=/dev/null", "worktree", "add", "--detach", str(tree), commit)
            yield tree / inside
        finally:
            subprocess.run(
                ["git", "worktree", "remove", "--force", str(tree)],
                capture_output=True,
                check=False,
            )


def interpreter_of(root: Path, say: Say) -> str:
    """Return the Python of the environment that a revision locks, built when there is none yet.

    Equal locks share one environment. A lock equal to that of the current folder is served by the
    interpreter that runs now.

    Raises:
        ConfigError: the revision has no lock, or its packages cannot be installed.
    """
    lock = root / LOCK
    if not lock.is_file():
        raise ConfigError(
            f"{root.name}: the revision has no {LOCK}, so its packages are not known. Give its "
            "interpreter with --a-python or --b-python."
        )
    here = Path(LOCK)
    if here.is_file() and here.read_bytes() == lock.read_bytes():
        return sys.executable
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    folder = ENVIRONMENTS.absolute() / f"python{version}-{digest[:16]}"
    python = folder / "bin/python"
    if not (folder / STAMP).is_file():
        say(f"Building {folder} from the {LOCK} of {root.name}.")
        _install([sys.executable, "-m", "venv", "--clear", str(folder)], lock)
        pip = (str(python), "-m", "pip", "--disable-pip-version-check", "--quiet")
        _install([*pip, "install", "-r", str(lock)], lock)
        (folder / STAMP).touch()
    return str(python)


def _install(command: Sequence[str], lock: Path) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        told = (done.stderr or done.stdout).strip().splitlines()[-LAST:]
        raise ConfigError(
            f"{lock.name} of {lock.parent.name} cannot be installed by {' '.join(command)}. Its "
            "last lines:\n" + "\n".join(told)
        )


def _git(*words: str) -> str:
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, check=False)
    except OSError as error:
        raise ConfigError(f"git cannot be started: {error}. Install it.") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise ConfigError(f"git {' '.join(words)}: {said[-1] if said else 'failed'}")
    return done.stdout.strip()
