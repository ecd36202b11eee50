"""Where the values of a tensor come from, through nodes that move values without changing them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[np.int64]  # any shape; positions in a tensor, counted in row-major order
Shape = tuple[int, ...]
Origin = tuple[int, Places]  # which input, and where in it


@dataclass(frozen=True, kw_only=True)
class Move:
    """A node, with what there is to know about it before a run."""

    kind: str  # its op_type
    taken: Sequence[Shape]  # shapes of its inputs
    given: Shape  # shape of its output
    attributes: Mapping[str, Any]
    constants: Sequence[list[int] | None]  # values of its inputs; []: absent; None: made by a run

    def constant(self, index: int) -> list[int] | None:
        """Return the values of an input that may be absent."""
        return self.constants[index] if index < len(self.constants) else []


def origin(move: Move, places: Places) -> Origin | None:
    """Return where the values at `places` of the node's output come from.

    Returns:
        Which input, and the places in it; None where the node makes the values itself, takes them
        from several inputs, or cannot be followed.
    """
    rule = _RULES.get(move.kind)
    return rule(move, places) if rule else None


def _same(move: Move, places: Places) -> Origin:
    """Reshape, Identity and their like: the order stays."""
    return 0, places


def _expand(move: Move, places: Places) -> Origin:
    """An axis of length one is repeated; axes may be added in front."""
    shape = move.taken[0]
    at = _split(places, move.given)[len(move.given) - len(shape) :]
    return 0, _join([axis * (n > 1) for axis, n in zip(at, shape, strict=True)], shape)


def _tile(move: Move, places: Places) -> Origin:
    """The whole is repeated along each axis."""
    shape = move.taken[0]
    at = _split(places, move.given)
    return 0, _join([axis % n for axis, n in zip(at, shape, strict=True)], shape)


def _pad(move: Move, places: Places) -> Origin | None:
    """Values are added around it; those of the middle are the input's."""
    pads, axes, shape = move.constant(1), move.constant(3), move.taken[0]
    if pads is None or axes is None:
        return None
    at = _split(places, move.given)
    for axis, before in zip(axes or range(len(shape)), pads[: len(pads) // 2], strict=True):
        at[axis] = at[axis] - before
    inside = all(((axis >= 0) & (axis < n)).all() for axis, n in zip(at, shape, strict=True))
    return (0, _join(at, shape)) if inside else None


def _concat(move: Move, places: Places) -> Origin | None:
    """The inputs follow each other along one axis."""
    at, axis = _split(places, move.given), move.attributes["axis"] % len(move.given)
    start = 0
    for index, shape in enumerate(move.taken):
        shifted = at[axis] - start
        if ((shifted >= 0) & (shifted < shape[axis])).all():
            return index, _join([*at[:axis], shifted, *at[axis + 1 :]], shape)
        start += shape[axis]
    return None


def _transpose(move: Move, places: Places) -> Origin:
    """Axes change their order."""
    order = move.attributes.get("perm") or list(range(len(move.given)))[::-1]
    at = _split(places, move.given)
    return 0, _join([at[order.index(axis)] for axis in range(len(order))], move.taken[0])


def _slice(move: Move, places: Places) -> Origin | None:
    """Every step-th value from a start on, along some axes."""
    starts, axes, steps, shape = *map(move.constant, (1, 3, 4)), move.taken[0]
    if starts is None or axes is None or steps is None:
        return None
    at, ones = _split(places, move.given), [1] * len(starts)
    for axis, start, step in zip(axes or range(len(starts)), starts, steps or ones, strict=True):
        length = shape[axis]
        first = max(start + length, 0) if start < 0 else min(start, length - (step < 0))
        at[axis] = at[axis] * step + first
    return 0, _join(at, shape)


def _resize(move: Move, places: Places) -> Origin | None:
    """Each value is put at a multiple of a whole factor; what lies between is made up."""
    mode = move.attributes.get("mode", b"nearest"), move.attributes.get(_COORDINATES)
    if mode not in ((b"nearest", b"asymmetric"), (b"linear", b"asymmetric")):
        return None
    at = _split(places, move.given)
    factors = [out // n for out, n in zip(move.given, move.taken[0], strict=True)]
    whole = all(
        n * by == out for n, by, out in zip(move.taken[0], factors, move.given, strict=True)
    )
    if not whole or any((axis % by).any() for axis, by in zip(at, factors, strict=True)):
        return None
    return 0, _join([axis // by for axis, by in zip(at, factors, strict=True)], move.taken[0])


_COORDINATES = "coordinate_transformation_mode"
_RULES: Mapping[str, Callable[[Move, Places], Origin | None]] = {
    **dict.fromkeys(("Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze"), _same),
    "Expand": _expand,
    "Tile": _tile,
    "Pad": _pad,
    "Concat": _concat,
    "Transpose": _transpose,
    "Slice": _slice,
    "Resize": _resize,
}


def _split(places: Places, shape: Shape) -> list[Places]:
    """Return the index on each axis."""
    return list(np.unravel_index(places, shape))


def _join(at: Sequence[Places], shape: Shape) -> Places:
    """Return the places with the given index on each axis."""
    places: Places = np.ravel_multi_index(list(at), shape)
    return places
