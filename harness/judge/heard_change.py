"""What changed in what was understood, on the clips that both runs heard.

Rates of words, characters and clips with an error: paired bootstrap over utterances, over their
speakers where these repeat. Of fewer than 20 clips, or where the old run made no error at all, a
difference has no interval and cannot be told; that the new run is worse is then told only where the
intervals of both rates lie apart.

Clips answered rightly and in time: the exact test of McNemar (Psychometrika 12, 1947) on the clips
that one run alone answered so. Its interval is that of Clopper and Pearson of the share of them
that the new run won, times their number: it holds zero where the test shows nothing. It takes
clips as independent, as Wilson's of each run does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from harness.accuracy.wer import Counts
from harness.budgets import END_TO_END
from harness.judge.change import Change, Word
from harness.judge.end_to_end import LEAST, EndToEnd, end_to_end
from harness.judge.intervals import proportion_interval, rate_difference, unseen
from harness.judge.mapsswe import of_transcripts
from harness.judge.power import detectable
from harness.judge.scores import DECODED, UTTERANCES, Score, score_rate
from harness.records import Interval, Run, Transcript
from harness.units import Unit

Key = tuple[str, str, str]  # set, clip and reference


def rate_change(
    rate: str, name: str, old: Sequence[Transcript], new: Sequence[Transcript]
) -> Change | None:
    """Compare a rate of errors in the utterances of the set `name` that stand in both.

    None when there is none, or one of both has nothing of the kind.

    Args:
        rate: what is counted: `DECODED`, `GREEDY`, `CHARACTERS` or `SENTENCES`.
        name: of the set.
        old: what one run heard.
        new: what the other did.
    """
    pair = common(name, old, new)
    first, second = (score_rate(rate, transcripts) for transcripts in pair)
    if first is None or second is None:
        return None
    before, after = second.by_unit(first.counts), second.by_unit(second.counts)
    errors, lengths = (_errors(before), _errors(after)), [counts.length for counts in after]
    told = first.total.errors > 0 and second.decides
    interval = rate_difference(errors, lengths, unit=second.unit) if told else None
    note = _note(name, old, new, first, second) if rate == DECODED else ""
    matched = _matched(*pair) if rate == DECODED and second.decides else ""
    return Change(
        metric=f"{rate}{name}",
        unit=Unit.RATIO,
        old=first.total.rate,
        new=second.total.rate,
        ratio=None,
        interval=interval,
        word=_word(interval, first, second),
        note=" ".join(filter(None, (note, matched))),
        detectable=detectable(errors, lengths) if second.decides else None,
    )


def answers_change(old: Run, new: Run) -> Change | None:
    """Compare the shares of clips that were answered rightly and in time.

    A clip that one run never answered counts as wrong there where both were to hear the same sets;
    else it is left out. None where a run cannot tell, or no clip stands in both.
    """
    first, second = end_to_end(old), end_to_end(new)
    if first is None or second is None:
        return None
    right = [_right(found) for found in (first, second)]
    names = {name for found in right for name, _, _ in found}
    alike = _digests(old, names) == _digests(new, names)
    keys = right[0].keys() | right[1].keys() if alike else right[0].keys() & right[1].keys()
    if not keys:
        return None
    before, after = ([found.get(key, False) for key in keys] for found in right)
    won = sum(b and not a for a, b in zip(before, after, strict=True))
    lost = sum(a and not b for a, b in zip(before, after, strict=True))
    interval = _matched_interval(won, lost, len(keys)) if len(keys) >= LEAST else None
    note = f"{len(keys)} clips: {won} won, {lost} lost."
    if left := len(right[0].keys() ^ right[1].keys()) if not alike else 0:
        note += f" {left} clips stand on one side only."
    return Change(
        metric=END_TO_END,
        unit=Unit.RATIO,
        old=sum(before) / len(keys),
        new=sum(after) / len(keys),
        ratio=None,
        interval=interval,
        word=Word.UNKNOWN if interval is None else _sign(-interval.high, -interval.low),
        note=f"{note} {_mcnemar(won, lost)}",
    )


def _right(found: EndToEnd) -> dict[Key, bool]:
    return {
        (one.heard.set, one.heard.clip, one.heard.reference): not one.missed for one in found.judged
    }


def _digests(run: Run, names: set[str]) -> dict[str, str | None]:
    sets: Mapping[str, Mapping[str, str]] = run.facts.get("sets", {})
    return {name: sets.get(name, {}).get("digest", run.id) for name in names}


def _mcnemar(won: int, lost: int) -> str:
    """Say what the exact test finds."""
    from scipy.stats import binomtest  # takes long to import: not before it is needed

    if not won + lost:
        return "McNemar: no clip differs."
    return f"McNemar, exact: p = {binomtest(won, won + lost).pvalue:.3f}."


def _matched_interval(won: int, lost: int, clips: int) -> Interval:
    """Bound new minus old; where no clip differs, by what so many clips would have shown."""
    differ = won + lost
    if not differ:
        most = unseen(clips)
        return Interval(low=-most, high=most, level=0.95, method=f"rule of three, {clips} clips")
    share = proportion_interval(won, differ)
    low, high = (differ * (2 * end - 1) / clips for end in (share.low, share.high))
    method = f"McNemar, exact, on the {differ} of {clips} clips that differ"
    return Interval(low=low, high=high, level=share.level, method=method)


def _matched(old: Sequence[Transcript], new: Sequence[Transcript]) -> str:
    """Say what the matched-pairs test of the same utterances finds, see `mapsswe`."""
    found = of_transcripts(new, old)
    if found.z is None or found.p is None:
        return f"MAPSSWE: {found.segments} segments say nothing."
    differ = "they differ" if found.differ else "no difference shown"
    return f"MAPSSWE: {found.segments} segments, Z = {found.z:+.2f}, p = {found.p:.3f}: {differ}."


def common(
    name: str, old: Sequence[Transcript], new: Sequence[Transcript]
) -> tuple[tuple[Transcript, ...], tuple[Transcript, ...]]:
    """Return the transcripts of utterances that stand in both, in one order."""
    first = {(t.clip, t.reference): t for t in old if t.set == name}
    second = {(t.clip, t.reference): t for t in new if t.set == name}
    both = [key for key in first if key in second]
    return tuple(first[key] for key in both), tuple(second[key] for key in both)


def _errors(units: Sequence[Counts]) -> list[int]:
    return [counts.errors for counts in units]


def _word(interval: Interval | None, old: Score, new: Score) -> Word:
    if interval is None:
        return Word.WORSE if _apart(old, new) else Word.UNKNOWN
    return _sign(interval.low, interval.high)


def _sign(low: float, high: float) -> Word:
    """Name a change of a rate of errors by its interval."""
    if high < 0:
        return Word.BETTER
    return Word.WORSE if low > 0 else Word.SAME


def _apart(old: Score, new: Score) -> bool:
    """Whether the new rate is above the old one by two intervals that do not meet."""
    before, after = old.interval(), new.interval()
    return before is not None and after is not None and after.low > before.high


def _note(
    name: str, old: Sequence[Transcript], new: Sequence[Transcript], first: Score, score: Score
) -> str:
    most = max(sum(t.set == name for t in heard) for heard in (old, new))
    dropped = most - len(score.counts)
    told = [f"{dropped} utterances stand on one side only."] if dropped else []
    if not score.total.length:
        told.append("No reference word.")
    elif not score.decides:
        told.append(f"{len(score.counts)} clips: a difference is told from {UTTERANCES} on.")
    elif not first.total.errors:
        told.append("The old side made no error: a difference from none has no interval.")
    return " ".join([*told, *([score.warning] if score.warning else [])])
