"""What a listening test plays: clips of equal level under names that tell nothing, and the key.

The page holds clips and trials under these names; what each of them is stands in the key alone,
which stays with the experimenter. Beside the voice there are anchors and checks: a check is tones
instead of speech, and the listener was told to answer with their number (in A/B: to choose the clip
with more of them). Nobody who listens gets one wrong, whatever language he speaks.
"""

from __future__ import annotations

import hashlib
import io
import json
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
import soundfile

from harness.accuracy.conditions.audio import read_audio
from harness.accuracy.conditions.effects import fitted
from harness.accuracy.conditions.level import Floats, active_level
from harness.errors import ListeningError, ReferenceSetError
from harness.records import Clip

LEVEL_DB = -26.0  # active speech level of every clip
TRIALS = 200  # at most: beyond half an hour listeners tire (ITU-T P.800 advises pauses before)
CLIP_SECONDS = 60.0
ROOM = 40_000_000  # bytes of audio in one page
RATE = 24_000  # Hz of the tones of a check
TONE_HZ, TONE_S, GAP_S = 660.0, 0.25, 0.35
MOST_TONES = 5
SCORES = range(1, 6)  # 1 bad ... 5 excellent

Kind = Literal["acr", "ab"]


@dataclass(frozen=True, kw_only=True)
class Voice:
    """A voice that is heard."""

    name: str
    digest: str  # of its files: a result says nothing of a voice with another one


@dataclass(frozen=True, kw_only=True)
class Heard:
    """What a clip is: a line of the key."""

    role: Literal["voice", "other", "anchor", "check"]
    name: str  # of the sentence, or of the anchor
    sha256: str = ""  # of the file that it was made of; "" for tones


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One question: clips to be heard in turn, and the answer to it where it is a check."""

    clips: tuple[str, ...]  # one (ACR) or two (A/B) names of clips
    expected: str = ""  # of a check: the score, or the name of the clip; "" elsewhere


@dataclass(frozen=True, kw_only=True)
class Key:
    """What a page does not say."""

    kind: Kind
    title: str
    voice: Voice
    other: Voice | None  # A/B: what it is compared with
    clips: Mapping[str, Heard]
    trials: Mapping[str, Trial]
    level_db: float = LEVEL_DB
    format: int = 1

    @property
    def test(self) -> str:
        """The name of the test: a digest of the key."""
        text = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass
class _Table:
    """Clips so far, under names drawn by the seed and the voice's digest, which no listener has."""

    rng: random.Random
    heard: dict[str, Heard] = field(default_factory=dict)
    wavs: dict[str, bytes] = field(default_factory=dict)

    def add(self, what: Heard, samples: Floats, rate: int) -> str:
        name = self.name()
        self.heard[name] = what
        self.wavs[name] = _wav(samples, rate)
        if sum(map(len, self.wavs.values())) > ROOM:
            raise ListeningError(
                f"The page: expected at most {ROOM // 10**6} MB of audio, got more at clip "
                f"{what.name!r}. Choose fewer or shorter clips."
            )
        return name

    def name(self) -> str:
        return f"{self.rng.getrandbits(40):010x}"


def acr(
    folder: Path,
    voice: Voice,
    *,
    anchors: Sequence[Path] = (),
    checks: int = 3,
    seed: int = 0,
    title: str = "",
) -> tuple[Key, dict[str, bytes]]:
    """Plan a test in which each clip is given a score; return its key and its clips as WAV files.

    Args:
        folder: WAV files of the voice, a sentence each.
        voice: whose they are.
        anchors: folders of WAV files whose quality is known; their names are the anchors' names.
        checks: trials of tones.
        seed: of the names and the tones.
        title: of the page.

    Raises:
        ListeningError: too few or too many clips, or one that cannot be read.
    """
    table = _Table(random.Random(f"{seed} {voice.digest}"))
    trials: dict[str, Trial] = {}
    for path in sounds(folder):
        trials[table.name()] = Trial(clips=(_take(table, path, "voice", path.stem),))
    for anchor in anchors:
        for path in sounds(anchor):
            trials[table.name()] = Trial(clips=(_take(table, path, "anchor", anchor.name),))
    for number in _spread(checks, table.rng):
        trials[table.name()] = Trial(clips=(_tones(table, number),), expected=str(number))
    return _key("acr", title, voice, None, table, trials), table.wavs


