"""Rules about the files of a bundle as the file system has them: kinds, links, holes, strangers."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.integrity.bundle import Bundle, OnnxFile, sha256
from harness.integrity.placing import Placed, by_file, data_paths, other_users, placed
from harness.integrity.rule import NotChecked, Note, Rule

LFS_BEGINS = b"version https://git-lfs"  # every git-LFS pointer, by its specification


def data_files_are_present(bundle: Bundle) -> Iterator[str]:
    """Every data file that a graph refers to is present."""
    for path in data_paths(bundle):
        if not path.exists():
            graph, names = _tensors_in(bundle, path)
            link = f" (a link to {os.readlink(path)}, which is absent)" if path.is_symlink() else ""
            yield (
                f"{path}: no such file{link}; {graph.path.name} keeps {len(names)} tensors in it, "
                f"first {names[0]!r}. Build or download the bundle again."
            )


def data_files_are_regular(bundle: Bundle) -> Iterator[str]:
    """Every data file is a regular file: no folder, pipe or device."""
    for path in data_paths(bundle):
        if path.exists() and not path.is_file():
            graph, names = _tensors_in(bundle, path)
            yield (
                f"{path}: expected a regular file, found a {_kind(path)}; {graph.path.name} keeps "
                f"the tensor {names[0]!r} in it. Put the data file there."
            )


def data_is_not_a_graph(bundle: Bundle) -> Iterator[str]:
    """No graph of the bundle is the data file of a tensor."""
    graphs = {graph.path for graph in bundle.onnx_files}
    for one in placed(bundle):
        if one.path in graphs:
            yield (
                f"{one.name} is at bytes {one.start} to {one.stop} of {one.path.name}, which is a "
                "graph; expected a data file. Its weights would be the text of the graph. Export "
                "the model again."
            )


def links_stay_inside(bundle: Bundle) -> Iterator[str]:
    """No data file is a symbolic link out of the folder of its model."""
    for path in data_paths(bundle):
        graph, names = _tensors_in(bundle, path)
        real, folder = path.resolve(), graph.path.parent.resolve()
        if not path.exists() or real == folder / path.relative_to(graph.path.parent):
            continue
        found = f"{path.name}, with the tensor {names[0]!r}, is a symbolic link to {real}"
        if real.is_relative_to(folder):
            yield Note(f"Note: {found}, inside the folder: onnx.checker refuses it.")
        elif real.is_relative_to(graph.path.resolve().parent):
            yield Note(
                f"Note: {found}, and {graph.path.name} is one to the same folder, as in a Hugging "
                "Face cache: onnxruntime follows both, onnx.checker does not. For plain files, "
                "`hf download --local-dir FOLDER`, or copy with `cp -L`."
            )
        else:
            yield (
                f"{found}; expected a file in {folder}. onnxruntime does not follow it. Copy the "
                "bundle with `cp -L`, or download it with `hf download --local-dir FOLDER`."
            )


def hard_links_are_named(bundle: Bundle) -> Iterator[str]:
    """Data files that have a second name on the disk are named."""
    for path in data_paths(bundle):
        if path.is_file() and (names := path.stat().st_nlink) > 1:
            tensor = _tensors_in(bundle, path)[1][0]
            yield Note(
                f"Note: {path.name}, with the tensor {tensor!r}, has {names} names (hard links): "
                "who writes to another of them changes this model, and onnx.checker refuses it. "
                "Copy it where that is not meant."
            )


def files_are_not_world_writable(bundle: Bundle) -> Iterator[str]:
    """No file of the bundle can be written by everybody."""
    for path in _files(bundle):
        if (mode := stat.S_IMODE(path.stat().st_mode)) & stat.S_IWOTH:
            yield (
                f"{path.name}: every user of this machine may change it (mode {mode:03o}); "
                f"expected that only its owner may. `chmod o-w {path}`."
            )


def no_lfs_pointers(bundle: Bundle) -> Iterator[str]:
    """No file of the bundle is the pointer of git-LFS instead of the file itself."""
    for path in _files(bundle):
        with path.open("rb") as file:
            head = file.read(200)
        if head.startswith(LFS_BEGINS):
            size = head.decode("utf-8", "replace").partition("size ")[2].split("\n")[0]
            yield (
                f"{path.name}: expected the file of {size or 'unknown'} bytes, found the text of "
                "its git-LFS pointer. `git lfs pull` fetches it."
            )


def no_holes(bundle: Bundle) -> Iterator[str]:
    """No tensor and no graph lies in a part of a file that was never written."""
    tensors = by_file(bundle)
    for path in _files(bundle):
        found = list(_holes_that_matter(path, tensors.get(path, [])))
        if not found:
            continue
        sealed = _is_as_sealed(bundle, path)
        for start, stop, name in found:
            where = f"bytes {start} to {stop} of {path.name}" + (f", in {name}," if name else "")
            if sealed:
                yield Note(f"Note: {where} are a hole, as in the file that was sealed.")
            else:
                yield (
                    f"{where} were never written and read as zeros: a download that was "
                    "cut short. Download it again (if the zeros are meant, `cp --sparse=never`)."
                )


def no_stray_data_files(bundle: Bundle) -> Iterator[str]:
    """No data file of the model's name lies beside it that nothing refers to."""
    if any(graph.problem for graph in bundle.onnx_files):
        yield NotChecked("Not checked: a graph cannot be read, so what it refers to is unknown.")
        return
    known = {*data_paths(bundle), *_files(bundle)}
    for graph in bundle.onnx_files:
        for path in _named_like(graph.path):
            if path not in known and not other_users(bundle, path):
                held = f"keeps {len(graph.external)} tensors in other files"
                yield (
                    f"{path.name} ({path.stat().st_size} bytes) lies beside {graph.path.name}, "
                    f"which {held if graph.external else 'holds all its tensors itself'}; expected "
                    "no such file. It is of another export: remove it, or restore its graph."
                )


