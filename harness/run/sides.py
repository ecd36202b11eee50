"""The two sides of a comparison: configs, git revisions, environments, or any two of these."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.config import Settings, model_path
from harness.errors import BundleError, ConfigError
from harness.integrity.bundle import bundle_files, bundle_fingerprint
from harness.measure.host import PACKAGES, commit
from harness.run.recording import Say
from harness.run.revisions import checked_out, interpreter_of
from harness.strict import read_yaml

GIT = "git:"
_NEEDED = "onnxruntime"  # an interpreter without it runs no pipeline
_ASK = """
import json, platform, sys
from importlib.metadata import PackageNotFoundError, version
def of(name):
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"
said = {"python": platform.python_version(), **{name: of(name) for name in sys.argv[1:]}}
print(json.dumps(said))
"""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """One side as a person names it."""

    name: str  # "a" or "b": the option that names it, and its arm
    pipeline: str  # path of a config file, or "git:REVISION"
    config: Path  # of a revision: path of its config file within the project
    python: str | None  # interpreter; None: the current one, or the one that a revision locks


@dataclass(frozen=True, kw_only=True)
class Side:
    """One side, ready to be measured."""

    name: str  # "a" or "b"
    given: str  # as a person named it
    root: Path  # folder from which its pipeline is imported, and current folder of its processes
    config: Path
    model: Path
    python: str
    packages: dict[str, str]  # of its interpreter: name -> version

    def settings(self, settings: Settings) -> Settings:
        """Return `settings` for this side's pipeline."""
        return replace(settings, config=self.config, model=self.model)

    def facts(self) -> dict[str, Any]:
        """Return what was measured on this side, as plain values."""
        return {
            "given": self.given,
            "commit": commit(self.root),
            "config": hashlib.sha256(self.config.read_bytes()).hexdigest(),
            "bundle": bundle_fingerprint(bundle_files(self.model)),
            "packages": self.packages,
        }


@contextmanager
def opened(wanted: Wanted, settings: Settings, say: Say) -> Iterator[Side]:
    """Make one side ready; what it needed on disk is removed on leaving.

    Args:
        wanted: which.
        settings: of the suite that both sides are measured by.
        say: told what takes long.

    Raises:
        ConfigError: no such config, revision or interpreter, or packages that cannot be had; says
            which option names it.
        BundleError: its model is absent.
    """
    with ExitStack() as held:
        try:
            side = _side(wanted, settings, held, say)
        except (ConfigError, BundleError) as error:
            raise type(error)(f"--{wanted.name} {wanted.pipeline}: {error}") from None
        yield side


def _side(wanted: Wanted, settings: Settings, held: ExitStack, say: Say) -> Side:
    root, config, python = Path.cwd(), Path(wanted.pipeline), wanted.python or sys.executable
    if wanted.pipeline.startswith(GIT):
        root = held.enter_context(checked_out(wanted.pipeline.removeprefix(GIT)))
        config = root / _within_project(wanted.config)
        python = wanted.python or interpreter_of(root, say)
    python = _found(python, wanted)
    return Side(
        name=wanted.name,
        given=f"{wanted.pipeline} with {wanted.python}" if wanted.python else wanted.pipeline,
        root=root,
        config=config,
        model=_model(root, config, settings.suite.model_key),
        python=python,
        packages=_packages(python),
    )


def _within_project(config: Path) -> Path:
    """The path of a config file from the project's folder, where every revision has its own."""
    here, file = Path.cwd(), config.absolute()
    if not file.is_relative_to(here):
        raise ConfigError(f"{config}: not in {here}, so no revision has it. Choose --config there.")
    return file.relative_to(here)


def _model(root: Path, config: Path, key: str) -> Path:
    """The model of a config in `root`, from the current folder where git does not keep it."""
    document = read_yaml(config)
    model, ours = model_path(config, document, key, root=root), model_path(config, document, key)
    if not model.exists() and ours.exists():
        for file in bundle_files(ours):
            link = model.parent / file.relative_to(ours.parent)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(file.absolute())
    if not model.exists():
        raise BundleError(f"{model}: no such model; {config} names it. Put it and its data there.")
    return model


def _found(python: str, wanted: Wanted) -> str:
    path = shutil.which(python)
    if path is None:
        raise ConfigError(
            f"--{wanted.name}-python {python}: no such interpreter. Give the path of one, such as "
            ".venv/bin/python."
        )
    return os.path.abspath(path)  # its links stay: through them it finds its packages


def _packages(python: str) -> dict[str, str]:
    """Ask an interpreter for its version and those of the packages that a figure depends on."""
    command = [python, "-P", "-c", _ASK, *PACKAGES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = " ".join(done.stderr.strip().splitlines()[-1:])
        raise ConfigError(f"{python} cannot be asked for its packages: {said}. Python 3.11 can.")
    packages: dict[str, str] = json.loads(done.stdout)
    if packages[_NEEDED] == "not installed":
        raise ConfigError(f"{python} has no {_NEEDED}. Install the project's requirements there.")
    return packages
