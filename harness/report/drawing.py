"""The one visual language of all pictures: rows from top to bottom, values from left to right.

A row has its name, its samples or bar, its limit as an upright line with the ground beyond it
tinted, and its figure in words. Colours are those of Okabe & Ito ("Color Universal Design", 2008),
darkened for text, and never stand alone: outcomes are also written. A picture is an SVG in a data
URI; its colours are variables inside it, so that it follows the reader's light or dark setting.
The same figures give the same bytes.
"""

from __future__ import annotations

import base64
import io
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter
from numpy.typing import ArrayLike, NDArray

from harness.records import Verdict
from harness.report.names import style_of
from harness.report.palette import PALETTE, themed
from harness.report.palette import colour as colour
from harness.units import Unit, show

_LONGEST = 22  # letters of a name that fit beside a row
MANY = 5_000  # dots: a path of more is larger than its pixels
POINTS = 72  # drawing units per inch


@dataclass(frozen=True, kw_only=True)
class Frame:
    """Sizes of one variant of a picture, in drawing units (about one CSS pixel each)."""

    width: float
    left: float  # room for the names; 0: they stand above their row
    right: float  # room for the figures
    row: float
    font: float

    @property
    def above(self) -> bool:
        """Whether name and figure stand above the row instead of beside it."""
        return not self.left


WIDE = Frame(width=976, left=150, right=214, row=34, font=13)
NARROW = Frame(width=360, left=0, right=0, row=58, font=13)


@dataclass(frozen=True, kw_only=True)
class Label:
    """What is written beside a row."""

    name: str
    figure: str  # "p95 36.4 ms"
    outcome: str = ""  # written after the figure where it is not a pass
    style: str = "none"
    part: bool = False  # a part of the row above: written quieter


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One picture in two widths, with the sentence that says what it shows."""

    wide: str  # data URI
    narrow: str  # data URI
    sentence: str


def picture(
    draw: Callable[[Frame], Figure], sentence: str, frames: Sequence[Frame] = (WIDE, NARROW)
) -> Picture:
    """Draw both widths of a picture, or the one that there is, under fixed settings."""
    with _settings(frames[0]):
        drawn = [_data_uri(draw(frame)) for frame in frames]
    return Picture(wide=drawn[0], narrow=drawn[-1], sentence=sentence)


def canvas(frame: Frame, labels: Sequence[Label], *, entries: int = 0) -> tuple[Figure, Axes]:
    """Return an empty figure with one row per label, the first on top at y = 0.

    Args:
        frame: the variant.
        labels: one per row, at least one.
        entries: how many the legend at the foot will have.
    """
    foot = 52.0 + (20 * entries if frame.above else 32 if entries else 0)
    height = frame.row * len(labels) + foot
    figure = Figure(figsize=(frame.width / POINTS, height / POINTS))
    edge = 14 if frame.above else 0  # the outermost tick labels reach over the axis
    axes = figure.add_axes(
        (
            (frame.left + edge) / frame.width,
            foot / height,
            1 - (frame.left + frame.right + 2 * edge) / frame.width,
            1 - foot / height,
        )
    )
    axes.set_ylim(len(labels) - 0.5, -0.5)
    axes.set_yticks([])
    for side in ("left", "right", "top"):
        axes.spines[side].set_visible(False)
    axes.spines["bottom"].set_color(colour("grid"))
    axes.patch.set_visible(False)
    for row, label in enumerate(labels):
        _write(axes, frame, row, label)
    return figure, axes


def centre(frame: Frame, row: int) -> float:
    """Return the y of a row's samples, below its words where these stand above."""
    return row + (0.18 if frame.above else 0.0)