def checksums_match(bundle: Bundle) -> Iterator[str]:
    """Every data file has the sha1 that its tensors give as `checksum`."""
    digests: dict[Path, str] = {}
    for one in placed(bundle):
        if (expected := one.tensor.checksum) is None:
            continue
        if one.path not in digests:
            with one.path.open("rb") as file:
                digests[one.path] = hashlib.file_digest(file, "sha1").hexdigest()
        if (found := digests[one.path]) != expected.strip().lower():
            yield (
                f"{one.name}, at bytes {one.start} to {one.stop}: expected sha1 {expected} of "
                f"{one.path.name}, found {found}. The file has changed since the graph was "
                "written: restore it."
            )


# What directory entries and first bytes tell.
DISK_RULES: tuple[Rule[Bundle], ...] = (
    data_files_are_present,
    data_files_are_regular,
    data_is_not_a_graph,
    links_stay_inside,
    hard_links_are_named,
    files_are_not_world_writable,
    no_holes,
    no_stray_data_files,
)


def holes(path: Path) -> Iterator[tuple[int, int]]:
    """Yield first byte, and byte after the last, of each part of a file that takes no disk."""
    with path.open("rb", buffering=0) as file:
        at_byte, size = 0, path.stat().st_size
        while at_byte < size:
            start = os.lseek(file.fileno(), at_byte, os.SEEK_HOLE)
            if start >= size:
                return
            try:
                at_byte = os.lseek(file.fileno(), start, os.SEEK_DATA)
            except OSError:  # ENXIO: nothing but the hole is left
                at_byte = size
            yield start, at_byte


def _holes_that_matter(path: Path, tensors: Sequence[Placed]) -> Iterator[tuple[int, int, str]]:
    """Yield first byte, byte after the last, and first tensor of the holes that are no padding."""
    for start, stop in holes(path):
        inside = [one.name for one in tensors if one.start < stop and start < one.stop]
        if inside or not tensors:
            yield start, stop, inside[0] if inside else ""


def _files(bundle: Bundle) -> tuple[Path, ...]:
    """The regular files of a bundle: graphs, data, and what the manifest names."""
    folder, manifest = bundle.model_path.parent, bundle.manifest
    named = [*manifest.files, *manifest.roles.values()] if manifest else []
    own = [*(graph.path for graph in bundle.onnx_files), *data_paths(bundle)]
    return tuple(p for p in dict.fromkeys([*own, *(folder / n for n in named)]) if p.is_file())


def _tensors_in(bundle: Bundle, path: Path) -> tuple[OnnxFile, list[str]]:
    """The first graph that keeps tensors in a data file, and their names."""
    for graph in bundle.onnx_files:
        if names := [
            t.name for t in graph.external if graph.path.parent / (t.location or "") == path
        ]:
            return graph, names
    raise LookupError(path)


def _named_like(model: Path) -> list[Path]:
    names = {f"{name}{mark}data" for name in (model.name, model.stem) for mark in "._"}
    return [path for name in sorted(names) if (path := model.with_name(name)).is_file()]


def _is_as_sealed(bundle: Bundle, path: Path) -> bool:
    """Say whether the manifest has the digest that the file has now."""
    entries = bundle.manifest.files if bundle.manifest else {}
    folder = bundle.model_path.parent
    entry = next((e for name, e in entries.items() if folder / name == path), None)
    return entry is not None and entry.sha256 == sha256(path)


def _kind(path: Path) -> str:
    mode = path.stat().st_mode
    kinds = {"folder": stat.S_ISDIR, "pipe": stat.S_ISFIFO, "socket": stat.S_ISSOCK}
    return next((name for name, test in kinds.items() if test(mode)), "device")
