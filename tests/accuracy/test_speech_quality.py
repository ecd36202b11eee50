"""Facts of synthesised signals, held against signals whose truth is known."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.signal import lfilter

from agents.features import log_mel
from agents.voice.vocoder import griffin_lim
from harness.accuracy.speech_quality.likeness import absent
from harness.accuracy.speech_quality.lost_words import LostWords, lost_words
from harness.accuracy.speech_quality.loudness import Floats, loudness
from harness.accuracy.speech_quality.rules import NAMES, Spoken, check_spoken
from harness.accuracy.speech_quality.sentences import read_sentences
from harness.accuracy.speech_quality.signal import (
    SignalFacts,
    bandwidth,
    clipped,
    pitch,
    silences,
)
from harness.accuracy.speech_quality.syllables import syllables
from harness.errors import ReferenceSetError

RATE = 16_000
SOUND = SignalFacts(
    seconds=2.0,
    clipped=0.0,
    offset=0.0,
    lead=0.1,
    trail=0.1,
    pause=0.2,
    loudness=-23.0,
    bandwidth=7000.0,
    f0=120.0,
    f0_range=4.0,
    voiced=0.7,
)
TEXT = "Enciende la luz de la cocina"  # 11 syllables


def tone(hertz: float, seconds: float = 1.0, *, peak: float = 0.4) -> Floats:
    return peak * np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE)


def pulses(hertz: float, seconds: float = 1.0) -> Floats:
    """A sawtooth: harmonics as in a voice."""
    return 0.4 * (2 * ((hertz * np.arange(round(seconds * RATE)) / RATE) % 1) - 1)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Son 2 días", 4),  # numbers are spelled out; an accent on the weak vowel parts it
        ("guitarra", 3),  # a silent u
        ("pingüino", 3),  # one that is not
        ("aéreo", 4),  # strong vowels each for themselves
        ("ciudad", 2),  # two weak ones together
        ("hoy y muy", 3),  # y as a vowel
        ("búho", 2),  # a silent h parts them
        ("oíamos", 4),
        ("pst", 1),  # something is said for every word
    ],
)
def test_syllables_are_counted_by_the_orthography(text: str, count: int) -> None:
    assert syllables(text) == count


def test_loudness_is_that_of_bs_1770() -> None:
    """Its own calibration: a sine of 997 Hz at full scale has -3.01 LUFS (tolerance 0.1)."""
    assert loudness(tone(997, 3.0, peak=1.0), RATE) == pytest.approx(-3.01, abs=0.05)
    assert loudness(tone(997, 3.0, peak=0.1), RATE) == pytest.approx(-23.01, abs=0.05)


def test_loudness_leaves_pauses_out() -> None:
    """A second of speech in ten of near silence is as loud as it is alone."""
    whisper = tone(300, 9.0, peak=1e-4)
    alone = loudness(tone(300, 1.0), RATE)
    assert loudness(np.concatenate([tone(300, 1.0), whisper]), RATE) == pytest.approx(
        alone, abs=1.0
    )


def test_what_is_too_short_or_silent_has_no_loudness() -> None:
    assert loudness(tone(997, 0.3), RATE) is None
    assert loudness(np.zeros(RATE), RATE) is None


def test_cut_off_peaks_are_counted_and_round_ones_are_not() -> None:
    assert clipped(tone(220, peak=0.99)) == 0.0
    cut = np.clip(tone(220, peak=1.5), -0.8, 0.8)
    assert clipped(cut) == pytest.approx(np.mean(np.abs(cut) >= 0.8), abs=0.01)
    assert clipped(np.clip(tone(220, peak=0.4), -0.2, 0.2)) == 0.0, "a quiet clip is not cut off"


def test_silence_is_found_at_both_ends_and_within() -> None:
    quiet, speech = np.zeros, tone(300, 0.5)
    samples = np.concatenate([quiet(3200), speech, quiet(6400), speech, quiet(1600)])
    assert silences(samples, RATE) == pytest.approx((0.2, 0.1, 0.4), abs=0.011)
    assert silences(np.zeros(RATE), RATE) == (1.0, 0.0, 0.0)


def test_bandwidth_is_where_the_spectrum_ends() -> None:
    white = np.random.default_rng(0).standard_normal(4 * RATE)
    spectrum = np.fft.rfft(white)
    spectrum[np.fft.rfftfreq(len(white), 1 / RATE) > 3400] = 0
    assert bandwidth(np.fft.irfft(spectrum), RATE) == pytest.approx(3400, abs=130)
    assert bandwidth(np.zeros(RATE), RATE) is None


@pytest.mark.parametrize("hertz", [75.0, 120.0, 320.0])
def test_f0_is_that_of_the_pulses(hertz: float) -> None:
    f0, spread, voiced = pitch(pulses(hertz), RATE)
    assert f0 == pytest.approx(hertz, rel=0.02)
    assert spread is not None
    assert spread < 0.5
    assert voiced > 0.8


def test_f0_is_found_though_a_vocoder_guessed_the_phases() -> None:
    """Pulses of 75 Hz through the formants of a vowel, and through the pipeline's own vocoder."""
    at = np.arange(2 * RATE) / RATE
    glide = np.cumsum(75 * 2 ** (0.17 * (at / 2 - 0.5))) / RATE
    voice = np.diff(np.floor(glide), prepend=0)
    for hertz, width in ((500, 80), (1500, 120), (2500, 160)):
        radius = np.exp(-np.pi * width / RATE)
        poles = [1, -2 * radius * np.cos(2 * np.pi * hertz / RATE), radius**2]
        voice = lfilter([1 - radius], poles, voice)
    picture = log_mel((0.5 * voice / np.abs(voice).max()).astype(np.float32), 200)
    f0, spread, _ = pitch(griffin_lim(picture).astype(np.float64), RATE)
    assert f0 == pytest.approx(75, rel=0.05)
    assert spread is not None
    assert spread < 3


