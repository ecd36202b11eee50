"""The words that the recogniser can write from memory, each with its share of everyday Spanish.

Three sources: the frequent words of wordfreq (Speer 2022, CC BY-SA 4.0) that are spelled as Spanish
is read; imperatives with enclitic pronouns, which commands are full of and word lists are not
("resúmeme", "ajústalo"), formed by rule; and every word of the training text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from wordfreq import top_n_list, word_frequency

from models.reference.spelling import (
    ACCENTED,
    PLAIN,
    TOLD_APART,
    UNACCENTED,
    is_well_accented,
    sound,
)
from models.reference.text import spoken

FREQUENT = 120_000  # words from the list, after filtering
RARE_VERBS = 60_000  # rank in the list below which an infinitive is not trusted to be one
RAREST = 1e-9  # share of a word that the list does not have
ENCLITIC_SHARE = 0.002  # share of one enclitic form in its verb's infinitive
USED = 1e-6  # share from which a word is trusted to be one although it looks like a mistake
HOMOPHONE = 50  # a spelling this many times rarer than another one read the same is a mistake
ACCENT = 3  # and this many times rarer than the same word with an accent ...
ACCENT_IA, ACCENT_VERB = 6, 8  # ... for "seria", "sabia"; for "practico", "llego"

_LISTED = 400_000  # more than wordfreq has
_FOREIGN = re.compile(r"[kw]|([bdfghjkmpqstvxz])\1|[bcfghjkmpqtvñ]$|^[^aeiouáéíóúy]{3}")
_FOREIGN_BUT_USED = 3.5e-6  # share above which a foreign spelling is kept (web, kilo, reloj)
_FORMS = re.compile("(?:o|e|a|as|an|es|en|[aei]mos|ar|er|ir|[ai]e?ra[sn]?|[ai]ste)$")
_PRONOUNS = ("me", "te", "nos", "lo", "la", "los", "las", "le", "les")
_PAIRS = ("melo", "mela", "selo", "sela")
_SHORT = {"decir": "di", "hacer": "haz", "poner": "pon", "salir": "sal", "tener": "ten"}
_NUCLEUS = re.compile(r"(?<=[gq])u?[ei]|[iu]*[aeo][iu]?|[iu]+")


def vocabulary(text: Iterable[str]) -> dict[str, float]:
    """Return word -> share, summing to 1, for the lexicon and every word of `text`."""
    listed = {w: word_frequency(w, "es") for w in top_n_list("es", _LISTED) if spoken(w) == w}
    words = dict(_well_spelt(listed))
    for form, share in _enclitics(listed):
        words.setdefault(form, max(share, listed.get(form, 0.0)))
        plain = form.translate(PLAIN)  # "muestrame" is a mistake, "tomate" is not
        if plain != form and words.get(plain, 1.0) < USED:
            del words[plain]
    for word in sorted({word for sentence in text for word in sentence.split()}):
        words.setdefault(word, max(RAREST, listed.get(word, 0.0)))
    total = sum(words.values())
    return {word: share / total for word, share in sorted(words.items())}


def _well_spelt(listed: dict[str, float]) -> Iterator[tuple[str, float]]:
    """Yield the FREQUENT most frequent words that are not foreign, letters or misspelt."""
    rivals: dict[str, float] = {}
    for word, share in listed.items():  # from the most frequent down
        if is_well_accented(word):
            for reading in _readings(word):
                rivals.setdefault(reading, share)
    kept = 0
    for word, share in listed.items():
        if _is_word(word, share) and not _is_misspelt(word, listed, rivals):
            yield word, share
            kept += 1
        if kept == FREQUENT:
            return


def _readings(word: str) -> Iterator[str]:
    """Yield what a careless writer makes of `word`: no accents, no tildes, any letter of its sound."""
    if (bare := word.translate(UNACCENTED)) != word:
        yield f"accent {bare}"
    if (bare := word.translate(PLAIN)) != word.translate(UNACCENTED):
        yield f"tilde {bare}"
    yield f"sound {sound(word)}"


def _is_word(word: str, share: float) -> bool:
    if len(word) == 1:
        return word in "aeouy"
    if word.endswith("cion") or not re.search("[aeiouáéíóú]", word):
        return False
    return not _FOREIGN.search(word) or (share > _FOREIGN_BUT_USED and len(word) > 2)


def _is_misspelt(word: str, listed: dict[str, float], rivals: dict[str, float]) -> bool:
    """Say whether its accents break the rules, or it is too rare beside a word it is mistaken for."""
    if word in TOLD_APART or not is_well_accented(word):
        return word not in TOLD_APART
    accent = ACCENT_VERB if _is_verb(word, listed) else ACCENT
    if re.search("ia[sn]?$", word):
        accent = max(accent, ACCENT_IA)
    limits = {
        f"accent {word}": accent,
        f"tilde {word}": HOMOPHONE,
        f"sound {sound(word)}": HOMOPHONE,
    }
    return any(rivals.get(key, 0.0) > limit * listed[word] for key, limit in limits.items())


def _is_verb(word: str, listed: dict[str, float]) -> bool:
    """Say whether `word` is a form without accent of a listed verb: "publico" of "publicar"."""
    for found in _FORMS.finditer(word):
        stem = word[: found.start()]
        regular = [(f"{stem}ar", f"{stem}ando"), (f"{stem}er", f"{stem}iendo")]
        pairs = [*regular, (f"{stem}ir", f"{stem}iendo")]
        if len(stem) > 1 and any(a in listed and b in listed for a, b in pairs):
            return True
    return False


def _enclitics(listed: dict[str, float]) -> Iterator[tuple[str, float]]:
    """Yield imperatives with one or two pronouns ("dime", "póntelo"), for the verbs of the list."""
    for infinitive in list(listed)[:RARE_VERBS]:
        stem, ending = infinitive[:-2], infinitive[-2:]
        gerund = stem + ("ando" if ending == "ar" else "iendo")
        if len(stem) < 2 or ending not in ("ar", "er", "ir") or gerund not in listed:
            continue
        candidates = _imperatives(stem, ending)
        best = max(candidates, key=lambda form: listed.get(form, 0.0))
        imperative = _SHORT.get(infinitive, best)
        for pronouns in (*_PRONOUNS, *_PAIRS):
            form = _stressed(imperative, shortest=1 if pronouns in _PAIRS else 2) + pronouns
            yield form, ENCLITIC_SHARE * listed[infinitive]


def _imperatives(stem: str, ending: str) -> Iterator[str]:
    """Yield the regular imperative ("resume") and those with another stem ("cuenta", "envía")."""
    vowel = "a" if ending == "ar" else "e"
    yield stem + vowel
    if stem.endswith("u") and ending == "ir":
        yield stem + "ye"
    changes = [("e", "ie"), ("o", "ue"), ("e", "i"), ("u", "ue"), ("i", "í"), ("u", "ú")]
    for old, new in changes:
        head, found, tail = stem.rpartition(old)
        if found and not re.search("[aeio]|(?<![gq])u", tail):
            yield head + new + tail + vowel


def _stressed(form: str, shortest: int) -> str:
    """Return `form` with its stress written, from `shortest` syllables on."""
    nuclei = list(_NUCLEUS.finditer(form))
    if len(nuclei) < shortest or re.search("[áéíóú]", form):
        return form
    start, stop = nuclei[max(0, len(nuclei) - 2)].span()
    nucleus = form[start:stop]
    strong = re.search("[aeo]", nucleus)
    at = start + (strong.start() if strong else len(nucleus) - 1)
    return form[:at] + form[at].translate(ACCENTED) + form[at + 1 :]
