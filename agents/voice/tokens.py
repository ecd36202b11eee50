"""The symbols that the acoustic model reads, and how a sentence is written in them.

    <start> sounds [, sounds]... end-mark       `Sí, claro.`  ->  <start> #s 'i , #k l 'a r o .

A mark is a pause and tells how the melody before it goes; <start> is the silence in front; # opens
a word, for the lengths of sounds tell a listener where words begin.
"""

from __future__ import annotations

from collections.abc import Sequence

from agents.voice.letter_to_sound import CONSONANTS, STRESS, VOWELS, sounds

START = "<start>"
PAUSE = ","
ENDS = (".", "?", "!")
OPENING = "#"
_SOUNDS = (*VOWELS, *(STRESS + vowel for vowel in VOWELS), *CONSONANTS)
SYMBOLS = (START, PAUSE, *ENDS, *_SOUNDS, *(OPENING + sound for sound in _SOUNDS))


def tokens(clauses: Sequence[Sequence[str]], end: str) -> list[str]:
    """Return the symbols of one sentence.

    Args:
        clauses: the words between pauses, each spelled as `letter_to_sound.sounds` expects.
        end: one of ENDS.
    """
    written = [START]
    for clause in clauses:
        for first, *rest in filter(None, sounds(clause)):
            written += [OPENING + first, *rest]
        written.append(PAUSE)
    return [*written[:-1], end]


def sound_of(symbol: str) -> str:
    """Return the sound of a symbol without its marks: `#'a` is `a`."""
    return symbol.removeprefix(OPENING).removeprefix(STRESS)
