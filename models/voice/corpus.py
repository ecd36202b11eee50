"""The training corpus of the voice: sentences spoken by one espeak-ng voice, as arrays.

    python -m models.voice.corpus --out build/voice/corpus

Each process writes shards, unless they are there already: `shard_0.npz` holds log_mel (float16
[frames, 80], one utterance after the other), pitch (float16 [frames]), tokens and durations
(int16), emotion (float32 [utterances, 4]), and how many frames and tokens each utterance has;
`shard_0.jsonl` its words.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from agents.voice.emotion import MEANING, Emotion
from agents.voice.text_front_end import Sentence, sentences
from models.reference import corpus as recogniser
from models.reference.text import spoken
from models.voice.round_trip import round_trip
from models.voice.synth import MisalignedError, Spoken, Teacher

LONGEST = 1_000  # frames
NEUTRAL = 0.3  # share of utterances with every control neutral


def held_out() -> set[str]:
    """Return the sentences of the round trip, which no training text may repeat."""
    return {spoken(text) for text in round_trip()}


def training_text(rng: random.Random) -> Iterator[Sentence]:
    """Yield sentences of the recogniser's training side, without end."""
    forbidden = held_out()
    for text in recogniser.sentences(rng):
        if spoken(text) not in forbidden:
            yield from sentences(_asked(text, rng))


def draw(rng: random.Random) -> Emotion:
    """Draw controls: often neutral, else each from its range, half of them near the middle."""
    if rng.random() < NEUTRAL:
        return Emotion()
    return Emotion(*(_control(rng) for _ in MEANING))


def _control(rng: random.Random) -> float:
    kind = rng.random()
    return 0.0 if kind < 0.25 else rng.triangular(-1, 1) if kind < 0.6 else rng.uniform(-1, 1)


def _asked(text: str, rng: random.Random) -> str:
    """Turn some statements into questions and exclamations: the corpus has too few of them."""
    if text[-1:].isalpha() or text.endswith("."):
        end = rng.choices((".", "?", "!"), (8, 1, 1))[0]
        return text.rstrip(".") + end
    return text


def write_shard(out: Path, shard: int, utterances: int, seed: int) -> tuple[float, int]:
    """Synthesise one shard; return its hours of speech and how many sentences were misaligned."""
    rng = random.Random(f"voice/{seed}/{shard}")
    teacher = Teacher()
    rows: list[tuple[Spoken, Emotion, Sentence]] = []
    misaligned = 0
    for sentence in training_text(rng):
        if len(rows) == utterances:
            break
        emotion = draw(rng)
        try:
            said = teacher.say(sentence.clauses, sentence.end, emotion)
        except MisalignedError:
            misaligned += 1
            continue
        if len(said.pitch) <= LONGEST:
            rows.append((said, emotion, sentence))
    partial = out / f"shard_{shard}.partial.npz"
    np.savez(
        partial,
        log_mel=np.concatenate([s.log_mel.T for s, _, _ in rows]).astype(np.float16),
        pitch=np.concatenate([s.pitch for s, _, _ in rows]).astype(np.float16),
        tokens=np.concatenate([s.tokens for s, _, _ in rows]).astype(np.int16),
        durations=np.concatenate([s.durations for s, _, _ in rows]).astype(np.int16),
        emotion=np.concatenate([e.vector() for _, e, _ in rows]),
        frames=np.array([len(s.pitch) for s, _, _ in rows]),
        counts=np.array([len(s.tokens) for s, _, _ in rows]),
    )
    partial.replace(out / f"shard_{shard}.npz")
    lines = (json.dumps(s.clauses, ensure_ascii=False) + "\n" for _, _, s in rows)
    (out / f"shard_{shard}.jsonl").write_text("".join(lines), "utf-8")
    return sum(len(s.pitch) for s, _, _ in rows) / 360_000, misaligned


def main() -> None:
    """Write every shard that is missing."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--utterances", type=int, default=1_000, help="in each shard")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    missing = [n for n in range(options.shards) if not (options.out / f"shard_{n}.npz").exists()]
    with ProcessPoolExecutor(options.processes) as pool:
        jobs = [
            pool.submit(write_shard, options.out, shard, options.utterances, options.seed)
            for shard in missing
        ]
        for shard, job in zip(missing, jobs, strict=True):
            hours, misaligned = job.result()
            print(f"shard {shard}: {hours:.2f} h, {misaligned} sentences misaligned", flush=True)


if __name__ == "__main__":
    main()
