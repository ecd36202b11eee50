"""The entry of models: the graph, its facts, and every rule that reads no weight."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import agents.bundle
from agents.errors import BundleError as PipelineBundleError
from harness.errors import BundleError
from harness.integrity.bundle import bundle_facts, read_bundle
from harness.integrity.rules import QUICK_RULES
from tests.fuzz.entry import Entry
from tests.fuzz.place import placed
from tests.integrity.bundles import core, one_layer, save

ROOT = Path(__file__).parents[2]
MODEL = "core.onnx"


def read(data: bytes) -> object:
    """Read a model with a data file of 4 kB beside it, as both sides do."""
    model = placed(MODEL, data)
    placed(f"{MODEL}.data", b"\0" * 4096)
    try:
        names = agents.bundle.external_files(model)
    except PipelineBundleError:
        names = []
    bundle = read_bundle(model)
    said = list(chain.from_iterable(rule(bundle) for rule in QUICK_RULES))
    return names, said, bundle_facts(model)


def seeds() -> Iterator[bytes]:
    """Shipped graphs, and small ones with their weights outside and inside."""
    for name in ("decoder.onnx", "tokenizer.onnx"):
        yield (ROOT / "models/onnx/reference" / name).read_bytes()
    with TemporaryDirectory() as folder:
        path = Path(folder) / MODEL
        for model, external in ((core(), True), (one_layer("a", "b"), False)):
            save(model, path, external=external)
            yield path.read_bytes()


ENTRY = Entry(
    name="bundle",
    read=read,
    refused=BundleError,
    seeds=seeds,
    words=(
        b"location",
        b"offset",
        b"length",
        b"checksum",
        b"basepath",
        b"../../etc/passwd",
        b"/dev/zero",
    )
    + (b"core.onnx.data", b"core.onnx", b"-1", b"99999999999999999999", b"MatMul", b"Loop")
    + (b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f", b"ai.onnx.ml", b"a/../../b"),
    longest=32_768,
)
