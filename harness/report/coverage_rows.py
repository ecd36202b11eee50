"""Finished rows of the coverage: how often intervals of a WER hold a truth that is known."""

from __future__ import annotations

from dataclasses import dataclass

from harness.judge.coverage import AMONG, BETWEEN, ENOUGH, WITHIN, WORDS, Cover
from harness.judge.selfbench import covers_of
from harness.records import Run
from harness.report import names
from harness.units import Unit, show

HEADS = ("WER", "Clips", "Speakers", "Held", "of sets", "Quantiles", "Utterances", "Difference")
METHOD = (
    "Held: share of the simulated sets whose interval, over speakers, has the true WER inside; it "
    "says 95 %. Quantiles: those of the same draws. Utterances: the interval over utterances, for "
    f"contrast. Difference: of two systems, over speakers. Clips have {WORDS[0]} to {WORDS[1]} "
    f"words; rates differ by {100 * AMONG:g} % from speaker to speaker, by {100 * WITHIN:g} % from "
    f"clip to clip, what two systems differ by {100 * BETWEEN:g} % (standard deviations)."
)


@dataclass(frozen=True, kw_only=True)
class CoverRow:
    """How often each interval held in the sets of one cell."""

    rate: str  # the truth
    clips: str
    speakers: str  # with a star where they are too few
    held: str
    interval: str  # exact, of the share of the sets
    quantiles: str
    utterances: str
    difference: str


def cover_rows(run: Run) -> tuple[CoverRow, ...]:
    """Return a row for each cell; () when no coverage was simulated."""
    return tuple(_row(cover) for cover in covers_of(run))


def cover_sentence(run: Run) -> str:
    """Say how often the intervals held, with enough speakers and with fewer; "" without cells."""
    cells = covers_of(run)
    if not cells:
        return ""
    told = [
        f"{words}, the interval of a WER holds the truth in {_range(some)} of {some[0].sets} sets"
        for words, some in (
            (f"With {ENOUGH} speakers or more", [c for c in cells if c.enough]),
            ("With fewer (marked *)", [c for c in cells if not c.enough]),
        )
        if some
    ]
    over = _range(list(cells), utterances=True)
    return f"{'. '.join(told)}. Over utterances it would in {over}."


def _range(cells: list[Cover], *, utterances: bool = False) -> str:
    shares = [(c.utterances if utterances else c.held) / c.sets for c in cells]
    low, high = show(min(shares), Unit.RATIO), show(max(shares), Unit.RATIO)
    return f"{low.removesuffix(' %')} to {high}"


def _row(cover: Cover) -> CoverRow:
    def share(count: int) -> str:
        return show(count / cover.sets, Unit.RATIO)

    return CoverRow(
        rate=show(cover.rate, Unit.RATIO),
        clips=str(cover.clips),
        speakers=f"{cover.speakers}{'' if cover.enough else ' *'}",
        held=share(cover.held),
        interval=names.interval_text(cover.interval(cover.held), Unit.RATIO),
        quantiles=share(cover.quantiles),
        utterances=share(cover.utterances),
        difference=share(cover.difference),
    )
