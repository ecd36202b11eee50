"""What a predicted MOS is set beside: recordings whose quality a person can judge by the name.

Clips of each reference set as they are, and those of the first set made worse in two known ways:
cut off above 3.5 kHz, as a telephone does, and with white noise 10 dB below the active speech level
(ITU-T P.56).
A predictor that does not put the degraded ones below their source says nothing of a voice.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import numpy as np
from scipy import signal

from harness.accuracy.conditions.audio import read_audio
from harness.accuracy.conditions.effects import fitted, white, with_noise
from harness.accuracy.conditions.level import active_level
from harness.accuracy.predicted_mos.waveform import Waveform
from harness.errors import PredictorError
from harness.records import Clip

LOW_PASS = 3500.0  # Hz, where the filter has fallen by 3 dB; Butterworth of order 8
SNR = 10.0  # dB
LONGEST = 10.0  # seconds of a clip that are scored: what DNSMOS hears in one window
NARROW, NOISY = "low-pass 3.5 kHz", "noise 10 dB"

Anchors = Mapping[str, Sequence[Waveform]]


def anchors_of(sets: Mapping[str, Sequence[Clip]], *, clips: int, seed: int) -> Anchors:
    """Return the anchors by name: each set, then the first one degraded; silent sets are left out.

    Args:
        sets: name -> clips; the first is the one that is degraded.
        clips: of each set, drawn by `seed`.
        seed: of the drawing and of the noise.

    Raises:
        PredictorError: there is no clip at all.
        ReferenceSetError: a clip cannot be read.
    """
    drawn = {name: _drawn(given, clips, seed) for name, given in sets.items() if given}
    if not drawn:
        raise PredictorError(
            "No anchor: a predicted MOS means nothing alone. Name a reference set that holds clips."
        )
    first, source = next(iter(drawn.items()))
    return {
        **drawn,
        f"{first}, {NARROW}": [low_passed(one) for one in source],
        f"{first}, {NOISY}": [
            noisy(one, np.random.default_rng([seed, place])) for place, one in enumerate(source)
        ],
    }


def low_passed(waveform: Waveform) -> Waveform:
    """Return what lies below 3.5 kHz of a waveform at 8 kHz or more."""
    sos = signal.butter(8, LOW_PASS, fs=waveform.rate, output="sos")
    passed = signal.sosfilt(sos, waveform.samples.astype(np.float64))
    return Waveform(np.asarray(passed, np.float32), waveform.rate)


def noisy(waveform: Waveform, rng: np.random.Generator) -> Waveform:
    """Return it with noise 10 dB below its active speech level, turned down where it clips."""
    speech = waveform.samples.astype(np.float64)
    level = active_level(speech, waveform.rate)
    mixed = fitted(with_noise(speech, white(len(speech), rng), SNR, level))
    return Waveform(mixed.astype(np.float32), waveform.rate)


def _drawn(clips: Sequence[Clip], count: int, seed: int) -> list[Waveform]:
    chosen = random.Random(seed).sample(list(clips), min(count, len(clips)))
    audio = [read_audio(clip)[0] for clip in chosen]
    return [
        Waveform(one.samples[: round(LONGEST * one.rate)].astype(np.float32), one.rate)
        for one in audio
    ]
