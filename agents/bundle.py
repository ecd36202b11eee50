"""A model on disk: the graph, its external data, and the manifest that describes them.

The manifest is `<model>.manifest.json` beside the model. A model without one can be run on
codes, but neither hears audio nor writes text: both need parts that the manifest names.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from agents.errors import ManifestError, ModelFileNotFoundError, ModelFileSizeError, explain

FORMATS = (1, 2)  # versions of the manifest that this code reads; 2 adds digests of tensors
_PARTS = ("model", "tokenizer", "text_decoder", "language_model")

# The entry "location" of a tensor's external data, as protobuf writes it: key, then the file's
# name after one length byte. Reading it here spares the pipeline the import of onnx.
_LOCATION = re.compile(rb"\x0a\x08location\x12([\x01-\x7f])", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What the manifest says of the parts around the model."""

    document: Mapping[str, Any]  # the whole of it, as read
    tokenizer: Path  # log_mel [1, 80, 1024] -> audio_codes
    text_decoder: Path  # text picture [1, text_channels, 1024] -> log-probabilities
    input_shape: tuple[int, ...]  # audio_codes: [1, codebooks, code frames]
    codebook_size: int | None  # audio_codes lie in 0 .. codebook_size - 1; None: it is not stated
    output_shape: tuple[int, ...]  # mel_features: [1, channels, time]
    text_channels: int  # the text picture is the first channels of the output ...
    frame_stride: int  # ... and of its time axis every frame_stride-th value


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """The files of one model, present and of the size that their manifest states."""

    model: Path
    weights: int  # bytes of the graph and its external data
    manifest: Manifest | None  # None: a model only


def read_bundle(model: Path) -> Bundle:
    """Return the bundle of `model`, after a look at every file that it names.

    Raises:
        ModelFileNotFoundError: the model, its external data or a file of the manifest is absent.
        ModelFileSizeError: a file is shorter or longer than the manifest states.
        ManifestError: the manifest cannot be read or does not describe `model`.
    """
    path = model.with_name(f"{model.name}.manifest.json")
    manifest = _read_manifest(path, model) if path.is_file() else None
    files = [model, *external_files(model)]
    for file in files:
        _require(file, f"{model.name} keeps its weights there: download it again.")
    weights = sum(file.stat().st_size for file in files)
    return Bundle(model=model, weights=weights, manifest=manifest)


def external_files(model: Path) -> list[Path]:
    """Return the files that hold the tensors of `model` outside its graph, sorted by name.

    Raises:
        ModelFileNotFoundError: `model` itself is absent.
        ManifestError: it refers to a file that does not lie beside it.
    """
    _require(model, "Put the model there, or correct model_path in the config.")
    if model.stat().st_size == 0:  # an empty file cannot be mapped, and refers to nothing
        return []
    with model.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as graph:
        spans = ((hit.end(), hit.end() + hit[1][0]) for hit in _LOCATION.finditer(graph))
        names = {graph[start:end].decode("utf-8", "replace") for start, end in spans}
    for name in names:
        _require_inside(model, name)
    return [model.parent / name for name in sorted(names)]


def _read_manifest(path: Path, model: Path) -> Manifest:
    document = read_document(path, model, parts=_PARTS, facts=("contract", "symbols"))
    try:
        return _manifest(path.parent, document)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ManifestError(f"{path}: contract lacks or misstates {error}. Restore it.") from error


def read_document(
    path: Path, model: Path, *, parts: Sequence[str], facts: Sequence[str]
) -> Mapping[str, Any]:
    """Return the manifest at `path`, after a look at every file that it names.

    Args:
        path: of the manifest.
        model: the file that it must describe.
        parts: keys that name a file of the bundle each.
        facts: other keys that it must have.

    Raises:
        ModelFileNotFoundError, ModelFileSizeError, ManifestError: see `read_bundle`.
    """
    try:
        document: Any = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ManifestError(
            explain(str(path), expected="JSON", got=str(error), do="Restore the file.")
        ) from error
    _check_manifest(path, document, model, parts, facts)
    for name, stated in document["files"].items():
        _check_file(path, name, stated["bytes"], _origin(document, stated))
    return dict(document)


def _manifest(folder: Path, document: Mapping[str, Any]) -> Manifest:
    contract = document["contract"]
    size = contract.get("codebook_size")
    return Manifest(
        document=document,
        tokenizer=folder / document["tokenizer"],
        text_decoder=folder / document["text_decoder"],
        input_shape=tuple(contract["input"]["shape"]),
        codebook_size=None if size is None else int(size),
        output_shape=tuple(contract["output"]["shape"]),
        text_channels=int(contract["text_channels"]),
        frame_stride=int(contract["frame_stride"]),
    )


def _check_manifest(
    path: Path, manifest: Any, model: Path, parts: Sequence[str], facts: Sequence[str]
) -> None:
    found = manifest.get("format") if isinstance(manifest, dict) else type(manifest).__name__
    if found not in FORMATS:
        do = "Use the manifest that came with the model, or a newer version of the pipeline."
        expected = f"format {' or '.join(map(str, FORMATS))}"
        raise ManifestError(explain(str(path), expected=expected, got=repr(found), do=do))
    missing = [key for key in (*parts, "files", *facts) if key not in manifest]
    if missing:
        raise ManifestError(f"{path}: {', '.join(missing)} missing. Restore the file.")
    if odd := [part for part in parts if not isinstance(manifest[part], str)]:
        raise ManifestError(f"{path}: {', '.join(odd)} must name a file. Restore the file.")
    if manifest["model"] != model.name:
        do = "Name the manifest after the model that it describes."
        raise ManifestError(
            explain(str(path), expected=f"model {model.name}", got=manifest["model"], do=do)
        )
    if not _are_sizes(manifest["files"]):
        raise ManifestError(f"{path}: files must state the bytes of each. Restore the file.")
    unlisted = [manifest[part] for part in parts if manifest[part] not in manifest["files"]]
    if unlisted:
        raise ManifestError(f"{path}: {', '.join(unlisted)} not among its files. Restore the file.")


def _are_sizes(files: Any) -> bool:
    return isinstance(files, dict) and all(
        isinstance(facts, dict) and isinstance(facts.get("bytes"), int) for facts in files.values()
    )


def _check_file(path: Path, name: str, stated: int, source: str) -> None:
    _require_inside(path, name)
    file = path.parent / name
    _require(file, f"{path.name} lists it: download it again from {source}.")
    size = file.stat().st_size
    if size != stated:
        raise ModelFileSizeError(
            explain(
                f"Model file damaged: {file}",
                expected=f"{stated} bytes",
                got=str(size),
                do=f"Download it again from {source}.",
            )
        )


def _origin(document: Mapping[str, Any], facts: Mapping[str, Any]) -> str:
    """Say where a file can be had again, and the digest that tells the right one."""
    source = document.get("source", "where it came from")
    return f"{source} (sha256 {facts['sha256']})" if "sha256" in facts else str(source)


def _require_inside(file: Path, name: str) -> None:
    """Refuse a file that `file` names beyond its own folder; onnxruntime refuses a link there."""
    inside = PurePosixPath(name)
    if inside.is_absolute() or ".." in inside.parts or "\0" in name:
        raise ManifestError(
            explain(
                str(file), expected="files beside it", got=repr(name), do="Do not trust this file."
            )
        )


def _require(file: Path, remedy: str) -> None:
    if not file.is_file():
        raise ModelFileNotFoundError(f"Model file not found: {file}. {remedy}")
