"""Inputs that no contract allows, given to a model in a process of its own.

A model may answer them with a refusal, with numbers, or by taking its process along. So the
process is another one: it is told which inputs to try and prints one line of JSON for each; where
it dies or hangs, the input that it was at is named, and a new process takes the rest.

    python -m harness.integrity.strange MODEL longer above ...
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

import harness
from harness.integrity.manifest import read_manifest
from harness.integrity.model import Codes, Model, sweep
from harness.integrity.specification import PRODUCT_CONTRACT, Contract

LIMIT_S = 60.0  # for one input; loading the model is in it


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a model did with one input. Exactly one of `crashed`, `refused` and `shape` is set."""

    crashed: str = ""  # how its process ended
    refused: str = ""  # what onnxruntime says
    shape: tuple[int, ...] = ()  # of the output
    not_finite: int = 0  # elements of it that are NaN or infinite
    largest: float = 0.0  # magnitude of the others


def longer(contract: Contract) -> Codes:
    """One code frame more than the contract says."""
    codes = sweep(contract)
    return np.concatenate([codes, codes[..., -1:]], axis=-1)


def flatter(contract: Contract) -> Codes:
    """One axis less."""
    return np.asarray(sweep(contract)[0])


def retyped(contract: Contract) -> Codes:
    """Floats where integers are expected, and the other way round."""
    whole = np.issubdtype(np.dtype(contract.input.dtype), np.integer)
    return sweep(contract).astype(np.float32 if whole else np.int64)


def above(contract: Contract) -> Codes:
    """One code that is one more than the last."""
    return _planted(contract, contract.codebook_size)


def below(contract: Contract) -> Codes:
    """One code of -1."""
    return _planted(contract, -1)


def far(contract: Contract) -> Codes:
    """One code that is the largest its dtype holds."""
    dtype = np.dtype(contract.input.dtype)
    whole = np.issubdtype(dtype, np.integer)
    return _planted(contract, int(np.iinfo(dtype).max) if whole else 1 << 40)


SHAPES: Mapping[str, Callable[[Contract], Codes]] = {
    made.__name__: made for made in (longer, flatter, retyped)
}
RANGES: Mapping[str, Callable[[Contract], Codes]] = {
    made.__name__: made for made in (above, below, far)
}


def planted(contract: Contract, name: str) -> int:
    """Return the code outside the codebook that the input `name` of `RANGES` holds."""
    return int(RANGES[name](contract).flat[_middle(contract)])


def answers(model_path: Path, names: Sequence[str]) -> dict[str, Answer]:
    """Return what a model does with each of the named inputs, in processes of their own."""
    found: dict[str, Answer] = {}
    while left := [name for name in names if name not in found]:
        lines, ending = _asked(model_path, left)
        said = [json.loads(line) for line in lines]
        given = (Answer(**{**answer, "shape": tuple(answer["shape"])}) for answer in said)
        found |= dict(zip(left, given, strict=False))  # fewer answers where the process died
        if len(said) < len(left):
            found[left[len(said)]] = Answer(crashed=ending)
    return found


def _asked(model_path: Path, names: Sequence[str]) -> tuple[list[str], str]:
    """Return the whole lines that a new process printed, and how it ended."""
    root = str(Path(harness.__file__).parents[1])
    path = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    command = [sys.executable, "-m", __name__, str(model_path), *names]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
            timeout=LIMIT_S * len(names),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        text = (error.stdout or b"").decode()
        return text.splitlines()[: text.count("\n")], f"hangs: no answer in {LIMIT_S:.0f} s"
    text = done.stdout
    return text.splitlines()[: text.count("\n")], _ending(done)


def _ending(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode < 0:
        return f"ends its process by {signal.Signals(-done.returncode).name}"
    last = done.stderr.strip().splitlines()[-1:] or [""]
    return f"ends its process with code {done.returncode} {last[0]}".strip()


def _planted(contract: Contract, code: int) -> Codes:
    """The sweep with `code` in its middle; wrapped around where the dtype cannot hold it."""
    codes = sweep(contract)
    codes.flat[_middle(contract)] = np.array(code).astype(codes.dtype)
    return codes


def _middle(contract: Contract) -> int:
    return math.prod(contract.input.shape) // 2


def _answer(model: Model, codes: Codes) -> Answer:
    output = model.run(codes)
    if isinstance(output, str):
        return Answer(refused=output)
    return Answer(shape=output.shape, not_finite=output.not_finite, largest=output.largest)


def _main(model_path: Path, names: Sequence[str]) -> None:
    manifest = read_manifest(model_path)
    contract = (manifest.contract if manifest else None) or PRODUCT_CONTRACT
    model = Model(model_path, contract, threads=1)
    for name in names:
        made = {**SHAPES, **RANGES}[name]
        print(json.dumps(asdict(_answer(model, made(contract)))), flush=True)


if __name__ == "__main__":
    _main(Path(sys.argv[1]), sys.argv[2:])
