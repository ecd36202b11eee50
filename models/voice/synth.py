"""What the voice learns from: one voice of espeak-ng, with the length and pitch of each sound.

espeak-ng is given the sounds of the project's own rules, as its names of phonemes in [[ ]], so
that its events and our tokens agree one to one. What it adds by itself (a glide between i and a
vowel) belongs to the token before.
"""

from __future__ import annotations

from dataclasses import dataclass

import librosa
import numpy as np
from numpy.typing import NDArray
from scipy.signal import medfilt

from agents.features import HOP, SAMPLE_RATE, log_mel
from agents.voice.emotion import Emotion
from agents.voice.letter_to_sound import VOWELS, sounds
from agents.voice.tokens import PAUSE, SYMBOLS, sound_of, tokens
from models.reference.synth import Espeak, Speech, Voice

LANGUAGE, VARIANT = "es", ""  # chosen by measurement: see README.md
NORMAL_RATE = 165  # words per minute
LEAD, TAIL = 5, 10  # frames of silence put before and after
LOWEST, HIGHEST = 50.0, 500.0  # Hz, where a pitch is looked for
_PITCH_WINDOW = 768  # samples: two periods of LOWEST and a little
OCTAVE = 0.65  # a pitch farther from the median is a mistake of the tracker
_VOICED = {*VOWELS, "B", "D", "Q", "l", "l^", "m", "n", "n^", "N", "r", "J^", "j", "w"}
_ADDED = ";"
_STOPS = ("_", "_:")


class MisalignedError(ValueError):
    """espeak-ng said other sounds than those it was given."""


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """One utterance to learn from; T frames, n tokens."""

    tokens: list[int]  # n
    durations: list[int]  # n, in frames; their sum is T
    log_mel: NDArray[np.float32]  # [80, T]
    pitch: NDArray[np.float32]  # [T], natural log of Hz, carried over what has none
    samples: NDArray[np.float32]


class Teacher:
    """The synthesiser of this process."""

    def __init__(self) -> None:
        self._espeak = Espeak(ipa=False)

    def say(self, clauses: list[list[str]], end: str, emotion: Emotion) -> Spoken:
        """Speak one sentence.

        Raises:
            MisalignedError: the events do not fit the tokens; leave the sentence out.
        """
        symbols = tokens(clauses, end)
        voice, volume = setting(emotion)
        speech = self._espeak.say(mnemonics(clauses, end), voice, volume=volume, mnemonics=True)
        lead = np.zeros(LEAD * HOP, np.float32)
        tail = np.zeros(TAIL * HOP, np.float32)
        samples = np.concatenate([lead, speech.samples, tail])
        frames = len(samples) // HOP
        samples = samples[: frames * HOP]
        durations = _durations(speech, symbols, frames)
        return Spoken(
            tokens=[SYMBOLS.index(symbol) for symbol in symbols],
            durations=durations,
            log_mel=log_mel(samples, frames),
            pitch=_pitch(samples, symbols, durations),
            samples=samples,
        )


def setting(emotion: Emotion) -> tuple[Voice, int]:
    """Return espeak-ng's parameters, and its volume, for the controls of the voice."""
    rate, pitch, pitch_range, energy = emotion.meaning()
    voice = Voice(
        language=LANGUAGE,
        variant=VARIANT,
        rate=round(NORMAL_RATE * rate),
        pitch=round(pitch),
        range=round(pitch_range),
    )
    return voice, round(100 * energy)


def mnemonics(clauses: list[list[str]], end: str) -> str:
    """Return a sentence as espeak-ng reads sounds; | keeps t and s apart, which it has as one."""

    def word(found: list[str]) -> str:
        return "|".join(found)

    spoken = (" ".join(word(w) for w in sounds(clause)) for clause in clauses)
    return ", ".join(f"[[{part}]]" for part in spoken) + end


def _durations(speech: Speech, symbols: list[str], frames: int) -> list[int]:
    """Return the frames of each token; a token ends where the next begins."""
    starts = [0.0]
    said = [(time, name) for time, name in speech.phonemes if name != _ADDED]
    at = 0
    for symbol in symbols[1:]:
        stop = symbol == PAUSE or symbol in symbols[-1:]
        if at >= len(said) or (said[at][1] in _STOPS) != stop:
            raise MisalignedError(f"{symbols}: {[name for _, name in said]}")
        starts.append(said[at][0])
        at += 1
        while stop and at < len(said) and said[at][1] in _STOPS:
            at += 1
    if at != len(said):
        raise MisalignedError(f"{symbols}: {[name for _, name in said]}")
    edges = [0, *(LEAD + round(time * SAMPLE_RATE / HOP) for time in starts[1:]), frames]
    lengths = np.diff(edges)
    if lengths.min() < 0:
        raise MisalignedError(f"{symbols}: times go back, {starts}")
    return [int(length) for length in lengths]


def _pitch(
    samples: NDArray[np.float32], symbols: list[str], durations: list[int]
) -> NDArray[np.float32]:
    """Return the log pitch of each frame, by YIN on voiced sounds, carried over the others."""
    frames = sum(durations)
    found = np.log(
        librosa.yin(
            samples,
            fmin=LOWEST,
            fmax=HIGHEST,
            sr=SAMPLE_RATE,
            frame_length=_PITCH_WINDOW,
            hop_length=HOP,
        )[:frames]
    )
    voiced = np.repeat([sound_of(symbol) in _VOICED for symbol in symbols], durations)
    found = medfilt(found, 5)
    voiced &= np.abs(found - np.median(found[voiced])) < OCTAVE
    at = np.flatnonzero(voiced)
    return np.interp(np.arange(frames), at, found[at]).astype(np.float32)
