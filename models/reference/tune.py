"""Choose the decoder's settings on the tuning set, and write them into the bundle's manifest.

    python -m models.reference.tune --bundle models/onnx/reference \
        --tuning build/reference/tuning.npz

One setting after the other is set to its best value while the others stand, until nothing
changes (coordinate descent), with a beam too wide to matter; then the search is made as narrow as
it can be without losing `TOLERANCE`. What is minimised is the mean of two word error rates,
commands and prose.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from agents.language_model import LanguageModel
from agents.prefix_search import Settings
from agents.text_decoder import TextDecoder

MANIFEST = "core.onnx.manifest.json"
WIDE = replace(Settings(), beam=48, symbols=8, symbol_threshold=-9.0, beam_threshold=-15.0)
GRID: Mapping[str, Sequence[float]] = {
    "alpha": (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9),
    "beta": (-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0),
    "oov_penalty": (-14.0, -11.0, -8.0, -6.0, -4.0, -2.0),
    "oov_letter": (-2.0, -1.5, -1.0, -0.5, 0.0),
}
NARROWER: Sequence[Mapping[str, float]] = (  # from wide to narrow
    {"beam": 32},
    {"beam": 24},
    {"beam": 16},
    {"beam": 12},
    {"symbols": 6},
    {"symbols": 4},
    {"symbol_threshold": -8.0},
    {"symbol_threshold": -7.0},
    {"symbol_threshold": -6.0},
    {"beam_threshold": -12.0},
    {"beam_threshold": -10.0},
)
TOLERANCE = 0.0005  # of the mean word error rate, per step of narrowing


@dataclass(frozen=True, kw_only=True)
class Clips:
    """The tuning set as the networks hear it."""

    log_probs: NDArray[np.float32]  # [clips, 512, symbols]
    text: Sequence[str]
    prose: Sequence[bool]  # else a command, a number, a date, ...


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one decoder makes of the clips."""

    commands: float  # word error rate
    prose: float  # word error rate
    seconds: Sequence[float]  # processor time of each clip

    @property
    def cost(self) -> float:
        """What is minimised."""
        return (self.commands + self.prose) / 2

    def __str__(self) -> str:
        mean, p95 = np.mean(self.seconds), np.quantile(self.seconds, 0.95)
        rates = f"WER commands {self.commands:.2%}, prose {self.prose:.2%}"
        return f"{rates}; {mean * 1e3:.1f} ms a clip, p95 {p95 * 1e3:.1f} ms"


def hear(bundle: Path, tuning: Path) -> Clips:
    """Run the bundle's three networks over the log-mels of a tuning set."""
    tokenizer, core, decoder = (
        onnxruntime.InferenceSession(bundle / f"{part}.onnx", providers=["CPUExecutionProvider"])
        for part in ("tokenizer", "core", "decoder")
    )
    with np.load(tuning) as arrays:
        mels, text, condition = arrays["mel"], arrays["text"], arrays["condition"]
    heard = []
    for mel in mels.astype(np.float32)[:, np.newaxis]:
        codes = tokenizer.run(None, {"log_mel": mel})[0]
        features = core.run(None, {"audio_codes": codes})[0]
        heard.append(decoder.run(None, {"mel_features": features})[0][0])
    prose = [str(name) == "prose" for name in condition]
    return Clips(log_probs=np.stack(heard), text=[str(t) for t in text], prose=prose)


def judge(decoder: TextDecoder, clips: Clips, *, greedy: bool = False) -> Outcome:
    """Decode every clip."""
    decode, heard, seconds = decoder.greedy if greedy else decoder.decode, [], []
    for log_probs in clips.log_probs:
        started = time.process_time()
        heard.append(decode(log_probs))
        seconds.append(time.process_time() - started)
    return Outcome(
        commands=_rate(clips, heard, prose=False),
        prose=_rate(clips, heard, prose=True),
        seconds=seconds,
    )


def _rate(clips: Clips, heard: Sequence[str], *, prose: bool) -> float:
    chosen = [clip for clip, is_prose in enumerate(clips.prose) if is_prose == prose]
    return float(jiwer.wer([clips.text[n] for n in chosen], [heard[n] for n in chosen]))


@dataclass
class Tuner:
    """Tries settings and remembers what came of them."""

    symbols: Sequence[str]
    model: LanguageModel
    clips: Clips

    def __post_init__(self) -> None:
        self._tried: dict[Settings, Outcome] = {}

    def outcome(self, settings: Settings) -> Outcome:
        """Return what `settings` lead to."""
        if settings not in self._tried:
            decoder = TextDecoder(self.symbols, self.model, settings)
            self._tried[settings] = judge(decoder, self.clips)
        return self._tried[settings]

    def weigh(self, settings: Settings) -> Settings:
        """Return the best weights of GRID, found by coordinate descent from `settings`."""
        while True:
            before = settings
            for key, values in GRID.items():
                tried = [settings, *(_with(settings, {key: value}) for value in values)]
                settings = min(tried, key=lambda each: self.outcome(each).cost)
                print(f"{key} {getattr(settings, key)}: {self.outcome(settings)}", flush=True)
            if settings == before:
                return settings

    def narrow(self, settings: Settings) -> Settings:
        """Return the narrowest search that loses no more than TOLERANCE a step."""
        for step in NARROWER:
            narrower = _with(settings, step)
            print(f"{step}: {self.outcome(narrower)}", flush=True)
            if self.outcome(narrower).cost <= self.outcome(settings).cost + TOLERANCE:
                settings = narrower
        return settings


def _with(settings: Settings, change: Mapping[str, Any]) -> Settings:
    return replace(settings, **change)


def _steps(bundle: Path, tuning: Path) -> Iterator[str]:
    """Do the work, saying what was found."""
    path = bundle / MANIFEST
    manifest = json.loads(path.read_text("utf-8"))
    clips = hear(bundle, tuning)
    model = LanguageModel.load(bundle / manifest["language_model"])
    tuner = Tuner(symbols=manifest["symbols"], model=model, clips=clips)
    yield f"greedy: {judge(TextDecoder(tuner.symbols, model, WIDE), clips, greedy=True)}"
    chosen = tuner.narrow(tuner.weigh(WIDE))
    yield f"{chosen}: {tuner.outcome(chosen)}"
    manifest["decoder"] = asdict(chosen)
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", "utf-8")
    yield f"written into {path}"


def main() -> None:
    """Tune, report and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--tuning", type=Path, required=True)
    options = parser.parse_args()
    for line in _steps(options.bundle, options.tuning):
        print(line, flush=True)


if __name__ == "__main__":
    main()
