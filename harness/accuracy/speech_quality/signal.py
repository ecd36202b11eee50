"""Facts of one clip's signal, none of which needs a reference.

Loudness is that of ITU-R BS.1770-5 (`loudness`), F0 by probabilistic YIN (Mauch & Dixon, ICASSP
2014; librosa) on 20 ms steps with bins of a fifth of a semitone, bandwidth off the mean power
spectrum (Welch, 1967). Silence is what lies 35 dB below the loud frames of the same clip (95th
percentile of the level of 10 ms), or below -70 dB of full scale.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.accuracy.speech_quality.loudness import Floats, loudness

STEP = 0.010  # seconds of a frame whose level is taken
QUIET, SILENT = 35.0, -70.0  # dB below the loud frames; dB of full scale
FLAT = 3  # equal samples in a row at a clip's peak: cut off
LOUD = 0.5  # of full scale: a peak below it was not cut off by a converter
WITHIN = 50.0  # dB below the peak of the spectrum that still count as bandwidth
F0_RATE, F0_HOP, F0_FRAME = 16_000, 320, 2048  # Hz, samples, samples
F0_LOW, F0_HIGH, F0_BAND = 55.0, 400.0, 250.0  # Hz: the search, and what is heard of the signal
VOICED = 0.2  # share of frames, of fewer the F0 says nothing of a clip


@dataclass(frozen=True, kw_only=True)
class SignalFacts:
    """What one clip is, as far as its samples tell. None: it cannot be told of this clip."""

    seconds: float  # length, silence included
    clipped: float  # share of samples that are cut off
    offset: float  # mean of the samples, of full scale
    lead: float  # seconds of silence before the speech
    trail: float  # and after it
    pause: float  # seconds of the longest silence within
    loudness: float | None  # LUFS, below 0; None: shorter than a block, or silent
    bandwidth: float | None  # Hz; None: silent
    f0: float | None  # Hz, median of the voiced frames; None: nothing is voiced
    f0_range: float | None  # semitones between their 10th and 90th percentile
    voiced: float  # share of frames

    @property
    def spoken(self) -> float:
        """Seconds from the first sound to the last."""
        return self.seconds - self.lead - self.trail


def read_mono(path: Path) -> tuple[Floats, int]:
    """Return float64 [n] mono samples in -1..1 and their rate in Hz."""
    import soundfile

    samples, rate = soundfile.read(path, dtype="float64", always_2d=True)
    return samples.mean(axis=1), int(rate)


def facts_of(samples: Floats, rate: int) -> SignalFacts:
    """Return the facts of float64 [n] samples in -1..1 at `rate` Hz, n >= 1."""
    lead, trail, pause = silences(samples, rate)
    f0, spread, voiced = pitch(samples, rate)
    return SignalFacts(
        seconds=len(samples) / rate,
        clipped=clipped(samples),
        offset=float(samples.mean()),
        lead=lead,
        trail=trail,
        pause=pause,
        loudness=loudness(samples, rate),
        bandwidth=bandwidth(samples, rate),
        f0=f0,
        f0_range=spread,
        voiced=voiced,
    )


def clipped(samples: Floats) -> float:
    """Return the share of samples in runs of 3 or more that all are the clip's peak."""
    peak = float(np.abs(samples).max())
    if peak < LOUD:
        return 0.0
    flat = np.concatenate([[False], np.abs(samples) >= peak - 1e-9, [False]])
    edges = np.flatnonzero(np.diff(flat.astype(np.int8)))
    runs = edges[1::2] - edges[::2]
    return float(runs[runs >= FLAT].sum() / len(samples))


def silences(samples: Floats, rate: int) -> tuple[float, float, float]:
    """Return the seconds of silence at the begin, at the end, and of the longest within.

    A clip without any sound is all lead.
    """
    size = max(round(STEP * rate), 1)
    whole = np.pad(samples, (0, -len(samples) % size)).reshape(-1, size)
    level = 10 * np.log10(np.square(whole).mean(axis=1) + 1e-12)
    sounding = level > max(float(np.percentile(level, 95)) - QUIET, SILENT)
    if not sounding.any():
        return len(samples) / rate, 0.0, 0.0
    places = np.flatnonzero(sounding)
    longest = int(np.diff(places).max(initial=1)) - 1
    end = len(samples) - min((int(places[-1]) + 1) * size, len(samples))
    return float(places[0]) * size / rate, end / rate, longest * size / rate


def bandwidth(samples: Floats, rate: int) -> float | None:
    """Return the highest frequency within 50 dB of the peak of the mean spectrum; None of silence.

    The resolution is that of frames of 32 ms.
    """
    from scipy import signal

    if not samples.any():
        return None
    size = min(round(0.032 * rate), len(samples))
    frequencies, power = signal.welch(samples, rate, nperseg=size)
    heard = np.flatnonzero(power >= power.max() * 10 ** (-WITHIN / 10))
    return float(frequencies[heard[-1]])


def pitch(samples: Floats, rate: int) -> tuple[float | None, float | None, float]:
    """Return the median F0 in Hz, its range in semitones, and the share of voiced frames.

    Below 250 Hz alone: what a vocoder does to the phases of higher harmonics hides the period.
    What is below 0.75 of the first quartile or above 1.5 of the third is an octave error (De Looze
    & Hirst, Speech Prosody 2008) and left out. The first two are None where less than a fifth is
    voiced.
    """
    import librosa
    import soxr
    from scipy import signal

    heard = soxr.resample(samples, rate, F0_RATE) if rate != F0_RATE else samples
    if len(heard) < F0_FRAME or not heard.any():
        return None, None, 0.0
    low_pass = signal.butter(4, F0_BAND, fs=F0_RATE, output="sos")
    found, voiced, _ = librosa.pyin(
        np.asarray(signal.sosfiltfilt(low_pass, heard), np.float32),
        fmin=F0_LOW,
        fmax=F0_HIGH,
        sr=F0_RATE,
        frame_length=F0_FRAME,
        hop_length=F0_HOP,
        resolution=0.2,
        # librosa's own take half of a low voice for not voiced: its troughs are as deep as 0.25,
        # not 0.1, and with steps twice as long as librosa's voicing changes more often.
        beta_parameters=(2, 6),
        switch_prob=0.1,
    )
    tones, many = found[voiced], len(found)
    if len(tones):
        first, third = np.percentile(tones, [25, 75])
        tones = tones[(tones >= 0.75 * first) & (tones <= 1.5 * third)]
    share = len(tones) / many
    if share < VOICED:
        return None, None, share
    low, high = np.percentile(tones, [10, 90])
    return float(np.median(tones)), 12 * math.log2(high / low), share
