"""The symbols that the acoustic model reads, and how a sentence is written in them.

    <start> sounds [, sounds]... end-mark       `Sí, claro.`  ->  <start> s 'i , k l 'a r o .

A mark is a pause and tells how the melody before it goes; <start> is the silence in front.
"""

from __future__ import annotations

from collections.abc import Sequence

from agents.voice.letter_to_sound import CONSONANTS, STRESS, VOWELS, sounds

START = "<start>"
PAUSE = ","
ENDS = (".", "?", "!")
SYMBOLS = (START, PAUSE, *ENDS, *VOWELS, *(STRESS + vowel for vowel in VOWELS), *CONSONANTS)


def tokens(clauses: Sequence[Sequence[str]], end: str) -> list[str]:
    """Return the symbols of one sentence.

    Args:
        clauses: the words between pauses, each spelled as `letter_to_sound.sounds` expects.
        end: one of ENDS.
    """
    written = [START]
    for clause in clauses:
        written += [sound for word in sounds(clause) for sound in word]
        written.append(PAUSE)
    return [*written[:-1], end]
