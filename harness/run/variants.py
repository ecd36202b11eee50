"""Variants of the pipeline's config: which there are, and each as a file that can be run again.

Each lies in a folder of its own under the run's, with the suite and the budgets as they were:

    harness bench --config reports/runs/RUN/variants/prepacking-false/reference.yaml
"""

from __future__ import annotations

import itertools
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from harness.config import BUDGETS, SUITE, Settings, model_path
from harness.records import Variant
from harness.strict import read_yaml

Options = Mapping[str, Any]  # key of the pipeline's config -> value
Grid = Mapping[str, tuple[Any, ...]]  # key -> its values, the given one first

FOLDER = "variants"
GIVEN = "as given"


def grid_of(settings: Settings, grid: Mapping[str, Sequence[Any]]) -> dict[str, tuple[Any, ...]]:
    """Return every key of `grid` with the value that the config gives it first.

    Where the config does not state a key, the first value of the grid holds. Models of another
    precision beside the given one, `core.int8.onnx` beside `core.onnx`, are values of its key.
    """
    stated = _section(read_yaml(settings.config), settings.suite.model_key)
    given = {key: (stated.get(key, values[0]), *values) for key, values in grid.items()}
    model = stated[_model_key(settings)]
    others = [str(Path(model).with_name(file.name)) for file in precisions(settings.model)]
    if others:
        given[_model_key(settings)] = (model, *others)
    return {key: tuple(dict.fromkeys(values)) for key, values in given.items()}


def precisions(model: Path) -> tuple[Path, ...]:
    """Return the models beside `model` that differ from it in precision, sorted by name."""
    return tuple(sorted(model.parent.glob(f"{model.stem}.*{model.suffix}")))


def single_changes(grid: Grid) -> list[dict[str, Any]]:
    """Return each change of one option that the grid has."""
    return [{key: value} for key, values in grid.items() for value in values[1:]]


def combinations(changes: Sequence[Options]) -> Iterator[dict[str, Any]]:
    """Yield the product of some single changes: every combination of two or more options."""
    values: dict[str, list[Any]] = {}
    for change in changes:
        for key, value in change.items():
            values.setdefault(key, []).append(value)
    ways = [[{}, *({key: value} for value in found)] for key, found in values.items()]
    for chosen in itertools.product(*ways):
        options = {key: value for change in chosen for key, value in change.items()}
        if len(options) > 1:
            yield options


def name_of(settings: Settings, options: Options) -> str:
    """Name a variant by what it changes: `'prepacking=false, precision=int8'`."""
    return ", ".join(_named(settings, key, value) for key, value in options.items()) or GIVEN


def write_variant(
    settings: Settings, folder: Path, options: Options, *, arm: str, part: str
) -> Variant:
    """Write the config of a variant under `folder` and return what it is.

    Args:
        settings: of the config as given.
        folder: of the run.
        options: what the variant changes.
        arm: of its measurements.
        part: of the search, see `Variant`.
    """
    name = name_of(settings, options)
    home = folder / FOLDER / re.sub(r"[^A-Za-z0-9._+]+", "-", name.replace(", ", "+"))
    home.mkdir(parents=True, exist_ok=True)
    document = dict(read_yaml(settings.config))
    _section(document, settings.suite.model_key).update(options)
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    file = home / settings.config.name
    file.write_text(f"# {settings.config} with {name}\n{text}", "utf-8")
    for beside in (SUITE, BUDGETS):
        shutil.copyfile(settings.config.with_name(beside), home / beside)
    return Variant(name=name, options=dict(options), config=str(file), arm=arm, part=part)


def settings_of(settings: Settings, variant: Variant) -> Settings:
    """Return the settings of a run with this variant."""
    config = Path(variant.config)
    model = model_path(config, read_yaml(config), settings.suite.model_key)
    return replace(settings, config=config, model=model)


def changes_model(settings: Settings, options: Options) -> bool:
    """Return whether a variant computes with another model file."""
    return _model_key(settings) in options


def _named(settings: Settings, key: str, value: Any) -> str:
    if key == _model_key(settings):
        precision = Path(value).stem.removeprefix(f"{settings.model.stem}.")
        return f"precision={precision}"
    return f"{key}={str(value).lower() if isinstance(value, bool) else value}"


def _model_key(settings: Settings) -> str:
    return settings.suite.model_key.rpartition(".")[2]


def _section(document: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return the section in which the model's path stands: that of the pipeline's options."""
    section: Any = document
    for part in key.split(".")[:-1]:
        section = section[part]
    found: dict[str, Any] = section
    return found
