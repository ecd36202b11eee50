"""The words that the recogniser can write from memory, each with its share of everyday Spanish.

Three sources: the frequent words of wordfreq (Speer 2022, CC BY-SA 4.0) that are spelled as Spanish
is read; imperatives with enclitic pronouns, which commands are full of and word lists are not
("resúmeme", "ajústalo"), formed by rule; and every word of the training text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from wordfreq import top_n_list, word_frequency

from models.reference.text import spoken

FREQUENT = 120_000  # words from the list, after filtering
RARE_VERBS = 60_000  # rank in the list below which an infinitive is not trusted to be one
RAREST = 1e-9  # share of a word that the list does not have
ENCLITIC_SHARE = 0.002  # share of one enclitic form in its verb's infinitive
MISSPELT = 12  # an unaccented spelling this many times rarer than the accented one is a mistake

_LISTED = 400_000  # more than wordfreq has
_FOREIGN = re.compile(r"[kw]|([bdfghjkmpqstvxz])\1|[bcfghjkmpqtvñ]$|^[^aeiouáéíóúy]{3}")
_FOREIGN_BUT_USED = 3.5e-6  # share above which a foreign spelling is kept (web, kilo, reloj)
_PLAIN = str.maketrans("áéíóúüñ", "aeiouun")
_STRESS = str.maketrans("aeiou", "áéíóú")
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
    for word in sorted({word for sentence in text for word in sentence.split()}):
        words.setdefault(word, max(RAREST, listed.get(word, 0.0)))
    total = sum(words.values())
    return {word: share / total for word, share in sorted(words.items())}


def _well_spelt(listed: dict[str, float]) -> Iterator[tuple[str, float]]:
    """Yield the FREQUENT most frequent words that are not foreign, letters or misspelt."""
    accented: dict[str, float] = {}
    for word, share in listed.items():
        if (plain := word.translate(_PLAIN)) != word:
            accented[plain] = max(share, accented.get(plain, 0.0))
    kept = 0
    for word, share in listed.items():
        if kept < FREQUENT and _is_word(word, share) and not _is_misspelt(word, listed, accented):
            kept += 1
            yield word, share


def _is_word(word: str, share: float) -> bool:
    if len(word) == 1:
        return word in "aeouy"
    foreign = _FOREIGN.search(word) is not None
    return not foreign or (
        share > _FOREIGN_BUT_USED and len(word) > 2 and not word.endswith("cion")
    )


def _is_misspelt(word: str, listed: dict[str, float], accented: dict[str, float]) -> bool:
    """Say whether `word` lacks an accent; 'publico' beside 'público' is a verb form and stays."""
    is_verb = word.endswith("o") and any(
        word[:-1] + ending in listed for ending in ("ar", "er", "ir")
    )
    return accented.get(word, 0.0) > MISSPELT * listed[word] and not is_verb


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
    return form[:at] + form[at].translate(_STRESS) + form[at + 1 :]
