"""Rules about the graph itself: its size, its names, and the values inside it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sized

from onnx import GraphProto, ModelProto, TensorProto

from harness.integrity.bundle import Bundle, OnnxFile
from harness.integrity.graph import (
    ATTRIBUTE,
    FUNCTION,
    MOST_BYTES,
    SPARSE,
    SUBGRAPH,
    bits_of,
    dtype_name,
    placed_tensors,
    subgraphs,
)
from harness.integrity.placing import at, external
from harness.integrity.rule import Note, Rule
from harness.integrity.runtime import RUNTIME


def graphs_fit_in_protobuf(bundle: Bundle) -> Iterator[str]:
    """Every ONNX file is below 2 GiB, which is what protobuf can hold."""
    for graph in bundle.onnx_files:
        if graph.path.is_file() and (size := graph.path.stat().st_size) > MOST_BYTES:
            yield (
                f"{graph.path.name}: expected at most {MOST_BYTES} bytes, found {size}. "
                "Save the model again with external data."
            )


def initializer_names_are_unique(bundle: Bundle) -> Iterator[str]:
    """No two initializers of a graph have the same name."""
    for file, graph in _graphs(bundle):
        for name, count in Counter(_initializers(graph)).items():
            if count > 1:
                yield (
                    f"{file.path.name}: {count} initializers of graph {graph.name!r} have the "
                    f"name {name!r}; expected one. Which of them counts is left to the runtime. "
                    "Export the model again."
                )


def unused_initializers_are_named(bundle: Bundle) -> Iterator[str]:
    """Initializers that no node reads are named."""
    for file, graph in _graphs(bundle):
        read = _names_read(graph)
        if unused := [name for name in _initializers(graph) if name not in read]:
            rest = f" and {len(unused) - 1} more" if len(unused) > 1 else ""
            yield Note(
                f"Note: {file.path.name}: nothing in graph {graph.name!r} reads the initializer "
                f"{unused[0]!r}{rest}. It costs disk and download; simplify the model."
            )


def values_fill_their_shapes(bundle: Bundle) -> Iterator[str]:
    """Every tensor inside a graph holds as many values as its shape says."""
    for file, model in models(bundle):
        for _, tensor in placed_tensors(model):
            if tensor.data_location == TensorProto.EXTERNAL:
                continue
            expected, found, unit = _held(tensor)
            if expected != found:
                shape = " x ".join(map(str, tensor.dims)) or "a scalar"
                yield (
                    f"{file.path.name}: tensor {tensor.name!r}: {shape} of "
                    f"{dtype_name(tensor.data_type)} needs {expected} {unit}; found {found} inside "
                    "the graph. The file is damaged: download it again, or export the model again."
                )


def external_data_in_subgraphs_is_named(bundle: Bundle) -> Iterator[str]:
    """Tensors of subgraphs whose bytes are in a data file are named."""
    yield from _named(bundle, SUBGRAPH)


def external_data_in_functions_is_named(bundle: Bundle) -> Iterator[str]:
    """Tensors of functions whose bytes are in a data file are named."""
    yield from _named(bundle, FUNCTION)


def external_data_in_attributes_is_named(bundle: Bundle) -> Iterator[str]:
    """Tensors of attributes whose bytes are in a data file are named."""
    yield from _named(bundle, ATTRIBUTE)


def sparse_initializers_are_inside(bundle: Bundle) -> Iterator[str]:
    """Every sparse initializer keeps its values and indices inside the graph."""
    for graph, tensor in external(bundle):
        if tensor.place == SPARSE:
            start, stop = tensor.span or (tensor.offset, None)
            yield (
                f"{at(graph, tensor)} is part of a sparse initializer and is stored at bytes "
                f"{start} to {stop} of {tensor.location}; expected it inside the graph. onnx does "
                "not load it from there, so a model that is saved again loses it. Make it dense."
            )


GRAPH_RULES: tuple[Rule[Bundle], ...] = (
    graphs_fit_in_protobuf,
    initializer_names_are_unique,
    unused_initializers_are_named,
    values_fill_their_shapes,
    external_data_in_subgraphs_is_named,
    external_data_in_functions_is_named,
    external_data_in_attributes_is_named,
    sparse_initializers_are_inside,
)


def models(bundle: Bundle) -> Iterator[tuple[OnnxFile, ModelProto]]:
    """Yield the graphs of a bundle that could be read."""
    for file in bundle.onnx_files:
        if file.model is not None:
            yield file, file.model


def _graphs(bundle: Bundle) -> Iterator[tuple[OnnxFile, GraphProto]]:
    """Yield every graph of a bundle, those of nodes included."""
    for file, model in models(bundle):
        yield from ((file, graph) for graph in _with_inner(model.graph))


def _with_inner(graph: GraphProto) -> Iterator[GraphProto]:
    yield graph
    for node in graph.node:
        for inner in subgraphs(node.attribute):
            yield from _with_inner(inner)


def _initializers(graph: GraphProto) -> list[str]:
    return [
        *(t.name for t in graph.initializer),
        *(s.values.name for s in graph.sparse_initializer),
    ]


def _names_read(graph: GraphProto) -> set[str]:
    """Every name that a graph, or a graph inside it, takes from somewhere."""
    names: set[str] = set()
    for inner in _with_inner(graph):
        names |= {name for node in inner.node for name in node.input}
        names |= {value.name for value in inner.output}
        scales = inner.quantization_annotation
        names |= {pair.value for note in scales for pair in note.quant_parameter_tensor_names}
    return names


def _named(bundle: Bundle, place: str) -> Iterator[str]:
    for graph, tensor in external(bundle):
        if tensor.place == place:
            start, stop = tensor.span or (tensor.offset, None)
            yield Note(
                f"Note: {at(graph, tensor)}, of {'an' if place == ATTRIBUTE else 'a'} {place}, is "
                f"at bytes {start} to {stop} of {tensor.location}. {RUNTIME} reads it; tools that "
                "look at the main graph's initializers alone lose it."
            )


def _held(tensor: TensorProto) -> tuple[int, int, str]:
    """How much a tensor inside a graph needs and has, and the word for what is counted."""
    elements, bits = 1, bits_of(tensor.data_type)
    for size in tensor.dims:
        elements *= size
    if tensor.HasField("raw_data"):
        return -(-elements * bits // 8), len(tensor.raw_data), "bytes"
    if tensor.data_type in (TensorProto.COMPLEX64, TensorProto.COMPLEX128):
        elements *= 2
    if 0 < bits < 8:  # several to a number
        elements = -(-elements * bits // 8)
    return elements, sum(map(len, _values(tensor))), "values"


def _values(tensor: TensorProto) -> tuple[Sized, ...]:
    numbers = (tensor.float_data, tensor.int32_data, tensor.int64_data)
    return (*numbers, tensor.double_data, tensor.uint64_data, tensor.string_data)
