"""A clip under a treatment: the same bytes for the same clip, treatment and seed.

Noise and rooms are drawn by a seed made of the suite's, the clip's audio and the kind of treatment:
each clip has its own, and it is the same at every level, so that only the severity differs.
"""

from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import scipy
import soundfile
import soxr

from harness.accuracy.conditions import effects
from harness.accuracy.conditions.audio import Audio, read_audio, to_wav
from harness.accuracy.conditions.cache import Cache
from harness.accuracy.conditions.level import Floats, active_level
from harness.accuracy.conditions.treatment import NOISES, Kind, Treatment
from harness.errors import ReferenceSetError
from harness.records import Clip

VERSION = 1  # of what the treatments do. Raise it with any change of a sample
TALKERS = 6  # voices in a babble, where the set has so many others
KEPT = 32  # clips held in memory: those that babble is mixed from are used again

_MADE_BY = (np.__version__, scipy.__version__, soxr.__version__, soundfile.__version__)


@dataclass(kw_only=True)
class Renderer:
    """Treats the clips of one set."""

    clips: Sequence[Clip]  # the whole set, which babble is mixed from
    seed: int
    cache: Cache
    _read: dict[str, tuple[Audio, str]] = field(default_factory=dict, init=False)

    def treat(self, clip: Clip, treatment: Treatment) -> Clip:
        """Return the clip with the treated audio in place of its own.

        Raises:
            ReferenceSetError: it cannot be read or treated, or babble has no other speaker.
            StoreError: the cache cannot be written to.
        """
        audio, digest = self._audio(clip)
        talkers = self.talkers(clip) if treatment.kind is Kind.BABBLE else ()
        others = [self._audio(talker)[1] for talker in talkers]
        told = [VERSION, *_MADE_BY, self.seed, treatment, digest, *others]
        key = hashlib.sha256("\n".join(map(str, told)).encode()).hexdigest()
        rng = np.random.default_rng(_number(self.seed, digest, treatment.kind))

        def make() -> bytes:
            return to_wav(Audio(self._treated(audio, treatment, talkers, rng), audio.rate))

        path = self.cache.keep(key, make)
        data = path.read_bytes()
        seconds = soundfile.info(io.BytesIO(data)).frames / audio.rate
        sha256 = hashlib.sha256(data).hexdigest()
        return replace(clip, audio=str(path), seconds=seconds, sha256=sha256)

    def talkers(self, clip: Clip) -> tuple[Clip, ...]:
        """Draw who babbles behind a clip: others than its speaker, each once as far as they go.

        Raises:
            ReferenceSetError: the set names no other speaker.
        """
        others = [c for c in self.clips if c.speaker and clip.speaker and c.speaker != clip.speaker]
        if not others:
            raise ReferenceSetError(
                f"{clip.audio}: clip {clip.id!r}: babble needs clips of another speaker, and the "
                f"set names none beside {clip.speaker!r}. Leave babble out, or name the speakers."
            )
        random.Random(_number(self.seed, clip.sha256, Kind.BABBLE)).shuffle(others)
        voices: dict[str, Clip] = {}
        for other in others:
            voices.setdefault(other.speaker, other)
        return tuple(voices.values())[:TALKERS]

    def _treated(
        self,
        audio: Audio,
        treatment: Treatment,
        talkers: Sequence[Clip],
        rng: np.random.Generator,
    ) -> Floats:
        samples, rate = audio
        kind, level = treatment
        if kind in NOISES:
            noise = self._noise(kind, audio, talkers, rng)
            loudness = active_level(samples, rate)
            return effects.fitted(effects.with_noise(samples, noise, level, loudness))
        match kind:
            case Kind.TELEPHONE | Kind.MULAW:
                mulaw = kind is Kind.MULAW
                return effects.fitted(effects.telephone(samples, rate, mulaw=mulaw))
            case Kind.GAIN:
                return effects.gained(samples, level)  # above full scale where the clip is loud
            case Kind.CLIPPING:
                return effects.clipped(samples, level)
            case Kind.REVERB:
                response = effects.room(level, rate, rng)
                return effects.fitted(effects.reverberated(samples, response))
            case _:
                return effects.fitted(effects.sped(samples, rate, level))

    def _noise(
        self, kind: Kind, audio: Audio, talkers: Sequence[Clip], rng: np.random.Generator
    ) -> Floats:
        length, rate = len(audio.samples), audio.rate
        if kind is Kind.WHITE:
            return effects.white(length, rng)
        if kind is Kind.PINK:
            return effects.pink(length, rate, rng)
        return self._babble(length, rate, talkers, rng)

    def _babble(
        self, length: int, rate: int, talkers: Sequence[Clip], rng: np.random.Generator
    ) -> Floats:
        """Mix the talkers at one active level, each from a place of its own, round and round."""
        mixed = np.zeros(length)
        for talker in talkers:
            voice = self._audio(talker)[0]
            samples = voice.samples
            if voice.rate != rate:
                samples = soxr.resample(samples, voice.rate, rate, quality="VHQ")
            begin = int(rng.integers(len(samples)))
            places = (begin + np.arange(length)) % len(samples)
            mixed += samples[places] * 10 ** (-active_level(samples, rate) / 20)
        return mixed

    def _audio(self, clip: Clip) -> tuple[Audio, str]:
        if clip.audio not in self._read:
            while len(self._read) >= KEPT:
                del self._read[next(iter(self._read))]
            self._read[clip.audio] = read_audio(clip)
        return self._read[clip.audio]


def _number(*told: object) -> int:
    digest = hashlib.sha256("\n".join(map(str, told)).encode()).digest()
    return int.from_bytes(digest[:8], "big")
