"""What is odd about a bundle and gives the right numbers: to be named, and no alarm."""

from __future__ import annotations

from pathlib import Path

from tests.integrity import planting as p
from tests.integrity.defect import Defect, disk, graph, moved, noted, of


@of("tied weights: two names for one region", "shared_regions_are_tied_weights", "second", "twin")
def tied(folder: Path) -> Path:
    """One region of one dtype under two names."""
    p.write(folder)
    twin = p.external("twin", p.HALF, (256,), offset=8192, length=512)
    return p.edit_graph(folder, lambda g: g.initializer.append(twin))


@of("a tensor at an odd address", "odd_addresses_are_named", "'second'", "byte 67")
def misaligned(folder: Path) -> Path:
    """As onnx writes them when asked for no alignment."""
    return p.write(folder, (("one", p.BYTE, (67,)), ("second", p.FLOAT, (4,))), align=1)


@of("bytes of no tensor between two", "gaps_are_named", "'second'", "bytes 64 to 84")
def gap(folder: Path) -> Path:
    """A gap that no alignment explains: 20 bytes up to a multiple of 4."""
    p.write(folder, (("one", p.BYTE, (64,)), ("second", p.FLOAT, (4,))))
    p.edit_data(folder, lambda content: content[:64] + bytes(20) + content[64:])
    return p.edit_entry(folder, "second", "offset", "84")


@of("denormal numbers", "worth_knowing", "'one'", "1 of 64", "denormal")
def denormal(folder: Path) -> Path:
    """The smallest float32 above zero."""
    path = p.write(folder, (("one", p.FLOAT, (64,)),))
    p.edit_data(folder, lambda content: b"\1\0\0\0" + content[4:])
    return path


@of("a Hugging Face cache", "links_stay_inside", "'first'", "hf download")
def cache(folder: Path) -> Path:
    """Graph and data are links to blobs, as `hf download` leaves them."""
    path = p.write(folder)
    moved(path, "../blobs/aaaa")
    moved(folder / p.DATA, "../blobs/bbbb")
    return path


_ODD: list[Defect] = [
    tied,
    misaligned,
    gap,
    denormal,
    cache,
    disk("a link within the folder", "links_stay_inside", lambda d: moved(d, "w/data"), "'first'"),
    disk(
        "a hard link",
        "hard_links_are_named",
        lambda d: (d.parent / "other").hardlink_to(d),
        "'first'",
        "2 names",
    ),
    graph(
        "an initializer that nothing reads",
        "unused_initializers_are_named",
        lambda: p.adding(p.inside("w", p.FLOAT, [4]), p.inside("idle", p.FLOAT, [4])),
        "'idle'",
    ),
    graph(
        "external data in a subgraph",
        "external_data_in_subgraphs_is_named",
        lambda: p.branches(p.own()),
        "'w'",
        "bytes 0 to 16",
    ),
    graph(
        "external data in a function",
        "external_data_in_functions_is_named",
        lambda: p.calling(p.own()),
        "'w'",
        "bytes 0 to 16",
    ),
    graph(
        "external data in an attribute",
        "external_data_in_attributes_is_named",
        lambda: p.model(p.constant(p.own())),
        "'w'",
        "bytes 0 to 16",
    ),
]

ODDITIES = [noted(one) for one in _ODD]