def dots(axes: Axes, x: ArrayLike, y: ArrayLike, *, name: str = "sample", size: float = 4) -> None:
    """Draw one translucent dot per sample, as one path: hundreds of them stay small.

    More than `MANY` are drawn as pixels, in the light setting's colour, which both can show.
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    if len(x) > MANY:
        light = PALETTE[name][1]
        form: dict[str, Any] = {"linestyle": "none", "marker": "o", "markeredgewidth": 0}
        axes.plot(x, y, **form, ms=size, color=light, alpha=0.55, zorder=3, rasterized=True)
        return
    ends = np.column_stack([x, x]).ravel()
    places = np.repeat(y, 2)
    gaps = np.arange(2, len(ends), 2)
    axes.plot(
        np.insert(ends, gaps, np.nan),
        np.insert(places, gaps, np.nan),
        color=colour(name),
        linewidth=size,
        alpha=0.55,
        solid_capstyle="round",
        zorder=3,
    )


def jitter(count: int, spread: float = 0.24) -> NDArray[np.float64]:
    """Return offsets that part overlapping samples: the same for the same count."""
    golden = 0.618033988749895
    return np.asarray(spread * (2 * ((np.arange(count) * golden) % 1) - 1), np.float64)


def limits(axes: Axes, frame: Frame, row: int, verdicts: Iterable[Verdict]) -> None:
    """Draw each limit as an upright line and tint the ground that breaks it."""
    for verdict in verdicts:
        _limit(axes, frame, row, verdict)


def unit_axis(axes: Axes, unit: Unit, text: str, ticks: Sequence[float] | None = None) -> None:
    """Write the axis at the foot in `unit`, with a light grid at its ticks."""
    if ticks is not None:
        axes.set_xticks(ticks)
    axes.set_xticks([], minor=True)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value, unit)))
    axes.tick_params(axis="x", colors=colour("muted"), length=0, pad=6)
    axes.grid(axis="x", color=colour("grid"), linewidth=1, zorder=-1)
    axes.set_axisbelow(True)
    axes.set_xlabel(text, color=colour("muted"), labelpad=6)


def legend(figure: Figure, frame: Frame, entries: Sequence[tuple[str, str, str]]) -> None:
    """Write the legend along the foot: (marker, colour name, words) per entry."""
    handles = [
        Line2D([], [], linestyle="none", marker=marker, label=words, **_ink(marker, c))
        for marker, c, words in entries
    ]
    figure.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(frame.left / frame.width, 0),
        ncols=1 if frame.above else len(handles),
        frameon=False,
        handletextpad=0.3,
        columnspacing=1.4,
        borderpad=0,
        labelcolor=colour("muted"),
    )


@contextmanager
def _settings(frame: Frame) -> Iterator[None]:
    with matplotlib.rc_context():
        matplotlib.rcdefaults()  # the reader's own settings change nothing
        matplotlib.rc("svg", fonttype="none", hashsalt="harness")
        matplotlib.rc("path", simplify=False)
        matplotlib.rc("font", size=frame.font)
        with warnings.catch_warnings():
            # The reader's own fonts draw the text: what is missing from ours does not matter.
            warnings.filterwarnings("ignore", message="Glyph .* missing from font")
            yield


def _data_uri(figure: Figure) -> str:
    drawn = io.StringIO()
    nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
    figure.savefig(drawn, format="svg", dpi=2 * POINTS, transparent=True, metadata=nothing)
    encoded = base64.b64encode(themed(drawn.getvalue()).encode()).decode("ascii")
    return f"data:image/svg+xml;base64,{encoded}"


def _limit(axes: Axes, frame: Frame, row: int, verdict: Verdict) -> None:
    limit, style, y = verdict.budget.limit, style_of(verdict.outcome), centre(frame, row)
    low, high = axes.get_xlim()
    outside = (limit, high) if verdict.budget.at_most else (low, limit)
    shade = colour("fail" if style == "fail" else "muted")
    half = 0.23 if frame.above else 0.36
    axes.fill_between(outside, y - half, y + half, color=shade, alpha=0.13, linewidth=0, zorder=0)
    line = colour(style if style != "none" else "muted")
    axes.plot([limit, limit], [y - half, y + half], color=line, linewidth=2.5, zorder=5)


def _tick(value: float, unit: Unit) -> str:
    if not value:
        return "0"
    return f"{round(100 * value, 9):g} %" if unit is Unit.RATIO else show(value, unit)


def _write(axes: Axes, frame: Frame, row: int, label: Label) -> None:
    side = axes.get_yaxis_transform()
    y, align = (row - 0.14, "bottom") if frame.above else (float(row), "center")
    room = frame.width - frame.left - frame.right
    left = 0.0 if frame.above else ((14 if label.part else 0) - frame.left) / room
    right = 1.0 if frame.above else 1 + 12 / room
    quiet = colour("muted") if label.part else colour("ink")
    shown = label.outcome not in ("", "PASS")
    figure = f"{label.figure}  {label.outcome}" if shown else label.figure
    axes.text(
        left,
        y,
        _short(label.name),
        color=quiet,
        transform=side,
        va=align,
        clip_on=False,
        parse_math=False,
    )
    axes.text(
        right,
        y,
        figure,
        color=colour(label.style) if shown else quiet,
        fontweight="bold" if shown else "normal",
        transform=side,
        va=align,
        ha="right" if frame.above else "left",
        clip_on=False,
        parse_math=False,
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…"


def _ink(marker: str, name: str) -> dict[str, Any]:
    if marker == "|":
        return {"color": colour(name), "markeredgewidth": 1.5 if name == "ink" else 3, "ms": 14}
    hollow = marker in ("o", "D") and name == "paper"
    return {
        "ms": 8,
        "markerfacecolor": "none" if hollow else colour(name),
        "markeredgecolor": colour("muted" if hollow else name),
    }
