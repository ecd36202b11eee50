"""The picture of a model's size: by dtype, then tensor by tensor."""

from __future__ import annotations

from matplotlib.figure import Figure

from harness.report import inspect_rows as rows
from harness.report.drawing import Frame, Label, Picture, canvas, centre, colour, picture, unit_axis
from harness.units import Unit

BARS = 16  # tensors that have a bar


def kind_picture(told: rows.Told) -> Picture | None:
    """Draw the bytes of each dtype; None where the model has no tensor of a known size."""
    found = [(row.dtype, row.size, f"{row.bytes} · {row.share}") for row in rows.kind_rows(told)]
    text = "size of all tensors of a dtype, 1 MB = 1 000 000 bytes"
    return _picture(found, "third", text, rows.kind_sentence(told))


def tensor_picture(told: rows.Told) -> Picture | None:
    """Draw the largest tensors and all others as one; None as above."""
    shown = rows.tensor_rows(told, BARS)
    found = [(row.name, row.size, f"{row.bytes} · {row.share}") for row in shown]
    rest = rows.rest_row(told, BARS)
    if rest:
        found.append((rest.name, rest.size, f"{rest.bytes} · {rest.share}"))
    text = "size of a tensor, 1 MB = 1 000 000 bytes"
    return _picture(found, "sample", text, rows.largest_sentence(told, BARS))


def _picture(
    found: list[tuple[str, int, str]], shade: str, axis: str, sentence: str
) -> Picture | None:
    if not any(size for _, size, _ in found):
        return None
    return picture(lambda frame: _bars(frame, found, shade, axis), sentence)


def _bars(frame: Frame, found: list[tuple[str, int, str]], shade: str, axis: str) -> Figure:
    labels = [Label(name=name, figure=text, part=name == rows.OTHERS) for name, _, text in found]
    figure, axes = canvas(frame, labels)
    for row, (name, size, _) in enumerate(found):
        filled = colour("rest" if name == rows.OTHERS else shade)
        axes.barh(centre(frame, row), size, height=0.44, color=filled, alpha=0.85, zorder=3)
    axes.set_xlim(0, max(size for _, size, _ in found) * 1.02)
    axes.locator_params(axis="x", nbins=4 if frame.above else 8)
    unit_axis(axes, Unit.BYTES, axis)
    return figure
