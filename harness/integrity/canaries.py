"""Canaries: fixed codes whose answers are stored when a bundle is sealed.

A changed runtime, a quantised variant or a damaged weight answers them otherwise, and by how much
is a number (see `drift`). They lie in `<model>.canaries.npz` beside the manifest, which names the
file, its digest, who gave the answers on what, and how far another run may be from them: little on
a processor with the same instructions, more on any other. A variant may name the canaries of the
model that it was made from, with limits of its own.
"""

from __future__ import annotations

import hashlib
import io
import os
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from harness.errors import BundleError
from harness.integrity.manifest import CanaryEntry
from harness.integrity.model import Codes, Model, sweep
from harness.integrity.outputs import Sample, thinned
from harness.integrity.processor import level
from harness.integrity.runtime import RUNTIME
from harness.integrity.specification import Contract

SUFFIX = ".canaries.npz"
KEPT = 1 << 15  # values of an answer that are stored at most: 128 kB
MOST = 6  # canaries: the file stays below 1 MB
MOST_BYTES = 100_000_000  # of what is packed in it; a small file can hold any amount of zeros
_UNREADABLE = (
    *(KeyError, ValueError, OSError, EOFError, MemoryError, RuntimeError),
    *(BadZipFile, zlib.error),
)
SEED = 20261123
# Largest relative distances that are written for a model's own canaries. Sums in another order
# moved the reference model by 2e-7 and its int8 variant by 5e-6; a processor without instructions
# for int8 computes that with fewer bits.
SAME, OTHER = 1e-5, 1e-3


@dataclass(frozen=True, kw_only=True)
class Canaries:
    """Codes and their answers."""

    names: tuple[str, ...]
    codes: tuple[Codes, ...]  # each of the contract's shape and dtype
    answers: tuple[Sample, ...]  # each [..., channels, some frames], finite


def sing(model_path: Path, contract: Contract, codes: Mapping[str, Codes]) -> Canaries:
    """Return what a model answers to named codes, run by one thread.

    Raises:
        BundleError: it does not run on them, or the answer is not finite.
    """
    model, answers = Model(model_path, contract, threads=1), []
    for name, given in codes.items():
        output = model.run(given)
        if isinstance(output, str):
            raise BundleError(f"{model_path}: the canary {name!r} is refused: {output}")
        if output.not_finite or not output.sample.size:
            raise BundleError(
                f"{model_path}: the answer to the canary {name!r} is not finite: expected numbers, "
                f"found {output.not_finite} NaN or infinite of {output.dtype} {list(output.shape)}."
            )
        answers.append(thinned(output.sample, most=KEPT))
    return Canaries(names=tuple(codes), codes=tuple(codes.values()), answers=tuple(answers))


def usual_codes(contract: Contract) -> dict[str, Codes]:
    """Return the codes of every bundle: one that sweeps the codebook, and one drawn by a seed."""
    spec = contract.input
    drawn = np.random.default_rng(SEED).integers(0, contract.codebook_size, spec.shape)
    return {"sweep": sweep(contract), "drawn": drawn.astype(spec.dtype)}


def codes_in(path: Path, contract: Contract) -> dict[str, Codes]:
    """Read codes of a person's own, one tensor or several of the contract's shape, from a .npy.

    Raises:
        BundleError: the file cannot be read, or holds no codes of the contract.
    """
    shape, last = contract.input.shape, contract.codebook_size - 1
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise BundleError(f"{path}: not a readable .npy file: {error}.") from None
    wanted = f"whole numbers from 0 to {last} of shape {list(shape)}, or several of them"
    found = f"{getattr(array, 'dtype', 'several arrays')} {list(getattr(array, 'shape', ()))}"
    if not isinstance(array, np.ndarray) or array.shape not in (shape, array.shape[:1] + shape):
        raise BundleError(f"{path}: expected {wanted}; found {found}.")
    if not np.issubdtype(array.dtype, np.integer) or array.min() < 0 or array.max() > last:
        raise BundleError(f"{path}: expected {wanted}; found {found}, others than these.")
    rows = np.array(array, contract.input.dtype).reshape(-1, *shape)
    return {path.stem if len(rows) == 1 else f"{path.stem} {i}": row for i, row in enumerate(rows)}


def write_canaries(path: Path, canaries: Canaries) -> dict[str, Any]:
    """Write the file, and return what a manifest says of it; equal canaries give equal bytes.

    Raises:
        BundleError: there are too many, or the file cannot be written.
    """
    if len(canaries.names) > MOST:
        raise BundleError(f"{path}: expected {MOST} canaries at most, got {len(canaries.names)}.")
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        names=np.array(canaries.names),
        codes=np.stack(canaries.codes),
        answers=np.stack(canaries.answers),
    )
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(buffer.getvalue())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise BundleError(f"{path}: cannot be written: {error.strerror}.") from None
    return {
        "file": path.name,
        "sha256": hashlib.sha256(buffer.getvalue()).hexdigest(),
        "of": path.name.removesuffix(SUFFIX),
        "runtime": RUNTIME,
        "level": level(),
        "tolerance": {"same": SAME, "other": OTHER},
    }


def read_canaries(folder: Path, entry: CanaryEntry, contract: Contract) -> Canaries:
    """Read the file that a manifest in `folder` names; no other than the sealed one is opened.

    Raises:
        BundleError: it is absent, changed, or holds no canaries of this contract.
    """
    path = folder / entry.file
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BundleError(f"{path}: {error.strerror}; the manifest names it. Restore it.") from None
    if (found := hashlib.sha256(data).hexdigest()) != entry.sha256:
        raise BundleError(f"{path}: expected sha256 {entry.sha256}, found {found}. Restore it.")
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            if (size := sum(part.file_size for part in arrays.zip.infolist())) > MOST_BYTES:
                raise ValueError(f"arrays of {size} bytes, more than {MOST_BYTES}")
            names, codes, answers = (arrays[key] for key in ("names", "codes", "answers"))
    except _UNREADABLE as error:
        raise BundleError(f"{path}: not a file of canaries: {error}. Restore it.") from None
    if not (codes.shape == (len(names), *contract.input.shape) and len(answers) == len(names)):
        raise BundleError(
            f"{path}: expected codes {[len(names), *contract.input.shape]}, one answer each; found "
            f"codes {list(codes.shape)}, answers {list(answers.shape)}. Restore it."
        )
    return Canaries(names=tuple(map(str, names)), codes=tuple(codes), answers=tuple(answers))
