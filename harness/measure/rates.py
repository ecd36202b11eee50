"""Measures the machine's own rates, in a process of its own; prints one JSON object per rate.

    {"rate": "read", "how": "memchr", "samples": [31.2e9, ...]}

Executed by path, so that nothing of the harness is imported beside it: it knows numpy, onnx and
onnxruntime only. Memory is moved by the C library and by numpy, whichever is the quicker, between
buffers larger than the last cache and filled with a byte that is not zero (writing zeros is up to
three times as quick on some processors). Products are onnxruntime's own, at the shapes of speech
models (rows x depth x columns): on one core (`_core`), and with the threads of the pipeline where
these are more.

What is to be an upper bound must not be lowered by other processes. So memory and one core are
timed by the CPU time of the slowest thread: waiting for a core is not in it. Where a busy machine
lets one thread run at a time, memory comes out quicker than all cores reach together, never slower.
"""

from __future__ import annotations

import ctypes
import json
import mmap
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

BYTE = 90  # what the buffers hold
LEAST = 3  # samples of each rate, however short the time
SHAPES = ((128, 2048, 2048), (512, 1024, 1024))  # rows, depth, columns: a batch of frames
MEMORY_SHARE = 0.5  # of the time; the products take the rest

Piece = Callable[[int, int], object]  # does its part of a buffer: offset and bytes
Rate = tuple[str, str, Callable[[], float]]  # name, how, and a function that takes one sample


def main(order: Mapping[str, Any]) -> None:
    """Measure what `order` asks for.

    Keys: `start` and `end` of the time for it, by the machine's monotonic clock; `threads` of
    onnxruntime (0: its default); `cores` that move memory at once; `bytes` of one buffer.
    """
    middle = order["start"] + MEMORY_SHARE * (order["end"] - order["start"])
    with ThreadPoolExecutor(order["cores"]) as pool:
        _measure(list(_moves(int(order["bytes"]), order["cores"], pool)), middle)
    alone = list(_products(1, "_core" if order["cores"] > 1 else ""))
    together = list(_products(order["threads"])) if order["cores"] > 1 else []
    _measure(alone + together, order["end"])


def _measure(rates: list[Rate], end: float) -> None:
    """Take one sample of each rate in turn until `end`, so that no disturbance meets one alone."""
    taken: list[list[float]] = [[] for _ in rates]
    while len(taken[0]) < LEAST or time.monotonic() < end:
        for samples, (_, _, sample) in zip(taken, rates, strict=True):
            samples.append(sample())
    for samples, (name, how, _) in zip(taken, rates, strict=True):
        print(json.dumps({"rate": name, "how": how, "samples": samples}), flush=True)


def _moves(size: int, cores: int, pool: ThreadPoolExecutor) -> Iterator[Rate]:
    """Yield the rates of memory in bytes per second; a copy counts the bytes that it copies."""
    libc = _libc()
    source, target = _pages(size, huge=True), _pages(size, huge=True)
    first, second = _address(source), _address(target)
    numbers, others = source.view(np.float32), target.view(np.float32)

    def sample(piece: Piece) -> Callable[[], float]:
        return lambda: size / _seconds(piece, size, cores, pool)

    def fresh() -> float:
        part = size // 4
        start = _address(pages := _pages(part, huge=False))
        return len(pages) / _seconds(
            lambda at, n: libc.memset(start + at, BYTE, n), part, cores, pool
        )

    def part(array: NDArray[Any], at: int, n: int) -> NDArray[Any]:
        return array[at // 4 : (at + n) // 4]

    yield "first_touch", "memset of fresh pages", fresh
    yield "write", "memset", sample(lambda at, n: libc.memset(first + at, BYTE, n))
    yield "write", "numpy.fill", sample(lambda at, n: part(others, at, n).fill(1.5))
    yield "read", "memchr", sample(lambda at, n: libc.memchr(first + at, 0, n))
    yield "read", "numpy.max", sample(lambda at, n: part(numbers, at, n).max())
    yield "copy", "memcpy", sample(lambda at, n: libc.memcpy(second + at, first + at, n))


def _products(threads: int, suffix: str = "") -> Iterator[Rate]:
    """Yield the rates of products in operations per second: a multiply-add is two."""
    rng = np.random.default_rng(0)
    for rows, depth, columns in SHAPES:
        how, work = f"{rows} x {depth} x {columns}", 2 * rows * depth * columns
        real = rng.standard_normal((depth, columns), np.float32)
        data = rng.standard_normal((rows, depth), np.float32)
        yield f"gemm_fp32{suffix}", f"MatMul {how}", _product("MatMul", data, real, threads, work)
        small = rng.integers(-100, 100, (depth, columns)).astype(np.int8)
        codes = rng.integers(0, 200, (rows, depth)).astype(np.uint8)
        integer = _product("MatMulInteger", codes, small, threads, work)
        yield f"gemm_int8{suffix}", f"MatMulInteger {how}", integer


def _product(
    op: str, data: NDArray[Any], weight: NDArray[Any], threads: int, work: int
) -> Callable[[], float]:
    """Return what times one product by a weight of the model, after one that is not counted."""
    kind = helper.np_dtype_to_tensor_dtype(data.dtype)
    result = TensorProto.FLOAT if op == "MatMul" else TensorProto.INT32
    graph = helper.make_graph(
        [helper.make_node(op, ["data", "weight"], ["product"])],
        "product",
        [helper.make_tensor_value_info("data", kind, data.shape)],
        [helper.make_tensor_value_info("product", result, (data.shape[0], weight.shape[1]))],
        [numpy_helper.from_array(weight, "weight")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    session.run(None, {"data": data})

    clock = time.thread_time if threads == 1 else time.perf_counter

    def sample() -> float:
        start = clock()
        session.run(None, {"data": data})
        return work / (clock() - start)

    return sample


def _seconds(piece: Piece, size: int, cores: int, pool: ThreadPoolExecutor) -> float:
    """Let every core do its part of a buffer at once; return the CPU seconds of the slowest."""
    step = size // cores // 64 * 64

    def timed(at: int) -> float:
        start = time.thread_time()
        piece(at, step)
        return time.thread_time() - start

    return max(pool.map(timed, range(0, step * cores, step))) * size / (step * cores)


def _pages(size: int, *, huge: bool) -> NDArray[np.uint8]:
    """Return fresh private memory; written once with `huge`, which asks for large pages."""
    pages = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if huge and hasattr(mmap, "MADV_HUGEPAGE"):
        pages.madvise(mmap.MADV_HUGEPAGE)
    array = np.frombuffer(pages, np.uint8)
    if huge:
        array.fill(BYTE)
    return array


def _address(array: NDArray[np.uint8]) -> int:
    return int(array.ctypes.data)


def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None)
    place, size = ctypes.c_void_p, ctypes.c_size_t
    for name, second in (("memset", ctypes.c_int), ("memchr", ctypes.c_int), ("memcpy", place)):
        function = getattr(libc, name)
        function.argtypes, function.restype = (place, second, size), place
    return libc


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
