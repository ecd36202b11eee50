"""What listening conditions cost: the WER under each treatment, and what two systems trade.

Every difference is paired: the same clips, without and with the treatment, or heard by two systems
under the same treatment. Intervals are those of a WER: the bootstrap over speakers where they
repeat, else over utterances (see `scores`).

`trade` sets what a second run wins on the clean clips against what it loses under the conditions.
The conditions count alike: for each clip the errors are averaged over the treatments. With
clean + conditions = net, both in errors per reference word and new minus old, a gain on the clean
clips loses more than it wins where clean < 0 < net.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from harness.accuracy.conditions.treatment import Treatment
from harness.accuracy.wer import Counts
from harness.errors import UnlikeRunsError
from harness.judge.change import Change
from harness.judge.heard_change import rate_change
from harness.judge.intervals import Floats, rate_difference
from harness.judge.scores import DECODED, Score, resampled, score_set, score_transcripts
from harness.records import Interval, Run, Transcript


@dataclass(frozen=True, kw_only=True)
class Severity:
    """One set under one treatment."""

    set: str
    treatment: Treatment
    score: Score
    interval: Interval | None  # of its WER
    clean: float  # WER of the same clips as they are
    more: float  # WER over that
    difference: Interval | None  # of `more`, paired


class Traded(StrEnum):
    """What a second system does to the clean clips and to the conditions together."""

    LOSES = "loses more than it wins"  # better when clean, worse by more under conditions: shown
    SEEMS = "seems to lose more than it wins"  # so in these clips; the interval holds zero
    WINS = "wins more than it loses"  # together it is better: shown
    WORSE = "worse together"  # no gain on the clean clips, and together worse: shown
    OPEN = "no difference shown together"


@dataclass(frozen=True, kw_only=True)
class Side:
    """The difference of two systems on one part of the clips, in errors per reference word."""

    difference: float  # new minus old
    interval: Interval | None


@dataclass(frozen=True, kw_only=True)
class Trade:
    """What a second run wins and loses against the first."""

    set: str
    clips: int  # heard in both runs, as they are and under every treatment
    clean: Side
    conditions: Side  # mean over the treatments
    net: Side  # both together
    word: Traded
    changes: tuple[tuple[Treatment | None, Change], ...]  # clean first (None), then each treatment


def treatments_of(run: Run, name: str) -> tuple[Treatment, ...]:
    """Return the treatments under which a set was heard, in the order first heard."""
    seen = dict.fromkeys(t.treatment for t in run.transcripts if t.set == name and t.treatment)
    return tuple(Treatment.read(name) for name in seen)


def treated_sets(run: Run) -> tuple[str, ...]:
    """Return the names of the sets that were heard under a treatment."""
    return tuple(dict.fromkeys(t.set for t in run.transcripts if t.treatment))


def severities(run: Run) -> tuple[Severity, ...]:
    """Return the WER under every treatment beside that of the same clips as they are.

    A treatment of which no clip was heard clean as well is left out.
    """
    found = []
    for name in treated_sets(run):
        clean = {t.clip: t for t in run.transcripts if t.set == name and not t.treatment}
        for treatment in treatments_of(run, name):
            score = score_set(run, name, treatment=str(treatment))
            heard = [t for t in score.transcripts if t.clip in clean] if score else []
            one = _severity(name, treatment, [clean[t.clip] for t in heard], heard)
            found += [one] if one else []
    return tuple(found)


def trade(old: Run, new: Run, *, anyway: bool = False) -> Trade | None:
    """Weigh what `new` wins on the clean clips against what it loses under the conditions.

    The clips are those that both runs heard, clean and under every treatment of both. None where
    there are none, or the runs have no treatment in common.

    Raises:
        UnlikeRunsError: the clips were treated otherwise in the two runs, and `anyway` is False.
    """
    name = next((one for one in treated_sets(old) if one in treated_sets(new)), "")
    common = [one for one in treatments_of(old, name) if one in treatments_of(new, name)]
    if not common:
        return None
    made = [str(run.facts.get("conditions", {}).get("made", "unknown")) for run in (old, new)]
    if made[0] != made[1] and not anyway:
        raise UnlikeRunsError(
            f"{old.id} and {new.id} heard clips that were treated otherwise: {made[0]!r} then "
            f"{made[1]!r}. Run `harness conditions` again for the older one, or compare anyway."
        )
    return _trade(name, common, old, new)


def _severity(
    name: str, treatment: Treatment, clean: Sequence[Transcript], heard: Sequence[Transcript]
) -> Severity | None:
    before, after = score_transcripts(tuple(clean)), score_transcripts(tuple(heard))
    if before is None or after is None or not after.total.length:
        return None
    units = [after.by_unit(score.counts) for score in (before, after)]
    words = [counts.length for counts in units[1]]
    errors = [[counts.errors for counts in of] for of in units]
    rates = [sum(several) / sum(words) for several in errors]
    return Severity(
        set=name,
        treatment=treatment,
        score=after,
        interval=after.interval(),
        clean=rates[0],
        more=rates[1] - rates[0],
        difference=rate_difference((errors[0], errors[1]), words, unit=after.unit),
    )


def _trade(name: str, common: Sequence[Treatment], old: Run, new: Run) -> Trade | None:
    names = ["", *map(str, common)]
    tables = [_errors(run, name, names) for run in (old, new)]
    clips = [clip for clip in tables[0] if clip in tables[1]]
    words = np.array([tables[1][clip].words for clip in clips], np.float64)
    if not words.sum():
        return None
    more = np.array([tables[1][clip].errors - tables[0][clip].errors for clip in clips])
    clean, treated = more[:, 0], more[:, 1:].mean(axis=1)
    owners = [tables[1][clip].speaker for clip in clips]
    parts = [_side(part, words, owners) for part in (clean, treated, clean + treated)]
    kept = {clip for clip, _ in clips}
    heard = [[t for t in run.transcripts if t.clip in kept] for run in (old, new)]
    told: list[tuple[Treatment | None, Change]] = []
    for treatment, label in zip((None, *common), names, strict=True):
        pair = [[t for t in several if t.treatment == label] for several in heard]
        change = rate_change(DECODED, name, pair[0], pair[1])
        told += [(treatment, change)] if change else []
    return Trade(
        set=name,
        clips=len(clips),
        clean=parts[0],
        conditions=parts[1],
        net=parts[2],
        word=_word(*parts),
        changes=tuple(told),
    )


class _Heard(NamedTuple):
    """One clip under several treatments."""

    speaker: str
    words: int  # of its reference
    errors: Floats  # under each treatment


def _errors(run: Run, name: str, names: Sequence[str]) -> dict[tuple[str, str], _Heard]:
    """What was heard of each clip that was heard under all of `names`, by clip and reference."""
    found: dict[tuple[str, str], dict[str, tuple[str, Counts]]] = {}
    for label in names:
        score = score_set(run, name, treatment=label)
        for t, counts in zip(score.transcripts, score.counts, strict=True) if score else ():
            found.setdefault((t.clip, t.reference), {})[label] = t.speaker, counts
    return {
        key: _Heard(
            speaker=one[names[0]][0],
            words=one[names[0]][1].length,
            errors=np.array([one[label][1].errors for label in names], np.float64),
        )
        for key, one in found.items()
        if len(one) == len(names)
    }


def _side(more: Floats, words: Floats, owners: Sequence[str]) -> Side:
    unit, difference = resampled(owners), float(more.sum() / words.sum())
    if unit == "speakers":
        _, places = np.unique(owners, return_inverse=True)
        more, words = _sums(places, more), _sums(places, words)
    interval = rate_difference((np.zeros(len(more)), more), words, unit=unit)
    return Side(difference=difference, interval=interval)


def _sums(places: NDArray[np.intp], values: Floats) -> Floats:
    return np.asarray(np.bincount(places, weights=values), np.float64)


def _word(clean: Side, conditions: Side, net: Side) -> Traded:
    low, high = (net.interval.low, net.interval.high) if net.interval else (0.0, 0.0)
    if clean.difference < 0 < net.difference:
        return Traded.LOSES if low > 0 else Traded.SEEMS
    if high < 0:
        return Traded.WINS
    return Traded.WORSE if low > 0 else Traded.OPEN
