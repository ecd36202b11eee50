"""Defects of what a graph says of its external data, and of the data it says it of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from onnx import GraphProto, TensorProto

from tests.integrity import planting as p
from tests.integrity.defect import DTYPES, Defect, defect, of


def entry(title: str, rule: str, key: str, value: str, *names: str) -> Defect:
    """A wrong entry of the tensor `second`."""

    def plant(folder: Path) -> Path:
        p.write(folder)
        return p.edit_entry(folder, "second", key, value)

    return defect(title=title, plant=plant, rule=rule, names=("second", *names))


def data(title: str, rule: str, edit: Callable[[bytes], bytes], *names: str) -> Defect:
    """A wrong data file under a right graph."""

    def plant(folder: Path) -> Path:
        p.write(folder)
        return p.edit_data(folder, edit)

    return defect(title=title, plant=plant, rule=rule, names=names)


def cut(dtype: str) -> Defect:
    """A data file that lacks its last byte."""

    def plant(folder: Path) -> Path:
        p.write(folder, (*p.THREE, ("last", DTYPES[dtype], (48,))))
        return p.edit_data(folder, lambda content: content[:-1])

    names = ("last", "at bytes", "1 short")
    return defect(
        title=f"the last byte of {dtype} is missing",
        plant=plant,
        rule="tensors_inside_file",
        names=names,
    )


def short(dtype: str) -> Defect:
    """A length that is one element, or a pair of them, less than the shape."""

    def plant(folder: Path) -> Path:
        p.write(folder, (("odd", DTYPES[dtype], (48,)), *p.THREE))
        whole = len(p.values(DTYPES[dtype], (48,)))
        return p.edit_entry(folder, "odd", "length", str(whole - max(1, whole // 48)))

    names = ("odd", "48 of", "needs", "found a length of")
    return defect(
        title=f"a length too short for {dtype}", plant=plant, rule="lengths_fit_shapes", names=names
    )


@of("a tensor within another", "tensors_do_not_overlap", "inner")
def within(folder: Path) -> Path:
    """One tensor within another."""
    p.write(folder)
    return p.edit_graph(folder, lambda g: _add(g, "inner", 1024, 64))


@of("two tensors share some bytes", "tensors_do_not_overlap", "late", "32 in common")
def overlap(folder: Path) -> Path:
    """A tensor that begins inside the first and ends after it."""
    p.write(folder)
    return p.edit_graph(folder, lambda g: _add(g, "late", 8192 - 32, 64))


@of("the same bytes as float16 and as int8", "shared_regions_are_tied_weights", "second", "twin")
def reread(folder: Path) -> Path:
    """One region under two dtypes."""
    p.write(folder)
    twin = p.external("twin", TensorProto.INT8, (512,), offset=8192, length=512)
    return p.edit_graph(folder, lambda g: g.initializer.append(twin))


@of("the key 'offset' is given twice", "data_keys_are_known", "second", "'offset' more than once")
def twice(folder: Path) -> Path:
    """Two offsets for one tensor."""
    p.write(folder)
    return p.edit_graph(
        folder, lambda g: g.initializer[1].external_data.add(key="offset", value="0")
    )


@of("weights read from the graph's own file", "data_is_not_a_graph", "'w'", "m.onnx")
def itself(folder: Path) -> Path:
    """A location that is the model."""
    tensor = p.external("w", p.FLOAT, [4], location="m.onnx", offset=0, length=16)
    return p.keep(folder, p.adding(tensor))


def _add(graph_: GraphProto, name: str, offset: int, length: int) -> None:
    graph_.initializer.append(p.own(name, offset, length))


IN_RANGES = [
    data("an empty data file", "tensors_begin_inside_file", lambda d: b"", "'first'", "found 0"),
    data(
        "cut between two tensors",
        "tensors_begin_inside_file",
        lambda d: d[:8192],
        "'second'",
        "at bytes 8192 to 8704",
    ),
    data("bytes after the last tensor", "no_trailing_bytes", lambda d: d + b"old", "'third'", "3"),
    *map(cut, DTYPES),
    *map(short, DTYPES),
    entry("an offset after the end", "tensors_begin_inside_file", "offset", "9999999", "9999999"),
    entry("offset and length pass the end", "tensors_inside_file", "offset", "8512", "to 9024"),
    entry("a negative offset", "data_ranges_are_numbers", "offset", "-64", "'-64'"),
    entry("a negative length", "data_ranges_are_numbers", "length", "-1", "'-1'"),
    entry("an offset in words", "data_ranges_are_numbers", "offset", "8e3", "'8e3'"),
    entry("a length in hex", "data_ranges_are_numbers", "length", "0x200", "'0x200'"),
    entry("an offset beyond int64", "data_ranges_are_numbers", "offset", "9" * 20, "9" * 20),
    entry("an absolute path", "data_locations_are_relative", "location", "/etc/passwd", "/etc"),
    entry("a drive", "data_locations_are_relative", "location", "C:\\m.onnx.data", "C:"),
    entry("a path with '..'", "data_locations_stay_inside", "location", "../m.onnx.data", "'../"),
    entry("no location", "data_locations_are_given", "location", "", "names no file"),
    entry("a misspelt key", "data_keys_are_known", "ofset", "64", "'ofset'"),
    entry("a wrong checksum", "checksums_match", "checksum", "0" * 40, "expected sha1 000"),
    twice,
    overlap,
    within,
    reread,
    itself,
]
