"""Listening conditions, held to what they say of themselves by measuring what they wrote."""

from __future__ import annotations

import functools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import signal

from harness.accuracy.conditions import effects
from harness.accuracy.conditions.cache import Cache
from harness.accuracy.conditions.level import Floats, active_level, rms_db
from harness.accuracy.conditions.render import TALKERS, Renderer
from harness.accuracy.conditions.treatment import NOISES, Kind, Treatment
from harness.errors import ReferenceSetError
from harness.records import Clip
from tests.treated_clips import CLIPS, RATE, Treat, make_clip, samples_of, tone, treating


@pytest.fixture
def treat(tmp_path: Path) -> Treat:
    return treating(tmp_path)


def quiet(folder: Path, number: int) -> tuple[Clip, Floats]:
    """A clip of the set at a tenth of its level: no mixture of it reaches full scale."""
    samples = 0.1 * samples_of(CLIPS[number])
    return make_clip(folder, samples, id=f"c{number}", speaker=CLIPS[number].speaker), samples


@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize("snr", [20, 10, 5, 0])
def test_noise_lies_as_far_below_the_active_speech_level_as_it_says(
    kind: Kind, snr: int, tmp_path: Path, treat: Treat
) -> None:
    for number in (0, 5, 11):
        clip, speech = quiet(tmp_path, number)
        noise = treat(clip, f"{kind} {snr}") - speech
        assert quiet_level(number) - rms_db(noise) == pytest.approx(snr, abs=0.1)


@pytest.mark.parametrize("kind", NOISES)
def test_a_mixture_that_would_not_fit_is_turned_down_whole(kind: Kind, treat: Treat) -> None:
    speech = samples_of(CLIPS[0])
    mixed = treat(CLIPS[0], f"{kind} 0")
    assert np.abs(mixed).max() == pytest.approx(effects.PEAK, abs=1e-6)
    share = float(mixed @ speech / (speech @ speech))
    assert active_level(speech, RATE) - rms_db(mixed / share - speech) == pytest.approx(0, abs=0.3)


@functools.cache
def quiet_level(number: int) -> float:
    return slow_active_level(0.1 * samples_of(CLIPS[number]), RATE)


def slow_active_level(samples: Floats, rate: int) -> float:
    """Method B of ITU-T P.56 sample by sample, as the standard writes it; interpolated in dB."""
    keep, hangover = math.exp(-1 / (rate * 0.03)), math.ceil(0.2 * rate)
    thresholds = [2.0**power for power in range(-15, 0)]
    active, held = np.zeros(len(thresholds)), np.full(len(thresholds), hangover)
    once = twice = 0.0
    for value in np.abs(samples):
        once = keep * once + (1 - keep) * value
        twice = keep * twice + (1 - keep) * once
        above = twice >= np.array(thresholds)
        counted = above | (held < hangover)
        held = np.where(above, 0, np.minimum(held + 1, hangover))
        active += counted
    found = [
        (10 * math.log10((samples @ samples) / count), 20 * math.log10(threshold))
        for threshold, count in zip(thresholds, active, strict=True)
        if count
    ]
    distances = [level - threshold for level, threshold in found]
    return float(np.interp(-15.9, -np.array(distances), [level for level, _ in found]))


def test_the_active_speech_level_is_that_of_the_standard() -> None:
    for number in (0, 5):
        samples = samples_of(CLIPS[number])
        assert active_level(samples, RATE) == pytest.approx(
            slow_active_level(samples, RATE), abs=1e-6
        )


def test_pauses_do_not_lower_the_active_speech_level() -> None:
    spoken = tone(440, 2)
    paused = np.concatenate([spoken, np.zeros(6 * RATE)])
    assert active_level(spoken, RATE) == pytest.approx(rms_db(spoken), abs=0.1)
    assert rms_db(paused) == pytest.approx(rms_db(spoken) - 6.02, abs=0.01)
    assert -0.8 < active_level(paused, RATE) - rms_db(spoken) < 0  # 0.2 s of hangover, and a decay


