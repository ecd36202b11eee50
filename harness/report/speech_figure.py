"""The picture of word errors: every set and listening condition with its interval."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from harness.judge.scores import DECODED, Score, score_set, sets_of
from harness.records import Run, Verdict
from harness.report import names, speech_rows
from harness.report.drawing import (
    Frame,
    Label,
    Picture,
    canvas,
    centre,
    colour,
    legend,
    limits,
    picture,
    unit_axis,
)
from harness.units import Unit

_LEGEND = (
    ("o", "sample", "decoded, 95 % interval"),
    ("D", "second", "greedy"),
    ("|", "muted", "budget; beyond it is tinted"),
)
_TICKS = (0, 0.01, 0.03, 0.1, 0.2, 0.4, 0.6, 1.0, 1.5, 2.0)  # word error rates


def speech_picture(run: Run, verdicts: tuple[Verdict, ...]) -> Picture | None:
    """Draw the WER of each set and condition with its interval; None without transcripts."""
    if not any(score_set(run, name) for name in sets_of(run)):
        return None
    sentence = speech_rows.speech_sentence(run)
    return picture(lambda frame: _speech(frame, run, verdicts), sentence)


def _speech(frame: Frame, run: Run, verdicts: tuple[Verdict, ...]) -> Figure:
    rows = _speech_rows(run, verdicts)
    figure, axes = canvas(frame, [label for label, _, _, _ in rows], entries=len(_LEGEND))
    axes.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0)), np.square))
    ends = [v.budget.limit for v in verdicts if v.budget.metric.startswith("accuracy.wer")]
    axes.set_xlim(0, max([*(_far(s) for _, s, g, _ in rows for s in (s, g)), *ends, 0.05]) * 1.1)
    for row, (_, decoded, greedy, name) in enumerate(rows):
        _points(axes, frame, row, decoded, greedy)
        if name:
            limits(axes, frame, row, names.verdicts_on(DECODED + name, verdicts))
    ticks = [t for t in _TICKS if t <= axes.get_xlim()[1]]
    unit_axis(axes, Unit.RATIO, "word error rate, square-root scale", ticks)
    legend(figure, frame, _LEGEND)
    return figure


def _speech_rows(
    run: Run, verdicts: tuple[Verdict, ...]
) -> list[tuple[Label, Score | None, Score | None, str]]:
    rows: list[tuple[Label, Score | None, Score | None, str]] = []
    for name in sets_of(run):
        about = names.verdicts_on(DECODED + name, verdicts)
        outcome = names.worst(about)
        score = score_set(run, name)
        label = Label(
            name=name,
            figure=_rate(score),
            outcome=outcome or "",
            style=names.style_of(outcome),
        )
        rows.append((label, score, score_set(run, name, greedy=True), name))
        slices = speech_rows.by_condition(run, name)
        if len(slices) > 1:
            rows += [
                (Label(name=condition, figure=_rate(part), part=True), part, None, "")
                for condition, part in slices.items()
            ]
    return rows


def _points(
    axes: Axes, frame: Frame, row: int, decoded: Score | None, greedy: Score | None
) -> None:
    for score, shade, marker, shift in (
        (greedy, "second", "D", 0.17),
        (decoded, "sample", "o", -0.08 if greedy else 0.0),
    ):
        interval = score.interval() if score else None
        if score is None or score.total.rate is None:
            continue
        y, ink = centre(frame, row) + shift, colour(shade)
        if interval is not None:
            axes.plot([interval.low, interval.high], [y, y], color=ink, linewidth=2, zorder=3)
        axes.plot(score.total.rate, y, marker=marker, markersize=7, color=ink, zorder=4)


def _far(score: Score | None) -> float:
    interval = score.interval() if score else None
    rate = (score.total.rate if score else None) or 0.0
    return interval.high if interval else rate


def _rate(score: Score | None) -> str:
    return names.NONE if score is None else names.rate_text(score.total)