def ab(
    folder: Path,
    other_folder: Path,
    voices: tuple[Voice, Voice],
    *,
    checks: int = 3,
    seed: int = 0,
    title: str = "",
) -> tuple[Key, dict[str, bytes]]:
    """Plan a test in which the better of two clips is chosen, sentence by sentence.

    Both folders hold files of the same names: the sentences. Otherwise as `acr`.

    Raises:
        ListeningError: as `acr`, or the names differ.
    """
    mine, theirs = ({path.stem: path for path in sounds(f)} for f in (folder, other_folder))
    if mine.keys() != theirs.keys():
        alone = sorted(mine.keys() ^ theirs.keys())
        raise ListeningError(
            f"{folder} and {other_folder}: expected the same names, got {', '.join(alone[:3])} in "
            "one of them. Name the files of a sentence alike."
        )
    table = _Table(random.Random(f"{seed} {voices[0].digest}"))
    trials: dict[str, Trial] = {}
    for name in mine:
        clips = (
            _take(table, mine[name], "voice", name),
            _take(table, theirs[name], "other", name),
        )
        trials[table.name()] = Trial(clips=clips)
    for number in _spread(checks, table.rng):
        fewer = _tones(table, number % MOST_TONES or 1)
        more = _tones(table, (number % MOST_TONES or 1) + 2)
        trials[table.name()] = Trial(clips=(fewer, more), expected=more)
    return _key("ab", title, voices[0], voices[1], table, trials), table.wavs


def sounds(folder: Path) -> list[Path]:
    """Return the WAV files of a folder by name.

    Raises:
        ListeningError: there is no folder, or no WAV file in it.
    """
    found = sorted(folder.glob("*.wav")) if folder.is_dir() else []
    if not found:
        raise ListeningError(
            f"{folder}: expected a folder of WAV files, got "
            f"{'none in it' if folder.is_dir() else 'no folder'}. Put one there a sentence."
        )
    return found


def _key(
    kind: Kind,
    title: str,
    voice: Voice,
    other: Voice | None,
    table: _Table,
    trials: Mapping[str, Trial],
) -> Key:
    if len(trials) > TRIALS:
        raise ListeningError(
            f"The test: expected at most {TRIALS} trials, got {len(trials)}. Choose fewer clips."
        )
    mixed = list(trials.items())
    table.rng.shuffle(mixed)  # the order in the page tells nothing either
    return Key(
        kind=kind,
        title=title or "Listening test",
        voice=voice,
        other=other,
        clips=table.heard,
        trials=dict(mixed),
    )


def _take(table: _Table, path: Path, role: Literal["voice", "other", "anchor"], name: str) -> str:
    clip = Clip(
        id=path.stem,
        audio=str(path),
        text="",
        language="",
        speaker="",
        condition="",
        seconds=0.0,
        sha256="",
    )
    try:
        audio, digest = read_audio(clip)
    except ReferenceSetError as error:
        raise ListeningError(str(error)) from None
    seconds = len(audio.samples) / audio.rate
    if seconds > CLIP_SECONDS:
        raise ListeningError(
            f"{path}: expected at most {CLIP_SECONDS:g} seconds, got {seconds:.1f}. Cut it."
        )
    gain = 10 ** ((LEVEL_DB - active_level(audio.samples, audio.rate)) / 20)
    leveled = fitted(audio.samples * gain)
    return table.add(Heard(role=role, name=name, sha256=digest), leveled, audio.rate)


def _spread(count: int, rng: random.Random) -> Iterable[int]:
    """Return how many tones each check has: all numbers in turn, from a place drawn by the seed."""
    first = rng.randrange(MOST_TONES)
    return [(first + 2 * number) % MOST_TONES + 1 for number in range(count)]


def _tones(table: _Table, number: int) -> str:
    time = np.arange(round(TONE_S * RATE)) / RATE
    tone = np.sin(2 * np.pi * TONE_HZ * time) * np.hanning(len(time))
    one = np.concatenate([tone, np.zeros(round(GAP_S * RATE))])
    lead = np.zeros(round(GAP_S * RATE))
    samples = np.concatenate([lead, np.tile(one, number)]) * 10 ** (LEVEL_DB / 20) * 2
    return table.add(Heard(role="check", name=f"{number} tones"), samples, RATE)


def _wav(samples: Floats, rate: int) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, format="WAV", subtype="PCM_16")
    return file.getvalue()
