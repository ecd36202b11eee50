"""Which voice of espeak-ng to learn from: word error rates of the recogniser, direct and copied.

    python -m models.voice.choose "es" "es+m7" "es-419"

Heard are the recogniser's own tuning sentences, spoken by voices that it was trained on; the copy
goes through log-mel and vocoder, which is the best that a voice learnt from it can become.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from agents.audio_omni_pipeline import AudioOmniPipeline
from agents.voice.voice import picture
from agents.voice.wav import wav
from harness.accuracy.wer import score, total
from models.reference.synth import Espeak, Voice

PROJECT = Path(__file__).parents[2]
TEXT = PROJECT / "models" / "reference" / "text" / "dev_prose.txt"


def rates(pipeline: AudioOmniPipeline, espeak: Espeak, name: str) -> list[float]:
    """Return the WER of a voice: direct decoded, direct greedy, copied decoded, copied greedy."""
    language, _, variant = name.partition("+")
    voice = Voice(language=language, variant=variant)
    counts = []
    for text in filter(None, map(str.strip, TEXT.read_text("utf-8").splitlines())):
        direct = wav(espeak.say(text, voice).samples)
        copied = wav(pipeline.vocoder(picture(direct)))
        heard = [pipeline.process_audio(audio) for audio in (direct, copied)]
        found = [(one["text"], one["metadata"]["greedy_text"]) for one in heard]
        counts.append([score(text, hypothesis) for pair in found for hypothesis in pair])
    return [total(column).rate or 0.0 for column in zip(*counts, strict=True)]


def main() -> None:
    """Print a row for each voice."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("voices", nargs="+", help="language, or language+variant")
    options = parser.parse_args()
    pipeline = AudioOmniPipeline.from_file(PROJECT / "config" / "reference.yaml")
    espeak = Espeak()
    print("voice | direct | greedy | copied | greedy")
    for name in options.voices:
        found = rates(pipeline, espeak, name)
        print(name, *(f"{rate:.2%}" for rate in np.array(found)), sep=" | ", flush=True)


if __name__ == "__main__":
    main()
