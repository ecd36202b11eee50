"""Strict reading of YAML: what is not known is an error that names the nearest known word."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from harness.errors import ConfigError
from harness.untrusted import DEEPEST, read_text

MOST_BYTES = 1_000_000  # of a config file
MOST_VALUES = 100_000  # in one, aliases written out

Model = TypeVar("Model", bound=BaseModel)


class Strict(BaseModel):
    """A section of a file: an unknown key is an error that names the nearest known one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _known_keys(cls, data: Any) -> Any:
        for key in data if isinstance(data, dict) else ():
            if key not in cls.model_fields:
                text = f"unknown key {key!r}.{nearest(key, cls.model_fields)}"
                raise PydanticCustomError("unknown_key", "{text}", {"text": text})
        return data


def read_yaml(file: Path) -> Mapping[str, Any]:
    """Read a YAML file whose top level is a mapping.

    Raises:
        ConfigError: absent, a folder, not readable as UTF-8, not YAML, a key that stands twice in
            one mapping, no mapping at the top, or one that is larger than any config (an alias
            stands for all that it names: nine lines of ten aliases each are a billion values).
    """
    try:
        data = _Bounded(read_text(file, MOST_BYTES)).get_single_data()
    except FileNotFoundError:
        raise ConfigError(f"{file}: no such file. Run from the project's folder.") from None
    except IsADirectoryError:
        raise ConfigError(f"{file}: a folder. Give the path of a YAML file.") from None
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigError(f"{file}{line}: cannot be read as YAML: {error.problem}.") from None
    except RecursionError:
        raise ConfigError(f"{file}: cannot be read as YAML: nested too deep.") from None
    except (OSError, ValueError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise ConfigError(f"{file}: cannot be read as YAML: {reason}.") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{file}: expected keys at the top, got {type(data).__name__}.")
    return data


class _Bounded(yaml.SafeLoader):
    """Refuses more values than a config has, and a mapping that names a key twice: YAML forbids
    it, and PyYAML takes the last."""

    def fetch_flow_collection_start(self, token: Any) -> None:
        if self.flow_level >= DEEPEST:  # PyYAML's time grows with the square of the depth
            raise yaml.YAMLError(f"nested too deep: more than {DEEPEST} brackets are open")
        super().fetch_flow_collection_start(token)

    def get_single_node(self) -> yaml.Node | None:
        node: yaml.Node | None = super().get_single_node()
        if node is not None and _size(node, {}) > MOST_VALUES:
            raise yaml.YAMLError(f"more than {MOST_VALUES} values, aliases written out")
        return node

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                if key.value in seen:
                    mark = key.start_mark
                    text = f"the key {key.value!r} stands there twice. Keep one of them"
                    raise yaml.constructor.ConstructorError(None, None, text, mark)
                seen.add(key.value)
        return super().construct_mapping(node, deep=deep)


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """How many values a node stands for, each alias counted as what it names; one that names
    what it stands in has no end."""
    if id(node) not in known:
        known[id(node)] = MOST_VALUES + 1  # until it is known: what an alias to itself counts
        inside = node.value if isinstance(node, yaml.CollectionNode) else []
        parts = [
            one for entry in inside for one in (entry if isinstance(entry, tuple) else (entry,))
        ]
        known[id(node)] = 1 + sum(_size(one, known) for one in parts)
    return known[id(node)]


def checked(model: type[Model], data: Mapping[str, Any], file: Path, part: str = "") -> Model:
    """Validate what `file` held; `part` says in the error which reading of it failed.

    Raises:
        ConfigError: names file, key, what was expected and what was found.
    """
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        got = "" if isinstance(first["input"], dict) else f". Got {first['input']!r}."
        raise ConfigError(f"{file}: {part}{place or 'top level'}: {first['msg']}{got}") from None


def nearest(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant: `nearest("procesess", fields)`."""
    known = tuple(known)
    close = difflib.get_close_matches(str(word), known, n=1)
    return f" Did you mean {close[0]!r}?" if close else f" Known: {', '.join(known)}."
