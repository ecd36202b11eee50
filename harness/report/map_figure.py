"""The tensor map: each data file from its first byte to its last, and what lies where."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from harness.records import Run, Verdict
from harness.report.drawing import (
    Frame,
    Label,
    Picture,
    canvas,
    centre,
    colour,
    legend,
    picture,
    unit_axis,
)
from harness.report.map_rows import FileMap, Span, file_maps, map_rows, map_sentence
from harness.units import Unit, show

_LEGEND = (
    ("s", "sample", "tensor"),
    ("s", "second", "the next one"),
    ("s", "fail", "beyond the end of the file"),
    ("|", "muted", "end of the file"),
)
_FINEST = 1 / 2000  # of the axis: tensors that are narrower are drawn as one


def tensor_map(run: Run, verdicts: tuple[Verdict, ...]) -> Mapping[str, Any]:
    """Return what the section of files shows of their map."""
    maps = file_maps(run)
    return {
        "map_rows": map_rows(maps),
        "map_picture": map_picture(maps) if maps else None,
    }


def map_picture(maps: Sequence[FileMap]) -> Picture:
    """Draw every file as a row, each as a share of its own length, so that small ones are seen."""
    return picture(lambda frame: _drawn(frame, maps), map_sentence(maps))


def _drawn(frame: Frame, maps: Sequence[FileMap]) -> Figure:
    labels = [Label(name=m.name, figure=show(m.size, Unit.BYTES)) for m in maps]
    figure, axes = canvas(frame, labels, entries=len(_LEGEND))
    for row, one in enumerate(maps):
        y, whole = centre(frame, row) - 0.22, max(one.size, 1)
        parts = list(_joined(one.spans, whole * _FINEST))
        for shade, chosen in (("sample", parts[::2]), ("second", parts[1::2])):
            bars = [(start / whole, (stop - start) / whole) for start, stop in chosen]
            axes.broken_barh(bars, (y, 0.44), facecolor=colour(shade), alpha=0.85, zorder=3)
        if one.beyond:
            lost = [(1.0, one.beyond / whole)]
            axes.broken_barh(lost, (y, 0.44), facecolor=colour("fail"), zorder=4)
        axes.plot([1, 1], [y - 0.08, y + 0.52], color=colour("muted"), linewidth=2.5, zorder=5)
    axes.set_xlim(0, max(1.0, *(1 + m.beyond / max(m.size, 1) for m in maps)) * 1.01)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1])
    unit_axis(axes, Unit.RATIO, "place in the file, from its first byte to its last")
    legend(figure, frame, _LEGEND)
    return figure


def _joined(spans: Sequence[Span], least: float) -> Iterator[tuple[int, int]]:
    """Join neighbours that are too narrow to be told apart."""
    start = stop = -1
    for span in spans:
        if stop == span.start and (span.stop - start < least or stop - start < least):
            stop = span.stop
            continue
        if stop > start:
            yield start, stop
        start, stop = span.start, span.stop
    if stop > start:
        yield start, stop
