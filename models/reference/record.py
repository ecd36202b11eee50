"""What training has heard, as digests: the evidence that a test set is held out."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np

from models.reference import voices
from models.reference.synth import Voice

RECORD = Path(__file__).parent / "training_record.npz"


def digest(text: str) -> int:
    """Return the 64-bit digest that the record knows a sentence by."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")


def write_record(corpus: Path, record: Path) -> None:
    """Write the digests of every sentence and every voice of a corpus, sorted.

    Arrays `sentences` and `voices`, uint64: `digest` of the text as spoken, `voices.digest`.
    """
    files = sorted(corpus.glob("shard_*.jsonl"))
    rows = [json.loads(line) for f in files for line in f.read_text("utf-8").splitlines()]
    sentences = {digest(row["text"]) for row in rows}
    settings = {int(voices.digest(Voice(**row["voice"])), 16) for row in rows}
    np.savez(
        record,
        sentences=np.array(sorted(sentences), np.uint64),
        voices=np.array(sorted(settings), np.uint64),
    )


def read_record(record: Path = RECORD) -> tuple[frozenset[int], frozenset[int]]:
    """Return (digests of sentences, digests of voices)."""
    with np.load(record, allow_pickle=False) as arrays:
        return frozenset(arrays["sentences"].tolist()), frozenset(arrays["voices"].tolist())
