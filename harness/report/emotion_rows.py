"""Finished rows and pictures of a voice's controls: what each moves, and which way."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from harness.accuracy.speech_quality.facts import FACTS
from harness.budgets import EMOTION
from harness.judge.emotion import Control, Effect, effects, levels_of, side_effects
from harness.records import Run, Verdict
from harness.report import names
from harness.report.drawing import (
    Frame,
    Label,
    Picture,
    canvas,
    centre,
    colour,
    dots,
    jitter,
    legend,
    picture,
    unit_axis,
)
from harness.report.names import NONE
from harness.units import Unit, show

METHOD = (
    "Every sentence is said at low, neutral and high, the other controls neutral. The effect is "
    "that of high against low, paired by sentence; its interval is by bootstrap over sentences."
)
_LEGEND = (("o", "sample", "one sentence"), ("|", "ink", "median"))


@dataclass(frozen=True, kw_only=True)
class EmotionRow:
    """One control."""

    title: str
    moves: str  # what it is for
    effect: str
    interval: str
    sentences: str
    word: str  # RIGHT WAY | WRONG WAY | NOT SHOWN
    style: str
    aside: str  # what else it moves
    limit: str
    picture: Picture


def emotion_rows(run: Run, verdicts: tuple[Verdict, ...]) -> tuple[EmotionRow, ...]:
    """Return a row for every control that was measured."""
    return tuple(_row(run, effect, verdicts) for effect in effects(run))


def effect_text(effect: Effect) -> str:
    """Write an effect with its sign: `'+12.5 %'`."""
    return _signed(effect.value, effect.control.unit)


def _row(run: Run, effect: Effect, verdicts: tuple[Verdict, ...]) -> EmotionRow:
    control, interval = effect.control, effect.interval
    word, style = "NOT SHOWN", "not-proven"
    if interval is not None and interval.low > 0:
        word, style = "RIGHT WAY", "pass"
    if interval is not None and interval.high < 0:
        word, style = "WRONG WAY", "fail"
    aside = [
        f"{FACTS[one.control.fact].title} {_signed(_plain(one), one.control.unit)}"
        for one in side_effects(run, control)
    ]
    return EmotionRow(
        title=control.title,
        moves=FACTS[control.fact].title,
        effect=effect_text(effect),
        interval=names.interval_text(interval, control.unit),
        sentences=_sentences(run, effect),
        word=word,
        style=style,
        aside=", ".join(aside) or NONE,
        limit=names.limits_text(names.verdicts_on(EMOTION + control.name, verdicts)),
        picture=_picture(run, effect),
    )


def _sentences(run: Run, effect: Effect) -> str:
    """Write of how many sentences, where the fact cannot be told of every one."""
    every = max(len(found) for found in levels_of(run, effect.control, "seconds").values())
    shown = show(effect.sentences, Unit.COUNT)
    return shown if every <= effect.sentences else f"{shown} of {show(every, Unit.COUNT)}"


def _plain(effect: Effect) -> float:
    """The effect as the fact itself changes: a length that is shorter is below 0."""
    return 1 / (1 + effect.value) - 1 if effect.control.inverse else effect.value


def _picture(run: Run, effect: Effect) -> Picture:
    control = effect.control
    spread = names.interval_text(effect.interval, control.unit)
    told = f"{control.title}: high against low {effect_text(effect)} ({spread})."
    return picture(lambda frame: _levels(frame, run, control), told)


def _levels(frame: Frame, run: Run, control: Control) -> Figure:
    fact = FACTS[control.fact]
    found = levels_of(run, control, control.fact)
    shown = {name: np.array(list(values.values())) for name, values in found.items() if values}
    labels = [
        Label(
            name=f"{control.title}: {name}",
            figure=f"median {show(float(np.median(values)), fact.unit)}",
        )
        for name, values in shown.items()
    ]
    figure, axes = canvas(frame, labels, entries=len(_LEGEND))
    every = np.concatenate(list(shown.values()))
    edge = 0.08 * float(every.max() - every.min()) or 1.0
    axes.set_xlim(float(every.min()) - edge, float(every.max()) + edge)
    for row, values in enumerate(shown.values()):
        y = centre(frame, row)
        dots(axes, values, y + jitter(len(values), 0.14), size=5)
        middle = float(np.median(values))
        axes.plot([middle, middle], [y - 0.2, y + 0.2], color=colour("ink"), linewidth=2, zorder=5)
    axes.locator_params(axis="x", nbins=4 if frame.above else 8)
    unit_axis(axes, fact.unit, fact.title)
    legend(figure, frame, _LEGEND)
    return figure


def _signed(value: float, unit: Unit) -> str:
    return f"{'+' if value >= 0 else ''}{show(value, unit)}"
