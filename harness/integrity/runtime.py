"""Opens a model in onnxruntime, the way that costs least: to look at it, not to time it."""

from __future__ import annotations

from pathlib import Path

import onnxruntime

from harness.errors import BundleError


def open_session(path: Path) -> onnxruntime.InferenceSession:
    """Open a model on the CPU with its weights mapped: no copies, no graph optimisation.

    Raises:
        BundleError: onnxruntime does not load it; one line with what it says.
    """
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.add_session_config_entry("session.disable_prepacking", "1")
    options.log_severity_level = 4  # what goes wrong is raised; it need not be printed too
    try:
        return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's errors have no base of their own
        raise BundleError(
            f"{path.name}: onnxruntime does not load it: {first_line(error)}"
        ) from None


def first_line(error: BaseException) -> str:
    """Return the first line of an error's message, or its type where it says nothing."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
