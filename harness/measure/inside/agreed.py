"""Whether a result keeps its contract: keys, dtypes, shapes, codes in range, finite features.

Standard library only: the measured process imports this file from beside the probe. What is
looked at is a numpy array already. The order says under `contract`:

    codes     dtype, shape of one window, and size of the codebook
    features  dtype, shape of one window, and the least shape of a model that is cut

Windows are joined on the last axis, of both arrays alike.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

LOOKED_AT = 1_000_000  # values of the features at most, spread evenly: an output may be of 2 GB


def broken(result: Any, contract: Mapping[str, Any]) -> str:
    """Say how a result breaks its contract; "" where it keeps it."""
    return "; ".join(_broken(result, contract))


def _broken(result: Any, contract: Mapping[str, Any]) -> Iterator[str]:
    if not isinstance(result, dict):
        yield f"expected a dict, got {type(result).__name__}"
        return
    kinds = {"text": str, "metadata": dict}
    wanted = ("mel_features", "audio_codes", *kinds)
    if missing := [key for key in wanted if key not in result]:
        yield f"missing: {', '.join(missing)}"
    for key, kind in kinds.items():
        if key in result and not isinstance(result[key], kind):
            yield f"{key}: expected {kind.__name__}, got {type(result[key]).__name__}"
    if "audio_codes" not in result:
        return
    codes, told = result["audio_codes"], contract["codes"]
    yield from _codes(codes, told)
    if "mel_features" in result and _rank(codes) == len(told["shape"]):
        windows = max(1, codes.shape[-1] // told["shape"][-1])
        yield from _features(result["mel_features"], contract["features"], windows)


def _codes(codes: Any, told: Mapping[str, Any]) -> Iterator[str]:
    shape, size = told["shape"], told["codebook"]
    whole = _rank(codes) == len(shape) and codes.shape[-1] % shape[-1] == 0
    if not (whole and codes.shape[-1] and list(codes.shape[:-1]) == shape[:-1]):
        yield f"audio_codes: expected {shape} x windows, got {_said(codes)}"
    elif str(codes.dtype) != told["dtype"]:
        yield f"audio_codes: expected {told['dtype']}, got {codes.dtype}"
    elif not (codes.min() >= 0 and codes.max() < size):
        yield f"audio_codes: expected 0 to {size - 1}, got {codes.min()} to {codes.max()}"


def _features(features: Any, told: Mapping[str, Any], windows: int) -> Iterator[str]:
    most, least = ([*shape[:-1], shape[-1] * windows] for shape in (told["shape"], told["least"]))
    fits = _rank(features) == len(most) and all(
        low <= size <= high for low, size, high in zip(least, features.shape, most, strict=True)
    )
    if not (fits and features.shape[-1] % least[-1] == 0):
        yield f"mel_features: expected {most}, got {_said(features)}"
    elif str(features.dtype) != told["dtype"]:
        yield f"mel_features: expected {told['dtype']}, got {features.dtype}"
    else:
        step = math.ceil(features.size / LOOKED_AT)
        seen = features[..., ::step]
        if bad := seen.size - int((abs(seen) < math.inf).sum()):  # a NaN is not below either
            yield f"mel_features: {bad} of {seen.size} values looked at are NaN or infinite"


def _rank(value: Any) -> int:
    return len(getattr(value, "shape", ()))


def _said(value: Any) -> str:
    found = getattr(value, "shape", None)
    return type(value).__name__ if found is None else str(list(found))
