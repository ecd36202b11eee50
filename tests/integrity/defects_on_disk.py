"""Defects of the files of a bundle, as the file system has them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.integrity import planting as p
from tests.integrity.defect import Defect, defect, disk, moved, of


def sealed(title: str, rule: str, spoil: Callable[[Path], object], *names: str) -> Defect:
    """The same, with a manifest of the healthy files."""

    def plant(folder: Path) -> Path:
        path = p.write(folder)
        p.seal(folder)
        spoil(folder / p.DATA)
        return path

    return defect(title=title, plant=plant, rule=rule, names=names)


def replaced(data_file: Path, make: Callable[[Path], object]) -> None:
    """Put something else where the data file is."""
    data_file.unlink()
    make(data_file)


def hole(data_file: Path) -> None:
    """Never write the second page of the first tensor."""
    content = data_file.read_bytes()
    data_file.unlink()
    with data_file.open("wb") as file:
        file.write(content[:4096])
        file.seek(8192)
        file.write(content[8192:])


def flip(data_file: Path) -> None:
    """Flip one bit in the middle."""
    content = bytearray(data_file.read_bytes())
    content[len(content) // 2] ^= 1
    data_file.write_bytes(bytes(content))


def pointer(path: Path) -> None:
    """Leave git-LFS's pointer where the file was."""
    path.write_text(f"version https://git-lfs.github.com/spec/v1\noid sha256:{'a' * 64}\nsize 99\n")


@of("the graph is a git-LFS pointer", "no_lfs_pointers", "m.onnx", "git lfs pull")
def lfs_graph(folder: Path) -> Path:
    """The graph itself is a pointer."""
    path = p.write(folder)
    pointer(path)
    return path


@of("a model that holds all its tensors, and old data", "no_stray_data_files", "m.onnx.data")
def stray_beside_whole(folder: Path) -> Path:
    """Data that nobody reads beside a self-contained model."""
    (folder / p.DATA).write_bytes(b"old")
    return p.keep(folder, p.summing([p.inside("w", p.FLOAT, [4])]))


@of("data under another name than the graph's", "no_stray_data_files", "m.onnx_data")
def stray(folder: Path) -> Path:
    """A second data file in another writer's spelling."""
    path = p.write(folder)
    (folder / "m.onnx_data").write_bytes(b"old")
    return path


@of("a self-contained model with a hole", "no_holes", "m.onnx", "never written")
def hole_in_graph(folder: Path) -> Path:
    """A graph with a page of its weights never written."""
    path = p.keep(folder, p.summing([p.inside("w", p.FLOAT, [8192])]))
    hole(path)
    return path


ON_DISK = [
    disk("no data file", "data_files_are_present", Path.unlink, "'first'", p.DATA),
    disk(
        "a link to nothing",
        "data_files_are_present",
        lambda d: replaced(d, lambda at: at.symlink_to("gone")),
        "'first'",
        "a link to gone",
    ),
    disk(
        "a folder for a data file",
        "data_files_are_regular",
        lambda d: replaced(d, Path.mkdir),
        "'first'",
        "folder",
    ),
    disk(
        "a pipe for a data file",
        "data_files_are_regular",
        lambda d: replaced(d, os.mkfifo),
        "'first'",
        "pipe",
    ),
    disk(
        "a device for a data file",
        "data_files_are_regular",
        lambda d: replaced(d, lambda at: at.symlink_to("/dev/zero")),
        "'first'",
        "device",
    ),
    disk(
        "a link out of the folder",
        "links_stay_inside",
        lambda d: moved(d, "../elsewhere/blob"),
        "'first'",
        "elsewhere/blob",
        "hf download",
    ),
    disk("a git-LFS pointer", "no_lfs_pointers", pointer, p.DATA, "99 bytes", "git lfs pull"),
    disk(
        "everybody may write the data",
        "files_are_not_world_writable",
        lambda d: d.chmod(0o666),
        p.DATA,
        "mode 666",
    ),
    disk("a hole in a tensor", "no_holes", hole, "'first'", "bytes 4096 to 8192"),
    sealed("a hole, and a manifest", "no_holes", hole, "'first'", "bytes 4096 to 8192"),
    sealed("one bit flipped", "digests_match_manifest", flip, p.DATA, "expected sha256"),
    sealed(
        "a file of another size than sealed",
        "sizes_match_manifest",
        lambda d: d.write_bytes(b"short"),
        p.DATA,
        "found 5",
    ),
    stray,
    stray_beside_whole,
    lfs_graph,
    hole_in_graph,
]
