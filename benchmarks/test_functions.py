"""Single functions, timed by pytest-benchmark after everything else; they gate nothing.

They run on the reference model's parts whatever is measured: the code is the same. The pipeline is
imported by the fixtures, not by this file, so that collecting it leaves this process small.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from agents.sessions import Sessions
    from harness.records import Clip

CONFIG = Path("config/reference.yaml")
SETS = Path("validation/reference_sets")

Benchmark = Callable[..., Any]


@pytest.fixture(scope="module")
def sessions() -> Sessions:
    """The models of the reference bundle."""
    from agents.bundle import read_bundle
    from agents.config import AudioOmniConfig
    from agents.sessions import open_sessions

    config = AudioOmniConfig.from_file(CONFIG)
    return open_sessions(read_bundle(Path(config.model_path)), config)


@pytest.fixture(scope="module")
def clip() -> bytes:
    """The audio file of one window of speech."""
    return Path(_clips("es_window")[0].audio).read_bytes()


@pytest.fixture(scope="module")
def log_mel(clip: bytes) -> Any:
    """Its features, float32 [1, 80, 1024]."""
    from agents import audio, features

    heard = audio.decode(clip)
    return features.log_mel(audio.resample(heard.samples, heard.rate, "soxr"))[None]


def test_decode(benchmark: Benchmark, clip: bytes) -> None:
    """Decode an audio file of one window."""
    from agents import audio

    assert len(benchmark(audio.decode, clip).samples)


def test_resample(benchmark: Benchmark, clip: bytes) -> None:
    """Resample one window from 44.1 kHz by soxr."""
    from agents import audio

    window = audio.decode(audio.sine(440.0, 44_100)).samples.repeat(10)
    assert len(benchmark(audio.resample, window, 44_100, "soxr")) == 160_000


def test_log_mel(benchmark: Benchmark, clip: bytes) -> None:
    """Compute the features of one window of samples."""
    from agents import audio, features

    heard = audio.decode(clip)
    samples = audio.resample(heard.samples, heard.rate, "soxr")
    assert benchmark(features.log_mel, samples).shape == (80, 1024)


def test_tokenise(benchmark: Benchmark, sessions: Sessions, log_mel: Any) -> None:
    """Run the tokeniser on the features of one window."""
    assert sessions.speech is not None
    assert benchmark(sessions.speech.tokenizer.run, log_mel).shape == (1, 16, 128)


def test_text_decoder(benchmark: Benchmark, sessions: Sessions, log_mel: Any) -> None:
    """Search the text in the log-probabilities of one window."""
    speech = sessions.speech
    assert speech is not None
    mel_features = sessions.core.run(speech.tokenizer.run(log_mel))
    picture = mel_features[:, : speech.manifest.text_channels, :: speech.manifest.frame_stride]
    log_probs = speech.acoustic.run(picture)[0]
    assert benchmark(speech.decoder.decode, log_probs)


def test_score(benchmark: Benchmark) -> None:
    """Score 40 utterances, each heard without its last word."""
    from harness.accuracy.wer import Counts, score, total

    said = [clip.text for clip in _clips("es_synthetic")[:40]]

    def corpus() -> Counts:
        return total(score(text, text.rpartition(" ")[0]) for text in said)

    assert benchmark(corpus).errors >= len(said)


def test_digest_sha256(benchmark: Benchmark) -> None:
    """Take the sha256 of the reference model's data, as a bundle is checked."""
    from harness.integrity.bundle import sha256

    assert len(benchmark(sha256, _data())) == 64


def test_digest_blake3(benchmark: Benchmark) -> None:
    """Take the blake3 of the same bytes, on one core."""
    from blake3 import blake3

    file = _data()
    assert len(benchmark(lambda: blake3().update_mmap(file).hexdigest())) == 64


def _clips(name: str) -> tuple[Clip, ...]:
    from harness.accuracy.sets import read_set

    return read_set(SETS / name)


def _data() -> Path:
    from harness.config import read_settings

    model = read_settings(CONFIG).model
    return model.with_name(f"{model.name}.data")
