"""Model files written piece by piece: whole or not at all, in bounded memory, described at the end.

    with DataFile(model, need=4_300_000_000) as data:
        tensors = [data.add("weight", FLOAT, [2048, 8192], blocks), ...]
        data.finish(graph, manifest)

Everything is written to `*.half` files beside the model and renamed at the end. The manifest goes
first and comes last, so that a bundle with a manifest is one that was finished.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

ALIGNMENT = 4096  # bytes: a page, so that each tensor can be mapped by itself
EXTERNAL_FROM = 256  # bytes; smaller tensors (shapes, radices) stay in the graph
SPARE = 100_000_000  # bytes of disk left to others


class NoRoomError(OSError):
    """The disk cannot hold the files."""


def free_space(folder: Path) -> int:
    """Return the bytes that an ordinary user may still write in `folder`."""
    return shutil.disk_usage(folder).free


class DataFile:
    """The external data of one model while it is written.

    Use as a context manager: what was not finished is removed.
    """

    def __init__(self, model: Path, *, need: int, free: Callable[[Path], int] = free_space) -> None:
        """Open `model`.data.half.

        Args:
            model: the .onnx file to be; its folder is made.
            need: bytes that will be written, about.
            free: how many bytes a folder can take.

        Raises:
            NoRoomError: the disk has less than `need` and a little to spare.
        """
        model.parent.mkdir(parents=True, exist_ok=True)
        self.model, self.path = model, model.with_name(f"{model.name}.data")
        self._half = _half(self.path)
        self._half.unlink(missing_ok=True)
        has = free(model.parent)
        if has < need + SPARE:
            raise NoRoomError(
                f"{model.parent}: {self.path.name} needs {need + SPARE:,} bytes of disk, there are "
                f"{has:,}. Free some, or write elsewhere with --out."
            )
        self._file = self._half.open("xb")
        self._digest = hashlib.sha256()

    def add(
        self, name: str, kind: int, dims: Iterable[int], blocks: Iterable[NDArray[Any]]
    ) -> TensorProto:
        """Write one tensor and return it, referring to the file.

        Args:
            name: of the initializer.
            kind: its TensorProto type, e.g. TensorProto.FLOAT.
            dims: its shape.
            blocks: its elements in row-major order, of the type's own numpy dtype.
        """
        offset = -(-self._file.tell() // ALIGNMENT) * ALIGNMENT
        self._put(bytes(offset - self._file.tell()))
        for block in blocks:
            self._put(np.ascontiguousarray(block).reshape(-1).view(np.uint8).data)
        tensor = TensorProto(name=name, data_type=kind, dims=list(dims))
        tensor.data_location = TensorProto.EXTERNAL
        length = self._file.tell() - offset
        stated = (("location", self.path.name), ("offset", offset), ("length", length))
        for key, value in stated:
            tensor.external_data.add(key=key, value=str(value))
        return tensor

    def add_array(self, name: str, array: NDArray[Any]) -> TensorProto:
        """Return `array` as a tensor: in the file, or in the graph where it is small."""
        tensor = numpy_helper.from_array(array, name)
        if array.nbytes < EXTERNAL_FROM:
            return tensor
        return self.add(name, tensor.data_type, array.shape, [array])

    def finish(self, graph: onnx.ModelProto, manifest: Mapping[str, Any] | None) -> None:
        """Put graph, data and manifest in place; the manifest gets the facts of both files."""
        self._file.flush()
        os.fsync(self._file.fileno())
        facts = {"bytes": self._file.tell(), "sha256": self._digest.hexdigest()}
        self._file.close()
        written = graph.SerializeToString()
        described = manifest_of(self.model)
        described.unlink(missing_ok=True)
        _half(self.model).write_bytes(written)
        _half(self.model).replace(self.model)
        self._half.replace(self.path)
        if manifest is None:
            return
        files = {
            self.model.name: {"bytes": len(written), "sha256": _sha256(written)},
            self.path.name: facts,
            **manifest["files"],
        }
        text = json.dumps({**manifest, "files": files}, indent=2, ensure_ascii=False)
        _half(described).write_text(f"{text}\n", "utf-8")
        _half(described).replace(described)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._file.close()
        self._half.unlink(missing_ok=True)

    def _put(self, part: bytes | memoryview) -> None:
        self._file.write(part)
        self._digest.update(part)


def manifest_of(model: Path) -> Path:
    """Return where the manifest of `model` lies."""
    return model.with_name(f"{model.name}.manifest.json")


def read_manifest(model: Path) -> dict[str, Any]:
    """Return the manifest of `model`; {} where there is none."""
    path = manifest_of(model)
    document: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    return document


def derived(manifest: Mapping[str, Any], folder: str = "", *, drift: float) -> dict[str, Any]:
    """Return what the manifest of a model made from another may take over: all but its seal.

    The canaries stay the other model's, for they show how far the new one is from it.

    Args:
        manifest: of the other model; {} where there is none.
        folder: where its files lie, seen from the new one's.
        drift: relative distance of an answer that is allowed at least.
    """
    kept = {key: value for key, value in manifest.items() if key not in ("sealed", "tensors")}
    if canaries := kept.get("canaries"):
        limits = {key: max(drift, limit) for key, limit in canaries["tolerance"].items()}
        file = f"{folder}/{canaries['file']}" if folder else canaries["file"]
        kept["canaries"] = {**canaries, "file": file, "tolerance": limits}
    return kept


def is_there(model: Path, recipe: Mapping[str, Any]) -> bool:
    """Return whether `model` was made by `recipe` and its files have the stated sizes."""
    manifest = read_manifest(model)
    if not manifest or manifest.get("recipe") != recipe:
        return False
    stated = {model.parent / name: facts["bytes"] for name, facts in manifest["files"].items()}
    return all(path.is_file() and path.stat().st_size == size for path, size in stated.items())


def _half(path: Path) -> Path:
    return path.with_name(f"{path.name}.half")


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
