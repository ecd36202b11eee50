"""What overlapping windows are worth in words: `python -m benchmarks.stitching`.

    python -m benchmarks.stitching [--seconds 28] [--config config/reference.yaml] [--json]

Long clips are heard twice: by `process_audio`, and in pieces that are cut without overlap at the
quietest 0.2 s of a window's last 3 s and read one by one, as this pipeline once did. The clips:
es_long as it is, es_long after 0 to 7.2 s of silence (each clip is cut at eight other places), and
es_synthetic and es_prose joined to long clips, with their pauses and squeezed to speech that never
pauses. Differences are paired by clip; in the second row a clip's eight hearings are one unit. Ends
with 1 where the overlap does not win on squeezed speech.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click
import numpy as np
import soundfile

from agents.audio_omni_pipeline import AudioOmniPipeline
from agents.features import HOP, SAMPLE_RATE, SAMPLES
from benchmarks.joined import Float32, Joined, joined, samples_of
from harness.accuracy import wer
from harness.accuracy.sets import read_set
from harness.accuracy.wer import Counts
from harness.judge.intervals import rate_difference
from harness.judge.mapsswe import mapsswe, segments_of
from harness.records import Interval
from harness.report.names import NONE, interval_text, rate_text
from harness.report.tables import Row, drawn, table
from harness.units import Unit, show
from harness.verbs import common

SETS = Path("validation/reference_sets")
LONG, JOINED = "es_long", ("es_synthetic", "es_prose")
SHIFTS = np.arange(8) * 1.03  # seconds of silence before a clip
SEARCH, PAUSE = 300, 20  # hops: where a cut without overlap is sought, and what must be quiet
HEADS = ("Clips", "n", "Windows", "Cut", "S/D/I", "Stitched", "S/D/I", "Difference", "p")


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The same clips, cut without overlap and stitched."""

    name: str
    clips: int  # units of the interval
    windows: tuple[int, int]  # that each way took
    cut: Counts
    stitched: Counts
    difference: Interval | None  # of the rate, stitched less cut
    p: float | None  # of the matched-pairs test

    @property
    def wins(self) -> bool:
        """Whether the overlap has shown that it saves errors."""
        return self.difference is not None and self.difference.high < 0


def apart(pipeline: AudioOmniPipeline, samples: Float32) -> tuple[str, int]:
    """Return what pieces without overlap are read as, joined by a space, and how many they are."""
    texts = []
    for piece in pieces(samples):
        codes = pipeline.tokenise(pipeline.log_mel(piece))
        texts.append(pipeline._extract_text_from_mel(pipeline.run_inference(codes)))
    return " ".join(filter(None, texts)), len(texts)


def pieces(samples: Float32) -> Iterator[Float32]:
    """Yield pieces of at most one window, cut at the latest of the quietest places."""
    while len(samples) > SAMPLES:
        sought = samples[SAMPLES - SEARCH * HOP : SAMPLES].reshape(-1, HOP)
        total = np.append(0.0, np.cumsum(np.square(sought, dtype=np.float64).sum(axis=1)))
        quietest = SEARCH - PAUSE - int(np.argmin((total[PAUSE:] - total[:-PAUSE])[::-1]))
        end = SAMPLES - (SEARCH - quietest - PAUSE // 2) * HOP
        yield samples[:end]
        samples = samples[end:]
    yield samples


def together(pipeline: AudioOmniPipeline, samples: Float32) -> tuple[str, int]:
    """Return what `process_audio` reads, and its number of windows."""
    file = io.BytesIO()
    soundfile.write(file, samples, SAMPLE_RATE, format="WAV", subtype="FLOAT")
    result = pipeline.process_audio(file.getvalue())
    return result["text"], result["metadata"]["windows"]


def compare(
    pipeline: AudioOmniPipeline, name: str, clips: Iterable[Joined], hearings: int = 1
) -> Compared:
    """Hear every clip both ways; `hearings` clips in a row are one unit of the interval."""
    chosen = list(clips)
    arms = [[hear(pipeline, clip.samples) for clip in chosen] for hear in (apart, together)]
    counts = [
        [wer.score(clip.text, text) for clip, (text, _) in zip(chosen, arm, strict=True)]
        for arm in arms
    ]
    units = [
        [wer.total(arm[at : at + hearings]) for at in range(0, len(arm), hearings)]
        for arm in counts
    ]
    errors = [[one.errors for one in arm] for arm in units]
    aligned = [
        [wer.align(clip.text, text) for clip, (text, _) in zip(chosen, arm, strict=True)]
        for arm in arms
    ]
    windows = [sum(many for _, many in arm) for arm in arms]
    return Compared(
        name=name,
        clips=len(units[0]),
        windows=(windows[0], windows[1]),
        cut=wer.total(counts[0]),
        stitched=wer.total(counts[1]),
        difference=rate_difference(
            (errors[0], errors[1]), [one.length for one in units[0]], unit="clips"
        ),
        p=mapsswe(segments_of(*aligned)).p if hearings == 1 else None,
    )


def comparisons(pipeline: AudioOmniPipeline, seconds: float) -> Iterator[Compared]:
    """Yield every row; squeezed speech last."""
    long = [Joined(text=clip.text, samples=samples_of(clip)) for clip in read_set(SETS / LONG)]
    yield compare(pipeline, LONG, long)
    shifted = [
        Joined(text=clip.text, samples=np.append(_silence(shift), clip.samples))
        for clip in long
        for shift in SHIFTS
    ]
    yield compare(pipeline, "shifted", shifted, len(SHIFTS))
    for name, squeezed in (("joined", False), ("squeezed", True)):
        clips = [
            clip
            for folder in JOINED
            for clip in joined(read_set(SETS / folder), seconds, squeezed=squeezed)
        ]
        yield compare(pipeline, name, clips)


@click.command()
@click.option("--seconds", type=click.FloatRange(min=11), default=28.0, show_default=True)
@common.config
@common.as_json
def stitching(seconds: float, config: str, as_json: bool) -> None:
    """Compare stitched windows with pieces cut without overlap."""
    found = list(comparisons(AudioOmniPipeline.from_file(config), seconds))
    if as_json:
        click.echo(common.to_json([asdict(one) for one in found]))
    else:
        rows = [_row(one) for one in found]
        click.echo(drawn([table(HEADS, rows), *_notes(found)], common.colour()), nl=False)
    sys.exit(common.PASSED if found[-1].wins else common.MISSED)


def _silence(seconds: float) -> Float32:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def _row(one: Compared) -> Row:
    cells = [one.name, str(one.clips), f"{one.windows[0]}/{one.windows[1]}"]
    for counts in (one.cut, one.stitched):
        split = f"{counts.substitutions}/{counts.deletions}/{counts.insertions}"
        cells += [rate_text(counts), split]
    p = NONE if one.p is None else "< 0.001" if one.p < 0.001 else f"{one.p:.3f}"
    return [*cells, interval_text(one.difference, Unit.RATIO), p], "none"


def _notes(found: list[Compared]) -> Iterator[str]:
    words = ", ".join(f"{one.name} {show(one.cut.length, Unit.COUNT)}" for one in found)
    yield f"Words: {words}."
    if found[-1].difference is not None:
        yield f"Difference: WER stitched less cut, 95 %, {found[-1].difference.method}."
    yield "p: matched-pairs test (MAPSSWE)."


if __name__ == "__main__":
    stitching()
