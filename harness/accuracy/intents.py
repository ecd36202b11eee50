"""What a command asks for: a grammar of intents, read from `intents.txt` beside a manifest.

    # Slots first: a closed list, or so many words.
    slot room: la cocina | el salón
    slot time: 1 to 9 words

    intent light.off
      [oye | venga] (apaga | quita) la luz de {room}
      apaga {first=room} y {second=room}
      deja a oscuras {room} que ...

A pattern fits whole utterances: words; `(a | b c)` one of these; `[a | b]` one of these or nothing;
`{room}` a slot, `{first=room}` one of another name; `...` any words or none. What is open takes as
few words as it can, from left to right. The first pattern of the file that fits counts. Words are
compared as they are scored: numbers spelled out, then without case, punctuation and accents.
Own matcher: no state is tried twice, so an utterance takes at most patterns x words^2 steps.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.accuracy.text import View, normalise, words
from harness.errors import ReferenceSetError
from harness.records import Clip, Expect

GRAMMAR = "intents.txt"  # in the folder of a set
LONGEST = 200  # words; a longer utterance is no command

Words = tuple[str, ...]

_NAME = r"[a-z][a-z0-9_]*"
_SLOT = re.compile(rf"slot ({_NAME})\s*:\s*(.*)")
_INTENT = re.compile(rf"intent ({_NAME}(?:\.{_NAME})*)")
_SPAN = re.compile(r"(\d{1,2}) to (\d{1,2}) words")
_GROUP = r"[^()\[\]{}]*"
_ITEM = re.compile(
    rf"\{{(?:(?P<name>{_NAME})=)?(?P<slot>{_NAME})\}}|\[(?P<maybe>{_GROUP})\]|\((?P<one>{_GROUP})\)"
    r"|(?P<any>\.\.\.)|(?P<word>[^\s()\[\]{}|.=]+)"
)


@dataclass(frozen=True, kw_only=True)
class Item:
    """One part of a pattern: one of some word sequences, or any `low` to `high` words."""

    choices: tuple[Words, ...] = ()  # (): any words
    low: int = 0
    high: int = 0
    slot: str = ""  # what its words are kept as; "": they are not kept


@dataclass(frozen=True, kw_only=True)
class Pattern:
    """One way to say an intent."""

    intent: str
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Grammar:
    """Patterns in the order of their file."""

    patterns: tuple[Pattern, ...]

    @property
    def intents(self) -> frozenset[str]:
        """Names of all intents."""
        return frozenset(pattern.intent for pattern in self.patterns)

    def understand(self, text: str) -> Expect | None:
        """Return the intent and the slots of `text`, by name; None where no pattern fits."""
        heard = spoken(text)
        if len(heard) > LONGEST:
            return None
        for pattern in self.patterns:
            found = _fit(pattern.items, heard)
            if found is not None:
                return Expect(intent=pattern.intent, slots=tuple(sorted(found)))
        return None


def spoken(text: str) -> Words:
    """Return the words of `text`: numbers spelled out, no case, punctuation or accent, ñ kept."""
    return tuple(words(normalise(text, View.NUMBERS), View.LENIENT))


def same(one: Expect, other: Expect) -> bool:
    """Whether both are one intent with the same slots, their texts read as spoken."""
    return one.intent == other.intent and _read(one.slots) == _read(other.slots)


def read_grammar(folder: Path) -> str:
    """Return the text of the grammar in the folder of a set; "" where it has none.

    Raises:
        ReferenceSetError: it cannot be read or used; names file and line.
    """
    file = folder / GRAMMAR
    try:
        text = file.read_text("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ReferenceSetError(f"{file}: cannot be read as UTF-8 text: {error}.") from error
    parse(text, str(file))
    return text


def check_expected(clips: Iterable[Clip], grammar: str, folder: Path) -> None:
    """Hold the `expect` of every clip to the grammar: its reference has to be understood as that.

    Raises:
        ReferenceSetError: there is no grammar, or a clip that no answer could satisfy; names it.
    """
    expecting = [clip for clip in clips if clip.expect is not None]
    if expecting and not grammar:
        raise ReferenceSetError(
            f"{folder}: the clip {expecting[0].id!r} has 'expect', and there is no {GRAMMAR} in "
            "the folder. Write one, or take 'expect' out of the manifest."
        )
    for clip in expecting:
        found = parse(grammar, str(folder / GRAMMAR)).understand(clip.text)
        if clip.expect is not None and (found is None or not same(found, clip.expect)):
            got = "nothing" if found is None else f"{found.intent} {dict(found.slots)}"
            raise ReferenceSetError(
                f"{folder}: the clip {clip.id!r} expects {clip.expect.intent} "
                f"{dict(clip.expect.slots)}; {GRAMMAR} understands its text {clip.text!r} as "
                f"{got}. Correct the one or the other: no answer could be right."
            )


@functools.lru_cache(maxsize=32)
def parse(text: str, where: str) -> Grammar:
    """Read a grammar.

    Raises:
        ReferenceSetError: a line that means nothing, a slot that is not there, an intent without
            a pattern, a name used twice; names `where` and the line.
    """
    slots: dict[str, Item] = {}
    patterns: list[Pattern] = []
    heads: dict[str, int] = {}  # intent -> its line
    for number, line in enumerate(text.split("\n"), start=1):
        told, at = line.split("#", 1)[0].strip(), f"{where}:{number}"
        if not told:
            continue
        if told.startswith("slot "):
            name, item = _slot(told, at)
            _new(name, slots, "slot", at)
            slots[name] = item
        elif told.startswith("intent "):
            name = _intent(told, at)
            _new(name, heads, "intent", at)
            heads[name] = number
        elif heads:
            patterns.append(Pattern(intent=list(heads)[-1], items=_items(told, slots, at)))
        else:
            raise ReferenceSetError(f"{at}: expected `slot` or `intent` first, got {told!r}.")
    for name in heads.keys() - {pattern.intent for pattern in patterns}:
        raise ReferenceSetError(f"{where}:{heads[name]}: the intent {name!r} has no pattern.")
    return Grammar(patterns=tuple(patterns))


def _new(name: str, known: Mapping[str, object], what: str, at: str) -> None:
    if name in known:
        raise ReferenceSetError(f"{at}: the {what} {name!r} stands there twice. Keep one of them.")


def _slot(told: str, at: str) -> tuple[str, Item]:
    found = _SLOT.fullmatch(told)
    if found is None:
        form = "slot NAME: a | b, or slot NAME: 1 to 4 words"
        raise ReferenceSetError(f"{at}: expected `{form}`, got {told!r}.")
    name, values = found.groups()
    if span := _SPAN.fullmatch(values):
        low, high = int(span[1]), int(span[2])
        if not 1 <= low <= high:
            raise ReferenceSetError(f"{at}: expected 1 word or more, up to as many, got {told!r}.")
        return name, Item(low=low, high=high)
    return name, Item(choices=_choices(values, at))


def _intent(told: str, at: str) -> str:
    found = _INTENT.fullmatch(told)
    if found is None:
        raise ReferenceSetError(f"{at}: expected `intent NAME` such as light.off, got {told!r}.")
    return found[1]


def _items(told: str, slots: Mapping[str, Item], at: str) -> tuple[Item, ...]:
    items: list[Item] = []
    end = 0
    for found in _ITEM.finditer(told):
        if told[end : found.start()].strip():
            break
        items.append(_item(found, slots, at))
        end = found.end()
    if rest := told[end:].strip():
        raise ReferenceSetError(f"{at}: cannot read {rest!r}. A group holds words only, no group.")
    names = [item.slot for item in items if item.slot]
    for name in names:
        if names.count(name) > 1:
            raise ReferenceSetError(
                f"{at}: the slot {name!r} stands there twice. Name them apart: {{other={name}}}."
            )
    return tuple(items)


def _item(found: re.Match[str], slots: Mapping[str, Item], at: str) -> Item:
    if found["any"]:
        return Item(high=LONGEST)
    if found["slot"]:
        if (kind := slots.get(found["slot"])) is None:
            known = ", ".join(slots) or "none"
            raise ReferenceSetError(f"{at}: no slot {found['slot']!r} above. Known: {known}.")
        name = found["name"] or found["slot"]
        return Item(choices=kind.choices, low=kind.low, high=kind.high, slot=name)
    if found["maybe"] is not None:
        return Item(choices=(*_choices(found["maybe"], at), ()))
    return Item(choices=_choices(found["word"] or found["one"], at))


def _choices(text: str, at: str) -> tuple[Words, ...]:
    choices = tuple(spoken(part) for part in text.split("|"))
    if not all(choices):
        raise ReferenceSetError(f"{at}: expected words between the bars, got {text!r}.")
    return choices


def _read(slots: Iterable[tuple[str, str]]) -> dict[str, Words]:
    return {name: spoken(value) for name, value in slots}


def _fit(items: tuple[Item, ...], heard: Words) -> list[tuple[str, str]] | None:
    """Return the slots by which `items` take all of `heard`; None where they do not."""
    failed: set[tuple[int, int]] = set()

    def rest(i: int, start: int) -> list[tuple[str, str]] | None:
        if i == len(items):
            return [] if start == len(heard) else None
        if (i, start) in failed:
            return None
        for end in _ends(items[i], heard, start):
            found = rest(i + 1, end)
            if found is not None:
                name = items[i].slot
                return [(name, " ".join(heard[start:end])), *found] if name else found
        failed.add((i, start))
        return None

    return rest(0, 0)


def _ends(item: Item, heard: Words, start: int) -> Iterator[int]:
    """Yield where an item that begins at `start` may end."""
    if not item.choices:
        yield from range(start + item.low, min(start + item.high, len(heard)) + 1)
    for choice in item.choices:
        if heard[start : start + len(choice)] == choice:
            yield start + len(choice)
