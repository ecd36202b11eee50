"""Finished rows of listening conditions: the WER under each, and what two runs trade."""

from __future__ import annotations

from dataclasses import dataclass, replace

from harness.accuracy.conditions.treatment import NOISES, Kind, Treatment
from harness.judge.change import Change
from harness.judge.conditions import Severity, Side, Trade, Traded, severities
from harness.judge.scores import score_set
from harness.records import Run, Verdict
from harness.report.names import NONE, WORD_STYLES, interval_text, signed
from harness.report.rows import Headline, headline
from harness.units import Unit, show

CLEAN = "As it is"
TRADE_STYLES = {
    Traded.LOSES: "fail",
    Traded.SEEMS: "not-proven",
    Traded.WINS: "pass",
    Traded.WORSE: "fail",
    Traded.OPEN: "none",
}
_LINES = {
    Traded.LOSES: "THE GAIN ON CLEAN CLIPS LOSES MORE THAN IT WINS",
    Traded.SEEMS: "THE GAIN ON CLEAN CLIPS SEEMS TO LOSE MORE THAN IT WINS (NOT SHOWN)",
    Traded.WINS: "It wins more than it loses",
    Traded.WORSE: "WORSE ON CLEAN CLIPS AND CONDITIONS TOGETHER",
    Traded.OPEN: "No difference is shown on clean clips and conditions together",
}
_METHODS = (
    (NOISES, "SNR is over the active speech level (ITU-T P.56), against the noise's rms."),
    ((Kind.BABBLE,), "Babble is up to 6 other speakers of the set."),
    ((Kind.TELEPHONE, Kind.MULAW), "The telephone band is 300 to 3400 Hz through 8 kHz."),
    ((Kind.GAIN,), "A gain above full scale is kept in floats: cutting it off is the pipeline's."),
    ((Kind.CLIPPING,), "Clipping cuts off so far below the clip's own peak."),
    ((Kind.REVERB,), "A room is noise that falls by 60 dB in RT60, as strong as the direct sound."),
    ((Kind.SPEED,), "Speed is a resampling: the pitch changes with it."),
)


@dataclass(frozen=True, kw_only=True)
class TreatedRow:
    """One set under one treatment, or as it is."""

    title: str
    amount: str
    clips: str
    words: str
    rate: str
    interval: str
    more: str  # over the same clips as they are
    difference: str  # its interval
    style: str  # "fail" where it is shown to be worse


@dataclass(frozen=True, kw_only=True)
class TradeRow:
    """One treatment in two runs."""

    title: str
    amount: str
    old: str
    new: str
    points: str
    interval: str
    word: str
    style: str


def treated_rows(run: Run) -> tuple[TreatedRow, ...]:
    """Return one row for the clips as they are and one per treatment; () without any."""
    found: list[TreatedRow] = []
    told: set[str] = set()
    for one in severities(run):
        if one.set not in told:
            told.add(one.set)
            found.append(_clean_row(run, one.set))
        found.append(_row(one))
    return tuple(found)


def treated_sentence(run: Run) -> str:
    """Say in one sentence what the treatments cost, and which costs most."""
    found = severities(run)
    if not found:
        return ""
    worst = max(found, key=lambda one: one.more)
    shown = sum(_is_worse(one) for one in found)
    clean = show(worst.clean, Unit.RATIO)
    return (
        f"{worst.set}: {clean} as it is; {shown} of {len(found)} conditions are shown to be worse. "
        f"The worst is {name_of(worst.treatment)}: {_rate(worst)}, {signed(worst.more)}."
    )


def treated_method(run: Run) -> str:
    """Say how the clips were treated and how the differences were made."""
    found = severities(run)
    if not found:
        return ""
    kinds = {one.treatment.kind for one in found}
    told = " ".join(text for about, text in _METHODS if kinds & set(about))
    own = next((one.interval.method for one in found if one.interval), NONE)
    made = run.facts.get("conditions", {}).get("made", "unknown")
    return (
        f"{told} Made by {made}. Interval of the WER: {own}. The difference is paired with the "
        "same clips as they are: percentage points of WER, with a 95 % interval made alike."
    )


