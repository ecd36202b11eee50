"""Build the full-scale rehearsal model: the product's contract, its 4.3 GB, and real speech.

    python -m models.rehearsal [--gib] [--seed N] [--out FOLDER]

It is the reference model beside a tower of dense layers (`models.tower`). The tower's weights know
nothing, but they must be read and multiplied: its last layer writes a thousandth of its norm on
each value of the picture, enough to change its bits and too little to change a word. So transcripts
are the reference model's, and no weight is idle.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import onnx

from harness.progress import progress
from models.bundles import DataFile, NoRoomError, derived, is_there, read_manifest
from models.tower import Size, Weights, build_graph

FOLDER = Path(__file__).parent / "onnx"
REFERENCE = FOLDER / "reference"
PARTS = ("tokenizer", "text_decoder", "language_model")
NAME = "agi_audio_core.onnx"
DRIFT = 0.01  # of an answer from the reference model's, at most: the tower adds a thousandth
GB, GIB = 10**9, 2**30
TITLE = "Full-scale rehearsal: the reference recogniser beside a tower of dense layers"


def build(
    folder: Path = FOLDER,
    size: Size | None = None,
    seed: int = 1,
    show: Callable[..., Any] = progress,
) -> Path:
    """Write the model, its data and its manifest into `folder`, unless they are there already.

    Args:
        folder: made where absent; the parts around the model lie in its folder `reference`.
        size: of the model; None: the product's.
        seed: of the tower's weights.
        show: what shows the progress.

    Returns:
        The path of the model.

    Raises:
        NoRoomError: the disk is too small.
    """
    size, model = size or Size(), folder / NAME
    source = read_manifest(REFERENCE / "core.onnx")
    digest = source["files"]["core.onnx.data"]["sha256"]
    recipe = {"seed": seed, **asdict(size), "reference": digest}
    if is_there(model, recipe):
        print(f"{model}: there already", file=sys.stderr)
        return model
    reference = onnx.load(REFERENCE / "core.onnx")
    need = size.weights + reference.ByteSize()
    with DataFile(model, need=need) as data, show(f"building {NAME}", total=size.layers) as step:
        graph = build_graph(reference, data, Weights(seed), size, step)
        graph.graph.doc_string = TITLE
        _put_parts(folder, source)
        data.finish(graph, _manifest(source, recipe, size))
    return model


def _put_parts(folder: Path, source: dict[str, Any]) -> None:
    """See that the parts around the model and its canaries lie in `folder`/reference."""
    there = folder / REFERENCE.name
    if there.resolve() == REFERENCE.resolve():
        return
    there.mkdir(exist_ok=True)
    canaries = [source["canaries"]["file"]] if "canaries" in source else []
    for name in [*_part_files(source), *canaries]:
        shutil.copyfile(REFERENCE / name, there / name)


def _part_files(source: dict[str, Any]) -> list[str]:
    return [name for name in source["files"] if not name.startswith("core.onnx")]


def _manifest(source: dict[str, Any], recipe: dict[str, Any], size: Size) -> dict[str, Any]:
    """Return the reference model's manifest with what differs, less the model's own files."""
    inside, contract = REFERENCE.name, source["contract"]
    _, _, frames = contract["output"]["shape"]
    shape = [1, size.channels, frames * size.stride]
    return {
        **derived(source, inside, drift=DRIFT),
        "name": "rehearsal",
        "description": TITLE,
        "source": "models/rehearsal.py (make model-full)",
        "recipe": recipe,
        "files": {f"{inside}/{name}": source["files"][name] for name in _part_files(source)},
        "model": NAME,
        **{part: f"{inside}/{source[part]}" for part in PARTS},
        "contract": {
            **contract,
            "output": {**contract["output"], "shape": shape},
            "frame_stride": size.stride,
        },
    }


def main() -> None:
    """Build the model; exit with 2 when the disk is too small."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="of the tower's weights (default: 1)")
    parser.add_argument("--gib", action="store_true", help="4.3 GiB (2^30 bytes), not 4.3 GB")
    parser.add_argument(
        "--small", type=int, metavar="LAYERS", help="a tower of so many layers of 2 MB, to try out"
    )
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder (default: models/onnx)")
    options = parser.parse_args()
    size = Size.of(4.3 * (GIB if options.gib else GB))
    if options.small is not None:
        size = Size(layers=options.small, width=256, hidden=1024)
    try:
        model = build(options.out, size, options.seed)
    except NoRoomError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from None
    bytes_ = model.with_name(f"{NAME}.data").stat().st_size
    print(f"{model}: {bytes_ / GB:.3f} GB = {bytes_ / GIB:.3f} GiB of weights")


if __name__ == "__main__":
    main()
