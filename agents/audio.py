"""Audio bytes to mono samples at the rate that the features take."""

from __future__ import annotations

import io
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from agents import audio_limits
from agents.audio_limits import AudioLimits
from agents.errors import AudioFormatError, MissingDependencyError, explain
from agents.features import SAMPLE_RATE

try:
    import soundfile
except ImportError as error:
    raise MissingDependencyError.of("soundfile") from error

Float32 = NDArray[np.float32]

LIMITS = AudioLimits()
BLOCK = 1 << 20  # frames decoded at a time: more than a window at any rate

_REMEDY = "Send the bytes of a WAV, FLAC, OGG or MP3 file."


class Decoded(NamedTuple):
    """What an audio file holds."""

    samples: Float32  # [n], n >= 1, mono, finite; -1..1, beyond it only where a float file is
    rate: int  # Hz
    channels: int  # in the file, before they were averaged
    format: str  # libsndfile's name: "WAV", "FLAC", "OGG", "MP3", ...
    offset: float  # mean of the file's samples; taken out where it is large


def decode(data: bytes, limits: AudioLimits = LIMITS) -> Decoded:
    """Return the samples in `data`, the channels averaged.

    The header is held against `limits` before anything is decoded.

    Raises:
        AudioFormatError: the bytes are no audio file, a damaged or cut one, one without samples,
            or of a rate or number of channels that is out of range.
        AudioTooLongError: it is larger, or lasts longer, than a request may.
        AudioValuesError: the samples are no sound.
    """
    if not isinstance(data, bytes | bytearray | memoryview):
        raise _unrecognised("the bytes of an audio file", type(data).__name__)
    audio_limits.check_size(len(data), limits)
    try:
        with soundfile.SoundFile(io.BytesIO(data)) as file:
            promised, found = file.frames, (file.samplerate, file.channels, file.format)
            audio_limits.check_header(file.samplerate, file.channels, promised, limits)
            samples = _mono(file)
            log = file.extra_info
    except (soundfile.SoundFileError, RuntimeError) as error:
        reason = str(getattr(error, "error_string", error)).rstrip(".")  # without the file object
        got = f"{len(data)} bytes that start with {bytes(data[:12])!r} (libsndfile: {reason})"
        raise _unrecognised("an audio file", got) from error
    if len(samples) == 0:
        raise _unrecognised("at least one sample", f"a {found[2]} file without any")
    audio_limits.check_whole(len(samples), promised, log)
    audio_limits.check_values(samples, found[0])
    samples, offset = audio_limits.without_offset(samples)
    return Decoded(samples, *found, offset)


def resample(samples: Float32, rate: int, resampler: Literal["librosa", "soxr"]) -> Float32:
    """Return float32 [ceil(n * SAMPLE_RATE / rate)] at SAMPLE_RATE.

    Both resamplers are soxr's "HQ" setting and give the same samples.

    Raises:
        MissingDependencyError: the resampler is not installed.
    """
    if rate == SAMPLE_RATE:
        return samples
    convert = _librosa if resampler == "librosa" else _soxr
    return _fit(convert(samples, rate), -(-len(samples) * SAMPLE_RATE // rate))


def sine(hertz: float, rate: int = SAMPLE_RATE) -> bytes:
    """Return the WAV file of one second of a sine at half of full scale: a clip for trying out."""
    time = np.arange(rate) / rate
    file = io.BytesIO()
    soundfile.write(file, 0.5 * np.sin(2 * np.pi * hertz * time), rate, format="WAV")
    return file.getvalue()


def _mono(file: soundfile.SoundFile) -> Float32:
    """Decode block by block, so that many channels never lie in memory side by side."""
    blocks = []
    while len(block := file.read(BLOCK, dtype="float32", always_2d=True)):
        one = block.shape[1] == 1
        with np.errstate(all="ignore"):  # what is no number is refused when all is decoded
            blocks.append(block[:, 0] if one else block.mean(axis=1, dtype=np.float32))
    return blocks[0] if len(blocks) == 1 else np.concatenate([*blocks, np.empty(0, np.float32)])


def _soxr(samples: Float32, rate: int) -> Float32:
    try:
        import soxr
    except ImportError as error:
        raise MissingDependencyError.of("soxr") from error
    resampled: Float32 = soxr.resample(samples, rate, SAMPLE_RATE, quality="HQ")
    return resampled


def _librosa(samples: Float32, rate: int) -> Float32:
    try:
        import librosa
    except ImportError as error:
        raise MissingDependencyError.of("librosa") from error
    resampled: Float32 = librosa.resample(
        samples, orig_sr=rate, target_sr=SAMPLE_RATE, res_type="soxr_hq"
    )
    return resampled


def _fit(samples: Float32, length: int) -> Float32:
    """Cut or pad with silence: the resamplers differ in how they round the length."""
    if len(samples) >= length:
        return samples[:length]
    return np.pad(samples, (0, length - len(samples)))


def _unrecognised(expected: str, got: str) -> AudioFormatError:
    return AudioFormatError(
        explain("Format not recognised", expected=expected, got=got, do=_REMEDY)
    )
