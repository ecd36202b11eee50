"""Where `onnx.checker` refuses a healthy file: shown by asking it again without the reason."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from harness.integrity.bundle import OnnxFile, data_files
from harness.integrity.graph import MOST_BYTES, SPARSE
from harness.integrity.runtime import checker_refusal

LINKS = (
    "It refuses every link, and accepts the same graph with plain files. Links are judged by rules "
    "of their own here."
)
DENSE = (
    "Its shape inference takes a sparse initializer for a sparse value, though the standard says "
    "that nodes see it dense; without shape inference it accepts the file."
)


def can_be_asked(graph: OnnxFile) -> bool:
    """Say whether a file can be given to others to open: they hang on a pipe, and read 2 GiB."""
    path = graph.path
    return not path.exists() or (path.is_file() and path.stat().st_size <= MOST_BYTES)


def why_checker_is_wrong(graph: OnnxFile) -> str:
    """Return why onnx.checker's refusal is no fault of the file; "" where it is one."""
    if any(tensor.place == SPARSE for tensor in graph.tensors):
        return DENSE if not checker_refusal(graph.path, full=False) else ""
    linked = [path for path in data_files(graph) if path.is_file() and _is_link(path)]
    return LINKS if linked and not _refusal_of_plain_files(graph) else ""


def _is_link(path: Path) -> bool:
    return path.is_symlink() or path.stat().st_nlink > 1


def _refusal_of_plain_files(graph: OnnxFile) -> str:
    """What onnx.checker says of the graph beside empty files of its data's sizes.

    It reads no weight (which is why the rules of this package exist), so empty files do.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy = folder / graph.path.name
        shutil.copyfile(graph.path, copy)
        for path in data_files(graph):
            if path.is_file():
                twin = folder / path.relative_to(graph.path.parent)
                twin.parent.mkdir(parents=True, exist_ok=True)
                with twin.open("wb") as file:
                    file.truncate(path.stat().st_size)
        return checker_refusal(copy)