def conditions_headline(run: Run, verdicts: tuple[Verdict, ...]) -> Headline:
    """Return what opens the page of such a run: without budgets it passes and misses nothing."""
    broken = [finding.detail for finding in run.findings if not finding.holds]
    if verdicts and not broken:
        judged = headline(run, verdicts)
        return replace(judged, sentence=f"{judged.sentence} {treated_sentence(run)}")
    return Headline(
        word="BROKEN" if broken else "MEASURED",
        style="fail" if broken else "none",
        sentence=" ".join(broken[:1]) or treated_sentence(run) or "Nothing was heard twice.",
        bundle=run.bundle,
        verb=run.verb,
        incomplete=not run.complete,
        tiles=(),
    )


def name_of(treatment: Treatment | None) -> str:
    """Write a treatment for a person: `'White noise, SNR 10 dB'`."""
    if treatment is None:
        return CLEAN
    return f"{treatment.title}, {treatment.amount}"


def trade_line(trade: Trade) -> str:
    """Say in one line what the second run wins and loses."""
    many = len([one for one, _ in trade.changes if one is not None])
    return (
        f"{_LINES[trade.word]}: clean {_side(trade.clean)}, under {many} conditions "
        f"{_side(trade.conditions)}, together {_side(trade.net)} (points of WER in "
        f"{trade.clips} clips of {trade.set}, paired)."
    )


def trade_rows(trade: Trade) -> tuple[TradeRow, ...]:
    """Return one row for the clips as they are and one per treatment."""
    return tuple(_trade_row(treatment, change) for treatment, change in trade.changes)


def _clean_row(run: Run, name: str) -> TreatedRow:
    score = score_set(run, name)
    rate = score.total.rate if score else None
    interval = score.interval() if score else None
    return TreatedRow(
        title=CLEAN,
        amount="",
        clips=show(len(score.counts) if score else 0, Unit.COUNT),
        words=show(score.total.length if score else 0, Unit.COUNT),
        rate=NONE if rate is None else show(rate, Unit.RATIO),
        interval=interval_text(interval, Unit.RATIO),
        more=NONE,
        difference=NONE,
        style="none",
    )


def _row(one: Severity) -> TreatedRow:
    return TreatedRow(
        title=one.treatment.title,
        amount=one.treatment.amount,
        clips=show(len(one.score.counts), Unit.COUNT),
        words=show(one.score.total.length, Unit.COUNT),
        rate=_rate(one),
        interval=interval_text(one.interval, Unit.RATIO),
        more=signed(one.more),
        difference=NONE
        if one.difference is None
        else f"{signed(one.difference.low)} … {signed(one.difference.high)}",
        style="fail" if _is_worse(one) else "none",
    )


def _trade_row(treatment: Treatment | None, change: Change) -> TradeRow:
    known = change.old is not None and change.new is not None
    spread = change.interval
    return TradeRow(
        title=treatment.title if treatment else CLEAN,
        amount=treatment.amount if treatment else "",
        old=NONE if change.old is None else show(change.old, Unit.RATIO),
        new=NONE if change.new is None else show(change.new, Unit.RATIO),
        points=signed((change.new or 0.0) - (change.old or 0.0)) if known else NONE,
        interval=NONE if spread is None else f"{signed(spread.low)} … {signed(spread.high)}",
        word=str(change.word),
        style=WORD_STYLES[change.word],
    )


def _is_worse(one: Severity) -> bool:
    return one.difference is not None and one.difference.low > 0


def _rate(one: Severity) -> str:
    rate = one.score.total.rate
    return NONE if rate is None else show(rate, Unit.RATIO)


def _side(side: Side) -> str:
    spread = side.interval
    told = f" ({signed(spread.low)} … {signed(spread.high)})" if spread else ""
    return f"{signed(side.difference)}{told}"
