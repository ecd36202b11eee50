"""What a planted defect is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from onnx import ModelProto, TensorProto

from tests.integrity import planting as p

DTYPES = {
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "float16": TensorProto.FLOAT16,
    "bfloat16": TensorProto.BFLOAT16,
    "float8e4m3fn": TensorProto.FLOAT8E4M3FN,
    "float8e5m2": TensorProto.FLOAT8E5M2,
    "int8": TensorProto.INT8,
    "uint8": TensorProto.UINT8,
    "int4": TensorProto.INT4,
    "uint4": TensorProto.UINT4,
    "int64": TensorProto.INT64,
    "bool": TensorProto.BOOL,
}


@dataclass(frozen=True, kw_only=True)
class Defect:
    """One planted fault."""

    title: str
    plant: Callable[[Path], Path]  # writes the broken bundle into an empty folder; its model
    rule: str  # that must find it
    names: tuple[str, ...]  # what the message names: tensor, byte range, file


def of(title: str, rule: str, *names: str) -> Callable[[Callable[[Path], Path]], Defect]:
    """Make a defect of the function that plants it."""
    return lambda plant: Defect(title=title, plant=plant, rule=rule, names=names)


def graph(title: str, rule: str, make: Callable[[], ModelProto], *names: str) -> Defect:
    """A wrong graph, beside 16 bytes of data where it needs them."""

    def plant(folder: Path) -> Path:
        made = make()
        if p.DATA.encode() in made.SerializeToString():
            (folder / p.DATA).write_bytes(p.values(p.FLOAT, (4,)))
        return p.keep(folder, made)

    return Defect(title=title, plant=plant, rule=rule, names=names)


def disk(title: str, rule: str, spoil: Callable[[Path], object], *names: str) -> Defect:
    """A healthy model whose data file, given to `spoil`, is made something else."""

    def plant(folder: Path) -> Path:
        path = p.write(folder)
        spoil(folder / p.DATA)
        return path

    return Defect(title=title, plant=plant, rule=rule, names=names)


def moved(data_file: Path, target: str) -> None:
    """Move the data file to `target` and leave a symbolic link to it."""
    real = data_file.parent / target
    real.parent.mkdir(parents=True, exist_ok=True)
    data_file.rename(real)
    data_file.symlink_to(target)
