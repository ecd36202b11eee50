"""Word error rates of exported bundles on the reference sets, one row per bundle and set.

    python -m models.reference.evaluate build/reference/seed1/bundle build/reference/seed2/bundle

For the choice between seeds and for the table in README.md. Gates use `harness`, which scores the
same transcripts with intervals.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import jiwer

from agents.audio_omni_pipeline import AudioOmniConfig, AudioOmniPipeline
from models.reference.text import spoken

PROJECT = Path(__file__).parents[2]
SETS = PROJECT / "validation" / "reference_sets"


def rates(bundle: Path, manifest: Path) -> tuple[float, float]:
    """Return (decoded, greedy) corpus WER of a bundle on one set."""
    config = AudioOmniConfig.from_file(PROJECT / "config" / "reference.yaml")
    pipeline = AudioOmniPipeline(
        dataclasses.replace(config, model_path=str(bundle.resolve() / "core.onnx"))
    )
    references, decoded, greedy = [], [], []
    for line in manifest.read_text("utf-8").splitlines():
        row = json.loads(line)
        heard = pipeline.process_audio((manifest.parent / row["audio"]).read_bytes())
        references.append(spoken(row["text"]))
        decoded.append(heard["text"])
        greedy.append(heard["metadata"]["greedy_text"])
    return float(jiwer.wer(references, decoded)), float(jiwer.wer(references, greedy))


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bundles", nargs="+", type=Path)
    parser.add_argument("--sets", nargs="*", default=["es_synthetic", "es_prose", "es_pico"])
    options = parser.parse_args()
    print("bundle | set | WER decoded | WER greedy")
    for bundle in options.bundles:
        for name in options.sets:
            decoded, greedy = rates(bundle, SETS / name / "manifest.jsonl")
            print(f"{bundle} | {name} | {decoded:.2%} | {greedy:.2%}", flush=True)


if __name__ == "__main__":
    main()
