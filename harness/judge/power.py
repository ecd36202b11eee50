"""What a paired comparison of word errors could have seen, and which gate is finer than that.

The smallest detectable difference is the true one that 80 of 100 comparisons find, each with an
interval of 95 %: (t of 0.975 + t of 0.80) standard errors of the difference. Where nothing differs
there is no such error; then it is what the words can show at all: a difference of 7.38 / words or
more (the rule of three, two-sided, with a design effect of 2) would have shown itself.

Before a second system is heard its difference has no standard error. `detectable_on` takes that of
two systems with this rate whose errors have nothing in common: sqrt(2) standard errors of the
rate. What the two get wrong together lowers it, so that it is an upper bound.

A limit that is finer than the words can show at all is refused before anything is measured
(`refuse_finer`): no run could keep it. A limit that is finer than what the comparison then turns
out to detect is NOT PROVEN, never kept: an equal system would keep it by luck.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from harness.errors import ConfigError
from harness.judge.intervals import LEVEL, freedom, rate_error, unseen
from harness.units import Unit, show

POWER = 0.80  # share of comparisons that find the smallest detectable difference


def detectable(errors: tuple[ArrayLike, ArrayLike], lengths: ArrayLike) -> float | None:
    """Return the smallest difference of rates that this pair could have shown, as a ratio.

    Args:
        errors: two int [n], errors of both systems in the same units.
        lengths: int [n], reference words of each unit.

    Returns:
        None without a reference word, or with fewer than two units.
    """
    first, second = (np.asarray(e, np.float64) for e in errors)
    return _smallest(second - first, lengths, times=1.0)


def detectable_on(errors: ArrayLike, lengths: ArrayLike) -> float | None:
    """Return at most what a paired comparison on a set with these errors could find, as a ratio.

    Args:
        errors: int [n], errors of one system in each unit.
        lengths: int [n], reference words of each unit.

    Returns:
        None as in `detectable`.
    """
    return _smallest(errors, lengths, times=math.sqrt(2))


def refuse_finer(name: str, limit: float, words: int, where: str) -> None:
    """Refuse a limit on a rate, or on a difference of rates, that no result could keep.

    Args:
        name: of the budget, for the message.
        limit: as a ratio.
        words: reference words that will be heard.
        where: the set and how much of it: "es_synthetic, 60 clips".

    Raises:
        ConfigError: even without an error, or a difference, `words` bound it above the limit.
    """
    least = unseen(words) if words else math.inf
    if limit >= least:
        return
    needed = math.ceil(unseen(1.0) / limit) if limit > 0 else 0
    cure = f"Hear {needed} words or more, or widen" if needed else "Widen"
    raise ConfigError(
        f"{name}: a limit of {show(limit, Unit.RATIO)} is finer than {where} can show: "
        f"{words} words without a single error or difference bound it by "
        f"{show(least, Unit.RATIO)} only. {cure} the limit."
    )


def finer_text(limit: float, least: float | None) -> str:
    """Say that a limit is finer than what could be seen; "" where it is not."""
    if least is None or limit >= least:
        return ""
    return (
        f"The limit of {show(limit, Unit.RATIO)} is finer than the smallest difference that these "
        f"clips could show, {show(least, Unit.RATIO)}: correct the limit, or hear more clips."
    )


def _smallest(errors: ArrayLike, lengths: ArrayLike, *, times: float) -> float | None:
    wrong, words = np.asarray(errors, np.float64), np.asarray(lengths, np.float64)
    if not words.sum() or len(words) < 2:
        return None
    quantiles = [float(special.stdtrit(freedom(words), p)) for p in ((1 + LEVEL) / 2, POWER)]
    seen = times * sum(quantiles) * rate_error(wrong, words)
    return max(seen, unseen(float(words.sum())))
