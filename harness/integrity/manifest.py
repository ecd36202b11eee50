"""The manifest of a bundle: `<model file>.manifest.json`, beside the model.

It names every file of the bundle with its size and sha256, which of them is the tokeniser and the
text decoder, and the contract that the model keeps. A bundle may have none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np

from harness.errors import BundleError

FORMAT = 1
SUFFIX = ".manifest.json"
ONNX_ROLES = ("model", "tokenizer", "text_decoder")
OTHER_ROLES = ("language_model",)


@dataclass(frozen=True, kw_only=True)
class FileEntry:
    """What a file of the bundle must be."""

    bytes: int
    sha256: str  # 64 hex digits, lower case


@dataclass(frozen=True, kw_only=True)
class TensorSpec:
    """One input or output of the contract."""

    name: str
    dtype: str  # numpy's name: "int64"
    shape: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Contract:
    """What goes into the model and what comes out."""

    input: TensorSpec
    output: TensorSpec
    codebook_size: int  # codes lie in 0 .. codebook_size - 1


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A manifest as read; every path is relative to its folder."""

    path: Path
    files: Mapping[str, FileEntry]
    roles: Mapping[str, str]  # "model", "tokenizer", "text_decoder", "language_model" -> file
    contract: Contract | None
    raw: Mapping[str, Any] = field(repr=False)  # all of it, for what other parts read


# The product's specification; its codebook size is the reference bundle's, for it names none.
PRODUCT_CONTRACT = Contract(
    input=TensorSpec(name="audio_codes", dtype="int64", shape=(1, 16, 128)),
    output=TensorSpec(name="mel_features", dtype="float32", shape=(1, 2048, 245_760)),
    codebook_size=2048,
)


def manifest_path(model_path: Path) -> Path:
    """Return where the manifest of a model stands, whether it exists or not."""
    return model_path.with_name(model_path.name + SUFFIX)


def read_manifest(model_path: Path) -> Manifest | None:
    """Read the manifest beside a model; None when there is none.

    Raises:
        BundleError: the manifest is not JSON, of an unknown format, or lacks what it must say.
    """
    path = manifest_path(model_path)
    if not path.exists():
        return None
    try:
        raw = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BundleError(f"{path}: not a readable JSON file: {error}. Restore it.") from None
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        found = raw.get("format") if isinstance(raw, dict) else type(raw).__name__
        raise BundleError(f'{path}: expected "format": {FORMAT}, found {found!r}.')
    try:
        return _manifest(path, raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"the key {error} is missing" if isinstance(error, KeyError) else str(error)
        raise BundleError(f"{path}: {reason}. Restore the manifest of this bundle.") from None


def is_inside(location: str) -> bool:
    """Say whether a relative path stays in its folder: not absolute, no drive, no `..`."""
    parts = PurePosixPath(location).parts + PureWindowsPath(location).parts
    anchored = PurePosixPath(location).is_absolute() or bool(PureWindowsPath(location).anchor)
    return bool(location) and not anchored and ".." not in parts


def _manifest(path: Path, raw: Mapping[str, Any]) -> Manifest:
    files = {
        _inside(name): FileEntry(bytes=int(entry["bytes"]), sha256=str(entry["sha256"]).lower())
        for name, entry in raw["files"].items()
    }
    named = {role: raw[role] for role in (*ONNX_ROLES, *OTHER_ROLES) if raw.get(role)}
    return Manifest(
        path=path,
        files=files,
        roles={role: _inside(name) for role, name in named.items()},
        contract=_contract(raw["contract"]) if "contract" in raw else None,
        raw=raw,
    )


def _inside(name: object) -> str:
    if not isinstance(name, str) or not is_inside(name):
        raise ValueError(f"the file {name!r} is not a path inside the bundle's folder")
    return name


def _contract(raw: Mapping[str, Any]) -> Contract:
    size = int(raw["codebook_size"])
    if size < 1:
        raise ValueError(f"'codebook_size' is 1 or more, got {size}")
    return Contract(input=_tensor(raw["input"]), output=_tensor(raw["output"]), codebook_size=size)


def _tensor(raw: Mapping[str, Any]) -> TensorSpec:
    shape = tuple(int(size) for size in raw["shape"])
    if not shape or min(shape) < 1:
        raise ValueError(f"the shape {list(shape)} of {raw['name']!r} is not one of sizes above 0")
    return TensorSpec(name=str(raw["name"]), dtype=np.dtype(raw["dtype"]).name, shape=shape)
