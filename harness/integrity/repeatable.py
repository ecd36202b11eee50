"""Whether a model gives the same answer again, and by another number of threads."""

from __future__ import annotations

from collections.abc import Iterator

from harness.integrity.model import Model
from harness.integrity.outputs import Distance, Output, distance
from harness.integrity.rule import NotChecked, Note

# Largest relative distance between numbers of threads. Sums in another order moved the reference
# model by 2e-7 and its int8 variant, whose values may round the other way, by 5e-6.
THREADS_APART = 1e-4
NOT_RUN = NotChecked("Not checked: the model does not run on the codes of its contract.")


def runs_are_equal(model: Model) -> Iterator[str]:
    """Two runs on the same codes return the same bytes."""
    first, again = model.first, model.again
    if isinstance(first, str):
        yield NOT_RUN
    elif isinstance(again, str):
        yield f"the same codes are refused the second time: {again}"
    elif again != first:
        yield (
            f"{model.contract.output.name}: expected sha256 {first.digest} again; found "
            f"{again.digest}, {_apart(again, first)}. The model draws random numbers, or adds in "
            "an order that varies."
        )


def thread_counts_agree(model: Model) -> Iterator[str]:
    """One thread and as many as there are cores give the same answer, but for rounding."""
    first, alone = model.first, model.alone
    if isinstance(first, str):
        yield NOT_RUN
        return
    counts = f"{model.contract.output.name}: 1 and {model.threads} threads"
    if isinstance(alone, str):
        yield f"{counts}: one thread is refused what {model.threads} are given: {alone}"
    elif alone == first:
        yield Note(f"{counts} give the same bytes.")
    else:
        apart, limit = _apart(first, alone), f"{THREADS_APART:.0e} are allowed"
        near = _relative(first, alone) <= THREADS_APART
        yield Note(f"{counts} are {apart}; {limit}.") if near else f"{counts} are {apart}; {limit}."


def told(apart: Distance) -> str:
    """Say a distance in words."""
    return (
        f"{apart.relative:.1e} relative, at most {apart.max_abs:.2e} and {apart.ulps:.0f} ULP in "
        "one value"
    )


def _apart(found: Output, expected: Output) -> str:
    if found.shape != expected.shape:
        return f"of shape {list(found.shape)} instead of {list(expected.shape)}"
    if found.not_finite or expected.not_finite:
        return "and not finite"
    gap = distance(found.sample, expected.sample)
    return f"{told(gap)} of {found.sample.size} sampled" if gap.max_abs else "apart unseen"


def _relative(found: Output, expected: Output) -> float:
    """The relative distance; infinite where there is none to be told."""
    if found.shape != expected.shape or found.not_finite or expected.not_finite:
        return float("inf")
    return distance(found.sample, expected.sample).relative
