"""Predictors in one ONNX file each, small enough to be made in a test."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper, save_model


def loudness(file: Path, *, shape: Sequence[int | str] = (1, "n"), many: bool = False) -> str:
    """Write a model that gives 1 + 8 x the mean of |x| (of each sample with `many`); its sha256."""
    nodes = [
        helper.make_node("Abs", ["x"], ["size"]),
        helper.make_node("Mul", ["size", "eight"], ["wide"]),
        helper.make_node("Add", ["wide", "one"], ["each"]),
        helper.make_node("Identity", ["each"], ["mos"])
        if many
        else helper.make_node("ReduceMean", ["each"], ["mos"], keepdims=0),
    ]
    constants = [
        numpy_helper.from_array(np.array(value, np.float32), name)
        for name, value in (("one", 1), ("eight", 8))
    ]
    taken = helper.make_tensor_value_info("x", TensorProto.FLOAT, list(shape))
    given = helper.make_tensor_value_info("mos", TensorProto.FLOAT, None)
    graph = helper.make_graph(nodes, "loudness", [taken], [given], constants)
    opset = [helper.make_opsetid("", 17)]
    save_model(helper.make_model(graph, opset_imports=opset, ir_version=9), file)
    return hashlib.sha256(file.read_bytes()).hexdigest()
