"""What long audio costs: time and memory of one request, and of reading its text alone.

    python -m benchmarks.long_audio [--minutes 1 --minutes 2.5 ...] [--noise 0.05] [--rounds 3]

The clips of es_synthetic one after another, cut to each length; the lengths take turns, the figures
are medians of CPU time. Memory is what Python and numpy allocate at the most while the text is read
(tracemalloc, one more reading). Where both grow with the length alone, the columns per window stay
as they are.
"""

from __future__ import annotations

import io
import time
import tracemalloc
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

import click
import numpy as np
import soundfile

from agents.audio_omni_pipeline import AudioOmniPipeline
from agents.features import SAMPLE_RATE
from benchmarks.joined import Float32, samples_of
from harness.accuracy.sets import read_set
from harness.report.tables import Row, drawn, table
from harness.units import Unit, show
from harness.verbs import common

SET = Path("validation/reference_sets/es_synthetic")
MINUTES = (0.17, 1.0, 2.5, 5.0, 10.0)  # the first is one window
HEADS = ("Audio", "Windows", "Request, CPU", "a window", "Text, CPU", "a window", "Text, memory")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """One length of audio."""

    seconds: float
    windows: int
    request: float  # CPU seconds of process_audio, median
    text: float  # CPU seconds of _extract_text_from_mel, median
    memory: int  # bytes that reading the text allocates at the most


def costs(
    pipeline: AudioOmniPipeline, minutes: tuple[float, ...], noise: float, rounds: int
) -> Iterator[Cost]:
    """Measure every length, the lengths in turns; `noise` is the deviation of white noise added."""
    speech = _speech(max(minutes) * 60, noise)
    files = {length: _wav(speech[: round(length * 60 * SAMPLE_RATE)]) for length in minutes}
    taken: dict[float, list[tuple[float, float]]] = {length: [] for length in minutes}
    for _ in range(rounds):
        for length, file in files.items():
            request, result = _timed(lambda file=file: pipeline.process_audio(file))
            features = result["mel_features"]
            text, _ = _timed(lambda f=features: pipeline._extract_text_from_mel(f))
            taken[length].append((request, text))
    for length, file in files.items():
        result = pipeline.process_audio(file)
        tracemalloc.start()
        pipeline._extract_text_from_mel(result["mel_features"])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        requests, texts = zip(*taken[length], strict=True)
        yield Cost(
            seconds=result["metadata"]["seconds"],
            windows=result["metadata"]["windows"],
            request=median(requests),
            text=median(texts),
            memory=peak,
        )


@click.command()
@click.option("--minutes", type=click.FloatRange(0.01, 10), multiple=True, default=MINUTES)
@click.option("--noise", type=click.FloatRange(0, 1), default=0.0, show_default=True)
@click.option("--rounds", type=click.IntRange(min=1), default=3, show_default=True)
@common.config
@common.as_json
def long_audio(
    minutes: tuple[float, ...], noise: float, rounds: int, config: str, as_json: bool
) -> None:
    """Time and weigh audio of several lengths."""
    found = list(costs(AudioOmniPipeline.from_file(config), minutes, noise, rounds))
    if as_json:
        click.echo(common.to_json([asdict(one) for one in found]))
    else:
        click.echo(drawn([table(HEADS, [_row(one) for one in found])], common.colour()), nl=False)


def _speech(seconds: float, noise: float) -> Float32:
    parts = [samples_of(clip) for clip in read_set(SET)]
    whole = np.resize(np.concatenate(parts), round(seconds * SAMPLE_RATE))
    added = np.random.default_rng(0).normal(0.0, noise, len(whole))
    return (whole + added).astype(np.float32)


def _wav(samples: Float32) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE, format="WAV", subtype="FLOAT")
    return file.getvalue()


def _timed(job: Any) -> tuple[float, Any]:
    start = time.process_time()
    result = job()
    return time.process_time() - start, result


def _row(one: Cost) -> Row:
    each = (one.request, one.request / one.windows, one.text, one.text / one.windows)
    seconds, windows = show(one.seconds, Unit.SECONDS), show(one.windows, Unit.COUNT)
    shown = [show(value, Unit.SECONDS) for value in each]
    return [seconds, windows, *shown, show(one.memory, Unit.BYTES)], "none"


if __name__ == "__main__":
    long_audio()
