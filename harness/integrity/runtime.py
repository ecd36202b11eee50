"""What onnx and onnxruntime say of a model, asked in the way that costs least.

onnxruntime is imported when it is asked: a quick check of digests starts without it.
"""

from __future__ import annotations

import warnings
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import onnx

from harness.errors import BundleError

if TYPE_CHECKING:
    import onnxruntime

RUNTIME = f"onnxruntime {version('onnxruntime')}"


def open_session(path: Path, *, threads: int | None = None) -> onnxruntime.InferenceSession:
    """Open a model on the CPU with its weights mapped, not copied.

    Args:
        path: of the model.
        threads: to run it by so many, with every optimisation of the graph, as a pipeline does;
            memory goes back after each run. None: without any, for a look.

    Raises:
        BundleError: onnxruntime does not load it; one line with what it says.
    """
    import onnxruntime

    options = _options()
    if threads is not None:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
        options.intra_op_num_threads = threads
        options.enable_cpu_mem_arena = False
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no base of their own
        raise BundleError(
            f"{path.name}: onnxruntime does not load it: {first_line(error)}"
        ) from None


def runtime_refusal(path: Path) -> str:
    """Return why onnxruntime does not load a model, in one line; "" when it does."""
    try:
        open_session(path)
    except BundleError as error:
        return str(error)
    return ""


def checker_refusal(path: Path, *, full: bool = True) -> str:
    """Return why onnx.checker refuses a model, in one line; "" when it accepts."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of external data keys: a rule of its own
            onnx.checker.check_model(path, full_check=full)
    except Exception as error:  # onnx raises types without a common base; each is a refusal
        return first_line(error)
    return ""


@cache
def versions_refused(ir: int, opsets: tuple[tuple[str, int], ...]) -> str:
    """Return why onnxruntime does not load any graph of these versions; "" when it does.

    It is asked with the smallest graph there is: one `Identity`.

    Args:
        opsets: domain and version of each.
    """
    import onnxruntime

    value = [onnx.helper.make_tensor_value_info(n, onnx.TensorProto.FLOAT, [1]) for n in "xy"]
    node = onnx.helper.make_node("Identity", ["x"], ["y"])
    graph = onnx.helper.make_graph([node], "least", value[:1], value[1:])
    imports = [onnx.helper.make_opsetid(*opset) for opset in opsets]
    model = onnx.helper.make_model(graph, opset_imports=imports)
    model.ir_version = ir
    try:
        onnxruntime.InferenceSession(
            model.SerializeToString(), _options(), providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime's errors have no base of their own
        return first_line(error)
    return ""


def _options() -> onnxruntime.SessionOptions:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.disable_prepacking", "1")
    options.log_severity_level = 4  # what goes wrong is raised; it need not be printed too
    return options


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its type where it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
