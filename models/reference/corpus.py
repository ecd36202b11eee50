"""The training corpus: sentences spoken by espeak-ng, kept as log-mel frames.

    python -m models.reference.corpus --out build/reference/corpus

One process per core writes a shard, unless it is there already: `shard_0.npy` (float16
[frames, 80], one utterance after the other) and `shard_0.jsonl` (text, first frame, frames,
voice, phonemes with their times).
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from wordfreq import top_n_list, word_frequency

from agents.features import FRAMES, HOP, SAMPLES, log_mel
from models.reference import voices
from models.reference.record import RECORD, write_record
from models.reference.synth import Espeak
from models.reference.text import Grammar, spoken

TEXT = Path(__file__).parent / "text"
REFERENCE_SETS = Path(__file__).parents[2] / "validation" / "reference_sets"
SHARE_GRAMMAR, SHARE_EVERYDAY, SHARE_SPLICED = 0.42, 0.28, 0.18  # the rest: random words
LEXICON = 45_000
_FOREIGN = re.compile(r"[kw]|([bdfghjkmpqstvxz])\1|[bcfghjkmpqtvñ]$|^[^aeiouáéíóúy]{3}")


def lexicon() -> dict[str, float]:
    """Return Spanish words with their frequency (wordfreq, CC BY-SA 4.0), most frequent first.

    Words that are not spelled as Spanish is read (doubled or odd final consonants, k, w) are left
    out, for a synthesiser does not say them as people do.
    """
    words = {}
    for word in top_n_list("es", LEXICON + 20_000):
        plain = spoken(word) == word and " " not in word
        if plain and (len(word) > 1 or word in "aeouy") and not _FOREIGN.search(word):
            words[word] = word_frequency(word, "es")
    return dict(list(words.items())[:LEXICON])


def everyday() -> list[str]:
    """Return the project's own everyday sentences for training."""
    files = sorted(TEXT.glob("everyday_*.txt"))
    return [
        line.strip() for f in files for line in f.read_text("utf-8").splitlines() if line.strip()
    ]


def training_grammar() -> Grammar:
    """Return the grammar of the training side."""
    return Grammar.read(TEXT / "templates.txt", TEXT / "slots.yaml", held_out=False)


def held_out() -> set[str]:
    """Return the sentences of the reference sets, which no training text may repeat."""
    manifests = sorted(REFERENCE_SETS.glob("*/manifest.jsonl"))
    rows = (line for path in manifests for line in path.read_text("utf-8").splitlines())
    return {spoken(json.loads(row)["text"]) for row in rows}


def sentences(rng: random.Random) -> Iterator[str]:
    """Yield training sentences without end: commands, everyday prose, prose with other words."""
    grammar, prose, words, forbidden = training_grammar(), everyday(), lexicon(), held_out()
    names = list(words)
    weights = [frequency**0.45 for frequency in words.values()]

    def one() -> str:
        kind = rng.random()
        if kind < SHARE_GRAMMAR:
            return grammar.sentence(rng)
        if kind < SHARE_GRAMMAR + SHARE_EVERYDAY:
            return rng.choice(prose)
        if kind < SHARE_GRAMMAR + SHARE_EVERYDAY + SHARE_SPLICED:
            return _splice(rng.choice(prose), names, weights, rng)
        flat = rng.random() < 0.35
        return " ".join(rng.choices(names, None if flat else weights, k=rng.randint(2, 10)))

    while True:
        if spoken(sentence := one()) not in forbidden:
            yield sentence


def _splice(sentence: str, names: list[str], weights: list[float], rng: random.Random) -> str:
    """Replace about a third of the longer words, so that letters are learnt and not sentences."""
    return re.sub(
        r"\w{5,}",
        lambda m: rng.choices(names, weights)[0] if rng.random() < 0.4 else m[0],
        sentence,
    )


def write_shard(out: Path, shard: int, utterances: int, seed: int) -> float:
    """Synthesise one shard and return its hours of speech."""
    rng = random.Random(f"{seed}/{shard}")
    espeak, variants = Espeak(), voices.split()["train"]
    mels: list[NDArray[np.float16]] = []
    rows: list[dict[str, Any]] = []
    first = 0
    for text in sentences(rng):
        if len(rows) == utterances:
            break
        voice = voices.draw(rng, variants, wide=True)
        speech = espeak.say(text, voice)
        if not 0.3 * 16_000 < len(speech.samples) <= SAMPLES:
            continue
        frames = min(FRAMES, len(speech.samples) // HOP + 1)
        mels.append(log_mel(speech.samples, frames + 1)[:, :frames].T.astype(np.float16))
        rows.append(
            {
                "text": spoken(text),
                "first": first,
                "frames": frames,
                "voice": asdict(voice),
                "phonemes": speech.phonemes,
            }
        )
        first += frames
    np.save(out / f"shard_{shard}.npy", np.concatenate(mels))
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (out / f"shard_{shard}.jsonl").write_text("".join(lines), "utf-8")
    return first / 360_000


def main() -> None:
    """Write every shard, one process per core, and the record of what was said.

    A crash of the synthesiser's library ends the run; the shards that are written stay, and the
    same command goes on with the others.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=9)
    parser.add_argument("--utterances", type=int, default=6_000, help="in each shard")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--record", type=Path, default=RECORD)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    missing = [n for n in range(options.shards) if not (options.out / f"shard_{n}.jsonl").exists()]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        jobs = [
            pool.submit(write_shard, options.out, shard, options.utterances, options.seed)
            for shard in missing
        ]
        hours = sum(job.result() for job in jobs)
    write_record(options.out, options.record)
    print(f"{hours:.1f} h of speech in {len(missing)} new shards")


if __name__ == "__main__":
    main()
