"""One ONNX model on the CPU: its input is checked, and what onnxruntime raises gets a name."""

from __future__ import annotations

import functools
import logging
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from agents import time_limit
from agents.errors import (
    InputRangeError,
    InputShapeError,
    MemoryBudgetError,
    MissingDependencyError,
    OnnxRuntimeError,
    explain,
)
from agents.memory_check import Room

try:
    import onnxruntime
except ImportError as error:
    raise MissingDependencyError.of("onnxruntime") from error

T = TypeVar("T")

_NO_MEMORY = re.compile("alloc|not enough memory|out of memory", re.IGNORECASE)
_SILENT = 4  # onnxruntime's level "fatal": its errors are raised here, not printed
_DTYPES = {"tensor(float)": "float32", "tensor(int64)": "int64"}
_SPINNING = "session.intra_op.allow_spinning"
_NO_PREPACKING = "session.disable_prepacking"
_WEIGHTS_FOLDER = "session.model_external_initializers_file_folder_path"
_LEVELS = {
    "disabled": onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL,
    "basic": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC,
    "extended": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
    "all": onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL,
}
_LOAD_REMEDY = (
    "The model or its .data file is damaged, or needs a newer onnxruntime: compare the files with "
    "their digests, and download again those that differ."
)
_MEMORY_REMEDY = "Free memory, or take a smaller variant (int8, output: frames)."
_BIND = "Set bind_output: false."
_RUN_REMEDY = (
    "Check that the input's values are in the model's range; then check the model's files."
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class SessionOptions:
    """How onnxruntime runs a model."""

    threads: int  # of one run; 0: one per core
    spinning: bool  # waiting threads keep their core busy
    prepacking: bool  # copy weights into the kernels' layout, instead of leaving them mapped
    memory_arena: bool  # keep freed buffers for the next run
    graph_optimization: str  # how far the graph is rewritten: disabled, basic, extended or all

    def for_model(self, path: Path) -> onnxruntime.SessionOptions:
        """Return the same in onnxruntime's own form, for the model file `path`."""
        options = onnxruntime.SessionOptions()
        options.log_severity_level = _SILENT
        options.intra_op_num_threads = self.threads
        options.enable_cpu_mem_arena = self.memory_arena
        options.graph_optimization_level = _LEVELS[self.graph_optimization]
        options.add_session_config_entry(_SPINNING, str(int(self.spinning)))
        options.add_session_config_entry(_NO_PREPACKING, str(int(not self.prepacking)))
        options.add_session_config_entry(_WEIGHTS_FOLDER, str(path.parent))
        return options


class OnnxModel:
    """A session on one file with one input and one output; may be run by many threads at once."""

    def __init__(
        self,
        path: Path,
        options: SessionOptions,
        *,
        graph: bytes | None = None,
        bind_output: bool = False,
        values: int | None = None,
        total_memory: int | None = None,
    ) -> None:
        """Load the file.

        Args:
            path: the .onnx file; its external data lies beside it.
            options: how it is run.
            graph: run this one instead, on the weights that lie beside the file.
            bind_output: write the output into memory that each thread keeps for its next run.
            values: the input holds whole numbers in 0 .. values - 1; None: any.
            total_memory: look before each run whether there is memory for it, in a process of at
                most so many bytes (0: as many as there are); None: it is too small to look.

        Raises:
            OnnxRuntimeError: onnxruntime cannot load the file, or an output to be bound has no
                shape before a run.
        """
        try:
            self._session = onnxruntime.InferenceSession(
                graph or str(path), options.for_model(path), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's own have no common base below Exception
            raise _failed(f"cannot load {path}", error, _LOAD_REMEDY) from error
        self.path = path
        self._values = values
        taken, given = self._session.get_inputs()[0], self._session.get_outputs()[0]
        self._input = taken.name
        self.input_shape: list[int | str | None] = taken.shape
        self.input_dtype = _DTYPES.get(taken.type, taken.type)
        self._output, self._output_dtype = given.name, _DTYPES.get(given.type, given.type)
        self.output_shape: list[int | str | None] = given.shape
        self._bound = bind_output
        self._arena = options.memory_arena
        self._total_memory = total_memory
        self._room = Room(path.name, self._output, self._output_dtype, self.output_shape)
        if bind_output and not all(isinstance(length, int) for length in given.shape):
            raise _failed(f"cannot bind the output of {path}", f"its shape is {given.shape}", _BIND)
        logger.info("loaded %s with %s", path, self.options())

    def options(self) -> dict[str, int | bool | str]:
        """Return the options that the session runs with, as onnxruntime itself states them."""
        options = self._session.get_session_options()
        names = {level: name for name, level in _LEVELS.items()}
        return {
            "threads": options.intra_op_num_threads,
            "spinning": options.get_session_config_entry(_SPINNING) == "1",
            "prepacking": options.get_session_config_entry(_NO_PREPACKING) == "0",
            "memory_arena": options.enable_cpu_mem_arena,
            "graph_optimization": names[options.graph_optimization_level],
        }

    def run(self, array: NDArray[Any]) -> NDArray[Any]:
        """Return the first output for `array`.

        With `bind_output` it is valid until the same thread's next run.

        Raises:
            InputShapeError: shape or dtype is not the model's.
            InputRangeError: a value is not one of those that the model knows.
            MemoryBudgetError: there is no memory for the output and what it takes to make it.
            InferenceTimeoutError: the request that this is part of has no time left.
            OnnxRuntimeError: onnxruntime failed while running.
        """
        try:
            found = np.asarray(array)
        except ValueError:  # lists of unlike lengths
            raise self._mismatch("no array") from None
        if str(found.dtype) != self.input_dtype or not fits(found.shape, self.input_shape):
            raise self._mismatch(f"{found.dtype} {list(found.shape)}")
        if self._values is not None and found.size and not _within(found, self._values):
            raise self._out_of_range(found, self._values)
        request = time_limit.current()
        if request is not None:
            request.begin(self)
        if self._total_memory is None:
            return self._run(found, request)
        return self._room.run(
            functools.partial(self._run, found, request),
            total=self._total_memory,
            patience=math.inf if request is None else request.remaining(),
            keeps=self._arena,
            output=self not in time_limit.buffers() if self._bound else None,
        )

    def _run(self, array: NDArray[Any], request: time_limit.Request | None) -> NDArray[Any]:
        call = self._run_bound if self._bound else self._run_free
        return self._stoppable(functools.partial(call, array), request)

    def _stoppable(self, call: Callable[[Any], T], request: time_limit.Request | None) -> T:
        """Return what `call` makes of onnxruntime's RunOptions; the request may stop it."""
        options = onnxruntime.RunOptions()
        try:
            if request is None:
                return call(options)
            with request.stoppable(options, self.path.name):
                return call(options)
        except Exception as error:  # see __init__
            if request is not None:
                request.check()  # it was stopped
            raise _failed(f"cannot run {self.path}", error, _RUN_REMEDY) from error

    def _run_free(self, array: NDArray[Any], options: Any) -> NDArray[Any]:
        output: NDArray[Any] = self._session.run([self._output], {self._input: array}, options)[0]
        return output

    def run_all(self, arrays: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Return every output for several inputs by name.

        Raises:
            InputShapeError: shape or dtype of an input is not the model's.
            InferenceTimeoutError: the request that this is part of has no time left.
            OnnxRuntimeError: onnxruntime failed while running.
        """
        for taken in self._session.get_inputs():
            dtype, found = _DTYPES.get(taken.type, taken.type), np.asarray(arrays[taken.name])
            if str(found.dtype) != dtype or not fits(found.shape, taken.shape) or not found.size:
                got = f"{found.dtype} {list(found.shape)}"
                raise self._mismatch(got, taken.name, f"{dtype} {taken.shape}")
        request = time_limit.current()
        if request is not None:
            request.begin(self)
        return self._stoppable(functools.partial(self._session.run, None, dict(arrays)), request)

    def _run_bound(self, array: NDArray[Any], options: Any) -> NDArray[Any]:
        """Run into memory of the caller's thread; what its last run gave is overwritten."""
        kept = time_limit.buffers()
        if self not in kept:
            kept[self] = np.empty([int(n or 0) for n in self.output_shape], self._output_dtype)
        output = kept[self]
        binding = self._session.io_binding()
        binding.bind_cpu_input(self._input, np.ascontiguousarray(array))
        binding.bind_output(self._output, "cpu", 0, output.dtype, output.shape, output.ctypes.data)
        self._session.run_with_iobinding(binding, options)
        return output

    def _out_of_range(self, found: NDArray[Any], values: int) -> InputRangeError:
        return InputRangeError(
            explain(
                f"Input out of range: {self._input} of {self.path.name}",
                expected=f"values in 0 .. {values - 1}",
                got=f"{found.min()} to {found.max()}",
                do="Make the codes with the tokenizer that came with this model.",
            )
        )

    def _mismatch(self, got: str, name: str = "", expected: str = "") -> InputShapeError:
        return InputShapeError(
            explain(
                f"Input shape mismatch: {name or self._input} of {self.path.name}",
                expected=expected or f"{self.input_dtype} {self.input_shape}",
                got=got,
                do="Pass an array of that shape and dtype.",
            )
        )


def fits(shape: tuple[int, ...], stated: list[int | str | None]) -> bool:
    """Return whether an array of `shape` fits a graph's `stated` shape; names fit any length."""
    return len(shape) == len(stated) and all(
        length == limit or not isinstance(limit, int)
        for length, limit in zip(shape, stated, strict=True)
    )


def _within(found: NDArray[Any], values: int) -> bool:
    return bool(found.min() >= 0 and found.max() < values)


def _failed(what: str, error: Exception | str, remedy: str) -> OnnxRuntimeError | MemoryBudgetError:
    said = " ".join(str(error).split()).rstrip(".")
    if isinstance(error, MemoryError) or _NO_MEMORY.search(said):
        return MemoryBudgetError(f"Not enough memory: {what}: {said}. {_MEMORY_REMEDY}")
    return OnnxRuntimeError(f"ONNX Runtime error: {what}: {said}. {remedy}")
