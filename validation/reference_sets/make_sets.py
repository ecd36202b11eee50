"""Make the reference sets that come with the project.

    python -m validation.reference_sets.make_sets        (or: make sets)

    es_synthetic  the assistant's domain, gated; sentences, slot values and voices are held out
    es_prose      everyday sentences, reported
    es_long       paragraphs longer than one window, reported
    es_window     windows filled to the brim with speech, for the timings
    es_pico       the assistant's domain in the voice of another synthesiser, reported

espeak-ng speaks all but the last, whose voice is SVOX Pico (Debian's libttspico-utils). The sources
were written for this purpose and never seen in training. Samples are rounded to 11 bits, 68 dB
below full scale, so that FLAC stores them in half the space.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import random
import shutil
import subprocess
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from agents.features import SAMPLE_RATE, SAMPLES
from models.reference import voices
from models.reference.synth import Espeak, Voice
from models.reference.text import Grammar
from validation.reference_sets.expectations import annotate

HERE = Path(__file__).parent
SOURCES = HERE / "sources"
BITS = 11
SYNTHETIC = 306  # clips; two from each assistant template, and a third where words can differ
PROSE, LONG, WINDOWS, PICO = 120, 6, 10, 40
SEED = 20_261_123
PAUSE = 0.25  # seconds between sentences in a filled window


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """One clip before it is written."""

    condition: str
    text: str
    speaker: str
    samples: NDArray[np.float32]
    voice: Voice | None  # None: not espeak-ng


class Studio:
    """The test voices, drawn from one seeded source."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.espeak = Espeak()
        self.variants = voices.split()["test"]

    def voice(self) -> Voice:
        """Draw a test voice."""
        return voices.draw(self.random, self.variants, wide=False)

    def say(self, condition: str, text: str, voice: Voice | None = None) -> Spoken:
        """Speak one clip."""
        voice = voice or self.voice()
        samples = self.espeak.say(text, voice).samples
        return Spoken(
            condition=condition, text=text, speaker=voice.name, samples=samples, voice=voice
        )


def assistant(count: int, seed: str) -> list[tuple[str, str]]:
    """Return `count` pairs (condition, sentence), template after template, all different."""
    rng = random.Random(seed)
    grammar = Grammar.read(
        SOURCES / "assistant_templates.txt", SOURCES / "assistant_slots.yaml", held_out=True
    )
    found: dict[str, str] = {}
    for condition, template in itertools.cycle(grammar.templates):
        found.setdefault(grammar.sentence(rng, template), condition)
        if len(found) == count:
            break
    return [(condition, sentence) for sentence, condition in found.items()]


def lines(name: str, count: int) -> list[str]:
    """Return the first `count` lines of a source file."""
    return [line.strip() for line in (SOURCES / name).read_text("utf-8").splitlines()][:count]


def synthetic() -> Iterator[Spoken]:
    """Yield es_synthetic."""
    studio = Studio("es_synthetic")
    for condition, sentence in assistant(SYNTHETIC, "es_synthetic"):
        yield studio.say(condition, sentence)


def prose() -> Iterator[Spoken]:
    """Yield es_prose."""
    studio = Studio("es_prose")
    for sentence in lines("prose.txt", PROSE):
        yield studio.say("prose", sentence)


def long() -> Iterator[Spoken]:
    """Yield es_long."""
    studio = Studio("es_long")
    for paragraph in lines("long.txt", LONG):
        yield studio.say("long", paragraph)


def windows() -> Iterator[Spoken]:
    """Yield es_window: sentences in one voice, as many as fit."""
    studio = Studio("es_window")
    pool = [sentence for _, sentence in assistant(SYNTHETIC, "es_window")]
    pause = np.zeros(int(PAUSE * SAMPLE_RATE), np.float32)
    for _ in range(WINDOWS):
        voice, texts, parts = studio.voice(), [], np.zeros(0, np.float32)
        for sentence in studio.random.sample(pool, len(pool)):
            spoken = studio.say("window", sentence, voice).samples
            if len(parts) + len(pause) + len(spoken) <= SAMPLES:
                texts.append(sentence)
                parts = np.concatenate([parts, pause[: len(parts)], spoken])
        yield Spoken(
            condition="window",
            text=" ".join(texts),
            speaker=voice.name,
            samples=parts,
            voice=voice,
        )


def pico() -> Iterator[Spoken]:
    """Yield es_pico.

    Raises:
        SystemExit: pico2wave is not installed.
    """
    if shutil.which("pico2wave") is None:
        raise SystemExit(
            "es_pico: pico2wave not found. Install libttspico-utils (Debian, section non-free), "
            "or name the other sets: python -m validation.reference_sets.make_sets es_prose ..."
        )
    sentences = assistant(SYNTHETIC, "es_pico")
    for condition, sentence in random.Random("es_pico").sample(sentences, PICO):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "clip.wav")
            subprocess.run(["pico2wave", "-l", "es-ES", "-w", path, sentence], check=True)
            samples, _ = soundfile.read(path, dtype="float32")
        yield Spoken(
            condition=condition, text=sentence, speaker="pico es-ES", samples=samples, voice=None
        )


def write(name: str, clips: Sequence[Spoken]) -> float:
    """Write one set (audio and manifest.jsonl) and return its seconds."""
    folder = HERE / name / "audio"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.flac"):
        old.unlink()
    rows = [_write_clip(folder, f"{name}_{n:03}", clip) for n, clip in enumerate(clips)]
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (HERE / name / "manifest.jsonl").write_text(text, "utf-8")
    return float(sum(len(clip.samples) for clip in clips)) / SAMPLE_RATE


def _write_clip(folder: Path, name: str, clip: Spoken) -> dict[str, object]:
    path = folder / f"{name}.flac"
    coarse = np.round(clip.samples * 2 ** (BITS - 1)).astype(np.int16) * 2 ** (16 - BITS)
    soundfile.write(
        path, coarse.astype(np.int16), SAMPLE_RATE, format="FLAC", compression_level=1.0
    )
    row: dict[str, object] = {
        "id": name,
        "audio": f"audio/{path.name}",
        "text": unicodedata.normalize("NFC", clip.text),
        "language": "es",
        "speaker": clip.speaker,
        "condition": clip.condition,
        "seconds": round(len(clip.samples) / SAMPLE_RATE, 3),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    if clip.voice:
        row |= {"voice": asdict(clip.voice), "voice_digest": voices.digest(clip.voice)}
    return row


SETS = {
    "es_synthetic": synthetic,
    "es_prose": prose,
    "es_long": long,
    "es_window": windows,
    "es_pico": pico,
}


def main() -> None:
    """Write the sets named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="*", default=list(SETS))
    for name in parser.parse_args().sets:
        clips = list(SETS[name]())
        seconds = write(name, clips)
        annotate(HERE / name)
        print(f"{name}: {len(clips)} clips, {seconds:.0f} s")


if __name__ == "__main__":
    main()
