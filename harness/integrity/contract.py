"""The contract of a model: what goes in, what comes out, and that it is the same each time.

The contract is the manifest's; a model without one is held to the product's specification. The
model is run in this process three times: twice by as many threads as there are cores, once by one.
Of each output a digest, a few facts and a sample are kept, so that no more than one is held (2 GB
at full scale). Inputs that the contract forbids are tried in a process of their own.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path

import onnxruntime

from harness.errors import BundleError
from harness.integrity import repeatable
from harness.integrity.manifest import read_manifest
from harness.integrity.model import Model, many_threads
from harness.integrity.rule import NotChecked, Note, Rule, findings
from harness.integrity.specification import PRODUCT_CONTRACT, Contract, TensorSpec
from harness.integrity.strange import RANGES, SHAPES, Answer, answers, planted
from harness.records import Finding

GARBAGE = 10.0  # times the largest value for codes in range: an answer beyond is called garbage
NOT_LOADED = NotChecked("Not checked: the model is not loaded.")
NOT_RUN = repeatable.NOT_RUN

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
    return findings(RULES, Tried(model_path, contract or PRODUCT_CONTRACT), area="contract")


class Tried(Model):
    """A model that is run by all cores, and given what its contract forbids."""

    def __init__(self, path: Path, contract: Contract) -> None:
        super().__init__(path, contract, threads=many_threads())

    @cached_property
    def strange(self) -> Mapping[str, Answer]:
        """What it does with each forbidden input, by its name."""
        return answers(self.path, [*SHAPES, *RANGES])


def model_is_loaded(model: Tried) -> Iterator[str]:
    """onnxruntime loads the model."""
    if isinstance(model.session, str):
        yield model.session


def input_is_as_agreed(model: Tried) -> Iterator[str]:
    """The model has one input, with the name, dtype and shape of the contract."""
    if isinstance(model.session, str):
        yield NOT_LOADED
        return
    found = [_declared(value) for value in model.session.get_inputs()]
    if found != [_spec(model.contract.input)]:
        yield f"expected {_spec(model.contract.input)}; found {', '.join(found) or 'none'}."


def output_is_as_agreed(model: Tried) -> Iterator[str]:
    """The model has the output of the contract, with its name, dtype and shape."""
    if isinstance(model.session, str):
        yield NOT_LOADED
        return
    found = [_declared(value) for value in model.session.get_outputs()]
    if _spec(model.contract.output) not in found:
        yield f"expected {_spec(model.contract.output)}; found {', '.join(found) or 'none'}."


def codes_are_accepted(model: Tried) -> Iterator[str]:
    """The model runs on codes from 0 to codebook_size - 1."""
    if isinstance(model.session, str):
        yield NOT_LOADED
    elif isinstance(model.first, str):
        last = model.contract.codebook_size - 1
        yield f"codes from 0 to {last} in {_spec(model.contract.input)} are refused: {model.first}"


def output_keeps_its_shape(model: Tried) -> Iterator[str]:
    """What a run returns has the dtype and shape of the contract."""
    if isinstance(model.first, str):
        yield NOT_RUN
        return
    expected, found = model.contract.output, model.first
    if (found.dtype, found.shape) != (expected.dtype, expected.shape):
        name, shape = expected.name, list(found.shape)
        yield f"expected {_spec(expected)}; the run returned {name} {found.dtype} {shape}."


def output_is_finite(model: Tried) -> Iterator[str]:
    """The output holds no NaN and no infinity."""
    if isinstance(model.first, str):
        yield NOT_RUN
    elif model.first.not_finite:
        yield (
            f"{model.contract.output.name}: {model.first.not_finite} of "
            f"{math.prod(model.first.shape)} values are NaN or infinite; expected none. "
            "A weight is damaged, or the model overflows."
        )


def wrong_shape_is_refused(model: Tried) -> Iterator[str]:
    """A wrong input shape is refused."""
    shape = model.contract.input.shape
    longer = [*shape[:-1], shape[-1] + 1]
    yield from _refused(model, "longer", f"codes {longer}", "Export it with a static shape.")


def wrong_rank_is_refused(model: Tried) -> Iterator[str]:
    """An input with an axis too few is refused."""
    flatter = list(model.contract.input.shape[1:])
    yield from _refused(model, "flatter", f"codes {flatter}", "Export it with a static shape.")


def wrong_dtype_is_refused(model: Tried) -> Iterator[str]:
    """An input of another dtype is refused."""
    yield from _refused(model, "retyped", "codes of another dtype", "Export it with one dtype.")


def codes_out_of_range_are_harmless(model: Tried) -> Iterator[str]:
    """A code outside the codebook is refused, or answered with finite numbers."""
    if isinstance(model.first, str):
        yield NOT_RUN
        return
    if model.first.not_finite:
        yield NotChecked("Not checked: codes in range give values that are not finite either.")
        return
    told = []
    for name in RANGES:
        what, answer = f"code {planted(model.contract, name)}", model.strange[name]
        if answer.crashed:
            yield f"{what} {answer.crashed}. Let the graph clip its codes, or check their range."
        elif answer.not_finite:
            yield f"{what} gives {answer.not_finite} values that are NaN or infinite."
        else:
            told.append(f"{what} {_harmless(answer, model.first.largest)}")
    usual = f"codes 0 to {model.contract.codebook_size - 1} give up to {model.first.largest:.3g}"
    if told:
        yield Note(f"{'; '.join(told)}; {usual}.")


RULES: tuple[Rule[Tried], ...] = (
    model_is_loaded,
    input_is_as_agreed,
    output_is_as_agreed,
    codes_are_accepted,
    output_keeps_its_shape,
    output_is_finite,
    repeatable.runs_are_equal,
    repeatable.thread_counts_agree,
    wrong_shape_is_refused,
    wrong_rank_is_refused,
    wrong_dtype_is_refused,
    codes_out_of_range_are_harmless,
)


def _refused(model: Tried, name: str, what: str, remedy: str) -> Iterator[str]:
    if isinstance(model.first, str):
        yield NOT_RUN
    elif (answer := model.strange[name]).crashed:
        yield f"{what}: {answer.crashed}; expected a refusal. {remedy}"
    elif not answer.refused:
        yield (
            f"{what} are accepted and give {list(answer.shape)}; expected a refusal, for the "
            f"contract says {_spec(model.contract.input)}. {remedy}"
        )


def _harmless(answer: Answer, usual: float) -> str:
    if answer.refused:
        return "is refused"
    garbage = "garbage, " if answer.largest > GARBAGE * usual else ""
    return f"gives {garbage}values up to {answer.largest:.3g}"


def _spec(tensor: TensorSpec) -> str:
    return f"{tensor.name} {tensor.dtype} {list(tensor.shape)}"


def _declared(value: onnxruntime.NodeArg) -> str:
    dtype = str(value.type).removeprefix("tensor(").removesuffix(")")
    return f"{value.name} {_NUMPY_NAMES.get(dtype, dtype)} {list(value.shape)}"
