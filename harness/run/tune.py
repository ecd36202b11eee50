"""The search of `harness tune`: a grid of options, without measuring all of its product.

The product of six options holds 64 configs, too many. So there are three steps, each with its
configs interleaved (see `arms`) and the same clips sent to all:

1. Every single change of the config as given, briefly. What wins 3 % of time, peak memory or load
   goes on. A model of another precision goes on in any case: its words are not counted yet.
2. What won nothing alone is tried once more on top of all that won, for options can need each
   other: spinning is worth something only where there are threads to spin.
3. In full: the config as given, the single changes that won, the product of all that won, and the
   config as given a second time, as a control. Of a product larger than `combinations` those count
   that would be best if the gains of the single changes multiplied, all goals weighing the same.
   Each then hears one seeded set of clips for its words, whatever it changes.

Step 3 alone is judged, by what it measured itself: what won the brief look by luck has to win
again. A change that helps only beside one that wins nothing itself is missed.

A variant that does not load, or fails a clip, is a finding, and the search goes on. If the config
as given fails, there is nothing to tune.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from harness.config import SUITE, Settings
from harness.errors import ConfigError
from harness.records import Run, Variant
from harness.run import variants
from harness.run.recording import Recording
from harness.run.trials import Trials
from harness.run.variants import Options
from harness.suite import Tuning

WORTH = 0.03  # gain of a single change, as a log ratio, from which on it is measured in full

# Gains of the first variant over the second: log ratios by goal, above 0 where it is better.
Weigh = Callable[[Run, Variant, Variant], Mapping[str, float]]
Won = list[tuple[Options, float]]  # single changes, each with the sum of its gains


def tune(settings: Settings, tuning: Tuning, recording: Recording, weigh: Weigh) -> None:
    """Search the grid, and write all that is measured to `recording`.

    Args:
        settings: of the config as given.
        tuning: the suite's section `tune`.
        recording: of the run.
        weigh: compares two variants by what the run holds of them.

    Raises:
        ConfigError: the grid changes nothing.
        MeasurementError: the config as given does not run.
    """
    singles = variants.single_changes(variants.grid_of(settings, tuning.grid))
    if not singles:
        suite = settings.config.with_name(SUITE)
        raise ConfigError(f"{suite}: tune.grid: it changes nothing. Name options and values.")
    if not variants.precisions(settings.model):
        recording.say(f"No precision variant beside {settings.model}.")
    search = _Search(settings, tuning, recording, weigh)
    search.trials.look_at_given()
    won = search.screen("one change", {}, singles)
    sound = [change for change in singles if search.trials.runs(change)]
    late = search.screen("on top of what won", *_second(sound, won))
    search.measure([change for change, _ in won], _product(won + late))


class _Search:
    def __init__(
        self, settings: Settings, tuning: Tuning, recording: Recording, weigh: Weigh
    ) -> None:
        self.trials = Trials(settings, tuning, recording)
        self._settings, self._tuning = settings, tuning
        self._recording, self._weigh = recording, weigh

    def screen(self, what: str, base: Options, changes: Sequence[Options]) -> Won:
        """Look briefly at changes of `base`, and return those that win something."""
        if not changes:
            return []
        wanted = [base, *({**base, **change} for change in changes)]
        first, *others = self.trials.enter(what, [(options, "screen") for options in wanted])
        if first is None:
            return []
        runs = [(c, found) for c, found in zip(changes, others, strict=True) if found]
        self.trials.measure(what, [first, *(found for _, found in runs)], self._tuning.screen)
        run = self._recording.run
        gains = [(change, self._weigh(run, found, first)) for change, found in runs]
        return [(c, sum(gain.values())) for c, gain in gains if self._goes_on(c, gain.values())]

    def _goes_on(self, change: Options, gains: Iterable[float]) -> bool:
        return max(gains, default=0.0) > WORTH or variants.changes_model(self._settings, change)

    def measure(self, singles: Sequence[Options], product: Sequence[Options]) -> None:
        """Measure in full what is judged, and let it hear."""
        most = self._tuning.combinations
        if len(product) > most:
            self._recording.doubt(
                f"{len(product) - most} of {len(product)} combinations of what won were not "
                "measured. Raise tune.combinations in suite.yaml for more."
            )
        judged: list[Options] = [{}, *singles, *product[:most]]
        wanted = [*((options, "final") for options in judged), ({}, "control")]
        found = [variant for variant in self.trials.enter("in full", wanted) if variant]
        self.trials.measure("in full", found, self._tuning.processes)
        self.trials.hear([variant for variant in found if variant.part == "final"])


def _second(singles: Sequence[Options], won: Won) -> tuple[dict[str, Any], list[Options]]:
    """Return all that won as one config, and the changes to try on top of it."""
    base: dict[str, Any] = {}
    for change, _ in won:
        base.update(change)  # for the order of the options
    for change, _ in sorted(won, key=lambda pair: pair[1]):
        base.update(change)  # of several values of one option the best counts
    return base, [change for change in singles if base and not set(change) & set(base)]


def _product(won: Won) -> list[Options]:
    """Return every combination of what won, most promising first."""
    gain: Mapping[tuple[str, str], float] = {
        (key, repr(value)): worth for change, worth in won for key, value in change.items()
    }

    def promise(options: Options) -> float:
        return sum(gain[key, repr(value)] for key, value in options.items())

    found = variants.combinations([change for change, _ in won])
    return sorted(found, key=promise, reverse=True)
