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
    """A shipped graph, and small ones with their weights outside and inside."""
    yield (ROOT / "models/onnx/reference/decoder.onnx").read_bytes()
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
        *b"location offset length checksum basepath ../../etc/passwd /dev/zero core.onnx".split(),
        *b"core.onnx.data -1 99999999999999999999 MatMul Loop ai.onnx.ml a/../../b".split(),
        b"\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
    ),
    longest=32_768,
)
