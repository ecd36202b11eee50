"""Verb forms that commands and stories are full of and word lists are not, formed by rule.

Imperatives with enclitic pronouns ("resúmeme", "ajústalo", "díselo") and the regular tenses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from models.reference.spelling import ACCENTED

PRONOUNS = ("me", "te", "nos", "lo", "la", "los", "las", "le", "les")
PAIRS = ("melo", "mela", "selo", "sela")
# Endings that are the same in all verbs but a few: imperfect, future, conditional, participle ...
_ENDINGS = {
    "ar": "aba abas ábamos aban ado ada ados adas ando aste ó amos aron ara aran",
    "er": "ía ías íamos ían ido ida idos idas iendo",
    "ir": "ía ías íamos ían ido ida idos idas",
}
_AFTER_INFINITIVE = "é ás á emos án ía ías íamos ían"
_SHORT = {"decir": "di", "hacer": "haz", "poner": "pon", "salir": "sal", "tener": "ten"}
_NUCLEUS = re.compile(r"(?<=[gq])u?[ei]|[iu]*[aeo][iu]?|[iu]+")


def infinitives(listed: Mapping[str, float], rank: int) -> Iterator[str]:
    """Yield the verbs among the first `rank` words of `listed`: those whose gerund is there too."""
    for word in list(listed)[:rank]:
        stem, ending = word[:-2], word[-2:]
        gerund = stem + ("ando" if ending == "ar" else "iendo")
        if len(stem) > 1 and ending in _ENDINGS and gerund in listed:
            yield word


def conjugated(infinitive: str) -> Iterator[str]:
    """Yield regular forms of a verb."""
    stem, ending = infinitive[:-2], infinitive[-2:]
    yield from (stem + each for each in _ENDINGS[ending].split())
    yield from (infinitive + each for each in _AFTER_INFINITIVE.split())


def imperative(infinitive: str, listed: Mapping[str, float]) -> str:
    """Return the familiar imperative; a changed stem is known by its being used ("cuenta")."""
    stems = _stems(infinitive[:-2], infinitive[-2:])
    return _SHORT.get(infinitive) or max(stems, key=lambda form: listed.get(form, 0.0))


def with_pronouns(form: str) -> Iterator[str]:
    """Yield an imperative with one or two pronouns, and the accent that these demand."""
    yield from (_stressed(form, 2) + pronoun for pronoun in PRONOUNS)
    yield from (_stressed(form, 1) + pair for pair in PAIRS)


def _stems(stem: str, ending: str) -> Iterator[str]:
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