def test_noise_and_silence_have_no_f0_to_speak_of() -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal(RATE)
    assert pitch(noise, RATE)[2] < 0.2
    assert pitch(np.zeros(RATE), RATE) == (None, None, 0.0)


def test_skipped_and_repeated_words_are_told_from_the_recognisers_own_errors() -> None:
    found = lost_words("pon la luz de la cocina", "pon pon la luz de cocina")
    assert found == LostWords(skipped=("la",), repeated=("pon",))
    floor = lost_words("pon la luz de la cocina", "pon la luz de cocina")
    assert found.beyond(floor) == LostWords(repeated=("pon",))


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("speech_is_audible", {"loudness": None}),
        ("speech_is_audible", {"loudness": -45.0}),
        ("speech_is_not_clipped", {"clipped": 0.001}),
        ("speech_has_no_offset", {"offset": -0.01}),
        ("speech_begins_and_ends_at_once", {"trail": 0.6}),
        ("speech_has_no_holes", {"pause": 1.1}),
        ("speech_has_a_likely_length", {"seconds": 1.0}),  # words lost
        ("speech_has_a_likely_length", {"seconds": 9.0}),  # drawn out
    ],
)
def test_every_rule_can_fail_and_names_the_clip(rule: str, change: dict[str, float]) -> None:
    good = Spoken(id="good", text=TEXT, facts=SOUND)
    bad = Spoken(id="bad", text=TEXT, facts=replace(SOUND, **change))
    assert all(finding.holds for finding in check_spoken([good]))
    found = {finding.rule: finding for finding in check_spoken([good, bad])}
    assert tuple(found) == NAMES
    assert [name for name, finding in found.items() if not finding.holds] == [rule]
    assert "1 of 2 clips: bad (" in found[rule].detail


def test_sentences_are_lines_and_a_folder_brings_recordings(tmp_path: Path) -> None:
    file = tmp_path / "s.txt"
    file.write_text("# two\n\nHola, ¿qué tal?\n  Son las 3.  \n", "utf-8")
    assert [(one.id, one.text) for one in read_sentences(file)] == [
        ("line-003", "Hola, ¿qué tal?"),
        ("line-004", "Son las 3."),
    ]
    folder = Path("validation/reference_sets/es_window")
    assert all(one.recording and one.recording.is_file() for one in read_sentences(folder))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "holds no sentence"),
        (b"# nothing\n", "holds no sentence"),
        (b"Hola\n...\n", "s.txt:2: '...' has no word"),
        (b"Hola\nAdios\nHola\n", "s.txt:3: 'Hola' stands on line 1 too"),
        (b"\xff\xfe", "expected UTF-8 text"),
    ],
)
def test_a_file_that_cannot_be_said_is_refused(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "s.txt"
    file.write_bytes(content)
    with pytest.raises(ReferenceSetError, match=told.replace(".", r"\.")):
        read_sentences(file)
    with pytest.raises(ReferenceSetError, match="cannot be read"):
        read_sentences(tmp_path / "absent.txt")


def test_an_absent_measure_says_what_to_install() -> None:
    assert all("pip install" in reason for reason in absent().values())
