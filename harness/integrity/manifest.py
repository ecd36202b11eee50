"""The manifest of a bundle: `<model file>.manifest.json`, beside the model.

It names every file of the bundle with its size and digests, every tensor outside the graphs with
its own, which file is the tokeniser and the text decoder, the contract that the model keeps, its
canaries, who sealed the bundle and where its files come from. A bundle may have none.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from harness.errors import BundleError
from harness.integrity.specification import Contract, contract_of
from harness.untrusted import is_inside, parse_json, read_text

# Format of the manifest. History:
#   1  2026-11  files with bytes and sha256, roles, contract
#   2  2026-11  blake3 of files; `tensors`; `sealed`; `canaries`. Absent in 1, and read as "", (),
#               None and None
FORMAT = 2
READABLE = (1, 2)
SUFFIX = ".manifest.json"
MOST_BYTES = 200_000_000  # of a manifest: a million tensors
ONNX_ROLES = ("model", "tokenizer", "text_decoder")
OTHER_ROLES = ("language_model",)


@dataclass(frozen=True, kw_only=True)
class FileEntry:
    """What a file of the bundle must be."""

    bytes: int
    sha256: str  # 64 hex digits, lower case
    blake3: str = ""  # likewise; "" in a manifest of format 1


@dataclass(frozen=True, kw_only=True)
class TensorEntry:
    """What a tensor of the bundle must be."""

    graph: str  # the ONNX file that declares it
    name: str
    dtype: str  # numpy's name: "float32", "int4"
    shape: tuple[int, ...]
    file: str  # that holds its bytes
    offset: int | None  # of its first byte there; None: inside the graph, wherever protobuf put it
    bytes: int
    blake3: str = ""  # of these bytes; "" where nobody sealed them

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


@dataclass(frozen=True, kw_only=True)
class Seal:
    """Who wrote down what the bundle is, when, and with what."""

    by: str
    at: str  # ISO 8601, UTC
    tool: str  # name and version


@dataclass(frozen=True, kw_only=True)
class CanaryEntry:
    """Where the stored answers of a model are, and how far another run may be from them."""

    file: str  # .npz: names, codes, answers
    sha256: str  # of that file
    of: str  # the model that gave the answers: this one, or the one that it was made from
    runtime: str  # that computed them: "onnxruntime 1.32.0"
    level: str  # of the processor that computed them: "avx512_vnni"
    same: float  # largest relative distance on a processor of that level
    other: float  # and on any other


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """A manifest as read; every path is relative to its folder."""

    path: Path
    files: Mapping[str, FileEntry]
    roles: Mapping[str, str]  # "model", "tokenizer", "text_decoder", "language_model" -> file
    contract: Contract | None
    canaries: CanaryEntry | None  # None: there are none
    tensors: tuple[TensorEntry, ...]  # () in a manifest of format 1
    sealed: Seal | None  # None in a manifest of format 1
    source: str  # where the files come from: a URL, or words; "" when it is not said
    raw: Mapping[str, Any] = field(repr=False)  # all of it, for what other parts read

    def again(self, name: str) -> str:
        """Say in a sentence where to get a file again, and how to know that it is the right one."""
        entry = self.files.get(name)
        digest = f" (sha256 {entry.sha256})" if entry else ""
        if "://" in self.source:
            return f"Download it again from {self.source}{digest}."
        return f"Get it again from {self.source or 'where it came from'}{digest}."


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
        raw = parse_json(read_text(path, MOST_BYTES))
    except (OSError, ValueError) as error:
        raise BundleError(f"{path}: not a readable JSON file: {error}. Restore it.") from None
    if not isinstance(raw, dict) or raw.get("format") not in READABLE:
        found = raw.get("format") if isinstance(raw, dict) else type(raw).__name__
        raise BundleError(
            f'{path}: expected "format": {" or ".join(map(str, READABLE))}, found {found!r}. Use '
            "the manifest that came with the model, or a newer version of the harness."
        )
    try:
        return _manifest(path, raw)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        reason = f"the key {error} is missing" if isinstance(error, KeyError) else str(error)
        raise BundleError(f"{path}: {reason}. Restore the manifest of this bundle.") from None


def _manifest(path: Path, raw: Mapping[str, Any]) -> Manifest:
    files = {_inside(name): _file(name, entry) for name, entry in raw["files"].items()}
    named = {role: raw[role] for role in (*ONNX_ROLES, *OTHER_ROLES) if raw.get(role)}
    return Manifest(
        path=path,
        files=files,
        roles={role: _inside(name) for role, name in named.items()},
        contract=contract_of(raw["contract"]) if "contract" in raw else None,
        canaries=_canaries(raw["canaries"]) if "canaries" in raw else None,
        tensors=tuple(map(_sealed_tensor, raw.get("tensors", ()))),
        sealed=_seal(raw["sealed"]) if "sealed" in raw else None,
        source=_text(raw.get("source", ""), "source"),
        raw=raw,
    )


def _inside(name: object) -> str:
    if not isinstance(name, str) or not is_inside(name):
        raise ValueError(f"the file {name!r} is not a path inside the bundle's folder")
    return name


def _file(name: str, raw: Mapping[str, Any]) -> FileEntry:
    return FileEntry(
        bytes=_count(raw["bytes"], f"'bytes' of {name!r}"),
        sha256=_digest(raw["sha256"], name),
        blake3=_digest(raw["blake3"], name) if "blake3" in raw else "",
    )


def _sealed_tensor(raw: Mapping[str, Any]) -> TensorEntry:
    name, offset = raw["name"], raw.get("offset")
    return TensorEntry(
        graph=_inside(raw["graph"]),
        name=_text(name, "name of a tensor"),
        dtype=_text(raw["dtype"], f"'dtype' of {name!r}"),
        shape=tuple(_count(size, f"'shape' of {name!r}") for size in raw["shape"]),
        file=_inside(raw["file"]),
        offset=None if offset is None else _count(offset, f"'offset' of {name!r}"),
        bytes=_count(raw["bytes"], f"'bytes' of {name!r}"),
        blake3=_digest(raw["blake3"], name),
    )


def _seal(raw: Mapping[str, Any]) -> Seal:
    return Seal(**{key: _text(raw[key], f"'{key}' of 'sealed'") for key in ("by", "at", "tool")})


def _digest(value: object, of: str) -> str:
    text = str(value).lower()
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError(f"{value!r} of {of!r} is no digest of 64 hex digits")
    return text


def _count(value: object, what: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{what} is a whole number of 0 or more, got {value!r}")
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{what} is text, got {value!r}")
    return value


def _canaries(raw: Mapping[str, Any]) -> CanaryEntry:
    limits = {key: float(raw["tolerance"][key]) for key in ("same", "other")}
    if not all(0 <= limit < math.inf for limit in limits.values()):
        raise ValueError(f"'tolerance' of 'canaries' is of numbers of 0 or more, got {limits}")
    return CanaryEntry(
        file=_inside(raw["file"]),
        sha256=_digest(raw["sha256"], "canaries"),
        of=_text(raw["of"], "'of' of 'canaries'"),
        runtime=_text(raw["runtime"], "'runtime' of 'canaries'"),
        level=_text(raw["level"], "'level' of 'canaries'"),
        same=limits["same"],
        other=limits["other"],
    )
