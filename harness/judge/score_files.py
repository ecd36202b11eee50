"""Scores texts from files, whoever heard them, and compares two systems on the same clips."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.accuracy import nist, wer
from harness.accuracy.hypotheses import Utterance
from harness.accuracy.timed import Segment
from harness.accuracy.trn import Items, plain
from harness.accuracy.weighing import Reading, aligned
from harness.accuracy.wer import Counts, Pair
from harness.errors import ReferenceSetError
from harness.judge.intervals import rate_difference, rate_interval
from harness.judge.mapsswe import MatchedPairs, mapsswe, segments_of
from harness.judge.power import detectable
from harness.judge.scores import resampled
from harness.records import Clip, Interval


class IdStyle(StrEnum):
    """How an id names its speaker, as sclite's option -i has it."""

    OPAQUE = "opaque"  # it does not
    WSJ = "wsj"  # by its first three letters
    SPU_ID = "spu_id"  # by what stands before the first hyphen, else before the first underscore


TINY = 20  # clips: fewer give no interval


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What was said in one clip."""

    id: str
    items: Items
    speaker: str = ""


@dataclass(frozen=True, kw_only=True)
class ClipScore:
    """One clip of one system."""

    id: str
    speaker: str
    pairs: tuple[Pair, ...]
    counts: Counts
    plain: Counts  # with plain weights on the same words; `counts` where those are the weights

    @property
    def splits(self) -> bool:
        """Whether the weights give other counts than the plain distance."""
        return self.counts != self.plain


@dataclass(frozen=True, kw_only=True)
class FileScore:
    """Every clip that one system heard, in the order of the references."""

    name: str
    reading: Reading
    clips: tuple[ClipScore, ...]
    missing: tuple[str, ...]  # clips without a hypothesis, not scored (or scored as empty)
    unknown: tuple[str, ...]  # hypotheses without a reference
    empty: bool = False  # whether what is missing was scored as if nothing had been heard

    @property
    def total(self) -> Counts:
        """The sum over all clips."""
        return wer.total(clip.counts for clip in self.clips)

    @property
    def whole(self) -> bool:
        """Whether no clip is left out of the score."""
        return self.empty or not self.missing

    @property
    def wrong(self) -> int:
        """Clips with at least one error."""
        return sum(clip.counts.errors > 0 for clip in self.clips)

    @property
    def unit(self) -> str:
        """What an interval resamples."""
        return resampled([clip.speaker for clip in self.clips])

    def interval(self) -> Interval | None:
        """Return the bootstrap interval of the rate; None below 20 clips or without a word."""
        if len(self.clips) < TINY:
            return None
        sums = _sums([clip.counts for clip in self.clips], self.clips)
        errors, lengths = [c.errors for c in sums], [c.length for c in sums]
        return rate_interval(errors, lengths, unit=self.unit)

    def speakers(self) -> dict[str, list[ClipScore]]:
        """Return the clips of each speaker, as first seen; none where speakers are not known."""
        groups: dict[str, list[ClipScore]] = {}
        for clip in self.clips:
            groups.setdefault(clip.speaker, []).append(clip)
        return {} if list(groups) == [""] else groups


@dataclass(frozen=True, kw_only=True)
class FileComparison:
    """Two systems on the clips that both heard; differences are the second minus the first."""

    clips: int
    first: Counts
    second: Counts
    interval: Interval | None  # of the difference; None below 20 clips, or of no error in the first
    detectable: float | None  # smallest difference that 80 of 100 such comparisons find
    better: tuple[str, ...]  # clips in which the second makes fewer errors
    worse: tuple[str, ...]
    matched: MatchedPairs  # its difference is the first minus the second, as NIST has it

    @property
    def difference(self) -> float | None:
        """Second rate minus first; None where one has no reference word."""
        if self.first.rate is None or self.second.rate is None:
            return None
        return self.second.rate - self.first.rate

    @property
    def word(self) -> str:
        """What the interval says: second better, second worse, or not proven."""
        if self.interval is None or self.interval.low <= 0 <= self.interval.high:
            return "NOT PROVEN"
        return "second better" if self.interval.high < 0 else "second worse"


def references_of_set(clips: Iterable[Clip]) -> tuple[Reference, ...]:
    """Return what the clips of a reference set say; braces in it mean nothing."""
    return tuple(Reference(id=c.id, items=plain(c.text), speaker=c.speaker) for c in clips)


def references_of_file(
    utterances: Iterable[Utterance], ids: IdStyle = IdStyle.OPAQUE
) -> tuple[Reference, ...]:
    """Return what a reference file says, with the speaker that its ids name.

    Raises:
        ReferenceSetError: an id is not of the style.
    """
    return tuple(Reference(id=u.id, items=u.items, speaker=_speaker(u, ids)) for u in utterances)


def references_of_segments(segments: Iterable[Segment]) -> tuple[Reference, ...]:
    """Return what the segments of an STM say, but for those that are not to be scored."""
    return tuple(
        Reference(id=segment.id, items=segment.items, speaker=segment.speaker)
        for segment in segments
        if not segment.ignored
    )


def score_file(
    references: Sequence[Reference],
    hypotheses: Sequence[Utterance],
    *,
    name: str,
    reading: Reading,
    missing_is_empty: bool = False,
) -> FileScore:
    """Score the hypotheses of one file against the references that have their ids.

    Ids are the same if they are equal, else if they are equal with case folded and no other is.

    Raises:
        ReferenceSetError: not one id is in both.
    """
    heard, unknown = _matched(references, hypotheses)
    if not heard:
        raise ReferenceSetError(
            f"{name}: none of its {len(hypotheses)} ids has a reference: it says "
            f"{hypotheses[0].id!r}, the references say {references[0].id!r}. Use one set of ids."
        )
    missing = tuple(r.id for r in references if r.id not in heard)
    clips = tuple(
        score_clip(reference, heard.get(reference.id, ()), reading)
        for reference in references
        if missing_is_empty or reference.id in heard
    )
    return FileScore(
        name=name,
        reading=reading,
        clips=clips,
        missing=missing,
        unknown=unknown,
        empty=missing_is_empty,
    )


def score_clip(reference: Reference, heard: Items, reading: Reading) -> ClipScore:
    """Align one clip and count; `heard` is its hypothesis, empty where nothing was heard.

    Raises:
        ReferenceSetError: the clip is too long to weigh; the message names it.
    """
    try:
        pairs, unweighted = aligned(reference.items, heard, reading)
    except ReferenceSetError as error:
        raise ReferenceSetError(f"clip {reference.id!r}: {error}") from None
    return ClipScore(
        id=reference.id,
        speaker=reference.speaker,
        pairs=pairs,
        counts=nist.counts(pairs),
        plain=nist.counts(unweighted),
    )


def compare_files(first: FileScore, second: FileScore) -> FileComparison:
    """Compare two systems on the clips that both heard.

    Raises:
        ReferenceSetError: no clip was heard by both.
    """
    other = {clip.id: clip for clip in second.clips}
    both = [(clip, other[clip.id]) for clip in first.clips if clip.id in other]
    if not both:
        raise ReferenceSetError(f"{first.name}, {second.name}: no clip was heard by both.")
    one, two = ([pair[side] for pair in both] for side in (0, 1))
    interval, least = _difference(one, two)
    return FileComparison(
        clips=len(both),
        first=wer.total(clip.counts for clip in one),
        second=wer.total(clip.counts for clip in two),
        interval=interval,
        detectable=least,
        better=tuple(a.id for a, b in both if b.counts.errors < a.counts.errors),
        worse=tuple(a.id for a, b in both if b.counts.errors > a.counts.errors),
        matched=mapsswe(segments_of([clip.pairs for clip in one], [clip.pairs for clip in two])),
    )


def _speaker(utterance: Utterance, ids: IdStyle) -> str:
    name = utterance.id.lower()
    match ids:
        case IdStyle.OPAQUE:
            return ""
        case IdStyle.WSJ:
            return name[:3]
        case IdStyle.SPU_ID:
            mark = next((mark for mark in "-_" if mark in name), None)
            if mark is None:
                raise ReferenceSetError(
                    f"{utterance.where}: the id {utterance.id!r} names no speaker: expected "
                    "`speaker-number` or `speaker_number`. Leave --ids out where ids name none."
                )
            return name.partition(mark)[0]


def _matched(
    references: Sequence[Reference], hypotheses: Sequence[Utterance]
) -> tuple[dict[str, Items], tuple[str, ...]]:
    """Return what was heard by the id of its reference, and the ids without one."""
    exact = {reference.id for reference in references}
    folded: dict[str, list[str]] = {}
    for reference in references:
        folded.setdefault(reference.id.casefold(), []).append(reference.id)
    heard = {h.id: h.items for h in hypotheses if h.id in exact}
    unknown = []
    for hypothesis in hypotheses:
        if hypothesis.id in exact:
            continue
        alike = folded.get(hypothesis.id.casefold(), [])
        if len(alike) == 1 and alike[0] not in heard:
            heard[alike[0]] = hypothesis.items
        else:
            unknown.append(hypothesis.id)
    return heard, tuple(unknown)


def _difference(
    one: Sequence[ClipScore], two: Sequence[ClipScore]
) -> tuple[Interval | None, float | None]:
    """The interval of the difference, and the smallest that could have been seen."""
    if len(one) < TINY:
        return None, None
    first, second = _sums([c.counts for c in one], one), _sums([c.counts for c in two], one)
    # Alternatives may be resolved to texts of other lengths: a clip weighs their mean.
    lengths = [(a.length + b.length) / 2 for a, b in zip(first, second, strict=True)]
    errors = [c.errors for c in first], [c.errors for c in second]
    least, unit = detectable(errors, lengths), resampled([clip.speaker for clip in one])
    if not any(errors[0]):
        return None, least  # a difference from no error at all has no interval
    return rate_difference(errors, lengths, unit=unit), least


def _sums(counts: Sequence[Counts], clips: Sequence[ClipScore]) -> list[Counts]:
    """Return the counts of every unit that an interval resamples."""
    if resampled([clip.speaker for clip in clips]) == "utterances":
        return list(counts)
    sums: dict[str, Counts] = {}
    for clip, count in zip(clips, counts, strict=True):
        sums[clip.speaker] = sums.get(clip.speaker, Counts()) + count
    return list(sums.values())
