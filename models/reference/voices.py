"""Which voices speak the training text, the tuning text and the test text.

The variants of espeak-ng are parted by family (a name without its digits: iven, iven2 ... are one
family; klatt, adam and caleb sound alike and count as one), so that no sibling of a test voice
is heard in training. Large families are for training; the others are dealt by digest. Left out
beforehand are the effect voices (whispers, robots, demons) and those whose speech is mangled.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Sequence
from dataclasses import asdict

from models.reference.synth import Voice

EFFECTS = frozenset(
    {
        *("whisper", "whisperf", "croak", "Demonic", "UniRobot", "anikaRobot", "AnxiousAndy"),
        *("Storm", "Tweaky", "Mr serious", "kaukovalta", "fast", "Nguyen"),
        *("RicishayMax", "RicishayMax2", "RicishayMax3"),
        *("robosoft", "robosoft2", "robosoft3", "robosoft4"),
        *("robosoft5", "robosoft6", "robosoft7", "robosoft8"),
    }
)
VARIANTS = (
    *("", "Alex", "Alicia", "Andrea", "Andy", "Annie", "Denis", "Diogo", "Gene", "Gene2"),
    *("Henrique", "Hugo", "Jacky", "Lee", "Marco", "Mario", "Michael", "Mike", "adam", "anika"),
    *("announcer", "antonio", "aunty", "belinda", "benjamin", "boris", "caleb", "david", "ed"),
    *("edward", "edward2", "f1", "f2", "f3", "f4", "f5", "grandma", "grandpa", "gustave"),
    *("iven", "iven2", "iven3", "iven4", "john", "klatt", "klatt2", "klatt3", "klatt4", "klatt5"),
    *("klatt6", "linda", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "marcelo", "max"),
    *("michel", "miguel", "norbert", "pablo", "paul", "pedro", "quincy", "rob", "robert"),
    *("sandro", "shelby", "steph", "steph2", "steph3", "travis", "victor", "zac"),
)
ALIKE = {"adam": "klatt", "caleb": "klatt"}
LARGE_FAMILY = 5
TEST_FAMILIES = 10
DEV_FAMILIES = 6


def family(variant: str) -> str:
    """Return the family of a variant: 'steph2' belongs to 'steph'."""
    name = re.sub(r"\d+$", "", variant)
    return ALIKE.get(name, name)


def split() -> dict[str, tuple[str, ...]]:
    """Return the variants of 'train', 'dev' and 'test'; no family is in two of them."""
    members: dict[str, list[str]] = {}
    for variant in VARIANTS:
        members.setdefault(family(variant), []).append(variant)
    small = [name for name, voices in members.items() if name and len(voices) < LARGE_FAMILY]
    dealt = sorted(small, key=lambda name: hashlib.sha256(name.encode()).hexdigest())
    test, dev = dealt[:TEST_FAMILIES], dealt[TEST_FAMILIES : TEST_FAMILIES + DEV_FAMILIES]
    sides = {"test": test, "dev": dev, "train": [n for n in members if n not in {*test, *dev}]}
    return {side: tuple(v for n in names for v in members[n]) for side, names in sides.items()}


def draw(rng: random.Random, variants: Sequence[str], *, wide: bool) -> Voice:
    """Draw a voice. `wide` ranges of rate and pitch are for training, the others for tests."""
    rates, pitches = ((110, 220), (5, 95)) if wide else ((125, 200), (20, 80))
    return Voice(
        language=rng.choice(("es", "es-419")),
        variant=rng.choice(variants),
        rate=round(rng.triangular(*rates, 165)),
        pitch=rng.randint(*pitches),
        range=rng.randint(25, 80),
        gap=rng.choice((0, 0, 0, 1, 2)),
    )


def digest(voice: Voice) -> str:
    """Return the digest of a voice's settings, the identity that splits are tested by."""
    return hashlib.sha256(json.dumps(asdict(voice), sort_keys=True).encode()).hexdigest()[:16]