def test_silence_and_a_click_have_a_level_too() -> None:
    assert active_level(np.zeros(RATE), RATE) == -26
    click = np.zeros(RATE)
    click[0] = 0.5
    assert rms_db(click) < active_level(click, RATE) < 0


@pytest.mark.parametrize(("name", "slope"), [("white", 0.0), ("pink", -1.0)])
def test_the_spectrum_of_noise_falls_as_its_colour_says(name: str, slope: float) -> None:
    rng = np.random.default_rng(3)
    length = 60 * RATE
    noise = effects.pink(length, RATE, rng) if name == "pink" else effects.white(length, rng)
    hertz, power = signal.welch(noise, RATE, nperseg=8192)
    band = (hertz >= 50) & (hertz <= 7500)
    fitted = np.polyfit(np.log(hertz[band]), np.log(power[band]), 1)[0]
    assert fitted == pytest.approx(slope, abs=0.03)  # -1: 3 dB an octave
    below = power[hertz < 15].sum() / power.sum()
    assert below < (0.01 if name == "pink" else 0.005)


def test_a_telephone_line_passes_its_band_and_nothing_else(tmp_path: Path, treat: Treat) -> None:
    sent = 0.05 * np.random.default_rng(1).standard_normal(30 * RATE)
    heard = treat(make_clip(tmp_path, sent), "telephone")
    assert len(heard) == len(sent)
    hertz, before = signal.welch(sent, RATE, nperseg=4096)
    after = signal.welch(heard, RATE, nperseg=4096)[1]
    passed = 10 * np.log10(after / before)
    assert np.abs(passed[(hertz > 400) & (hertz < 3000)]).max() < 0.5
    for edge in effects.BAND:
        assert np.interp(edge, hertz, passed) == pytest.approx(-3, abs=0.7)
    assert passed[(hertz > 20) & (hertz < 150)].max() < -40
    assert passed[hertz > 4100].max() < -40


def test_mu_law_adds_the_noise_of_eight_bits(tmp_path: Path, treat: Treat) -> None:
    clip = make_clip(tmp_path, tone(1013))
    linear, coded = treat(clip, "telephone"), treat(clip, "mulaw")
    middle = slice(2000, -2000)
    ratio = rms_db(linear[middle]) - rms_db((coded - linear)[middle])
    assert 34 < ratio < 42  # G.711 reaches about 38 dB


@pytest.mark.parametrize("decibel", [-20, 6])
def test_gain_changes_the_level_alone(decibel: int, treat: Treat) -> None:
    before, after = samples_of(CLIPS[0]), treat(CLIPS[0], f"gain {decibel}")
    assert rms_db(after) - rms_db(before) == pytest.approx(decibel, abs=1e-4)
    assert np.allclose(after, before * 10 ** (decibel / 20), atol=1e-6)  # above full scale too


@pytest.mark.parametrize("decibel", [6, 12, 20])
def test_clipping_cuts_off_so_far_below_the_peak_and_nowhere_else(
    decibel: int, treat: Treat
) -> None:
    before, after = samples_of(CLIPS[0]), treat(CLIPS[0], f"clipping {decibel}")
    ceiling = np.abs(before).max() * 10 ** (-decibel / 20)
    assert np.abs(after).max() == pytest.approx(ceiling, rel=1e-6)
    inside = np.abs(before) < ceiling
    assert 0 < inside.mean() < 1
    assert np.allclose(after[inside], before[inside], atol=1e-6)


@pytest.mark.parametrize("rt60", [0.3, 0.6, 1.0])
def test_a_room_falls_by_60_db_in_its_rt60(rt60: float, tmp_path: Path, treat: Treat) -> None:
    click = np.zeros(800)
    click[0] = 0.9
    heard = treat(make_clip(tmp_path, click), f"reverb {rt60}")
    assert len(heard) == len(click) + round(rt60 * RATE) - 1
    left = 10 * np.log10(np.cumsum(np.square(heard[1:])[::-1])[::-1] + 1e-30)  # Schroeder, 1965
    begin, end = (int(np.argmax(left <= left[0] - fall)) for fall in (5, 35))
    slope = np.polyfit(np.arange(begin, end) / RATE, left[begin:end], 1)[0]
    assert -60 / slope == pytest.approx(rt60, rel=0.05)
    direct = heard[0] ** 2 / np.square(heard[1:]).sum()
    assert 10 * math.log10(direct) == pytest.approx(effects.DIRECT_DB, abs=0.01)


