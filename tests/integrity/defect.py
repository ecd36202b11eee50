"""How a defect of a bundle is planted: a fault that a rule must find, and name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from onnx import ModelProto, TensorProto

from harness.faults import Fault
from tests.integrity import planting as p
from tests.integrity.looking import look

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


Defect = Fault[Path]  # what is planted is a bundle: the path of its model


def defect(
    *, title: str, plant: Callable[[Path], Path], rule: str, names: tuple[str, ...]
) -> Defect:
    """Make a defect that `plant` puts into an empty folder; it may write beside it.

    Args:
        title: what a person reads.
        plant: returns the path of the model.
        rule: that must find it.
        names: what the message names: tensor, byte range, file.
    """

    def plant_apart(folder: Path) -> Path:
        (folder / "bundle").mkdir()
        return plant(folder / "bundle")

    return Fault(
        name=_name(title), title=title, plant=plant_apart, see=look, expect=(rule,), names=names
    )


def of(title: str, rule: str, *names: str) -> Callable[[Callable[[Path], Path]], Defect]:
    """Make a defect of the function that plants it; the message names `names`."""
    return lambda plant: defect(title=title, plant=plant, rule=rule, names=names)


def graph(title: str, rule: str, make: Callable[[], ModelProto], *names: str) -> Defect:
    """A wrong graph, beside 16 bytes of data where it needs them."""

    def plant(folder: Path) -> Path:
        made = make()
        if p.DATA.encode() in made.SerializeToString():
            (folder / p.DATA).write_bytes(p.values(p.FLOAT, (4,)))
        return p.keep(folder, made)

    return defect(title=title, plant=plant, rule=rule, names=names)


def disk(title: str, rule: str, spoil: Callable[[Path], object], *names: str) -> Defect:
    """A healthy model whose data file, given to `spoil`, is made something else."""

    def plant(folder: Path) -> Path:
        path = p.write(folder)
        spoil(folder / p.DATA)
        return path

    return defect(title=title, plant=plant, rule=rule, names=names)


def noted(defect: Defect) -> Defect:
    """What must be named and is no alarm."""
    return replace(defect, expect=(), notes=defect.expect)


def sound(title: str, plant: Callable[[Path], Path]) -> Defect:
    """A bundle without a fault."""
    return Fault(name=_name(title), title=title, plant=plant, see=look)


def _name(title: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in title.lower()).split())


def moved(data_file: Path, target: str) -> None:
    """Move the data file to `target` and leave a symbolic link to it."""
    real = data_file.parent / target
    real.parent.mkdir(parents=True, exist_ok=True)
    data_file.rename(real)
    data_file.symlink_to(target)
