"""The contract of a model: what goes in, what comes out, and that it is the same each time.

The contract is the manifest's; a model without one is held to the product's specification. The
model runs in this process, three times at most; outputs are reduced to a digest and dropped, so
that no more than one output is held (2 GB at full scale).
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from harness.errors import BundleError
from harness.integrity.manifest import PRODUCT_CONTRACT, Contract, TensorSpec, read_manifest
from harness.integrity.rule import NotChecked, Rule, findings
from harness.integrity.runtime import first_line, open_session
from harness.records import Finding

BLOCK = 1 << 22  # elements looked at together: 16 MB of float32
NOT_LOADED = NotChecked("Not checked: the model is not loaded.")
NOT_RUN = NotChecked("Not checked: the model does not run on the codes of its contract.")

# onnxruntime's names of element types, where they differ from numpy's.
_NUMPY_NAMES = {"float": "float32", "double": "float64", "string": "str"}


def check_contract(model_path: Path) -> tuple[Finding, ...]:
    """Hold a model to its contract: one finding for each rule, in the order of `RULES`.

    Where the model does not load, the first rule says why and the others are not checked.

    Raises:
        BundleError: the model file is absent, or the manifest cannot be read.
    """
    if not model_path.exists():
        raise BundleError(f"{model_path}: no such model file. Build or download the bundle first.")
    manifest = read_manifest(model_path)
    contract = manifest.contract if manifest else None
    return findings(RULES, _Model(model_path, contract or PRODUCT_CONTRACT), area="contract")


@dataclass(frozen=True, kw_only=True)
class _Output:
    """What is kept of one output."""

    dtype: str
    shape: tuple[int, ...]
    not_finite: int  # elements that are NaN or infinite
    digest: str


class _Model:
    """A model and its contract; opened and run when a rule first asks."""

    def __init__(self, path: Path, contract: Contract) -> None:
        self.path = path
        self.contract = contract

    @cached_property
    def session(self) -> onnxruntime.InferenceSession | str:
        """The open session, or why there is none."""
        try:
            return open_session(self.path)
        except BundleError as error:
            return str(error)

    @cached_property
    def first(self) -> _Output | str:
        """The output for codes that sweep the codebook, or why there is none."""
        return self.run(sweep(self.contract))

    def run(self, codes: npt.NDArray[np.generic]) -> _Output | str:
        """Run the model once on `codes`; a refusal is returned as onnxruntime says it."""
        if isinstance(self.session, str):
            return self.session
        wanted, given = [self.contract.output.name], {self.contract.input.name: codes}
        try:
            (output,) = self.session.run(wanted, given)
        except Exception as error:  # onnxruntime's errors have no base of their own
            return first_line(error)
        return _look_at(np.asarray(output))


def sweep(contract: Contract) -> npt.NDArray[np.generic]:
    """Return codes of the contract's shape and dtype; every codebook goes from 0 to its last."""
    shape = contract.input.shape
    codes = np.linspace(0, contract.codebook_size - 1, shape[-1]).round()
    codes[-1] = contract.codebook_size - 1
    return np.broadcast_to(codes, shape).astype(contract.input.dtype)


def model_is_loaded(model: _Model) -> Iterator[str]:
    """onnxruntime loads the model."""
    if isinstance(model.session, str):
        yield model.session


def input_is_as_agreed(model: _Model) -> Iterator[str]:
    """The model has one input, with the name, dtype and shape of the contract."""
    if isinstance(model.session, str):
        yield NOT_LOADED
        return
    found = [_declared(value) for value in model.session.get_inputs()]
    if found != [_spec(model.contract.input)]:
        yield f"expected {_spec(model.contract.input)}; found {', '.join(found) or 'none'}."


def output_is_as_agreed(model: _Model) -> Iterator[str]:
    """The model has the output of the contract, with its name, dtype and shape."""
    if isinstance(model.session, str):
        yield NOT_LOADED
        return
    found = [_declared(value) for value in model.session.get_outputs()]
    if _spec(model.contract.output) not in found:
        yield f"expected {_spec(model.contract.output)}; found {', '.join(found) or 'none'}."


def codes_are_accepted(model: _Model) -> Iterator[str]:
    """The model runs on codes from 0 to codebook_size - 1."""
    if isinstance(model.session, str):
        yield NOT_LOADED
    elif isinstance(model.first, str):
        last = model.contract.codebook_size - 1
        yield f"codes from 0 to {last} in {_spec(model.contract.input)} are refused: {model.first}"


def output_keeps_its_shape(model: _Model) -> Iterator[str]:
    """What a run returns has the dtype and shape of the contract."""
    if isinstance(model.first, str):
        yield NOT_RUN
        return
    expected, found = model.contract.output, model.first
    if (found.dtype, found.shape) != (expected.dtype, expected.shape):
        name, shape = expected.name, list(found.shape)
        yield f"expected {_spec(expected)}; the run returned {name} {found.dtype} {shape}."


def output_is_finite(model: _Model) -> Iterator[str]:
    """The output holds no NaN and no infinity."""
    if isinstance(model.first, str):
        yield NOT_RUN
    elif model.first.not_finite:
        yield (
            f"{model.contract.output.name}: {model.first.not_finite} of "
            f"{math.prod(model.first.shape)} values are NaN or infinite; expected none. "
            "A weight is damaged, or the model overflows."
        )


def runs_are_equal(model: _Model) -> Iterator[str]:
    """Two runs on the same codes return the same bytes."""
    if isinstance(model.first, str):
        yield NOT_RUN
        return
    second = model.run(sweep(model.contract))
    if second != model.first:
        found = second if isinstance(second, str) else f"sha256 {second.digest}"
        yield (
            f"{model.contract.output.name}: expected sha256 {model.first.digest} again; found "
            f"{found}. The model draws random numbers, or adds in an order that varies."
        )


def wrong_shape_is_refused(model: _Model) -> Iterator[str]:
    """A wrong input shape is refused."""
    if isinstance(model.session, str):
        yield NOT_LOADED
        return
    codes = sweep(model.contract)
    longer = np.concatenate([codes, codes[..., -1:]], axis=-1)
    if not isinstance(output := model.run(longer), str):
        yield (
            f"codes {list(longer.shape)} are accepted and give {list(output.shape)}; expected a "
            f"refusal, for the contract says {list(codes.shape)}. Export it with a static shape."
        )


RULES: tuple[Rule[_Model], ...] = (
    model_is_loaded,
    input_is_as_agreed,
    output_is_as_agreed,
    codes_are_accepted,
    output_keeps_its_shape,
    output_is_finite,
    runs_are_equal,
    wrong_shape_is_refused,
)


def _look_at(output: npt.NDArray[np.generic]) -> _Output:
    flat = np.ascontiguousarray(output).reshape(-1)
    bad, digest = 0, hashlib.sha256()
    for start in range(0, flat.size, BLOCK):
        block = flat[start : start + BLOCK]
        digest.update(block.tobytes())
        if np.issubdtype(block.dtype, np.floating):
            bad += block.size - int(np.count_nonzero(np.isfinite(block)))
    return _Output(
        dtype=str(output.dtype), shape=output.shape, not_finite=bad, digest=digest.hexdigest()
    )


def _spec(tensor: TensorSpec) -> str:
    return f"{tensor.name} {tensor.dtype} {list(tensor.shape)}"


def _declared(value: onnxruntime.NodeArg) -> str:
    dtype = str(value.type).removeprefix("tensor(").removesuffix(")")
    return f"{value.name} {_NUMPY_NAMES.get(dtype, dtype)} {list(value.shape)}"
