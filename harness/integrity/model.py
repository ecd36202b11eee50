"""A model that is run to see what it does: at most one output is held at a time."""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime

from harness.errors import BundleError
from harness.integrity.outputs import Output, look_at
from harness.integrity.runtime import first_line, open_session
from harness.integrity.specification import Contract

Codes = npt.NDArray[np.generic]


def many_threads() -> int:
    """Return how many threads a model is run by: one per core, and at least two."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(2, cores or 1)


class Model:
    """A model and its contract; opened and run when first asked."""

    def __init__(self, path: Path, contract: Contract, *, threads: int) -> None:
        self.path = path
        self.contract = contract
        self.threads = threads

    @cached_property
    def session(self) -> onnxruntime.InferenceSession | str:
        """The open session, or why there is none."""
        try:
            return open_session(self.path, threads=self.threads)
        except BundleError as error:
            return str(error)

    @cached_property
    def first(self) -> Output | str:
        """The output for codes that sweep the codebook, or why there is none."""
        return self.run(sweep(self.contract))

    @cached_property
    def again(self) -> Output | str:
        """The output of a second run on the same codes."""
        return self.run(sweep(self.contract))

    @cached_property
    def alone(self) -> Output | str:
        """The output for the same codes, computed by one thread."""
        return Model(self.path, self.contract, threads=1).first

    def run(self, codes: Codes) -> Output | str:
        """Run the model once on `codes`; a refusal is returned as onnxruntime says it."""
        if isinstance(self.session, str):
            return self.session
        wanted, given = [self.contract.output.name], {self.contract.input.name: codes}
        try:
            (output,) = self.session.run(wanted, given)
        except Exception as error:  # onnxruntime's errors have no base of their own
            return first_line(error)
        return look_at(np.asarray(output), self.contract)


def sweep(contract: Contract) -> Codes:
    """Return codes of the contract's shape and dtype; every codebook goes from 0 to its last."""
    shape = contract.input.shape
    codes = np.linspace(0, contract.codebook_size - 1, shape[-1]).round()
    codes[-1] = contract.codebook_size - 1
    return np.broadcast_to(codes, shape).astype(contract.input.dtype)
