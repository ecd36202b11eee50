"""The entry of manifests: that of a reference set, and that of a bundle as both readers read it.

The first byte of an input says which reader it goes to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import agents.bundle
from agents.errors import BundleError as PipelineBundleError
from harness.accuracy import sets
from harness.errors import BundleError, ReferenceSetError
from harness.integrity import manifest
from tests.fuzz.entry import Entry, keys
from tests.fuzz.place import placed

ROOT = Path(__file__).parents[2]
SET, SEALED, PIPELINES = b"s", b"m", b"p"
MODEL = "core.onnx"


class Refused(Exception):  # noqa: N818
    """One of the three readers gave its documented error."""


def read(data: bytes) -> object:
    """Give what follows the first byte to the reader that this byte names."""
    try:
        match data[:1]:
            case b"s":
                placed("a.wav", b"")
                return _inside(sets.survey(placed(sets.MANIFEST, data[1:]).parent))
            case b"m":
                return manifest.read_manifest(_model(data[1:]))
            case _:
                return agents.bundle.read_bundle(_model(data[1:]))
    except (ReferenceSetError, BundleError, PipelineBundleError) as error:
        raise Refused(str(error)) from None


def _inside(found: sets.ReferenceSet) -> sets.ReferenceSet:
    for clip in found.clips:
        assert Path(clip.audio).resolve().is_relative_to(found.manifest.parent.resolve())
    return found


def _model(document: bytes) -> Path:
    placed(f"{MODEL}.manifest.json", document)
    return placed(MODEL, b"\x08\x0a")


def seeds() -> Iterator[bytes]:
    """The manifests that the project ships, with few of their clips and tensors."""
    lines = (ROOT / "validation/reference_sets/es_window" / sets.MANIFEST).read_text().splitlines()
    rows = [json.loads(line) | {"audio": "a.wav"} for line in lines[:2]]
    rows[0]["expect"] = {"intent": "light.off", "slots": {"room": "cocina"}}
    yield SET + "\n".join(map(json.dumps, rows)).encode()
    document = json.loads((ROOT / f"models/onnx/reference/{MODEL}.manifest.json").read_text())
    document["tensors"] = document["tensors"][:2]
    for reader in (SEALED, PIPELINES):
        yield reader + json.dumps(document).encode()
    document["files"] = {MODEL: {"bytes": 2, "sha256": "0" * 64}}
    for part in ("tokenizer", "text_decoder", "language_model"):
        document[part] = MODEL
    yield PIPELINES + json.dumps(document).encode()


ENTRY = Entry(
    name="manifests",
    read=read,
    refused=Refused,
    seeds=seeds,
    words=(
        *keys(
            "id audio text seconds sha256 expect slots format files bytes tensors shape contract"
        ),
        *keys("input output dtype sealed canaries tolerance tokenizer codebook_size text_channels"),
        *keys("frame_stride"),
        *rb"../ /etc/passwd a\u0000b 1e999 NaN [[[[[[[[ null \ud800".split(),
    ),
    longest=16_384,
)
