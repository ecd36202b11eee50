"""What the treatments do to samples. Every function is plain arithmetic on float64 arrays.

SNR = the active speech level of the clip (ITU-T P.56, see `level`) minus the rms level of the
noise over the whole clip, both in dB, over all frequencies up to half the sample rate.
"""

from __future__ import annotations

import io

import numpy as np
import soundfile
import soxr
from scipy import signal

from harness.accuracy.conditions.level import Floats, rms_db

BAND = (300.0, 3400.0)  # Hz, where a telephone line has fallen by 3 dB
LINE_RATE = 8000  # Hz
LOWEST = 20.0  # Hz: pink noise begins here, at the lower end of hearing
DIRECT_DB = 0.0  # energy of the direct sound over that of the room's answer
PEAK = 0.99  # of full scale: what a clip is turned down to that would not fit


def white(length: int, rng: np.random.Generator) -> Floats:
    """Return Gaussian noise of rms about 1."""
    return rng.standard_normal(length)


def pink(length: int, rate: int, rng: np.random.Generator) -> Floats:
    """Return Gaussian noise whose power falls by 3 dB an octave from 20 Hz on, none below."""
    spectrum = np.fft.rfft(rng.standard_normal(length))
    hertz = np.fft.rfftfreq(length, 1 / rate)
    shape = np.zeros(len(hertz))
    heard = hertz >= LOWEST
    shape[heard] = 1 / np.sqrt(hertz[heard])
    return np.asarray(np.fft.irfft(spectrum * shape, length), np.float64)


def with_noise(speech: Floats, noise: Floats, snr: float, level: float) -> Floats:
    """Add noise `snr` dB below the active speech level `level`; silent noise adds nothing."""
    loudness = rms_db(noise)
    if not np.isfinite(loudness):
        return speech.copy()
    return speech + noise * 10 ** ((level - snr - loudness) / 20)


def telephone(samples: Floats, rate: int, *, mulaw: bool) -> Floats:
    """Return what a telephone line leaves: 300 to 3400 Hz (-3 dB there) through 8 kHz and back.

    A Butterworth filter of order 8 on each side. With `mulaw` the line codes every sample in 8
    bits (ITU-T G.711); a clip above full scale is turned down before that.
    """
    line = soxr.resample(samples, rate, LINE_RATE, quality="VHQ")
    passed = signal.sosfilt(signal.butter(8, BAND, "bandpass", fs=LINE_RATE, output="sos"), line)
    if mulaw:
        passed = _mulaw(fitted(np.asarray(passed, np.float64)))
    return exactly(soxr.resample(passed, LINE_RATE, rate, quality="VHQ"), len(samples))


def gained(samples: Floats, decibel: float) -> Floats:
    """Return the clip louder by so much."""
    return samples * 10 ** (decibel / 20)


def clipped(samples: Floats, decibel: float) -> Floats:
    """Return the clip cut off at `decibel` below its own peak."""
    ceiling = float(np.abs(samples).max()) * 10 ** (-decibel / 20)
    return np.clip(samples, -ceiling, ceiling)


def room(rt60: float, rate: int, rng: np.random.Generator) -> Floats:
    """Return an impulse response: direct sound, and noise that falls by 60 dB in `rt60` seconds.

    The room's answer begins one sample after the direct sound and has as much energy as it; both
    together have energy 1, so that the level of the clip stays about what it is. It ends at -60 dB.
    """
    length = max(2, round(rt60 * rate))
    decay = np.exp(-np.log(1000) * np.arange(length) / (rt60 * rate))
    answer = rng.standard_normal(length) * decay
    answer[0] = 0.0
    answer *= 10 ** (-DIRECT_DB / 20) / np.sqrt(np.square(answer).sum())
    answer[0] = 1.0
    return np.asarray(answer / np.sqrt(np.square(answer).sum()), np.float64)


def reverberated(samples: Floats, response: Floats) -> Floats:
    """Return the clip in the room, its last echo included: n + len(response) - 1 samples."""
    return np.asarray(signal.fftconvolve(samples, response), np.float64)


def sped(samples: Floats, rate: int, factor: float) -> Floats:
    """Return the clip played `factor` times as fast: shorter, and higher by as much in pitch."""
    faster = soxr.resample(samples, rate * factor, rate, quality="VHQ")
    return exactly(faster, max(1, round(len(samples) / factor)))


def fitted(samples: Floats) -> Floats:
    """Return the clip turned down as a whole where its peak is above full scale, else as it is."""
    peak = float(np.abs(samples).max())
    return samples * (PEAK / peak) if peak > 1 else samples


def exactly(samples: Floats, length: int) -> Floats:
    """Return the first `length` samples; zeros stand where the resampler gave fewer."""
    kept = samples[:length]
    return np.pad(kept, (0, length - len(kept)))


def _mulaw(samples: Floats) -> Floats:
    """Return what libsndfile's G.711 coder and decoder make of samples within full scale."""
    line = io.BytesIO()
    form = {"format": "AU", "subtype": "ULAW"}
    soundfile.write(line, samples, LINE_RATE, **form)
    line.seek(0)
    return np.asarray(soundfile.read(line, dtype="float64")[0], np.float64)
