"""What a search does with variants: try whether they run, measure them, let them hear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from harness.accuracy.sets import set_digest
from harness.config import Settings
from harness.errors import MeasurementError
from harness.measure.keeper import Keeper
from harness.progress import progress
from harness.records import Clip, Finding, Measurement, Transcript, Variant
from harness.run import variants
from harness.run.arms import Arm, hear, interleave
from harness.run.jobs import job_of
from harness.run.plan import drawn
from harness.run.recording import Recording
from harness.run.variants import Options
from harness.suite import Tuning

RUNS = "variant_runs"
TITLE = "Every variant that is tried loads the pipeline and answers every clip."
CONTROL = "as given, again"


class Trials:
    """The variants of one run, each written, tried and measured as the search asks."""

    def __init__(self, settings: Settings, tuning: Tuning, recording: Recording) -> None:
        """Read the clips that are timed, and those whose words count."""
        self._settings, self._tuning, self._recording = settings, tuning, recording
        self._written: list[Variant] = []
        self._runs: dict[str, bool] = {}  # name of a variant -> whether it ran when tried
        self._clips = self._draw("set", tuning.set, tuning.clips)
        self._heard = self._draw("wer_set", tuning.wer_set, tuning.wer_clips)

    def look_at_given(self) -> None:
        """Run the config as it is, where it is: an error of it names its own files.

        Raises:
            MeasurementError: it does not load, or fails a clip.
        """
        settings = self._settings
        told = self._told(variants.GIVEN, self._arm(variants.GIVEN, settings))
        if told:
            self._recording.keep(told[0])
            raise MeasurementError(
                f"{settings.config} does not run as given, so there is nothing to tune. "
                f"{told[0].detail}"
            )

    def enter(self, what: str, wanted: Sequence[tuple[Options, str]]) -> list[Variant | None]:
        """Write each variant and try whether it runs; None in the place of one that does not.

        Args:
            what: the step of the search.
            wanted: what each changes, and its part.
        """
        entered: list[Variant | None] = []
        with progress(f"{what}: do they run", total=len(wanted)) as step:
            for options, part in wanted:
                variant = self._write(what, options, part)
                if variant.name not in self._runs:
                    self._runs[variant.name] = self._try(variant)
                entered.append(variant if self._runs[variant.name] else None)
                step()
        self._recording.fact("variants", [asdict(variant) for variant in self._written])
        return entered

    def runs(self, options: Options) -> bool:
        """Return whether a variant ran when it was tried; True where it was not tried."""
        return self._runs.get(variants.name_of(self._settings, options), True)

    def measure(self, what: str, found: Sequence[Variant], rounds: int) -> None:
        """Time and weigh variants, interleaved."""
        self._recording.say(f"{what}: {len(found)} configs, {rounds} processes of each")
        with progress(what, total=len(found) * rounds) as step:
            interleave(
                [self._arm_of(variant) for variant in found],
                rounds=rounds,
                seed=self._settings.suite.seed,
                emit=self._emit,
                step=step,
            )

    def hear(self, found: Sequence[Variant]) -> None:
        """Let every variant hear one set of clips."""
        name, clips = self._tuning.wer_set, self._heard
        self._recording.say(f"words: {len(clips)} clips of {name}, heard by {len(found)} configs")
        self._recording.fact(
            "heard", {"set": name, "clips": len(clips), "digest": set_digest(clips)}
        )
        with progress("words", total=len(found)) as step:
            for variant in found:
                hear([self._arm_of(variant)], name, clips, emit=self._emit)
                step()

    def _draw(self, key: str, name: str, count: int | None) -> tuple[Clip, ...]:
        return drawn(self._settings, f"tune.{key}", name, count)

    def _write(self, what: str, options: Options, part: str) -> Variant:
        name = variants.name_of(self._settings, options)
        arm = {"screen": f"{what}: {name}", "control": CONTROL}.get(part, name)
        folder = self._recording.writer.folder
        variant = variants.write_variant(self._settings, folder, options, arm=arm, part=part)
        self._written.append(variant)
        return variant

    def _try(self, variant: Variant) -> bool:
        """Send every clip to one process of a variant; what goes wrong first is a finding."""
        try:
            told = self._told(variant.name, self._arm_of(variant))
        except MeasurementError as error:
            self._recording.keep(_broken(variant, str(error), {}))
            return False
        if told:
            more = f" ({len(told) - 1} more like it)" if len(told) > 1 else ""
            self._recording.keep(_broken(variant, f"{told[0].detail}{more}", told[0].facts))
        return not told

    def _told(self, name: str, arm: Arm) -> list[Finding]:
        """Return what goes wrong when every clip is sent to one process of a config."""
        told: list[Finding] = []

        def emit(record: Measurement | Finding | Transcript) -> None:
            if isinstance(record, Finding):
                told.append(record)

        Keeper(name, arm.job, emit).run(arm.mode, self._clips)
        return told

    def _arm_of(self, variant: Variant) -> Arm:
        return self._arm(variant.arm, variants.settings_of(self._settings, variant))

    def _arm(self, name: str, settings: Settings) -> Arm:
        how = self._tuning
        job = job_of(
            settings,
            self._clips,
            repeats=how.repeats,
            warmup=how.warmup,
            timeout_s=how.timeout_s,
        )
        return Arm(name=name, job=job)

    def _emit(self, record: Measurement | Finding | Transcript) -> None:
        """Keep all but the rules that hold: they would stand there once for every arm."""
        if not isinstance(record, Finding) or not record.holds:
            self._recording.keep(record)


def _broken(variant: Variant, detail: str, facts: Mapping[str, Any]) -> Finding:
    return Finding(
        rule=RUNS,
        title=TITLE,
        holds=False,
        detail=f"{variant.name} ({variant.config}): {detail}",
        area="process",
        facts={**facts, "variant": variant.name},
    )