@pytest.mark.parametrize("factor", [0.9, 1.1])
def test_speed_changes_duration_and_pitch_alike(
    factor: float, tmp_path: Path, treat: Treat
) -> None:
    heard = treat(make_clip(tmp_path, tone(440, 2)), f"speed {factor}")
    assert len(heard) == round(2 * RATE / factor)
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert np.argmax(spectrum) * RATE / len(heard) == pytest.approx(440 * factor, abs=0.6)


EVERY = (
    *("white 5", "pink 5", "babble 5", "telephone", "mulaw", "gain -20", "clipping 12"),
    *("reverb 0.3", "speed 1.1"),
)


def test_the_same_clip_treatment_and_seed_give_the_same_bytes(tmp_path: Path) -> None:
    def made(folder: str, order: tuple[str, ...], seed: int = 7) -> dict[str, bytes]:
        cache = Cache(folder=tmp_path / folder, most=10**9)
        renderer = Renderer(clips=CLIPS, seed=seed, cache=cache)
        clips = {name: renderer.treat(CLIPS[3], Treatment.read(name)) for name in order}
        return {name: Path(clip.audio).read_bytes() for name, clip in clips.items()}

    first = made("a", EVERY)
    assert made("b", EVERY[::-1]) == first
    assert len(set(first.values())) == len(EVERY)
    assert not any(b"PEAK" in data[:200] for data in first.values())  # libsndfile dates that chunk
    other = made("c", EVERY, seed=8)
    changed = {name for name in EVERY if other[name] != first[name]}
    assert changed == {"white 5", "pink 5", "babble 5", "reverb 0.3"}


def test_each_clip_has_noise_of_its_own_the_same_at_every_level(
    tmp_path: Path, treat: Treat
) -> None:
    (first, speech), (second, words) = quiet(tmp_path, 0), quiet(tmp_path, 1)
    faint, loud = treat(first, "white 20") - speech, treat(first, "white 0") - speech
    assert np.allclose(loud, 10 * faint, atol=1e-5)
    other = treat(second, "white 0") - words
    many = min(len(loud), len(other))
    assert abs(np.corrcoef(loud[:many], other[:many])[0, 1]) < 0.05


def test_a_babble_is_made_of_other_speakers(tmp_path: Path) -> None:
    renderer = Renderer(clips=CLIPS, seed=7, cache=Cache(folder=tmp_path / "cache", most=10**9))
    for clip in CLIPS:
        voices = [talker.speaker for talker in renderer.talkers(clip)]
        assert len(set(voices)) == len(voices) == TALKERS
        assert clip.speaker not in voices
    mine = make_clip(tmp_path, np.concatenate([tone(300), 0 * tone(300)]), id="a", speaker="ana")
    yours = make_clip(tmp_path, tone(900, 0.4, 8000), rate=8000, id="b", speaker="eva")
    renderer = Renderer(clips=(mine, yours), seed=7, cache=renderer.cache)
    heard = samples_of(renderer.treat(mine, Treatment(Kind.BABBLE, 10)))[RATE:]  # her pause
    assert np.argmax(np.abs(np.fft.rfft(heard))) == 900  # at the clip's own rate, round and round
    alone = Renderer(clips=(mine, replace(yours, speaker="ana")), seed=7, cache=renderer.cache)
    with pytest.raises(ReferenceSetError, match="another speaker"):
        alone.treat(mine, Treatment(Kind.BABBLE, 10))


@pytest.mark.parametrize("name", EVERY)
def test_a_name_is_read_as_it_was_written(name: str) -> None:
    assert str(Treatment.read(name)) == name


@pytest.mark.parametrize("name", ["pinkish 3", "", "white loud"])
def test_a_name_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Treatment.read(name)
