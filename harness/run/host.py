"""The pass that measures what the machine itself can do."""

from __future__ import annotations

from harness.config import Settings
from harness.errors import MeasurementError
from harness.measure.ceilings import measure_ceilings
from harness.run.recording import Recording


def host_pass(settings: Settings, recording: Recording) -> None:
    """Measure the machine's ceilings with the threads of the pipeline, and record them.

    Raises:
        MeasurementError: they could not be measured.
    """
    seconds = settings.suite.host.seconds
    recording.say(f"host      memory and products, {seconds:g} s")
    found = measure_ceilings(seconds=seconds, threads=settings.threads)
    for measurement in found.measurements:
        recording.keep(measurement)
    recording.fact("host", dict(found.facts))


def host_or_doubt(settings: Settings, recording: Recording) -> None:
    """Measure them, or say what cannot be said without: what a pipeline costs can be measured."""
    try:
        host_pass(settings, recording)
    except MeasurementError as error:
        recording.doubt(f"{error} No budget of this run can be called infeasible.")
