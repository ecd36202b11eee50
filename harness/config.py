"""What a person may set: the pipeline's config, and `suite.yaml` and `budgets.yaml` beside it.

`claims.yaml`, where it is there, is read too.

The file name of the pipeline's config is the name of its bundle: `config/reference.yaml` is judged
by the rows of `reference`. Reading is strict: what is not known is an error that names file, key
and the nearest known one.

    settings = read_settings(Path("config/reference.yaml"))
    settings.suite.latency.processes, settings.budgets[0].title
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.budgets import UNDER, metrics, read_budgets
from harness.claims import CLAIMS, Claims, read_claims
from harness.errors import ConfigError
from harness.records import Budget
from harness.strict import nearest, read_yaml
from harness.suite import Suite, overridden_bundles, read_suite

SUITE = "suite.yaml"
BUDGETS = "budgets.yaml"
WHOLE_OUTPUT = "full"  # the value at `output_key`, or none: the model is run to its end


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that a run was told, read and checked."""

    config: Path  # the pipeline's config file, as given
    bundle: str  # its name without ending: which rows of budgets.yaml count
    model: Path  # model file that the config names; may be absent
    voice: Path | None  # model file of the voice; None: the config names none
    name: str  # of the model, as the config says; "" where the suite names no key for it
    threads: int  # that the pipeline computes with; 0: one per core
    cut: bool  # whether the model is run for a part of its output only
    quick: bool  # whether the suite's `quick` section was applied
    reduced: bool  # whether the suite's values for this bundle were
    suite: Suite
    budgets: tuple[Budget, ...]  # but for those of the next line
    treated: tuple[Budget, ...]  # about a set under a treatment: `harness conditions` judges them
    claims: Claims | None  # of the product's document; None: it makes none about this bundle


def read_settings(
    config: Path, *, quick: bool = False, full: bool = False, judged: bool = True
) -> Settings:
    """Read the pipeline's config and the two files beside it.

    Args:
        config: the pipeline's config; `suite.yaml` and `budgets.yaml` lie in the same folder.
        quick: apply the suite's `quick` section over the rest.
        full: leave out what the suite's section `bundles` has for this one.
        judged: read the rows of the bundle in budgets.yaml; without, there are none.

    Raises:
        ConfigError: a file is absent or cannot be used; names file, key and what was expected.
    """
    document = read_yaml(config)
    file, bundle = config.parent / SUITE, config.stem
    whole, own = read_suite(file), "" if full else bundle
    rows = _budgets(config, whole) if judged else ()
    return Settings(
        config=config,
        bundle=bundle,
        model=model_path(config, document, whole.model_key),
        voice=voice_path(config, document, whole.voice_key),
        name=model_name(config, document, whole.name_key),
        threads=threads(config, document, whole.threads_key),
        cut=is_cut(document, whole.output_key),
        quick=quick,
        reduced=own in overridden_bundles(file),
        suite=read_suite(file, bundle=own, quick=quick),
        budgets=tuple(row for row in rows if UNDER not in row.metric),
        treated=tuple(row for row in rows if UNDER in row.metric),
        claims=read_claims(config.parent / CLAIMS, bundle, whole, metrics(whole)),
    )


def _budgets(config: Path, suite: Suite) -> tuple[Budget, ...]:
    """The rows of a bundle; one that only suite.yaml knows is a misspelt one."""
    file, names = config.parent / BUDGETS, overridden_bundles(config.parent / SUITE)
    rows = read_budgets(file, config.stem, metrics(suite))
    known = read_yaml(file)["bundles"]
    for name in names:
        if name not in known:
            raise ConfigError(
                f"{config.parent / SUITE}: bundles: {name!r} has no rows in {file}."
                f"{nearest(name, known)}"
            )
    return rows


def model_path(config: Path, document: Mapping[str, Any], key: str, *, root: Path = Path()) -> Path:
    """Return where the pipeline's config, whose content is `document`, says that its model lies.

    A relative path counts from `root`, which is the current folder of the pipeline's process, or
    from the parent of the config's folder.

    Raises:
        ConfigError: `key` leads to nothing.
    """
    value = _at(document, key)
    if not isinstance(value, str) or not value:
        raise ConfigError(f"{config}: expected the path of the model at {key!r}, got {value!r}.")
    here, project = root / value, config.resolve().parent.parent / value
    return project if project.exists() and not here.exists() else here


def voice_path(config: Path, document: Mapping[str, Any], key: str | None) -> Path | None:
    """Return where the config says that the voice's model lies; None where there is no such key.

    Raises:
        ConfigError: the key holds anything but a path.
    """
    return None if key is None or _at(document, key) is None else model_path(config, document, key)


def model_name(config: Path, document: Mapping[str, Any], key: str | None) -> str:
    """Return which model the config says that it runs; "" where there is no such key.

    Raises:
        ConfigError: the key holds anything but text.
    """
    value = "" if key is None or (found := _at(document, key)) is None else found
    if not isinstance(value, str):
        raise ConfigError(f"{config}: expected the name of the model at {key!r}, got {value!r}.")
    return value


def threads(config: Path, document: Mapping[str, Any], key: str | None) -> int:
    """Return how many threads the pipeline computes with; 0, or no such key: one per core.

    Raises:
        ConfigError: the key holds anything but a whole number, 0 or more.
    """
    value = 0 if key is None or (found := _at(document, key)) is None else found
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ConfigError(f"{config}: expected a number of threads at {key!r}, got {value!r}.")
    return value


def is_cut(document: Mapping[str, Any], key: str | None) -> bool:
    """Return whether the pipeline's config asks for less than the model's whole output."""
    return key is not None and _at(document, key) not in (None, WHOLE_OUTPUT)


def _at(document: Mapping[str, Any], key: str) -> Any:
    """What stands at a dotted key; None where it leads to nothing."""
    value: Any = document
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value
