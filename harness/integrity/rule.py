"""What a rule is: a small function whose docstring is the sentence that a person reads.

A rule takes its subject (a bundle, a model that runs) and yields one message for each breach,
which names what, where, expected and found. A rule that cannot be applied yields `NotChecked`;
what a reader should know and no release should stop for is a `Note`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from harness.records import Finding

SHOWN = 2  # breaches that a finding spells out; the rest is counted

Subject = TypeVar("Subject")
Rule = Callable[[Subject], Iterable[str]]


class NotChecked(str):
    """Why a rule could not be applied, and what would let it be."""


class Note(str):
    """What was seen and is no breach: the rule holds, and the finding says it."""


def findings(rules: Sequence[Rule[Subject]], subject: Subject, area: str) -> tuple[Finding, ...]:
    """Apply every rule to `subject`: one finding each, in the order of `rules`."""
    return tuple(_finding(rule, subject, area) for rule in rules)


def _finding(rule: Rule[Subject], subject: Subject, area: str) -> Finding:
    messages = list(rule(subject))
    breaches = [message for message in messages if not isinstance(message, (NotChecked, Note))]
    dark = [message for message in messages if isinstance(message, NotChecked)]
    return Finding(
        rule=rule.__name__,
        title=(rule.__doc__ or "").strip().splitlines()[0],
        holds=not breaches,
        detail=_shown(breaches or dark or messages),
        area=area,
        checked=bool(breaches) or not dark,
    )


def _shown(messages: Sequence[str]) -> str:
    rest = len(messages) - SHOWN
    return " ".join([*messages[:SHOWN], *([f"And {rest} more."] if rest > 0 else [])])
