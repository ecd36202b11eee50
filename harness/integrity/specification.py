"""The contract of a model: what goes in and what comes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


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
    text_channels: int | None = None  # the text is read from so many first channels; None: from all
    frame_stride: int = 1  # and from every so many-th value of the last axis


# The product's specification; its codebook size is the reference bundle's, for it names none.
PRODUCT_CONTRACT = Contract(
    input=TensorSpec(name="audio_codes", dtype="int64", shape=(1, 16, 128)),
    output=TensorSpec(name="mel_features", dtype="float32", shape=(1, 2048, 245_760)),
    codebook_size=2048,
)


def contract_of(raw: Mapping[str, Any]) -> Contract:
    """Return the contract that a manifest states.

    Raises:
        KeyError, TypeError, ValueError: it lacks something, or says what cannot be.
    """
    size, channels = _positive(raw["codebook_size"], "codebook_size"), raw.get("text_channels")
    return Contract(
        input=_tensor(raw["input"]),
        output=_tensor(raw["output"]),
        codebook_size=size,
        text_channels=None if channels is None else _positive(channels, "text_channels"),
        frame_stride=_positive(raw.get("frame_stride", 1), "frame_stride"),
    )


def _positive(value: Any, key: str) -> int:
    if (number := int(value)) < 1:
        raise ValueError(f"{key!r} is 1 or more, got {number}")
    return number


def _tensor(raw: Mapping[str, Any]) -> TensorSpec:
    shape = tuple(int(size) for size in raw["shape"])
    if not shape or min(shape) < 1:
        raise ValueError(f"the shape {list(shape)} of {raw['name']!r} is not one of sizes above 0")
    return TensorSpec(name=str(raw["name"]), dtype=np.dtype(raw["dtype"]).name, shape=shape)
