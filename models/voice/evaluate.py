"""The voice measured: heard again, its speed beside espeak-ng's, and what its controls do.

    python -m models.voice.evaluate [--voice models/onnx/voice/acoustic.onnx]

Round trip: the 100 sentences of `round_trip.txt`, which training never heard, spoken and given to
the project's own recogniser; beside them espeak-ng's speech of the same sentences in the same
voice (the floor), and that speech copied by the vocoder. Gates use `harness`.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from agents.audio_omni_pipeline import AudioOmniConfig, AudioOmniPipeline
from agents.features import SAMPLE_RATE
from agents.voice.emotion import MEANING
from agents.voice.voice import picture
from agents.voice.wav import wav
from harness.accuracy.wer import Counts, score
from harness.judge.intervals import mean_interval, rate_difference, rate_interval
from harness.records import Interval
from models.reference.synth import Espeak, Voice
from models.voice.round_trip import round_trip
from models.voice.sound import Facts, facts
from models.voice.synth import LANGUAGE, NORMAL_RATE, VARIANT

PROJECT = Path(__file__).parents[2]
CONTROLLED = 20  # sentences said at each end of each control
TURNS = 3  # times that each sentence is timed
RAISED = 0.5  # pitch at which its range is measured again: low harmonics are blurred
PARAGRAPH = 8  # sentences of the text whose first audio is timed

Say = Callable[[str], bytes]


def open_pipeline(voice: Path) -> AudioOmniPipeline:
    """Return the reference pipeline with a voice."""
    config = AudioOmniConfig.from_file(PROJECT / "config" / "reference.yaml")
    return AudioOmniPipeline(dataclasses.replace(config, voice_path=str(voice.resolve())))


def heard(pipeline: AudioOmniPipeline, say: Say, texts: Sequence[str]) -> list[Counts]:
    """Return the word errors of the recogniser on each sentence."""
    return [score(text, pipeline.process_audio(say(text))["text"]) for text in texts]


def words_heard(pipeline: AudioOmniPipeline, source: Say, texts: Sequence[str]) -> None:
    """Print the word error rates, and how far the voice's is over the floor."""
    arms: dict[str, Say] = {
        "voice": pipeline.generate_audio,
        "espeak-ng, the same voice (floor)": source,
        "the same, copied by the vocoder": lambda t: wav(pipeline.vocoder(picture(source(t)))),
    }
    found = {name: heard(pipeline, say, texts) for name, say in arms.items()}
    words = [counts.length for counts in found["voice"]]
    errors = {name: [c.errors for c in counts] for name, counts in found.items()}
    print(f"round trip, {len(texts)} sentences, {sum(words)} words: word error rate")
    for name, wrong in errors.items():
        rate, interval = sum(wrong) / sum(words), rate_interval(wrong, words)
        print(f"  {name:36} {rate:6.2%} {_percent(interval)}")
    _, floor, copied = errors.values()
    for name, under, over in (
        ("voice over the floor", floor, errors["voice"]),
        ("vocoder over the floor", floor, copied),
    ):
        apart = (sum(over) - sum(under)) / sum(words)
        print(f"  {name:36} {apart:+6.2%} {_percent(rate_difference((under, over), words))}")


def speed(pipeline: AudioOmniPipeline, source: Say, texts: Sequence[str]) -> None:
    """Print the real-time factors, taken in turn, and the time to the first audio."""
    for say in (pipeline.generate_audio, source):
        say(texts[0])
    taken: dict[str, list[float]] = {"voice": [], "espeak-ng": []}
    for _ in range(TURNS):
        for text in texts:
            for name, say in (("voice", pipeline.generate_audio), ("espeak-ng", source)):
                start = time.perf_counter()
                said = say(text)
                seconds = time.perf_counter() - start
                taken[name].append(seconds / ((len(said) - 44) / 2 / SAMPLE_RATE))
    print(f"real-time factor, {TURNS * len(texts)} sentences each, in turn: median, p95")
    for name, factors in taken.items():
        print(f"  {name:36} {np.median(factors):.4f} {np.percentile(factors, 95):.4f}")
    firsts, wholes = [], []
    for at in range(0, len(texts) - PARAGRAPH + 1, PARAGRAPH):
        text, start = " ".join(texts[at : at + PARAGRAPH]), time.perf_counter()
        pieces = pipeline.stream_audio(text)
        next(pieces)
        firsts.append(time.perf_counter() - start)
        for _ in pieces:
            pass
        wholes.append(time.perf_counter() - start)
    print(
        f"a text of {PARAGRAPH} sentences: first audio after {np.median(firsts) * 1e3:.0f} ms "
        f"(p95 {np.percentile(firsts, 95) * 1e3:.0f}), all of it after {np.median(wholes):.2f} s"
    )


def controls(pipeline: AudioOmniPipeline, texts: Sequence[str]) -> None:
    """Print what each control does to length, pitch, its range and loudness."""

    def said(vector: Sequence[float]) -> list[Facts]:
        return [facts(pipeline.generate_audio(text, vector)) for text in texts]

    print(f"controls, {len(texts)} sentences: change, with 95 % intervals")
    for pitch in (0.0, RAISED):
        base = [pitch if name == "pitch" else 0.0 for name in MEANING]
        neutral = said(base)
        for at, name in enumerate(MEANING):
            for end in (-1.0, 1.0):
                if pitch and name != "pitch_range":
                    continue
                changes = _changes(neutral, said([*base[:at], end, *base[at + 1 :]]))
                row = "  ".join(f"{what} {_change(values)}" for what, values in changes)
                where = f" at pitch {pitch:+.1f}" if pitch else ""
                print(f"  {name:12}{end:+.0f}{where}  {row}")


def _changes(before: list[Facts], after: list[Facts]) -> Iterator[tuple[str, list[float]]]:
    pairs = list(zip(before, after, strict=True))
    yield "length x", [b.seconds / a.seconds for a, b in pairs]
    yield "pitch", [b.semitones - a.semitones for a, b in pairs]
    yield "range", [b.spread - a.spread for a, b in pairs]
    yield "dB", [b.decibels - a.decibels for a, b in pairs]


def _change(values: list[float]) -> str:
    interval = mean_interval(values, [0] * len(values))
    bounds = f"[{interval.low:.2f}, {interval.high:.2f}]" if interval else ""
    return f"{np.mean(values):.2f} {bounds}"


def _percent(interval: Interval | None) -> str:
    return f"[{interval.low:.2%}, {interval.high:.2%}]" if interval else ""


def main() -> None:
    """Print the three tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--voice", type=Path, default=PROJECT / "models" / "onnx" / "voice" / "acoustic.onnx"
    )
    parser.add_argument("--only", choices=("round_trip", "speed", "controls"))
    options = parser.parse_args()
    pipeline, espeak = open_pipeline(options.voice), Espeak()
    voice = Voice(language=LANGUAGE, variant=VARIANT, rate=NORMAL_RATE)
    texts = round_trip()

    def source(text: str) -> bytes:
        return wav(espeak.say(text, voice).samples)

    if options.only in (None, "round_trip"):
        words_heard(pipeline, source, texts)
    if options.only in (None, "speed"):
        speed(pipeline, source, texts)
    if options.only in (None, "controls"):
        controls(pipeline, texts[:CONTROLLED])


if __name__ == "__main__":
    main()
