"""The samples of one metric, pooled over the processes of a run, in the order taken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.errors import ConfigError
from harness.records import Measurement, Run
from harness.units import Unit

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Samples:
    """Pooled samples; the three arrays have one length, at least 1."""

    unit: Unit
    values: Floats  # in `unit`, as measured
    processes: NDArray[np.int64]  # which measured process each value came from
    tainted: NDArray[np.bool_]  # disturbed from outside

    @property
    def finite(self) -> NDArray[np.bool_]:
        """Which values are finite numbers."""
        return np.isfinite(self.values)

    @property
    def process_count(self) -> int:
        """How many processes supplied a sample."""
        return len(np.unique(self.processes))

    def where(self, keep: NDArray[np.bool_]) -> Samples | None:
        """Return the samples at which `keep` (bool [n]) is true; None if there are none."""
        if not keep.any():
            return None
        return Samples(
            unit=self.unit,
            values=self.values[keep],
            processes=self.processes[keep],
            tainted=self.tainted[keep],
        )


def samples_of(run: Run, metric: str, arm: str = "") -> Samples | None:
    """Pool every measurement of `metric` in one arm; None when the run has no sample of it.

    Raises:
        ConfigError: the run holds the metric in two units.
    """
    taken = [m for m in run.measurements if m.metric == metric and m.arm == arm and m.samples]
    if not taken:
        return None
    units = sorted({m.unit for m in taken})
    if len(units) > 1:
        raise ConfigError(
            f"run {run.id}: {metric} is stored in {units[0]} and in {units[1]}; expected one unit. "
            "Fix the pass that measures it and run again."
        )
    return Samples(
        unit=units[0],
        values=np.array([v for m in taken for v in m.samples], dtype=np.float64),
        processes=np.repeat([m.process for m in taken], [len(m.samples) for m in taken]),
        tainted=np.array([t for m in taken for t in _taints(m)], dtype=np.bool_),
    )


def metrics_of(run: Run, arm: str = "") -> tuple[str, ...]:
    """Return the names of all metrics measured in one arm, in the order first seen."""
    found = (m.metric for m in run.measurements if m.samples and m.arm == arm)
    return tuple(dict.fromkeys(found))


def _taints(measurement: Measurement) -> tuple[bool, ...]:
    return measurement.tainted or (False,) * len(measurement.samples)
