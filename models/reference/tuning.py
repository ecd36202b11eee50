"""The tuning set: the project's dev sentences in dev voices. Training never sees either.

    python -m models.reference.tuning --out build/reference/tuning.npz

Arrays: `mel` float16 [N, 80, 1024], `text` str [N], `condition` str [N] (a condition or 'prose').
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from agents.features import SAMPLES, log_mel
from models.reference import voices
from models.reference.corpus import TEXT
from models.reference.synth import Espeak
from models.reference.text import Grammar, spoken


def sentences(rng: random.Random, each: int) -> Iterator[tuple[str, str]]:
    """Yield (condition, sentence): every dev template `each` times, then the dev prose."""
    grammar = Grammar.read(TEXT / "dev_templates.txt", TEXT / "dev_slots.yaml", held_out=True)
    for condition, template in list(grammar.templates) * each:
        yield condition, grammar.sentence(rng, template)
    for line in (TEXT / "dev_prose.txt").read_text("utf-8").splitlines():
        if line.strip():
            yield "prose", line.strip()


def main() -> None:
    """Write the tuning set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=3)
    options = parser.parse_args()
    rng, espeak, variants = random.Random(7), Espeak(), voices.split()["dev"]
    mels, texts, conditions = [], [], []
    for condition, sentence in sentences(rng, options.each):
        speech = espeak.say(sentence, voices.draw(rng, variants, wide=False))
        if len(speech.samples) <= SAMPLES:
            mels.append(log_mel(speech.samples).astype(np.float16))
            texts.append(spoken(sentence))
            conditions.append(condition)
    np.savez(options.out, mel=np.stack(mels), text=texts, condition=conditions)
    print(f"{len(texts)} utterances")


if __name__ == "__main__":
    main()
