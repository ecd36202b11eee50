"""Which sentences the voice has learnt from, as digests: the evidence that others are held out.

python -m models.voice.record --corpus build/voice/corpus
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from models.reference.record import digest

RECORD = Path(__file__).parent / "training_record.npz"


def digest_of(clauses: Iterable[Iterable[str]]) -> int:
    """Return the 64-bit digest of a sentence's words, whatever pauses part them."""
    return digest(" ".join(word for clause in clauses for word in clause))


def write_record(corpus: Path, record: Path = RECORD) -> int:
    """Write the digests of every sentence of a corpus, sorted; return how many there are."""
    files = sorted(corpus.glob("shard_*.jsonl"))
    rows = (json.loads(row) for file in files for row in file.read_text("utf-8").splitlines())
    found = sorted({digest_of(clauses) for clauses in rows})
    np.savez(record, sentences=np.array(found, np.uint64))
    return len(found)


def read_record(record: Path = RECORD) -> frozenset[int]:
    """Return the digests of the sentences."""
    with np.load(record, allow_pickle=False) as arrays:
        return frozenset(arrays["sentences"].tolist())


def main() -> None:
    """Write the record of a corpus."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    options = parser.parse_args()
    print(f"{write_record(options.corpus)} different sentences")


if __name__ == "__main__":
    main()
