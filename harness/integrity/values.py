"""What the values of a tensor are, read from its raw bytes by the rule of its dtype.

The bits of floating-point numbers order as their magnitudes do (IEEE 754; "FP8 Formats for Deep
Learning", Micikevicius and others, 2022, for the 8-bit ones; the fnuz ones have one zero, and NaN
in the place of -0). So the extremes of a block, taken as integers, tell range, NaN, infinity and
denormals without a look at each number; numbers are decoded only where one of these is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import ml_dtypes
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Block = NDArray[Any]

_finfo: Any = ml_dtypes.finfo  # numpy's, for these dtypes and its own; it comes without types


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What was seen in some values. Facts of two parts add up to those of the whole."""

    elements: int  # numbers seen; a complex number is two
    nan: int = 0
    inf: int = 0
    denormal: int = 0  # below the smallest normal number of the dtype, and not 0
    odd: int = 0  # bytes of a bool that are neither 0 nor 1
    lowest: float | int | None  # of the finite values; None where there is none
    highest: float | int | None
    first: int | None = field(default=None, repr=False)  # the bits of every element; None: differ

    @property
    def constant(self) -> bool:
        """Whether every element has the same bits."""
        return self.first is not None

    @property
    def all_zero(self) -> bool:
        """Whether every element is 0, or -0."""
        return self.lowest == self.highest == 0 and not (self.nan or self.inf)

    def __add__(self, other: Facts) -> Facts:
        lows = [x for x in (self.lowest, other.lowest) if x is not None]
        highs = [x for x in (self.highest, other.highest) if x is not None]
        return Facts(
            elements=self.elements + other.elements,
            nan=self.nan + other.nan,
            inf=self.inf + other.inf,
            denormal=self.denormal + other.denormal,
            odd=self.odd + other.odd,
            lowest=min(lows, default=None),
            highest=max(highs, default=None),
            first=self.first if self.first == other.first else None,
        )


@dataclass(frozen=True, kw_only=True)
class Float:
    """How a floating-point dtype with a sign bit writes its numbers."""

    decoded: np.dtype[Any]
    width: int  # bytes of one element
    normal: int  # bits of the smallest normal magnitude
    finite: int  # bits of the largest finite magnitude

    @property
    def sign(self) -> int:
        """The sign bit; alone it is -0, or NaN in the fnuz dtypes."""
        return 1 << (8 * self.width - 1)

    @property
    def has_negative_zero(self) -> bool:
        """Whether the sign bit alone is a number."""
        return "fnuz" not in self.decoded.name


def _float(dtype: Any) -> Float:
    info, decoded = _finfo(dtype), np.dtype(dtype)
    ends = np.array([info.smallest_normal, info.max], decoded).view(f"u{decoded.itemsize}")
    return Float(decoded=decoded, width=decoded.itemsize, normal=int(ends[0]), finite=int(ends[1]))


FLOATS: Mapping[str, Float] = {
    np.dtype(dtype).name: _float(dtype)
    for dtype in (
        np.float32,
        np.float64,
        np.float16,
        ml_dtypes.bfloat16,
        ml_dtypes.float8_e4m3fn,
        ml_dtypes.float8_e4m3fnuz,
        ml_dtypes.float8_e5m2,
        ml_dtypes.float8_e5m2fnuz,
    )
}
COMPLEX: Mapping[str, str] = {"complex64": "float32", "complex128": "float64"}
INTEGERS = tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
PACKED: Mapping[str, int] = {"int4": 4, "uint4": 4, "int2": 2, "uint2": 2, "float4_e2m1fn": 4}
NO_SIGN = "float8_e8m0fnu"  # an exponent alone: the scales of microscaling formats

# Bytes that belong together, of every dtype whose values can be read.
WIDTHS: Mapping[str, int] = {
    **{name: kind.width for name, kind in FLOATS.items()},
    **{name: np.dtype(name).itemsize for name in (*COMPLEX, *INTEGERS)},
    **dict.fromkeys(("bool", NO_SIGN, *PACKED), 1),
}


