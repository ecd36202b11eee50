"""What is kept of an output, and how far two of them are apart.

An output may be of 2 GB. It is read block by block, and what is kept is its digest, a few facts
and a sample: the values that text is read from.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from harness.integrity.specification import Contract

BLOCK = 1 << 22  # elements looked at together: 16 MB of float32
SAMPLED = 1 << 20  # values of a sample at most: 4 MB of float32

Sample = npt.NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class Output:
    """What is kept of one output."""

    dtype: str
    shape: tuple[int, ...]
    not_finite: int  # elements that are NaN or infinite
    largest: float  # magnitude of the finite ones
    digest: str  # sha256 of the bytes
    sample: Sample = field(repr=False, compare=False)


@dataclass(frozen=True, kw_only=True)
class Distance:
    """How far `found` is from `expected`."""

    max_abs: float  # largest difference of a value
    relative: float  # Euclidean norm of the difference, by that of `expected`
    cosine: float  # of the angle between both; 1.0 where they point the same way
    ulps: float  # largest difference in units in the last place of the larger value, as float32


def look_at(output: npt.NDArray[np.generic], contract: Contract) -> Output:
    """Read an output once and return what is kept of it."""
    flat = np.ascontiguousarray(output).reshape(-1)
    bad, largest, digest = 0, 0.0, hashlib.sha256()
    for start in range(0, flat.size, BLOCK):
        block = flat[start : start + BLOCK]
        digest.update(block.tobytes())
        finite = block[np.isfinite(block)] if np.issubdtype(block.dtype, np.number) else block[:0]
        bad += block.size - finite.size if np.issubdtype(block.dtype, np.floating) else 0
        largest = max(largest, float(np.abs(finite.astype(np.float64)).max(initial=0)))
    return Output(
        dtype=str(output.dtype),
        shape=output.shape,
        not_finite=bad,
        largest=largest,
        digest=digest.hexdigest(),
        sample=sampled(output, contract),
    )


def sampled(output: npt.NDArray[np.generic], contract: Contract) -> Sample:
    """Return the values that text is read from, as float32; an even part of very many.

    Args:
        output: [..., channels, frames], of numbers; other values give an empty sample.
        contract: says how many channels the text is read from, and every which frame.
    """
    if not np.issubdtype(output.dtype, np.number):
        return np.empty(0, np.float32)
    read = output[..., :: contract.frame_stride] if output.ndim else output.reshape(1)
    if read.ndim > 1 and contract.text_channels is not None:
        read = read[..., : contract.text_channels, :]
    return thinned(read, most=SAMPLED)


def thinned(values: npt.NDArray[np.generic], *, most: int) -> Sample:
    """Return every n-th value of the last axis, with the least n that leaves about `most`."""
    return np.array(values[..., :: max(1, -(-values.size // most))], np.float32)


def distance(found: Sample, expected: Sample) -> Distance:
    """Return how far two samples of the same shape are apart; both finite.

    Two zeros are at no distance; to a zero alone everything is infinitely far, and at a right
    angle.
    """
    a, b = found.astype(np.float64).ravel(), expected.astype(np.float64).ravel()
    gap, long, short = np.abs(a - b), np.linalg.norm(b), np.linalg.norm(a)
    apart, both = float(np.linalg.norm(gap)), float(long * short)
    last = np.spacing(np.maximum(np.abs(found), np.abs(expected))).astype(np.float64).ravel()
    return Distance(
        max_abs=float(gap.max(initial=0)),
        relative=apart / float(long) if long else (float("inf") if apart else 0.0),
        cosine=min(1.0, float(a @ b) / both) if both else float(not apart),
        ulps=float((gap / last).max(initial=0)),
    )
