"""Spanish letters to sounds, by rule: Castilian, with a z apart from s and an ll apart from y.

The sounds are written as espeak-ng writes them, for its speech is what the voice learnt from:

    T zapato, cielo      x jamón, gente      J^ yo          l^ llave     n^ ñu      tS chico
    r cara               R2 perro, rosa      N tango        j, w bien, agua
    B D Q                b, d, g between vowels: cabo, cada, hago
    aI eI oI aU eU       falling diphthongs: aire, rey, hoy, causa, deuda

A stressed vowel carries an apostrophe: casa is k 'a s a. Stress and hiatus follow the orthography
of the Real Academia (2010, chapter II), which marks every exception to its rules.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

STRESS = "'"
VOWELS = ("a", "e", "i", "o", "u", "aI", "eI", "oI", "aU", "eU")
CONSONANTS = (
    *("p", "t", "k", "b", "d", "g", "B", "D", "Q", "f", "T", "s", "x", "S", "tS"),
    *("l", "l^", "m", "n", "n^", "N", "r", "R2", "J^", "j", "w"),
)

# Words that carry no stress in running speech.
_UNSTRESSED = frozenset(
    re.findall(
        r"\w+",
        "el la los las lo al del de a ante bajo con contra desde en entre hacia hasta para por sin "
        "sobre tras y e o u ni que si pero sino aunque porque pues como cuando donde mientras me "
        "te se nos os le les mi mis tu tus su sus nuestro nuestra nuestros nuestras un una",
    )
)
_STRONG, _MARKED, _WEAK = "aeo", "áéíóú", "iuü"
_ALL_VOWELS = _STRONG + _MARKED + _WEAK
_PLAIN = str.maketrans("áéíóúü", "aeiouu")
_FALLING = {"ai": "aI", "ei": "eI", "oi": "oI", "au": "aU", "eu": "eU"}
_SOFTENED = {"b": "B", "d": "D", "g": "Q"}
_NASALS = ("m", "n", "n^", "N")
_X_AS_J = re.compile("^(?:m[eé]xic|texas|texan|oaxac)")
_SIMPLE = {
    **{letter: (letter,) for letter in "pdtkfslmnbw"},
    "v": ("b",),
    "j": ("x",),
    "ñ": ("n^",),
    "z": ("T",),
    "ç": ("s",),
    "q": ("k",),
}
_PAIRS = {"ch": "tS", "ll": "l^", "rr": "R2", "sh": "S", "ph": "f", "th": "t"}


def sounds(words: Sequence[str]) -> list[list[str]]:
    """Return the sounds of each word of a phrase spoken without a pause.

    Args:
        words: lower case, of the letters a-z, áéíóú, ü, ñ and ç only, each with one at least.
    """
    spoken = [_word(word) for word in words]
    _assimilate(spoken)
    return spoken


def _word(word: str) -> list[str]:
    """Return the sounds of one word as it is spoken alone."""
    if not re.search(f"[{_ALL_VOWELS}y]", word):  # an abbreviation that nobody spelled: pst
        word = f"e{word}" if word.startswith("s") else word
    letters = re.sub(r"([^aeiounlrc])\1", r"\1", re.sub("zz", "ts", word))
    letters = _y_as_vowel(letters)
    nuclei = _nuclei(letters)
    stressed = None if word in _UNSTRESSED else _stressed(letters, nuclei)
    spoken: list[str] = []
    at = 0
    while at < len(letters):
        nucleus = next((n for n in nuclei if n[0] == at), None)
        if nucleus:
            spoken += _vowels(letters[at : nucleus[1]], stressed == nucleus)
            at = nucleus[1]
        else:
            found, used = _consonant(letters, at)
            spoken += found
            at += used
    return spoken


def _y_as_vowel(word: str) -> str:
    """Write the y that is a vowel as i: muy, y, Ayrton; others stay y."""
    return re.sub(rf"y(?![{_ALL_VOWELS}])", "i", word)


def _nuclei(word: str) -> list[tuple[int, int]]:
    """Return (start, end) of the vowels of each syllable; a silent h or u is passed over."""
    nuclei: list[tuple[int, int]] = []
    at = 0
    while at < len(word):
        if not _is_vowel(word, at):
            at += 1
            continue
        end = at + 1
        while end < len(word) and (following := _joined(word, at, end)):
            end = following
        nuclei.append((at, end))
        at = end
    return nuclei


def _is_vowel(word: str, at: int) -> bool:
    if word[at] not in _ALL_VOWELS:
        return False
    silent = word[at] == "u" and at > 0 and word[at + 1 : at + 2] and word[at + 1] in "eiéí"
    return not (silent and word[at - 1] in "gq")


def _joined(word: str, start: int, end: int) -> int | None:
    """Return where the syllable that holds word[start:end] ends if its next vowel belongs to it."""
    at = end + 1 if word[end] == "h" and end + 1 < len(word) else end
    if at >= len(word) or word[at] not in _ALL_VOWELS:
        return None
    before, here = word[end - 1], word[at]
    weak = before in _WEAK or here in _WEAK
    if (
        not weak
        or before == here
        or ((before in "íú" or here in "íú") and not _both_weak(word, end))
    ):
        return None
    nucleus = [letter for letter in word[start:end] if letter in _STRONG + _MARKED]
    if nucleus and here in _STRONG + _MARKED:
        return None
    if here in _WEAK and at + 1 < len(word) and word[at + 1] in _STRONG + _MARKED and nucleus:
        return None  # the weak vowel opens the next syllable: "caía" is marked, "hawaiano" is not
    return at + 1


def _both_weak(word: str, end: int) -> bool:
    return word[end - 1] in "iuü" and word[end] in "íú"


def _stressed(word: str, nuclei: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """Return the nucleus that carries the stress."""
    if not nuclei:
        return None
    for nucleus in nuclei:
        if any(letter in _MARKED for letter in word[slice(*nucleus)]):
            return nucleus
    falls_back = word[-1] in "aeiouns" and not re.search(rf"[{_STRONG}]i$", word)
    return nuclei[-2] if falls_back and len(nuclei) > 1 else nuclei[-1]


def _vowels(letters: str, stressed: bool) -> list[str]:
    """Return the sounds of the vowels of one syllable: glides, then the vowel or diphthong."""
    marked = [at for at, letter in enumerate(letters) if letter in _MARKED]
    plain = letters.translate(_PLAIN).replace("h", "")
    strong = [at for at, letter in enumerate(plain) if letter in _STRONG]
    centre = strong[0] if strong else len(plain) - 1
    if marked and not strong:
        centre = len(letters[: marked[0]].replace("h", ""))
    glides = ["j" if letter == "i" else "w" for letter in plain[:centre]]
    rest = plain[centre:]
    mark = STRESS if stressed else ""
    if rest in _FALLING:
        return [*glides, mark + _FALLING[rest]]
    after = ["j" if letter == "i" else "w" for letter in rest[1:]]
    return [*glides, mark + rest[0], *after]


def _consonant(word: str, at: int) -> tuple[list[str], int]:
    """Return the sounds of the consonant at `at` and how many letters it takes."""
    letter, after = word[at], word[at + 1 : at + 2]
    pair = word[at : at + 2]
    soft = bool(after) and after in "eiéí"
    if pair == "ll" and at + 2 == len(word):
        return ["l"], 2
    if pair in _PAIRS:
        return [_PAIRS[pair]], 2
    match letter:
        case "h":
            return [], 1
        case "c":
            return ["T" if soft else "k"], 1
        case "g" | "q" if after == "u" and word[at + 2 : at + 3] in tuple("eiéí"):
            return ["g" if letter == "g" else "k"], 2
        case "g":
            return ["x" if soft else "g"], 1
        case "x":
            if _X_AS_J.match(word):
                return ["x"], 1
            return (["s"] if at == 0 else ["k", "s"]), 1
        case "r":
            return ["R2" if at == 0 or word[at - 1] in "lns" else "r"], 1
        case "y":
            return ["J^"], 1
        case "u":  # after g or q before e, i: silent, and taken with it
            return [], 1
        case _:
            return list(_SIMPLE[letter]), 1


def _assimilate(spoken: Sequence[list[str]]) -> None:
    """Fit n, b, d and g to their neighbours, across words too."""
    places = [(word, at) for word in spoken for at in range(len(word))]
    flat = [word[at] for word, at in places]
    for index, (word, at) in enumerate(places):
        sound = flat[index]
        before = flat[index - 1] if index else ""
        after = flat[index + 1] if index + 1 < len(flat) else ""
        if sound == "n" and after in ("b", "p", "f", "m"):
            word[at] = flat[index] = "m"
        elif sound == "n" and after in ("g", "k", "x"):
            word[at] = flat[index] = "N"
        elif sound in _SOFTENED and before and before not in _NASALS:
            vowel = after.lstrip(STRESS) in (*VOWELS, "j", "w", "r", "l")
            if vowel and not (sound == "d" and before == "l"):
                word[at] = _SOFTENED[sound]