def facts_of(dtype: str, raw: Bytes, elements: int | None = None) -> Facts:
    """Return the facts of raw little-endian bytes as ONNX stores them.

    Args:
        dtype: numpy's name, one of `WIDTHS`.
        raw: uint8 [n], n > 0 and a multiple of the dtype's width.
        elements: how many of the values in `raw` count; None: all. Packed dtypes fill their last
            byte with what is no value.
    """
    if dtype in FLOATS:
        return _of_floats(FLOATS[dtype], raw)
    if dtype in COMPLEX:
        return _of_floats(FLOATS[COMPLEX[dtype]], raw)
    if dtype in PACKED:
        return _of_packed(dtype, raw, elements)
    if dtype == "bool":
        return _of_integers(raw, odd=int(np.count_nonzero(raw > 1)))
    return _decoded(raw.view(NO_SIGN)) if dtype == NO_SIGN else _of_integers(raw.view(dtype))


def _of_floats(kind: Float, raw: Bytes) -> Facts:
    """Look at the four extremes of the bits, as unsigned and as signed integers."""
    plain, signed = raw.view(f"u{kind.width}"), raw.view(f"i{kind.width}")
    least, most = int(plain.min()), int(plain.max())  # smallest positive, farthest below zero
    bottom, top = int(signed.min()), int(signed.max())  # nearest below zero, largest positive
    if max(top, most - kind.sign) > kind.finite or (
        bottom == -kind.sign and not kind.has_negative_zero
    ):
        return _decoded(raw.view(kind.decoded))
    nearest = min(x for x in (least, bottom + kind.sign) if x < kind.sign)
    lowest = most if most >= kind.sign else least
    highest = top if top >= 0 else least
    ends = np.array([lowest, highest], plain.dtype).view(kind.decoded)
    return Facts(
        elements=len(plain),
        denormal=_denormals(kind, plain) if nearest < kind.normal else 0,
        lowest=float(ends[0]),
        highest=float(ends[1]),
        first=least if least == most else None,
    )


def _denormals(kind: Float, plain: Block) -> int:
    magnitudes = plain & plain.dtype.type(kind.sign - 1)
    magnitudes -= plain.dtype.type(1)  # 0 becomes the largest of all
    return int(np.count_nonzero(magnitudes < plain.dtype.type(kind.normal - 1)))


def _of_packed(dtype: str, raw: Bytes, elements: int | None) -> Facts:
    """Unpack: the first value of a byte is in its lowest bits."""
    bits = PACKED[dtype]
    parts = [(raw >> shift) & ((1 << bits) - 1) for shift in range(0, 8, bits)]
    codes = np.stack(parts, axis=-1).ravel()[:elements]
    if dtype.startswith("float"):
        return _decoded(codes.view(dtype))
    half = 1 << (bits - 1) if dtype.startswith("int") else 0
    return _of_integers((codes ^ half).astype(np.int8) - np.int8(half))


def _of_integers(values: Block, odd: int = 0) -> Facts:
    lowest, highest = int(values.min()), int(values.max())
    same = lowest if lowest == highest else None
    return Facts(elements=len(values), odd=odd, lowest=lowest, highest=highest, first=same)


def _decoded(values: Block) -> Facts:
    """Look at each number: for blocks that hold NaN or infinity, and for rare dtypes."""
    bits = values.view(f"u{values.dtype.itemsize}")
    with np.errstate(invalid="ignore"):  # a signalling NaN is counted like any other
        wide = values.astype(np.float64)
    finite = wide[np.isfinite(wide)]
    near = np.abs(finite) < float(_finfo(values.dtype).smallest_normal)
    return Facts(
        elements=len(wide),
        nan=int(np.count_nonzero(np.isnan(wide))),
        inf=int(np.count_nonzero(np.isinf(wide))),
        denormal=int(np.count_nonzero(near & (finite != 0))),
        lowest=float(finite.min()) if len(finite) else None,
        highest=float(finite.max()) if len(finite) else None,
        first=int(bits[0]) if bits.min() == bits.max() else None,
    )
