"""The words that the recogniser can write from memory, each with its share of everyday Spanish.

Three sources: the frequent words of wordfreq (Speer 2022, CC BY-SA 4.0), but for those that are
foreign or misspelt, as one in eight is; verb forms made by rule; every word of the training text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from wordfreq import top_n_list, word_frequency

from models.reference.spelling import (
    TOLD_APART,
    UNACCENTED,
    is_well_accented,
    sound,
)
from models.reference.text import spoken
from models.reference.verbs import conjugated, imperative, infinitives, with_pronouns

FREQUENT = 150_000  # words from the list, after filtering
RARE_VERBS = 60_000  # rank in the list below which an infinitive is not trusted to be one
RAREST = 1e-9  # share of a word that the list does not have
ENCLITIC_SHARE = 0.002  # share of one enclitic form in its verb's infinitive
USED = 1e-6  # share from which a word is trusted to be one although it looks like a mistake
BORROWED = 40  # a word this many times more frequent in a neighbouring language belongs there
# A spelling so many times rarer than another one is a mistake for it (the second: for rare words):
HOMOPHONE = (50, 5)  # ... than one that is read the same
ACCENT = (3, 1)  # ... than one that has an accent besides
ACCENT_IA, ACCENT_VERB = (6, 6), (8, 8)  # ... if it ends as "seria", or is a verb form: "llego"
RARE = 3e-7  # share of a rare word

_LISTED = 400_000  # more than wordfreq has
_FOREIGN = re.compile(r"[kw]|([bdfghjkmpqstvxz])\1|[bcfghjkmpqtvñ]$|^[^aeiouáéíóúy]{3}")
_NEIGHBOURS = ("en", "pt", "fr", "it", "ca")
_FOREIGN_BUT_USED = 3.5e-6  # share above which a foreign spelling is kept (web, kilo, reloj)
_FORMS = re.compile("(?:o|e|a|as|an|es|en|[aei]mos|ar|er|ir|[ai]e?ra[sn]?|[ai]ste)$")


def vocabulary(text: Iterable[str]) -> dict[str, float]:
    """Return word -> share, summing to 1, for the lexicon and every word of `text`."""
    listed = {w: word_frequency(w, "es") for w in top_n_list("es", _LISTED) if spoken(w) == w}
    words = dict(_well_spelt(listed))
    for infinitive in infinitives(listed, RARE_VERBS):
        for form in conjugated(infinitive):
            words.setdefault(form, max(RAREST, listed.get(form, 0.0)))
        for form in with_pronouns(imperative(infinitive, listed)):
            share = ENCLITIC_SHARE * listed[infinitive]
            words.setdefault(form, max(share, listed.get(form, 0.0)))
            plain = form.translate(UNACCENTED)  # "muestrame" is a mistake, "tomate" is not
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
    """Yield what a careless writer makes of `word`: no accents, no tildes, other letters."""
    if (bare := word.translate(UNACCENTED)) != word:
        yield f"accent {bare}"
    if (bare := word.replace("ñ", "n")) != word:
        yield f"tilde {bare}"
    yield f"sound {sound(word)}"


def _is_word(word: str, share: float) -> bool:
    if len(word) == 1:
        return word in "aeouy"
    if word.endswith("cion") or not re.search("[aeiouáéíóú]", word):
        return False
    if share < max(word_frequency(word, language) for language in _NEIGHBOURS) / BORROWED:
        return False
    return not _FOREIGN.search(word) or (share > _FOREIGN_BUT_USED and len(word) > 2)


def _is_misspelt(word: str, listed: dict[str, float], rivals: dict[str, float]) -> bool:
    """Say whether accents break the rules, or a word written like this by mistake is common."""
    if word in TOLD_APART or not is_well_accented(word):
        return word not in TOLD_APART
    share, accent = listed[word], ACCENT
    if _is_verb(word, listed):
        accent = ACCENT_VERB
    elif re.search("ia[sn]?$", word):
        accent = ACCENT_IA
    limits = {
        f"accent {word}": accent,
        f"tilde {word}": HOMOPHONE,
        f"sound {sound(word)}": HOMOPHONE,
    }
    return any(rivals.get(key, 0.0) > share * limit[share < RARE] for key, limit in limits.items())


def _is_verb(word: str, listed: dict[str, float]) -> bool:
    """Say whether `word` is a form without accent of a listed verb: "publico" of "publicar"."""
    for found in _FORMS.finditer(word):
        stem = word[: found.start()]
        regular = [(f"{stem}ar", f"{stem}ando"), (f"{stem}er", f"{stem}iendo")]
        pairs = [*regular, (f"{stem}ir", f"{stem}iendo")]
        if len(stem) > 1 and any(a in listed and b in listed for a, b in pairs):
            return True
    return False
