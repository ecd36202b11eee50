"""Limits on word errors that the clips to be heard could not show, refused before any is heard.

Of a set with fewer than 20 clips nothing is refused: it proves nothing, and its verdict says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from harness.accuracy.text import words
from harness.judge.power import refuse_finer
from harness.judge.scores import DECODED, GREEDY, UTTERANCES
from harness.records import Budget, Clip


def refuse_finer_budgets(budgets: Iterable[Budget], sets: Mapping[str, Sequence[Clip]]) -> None:
    """Refuse every limit on a WER that no error at all in its set would not prove.

    Args:
        budgets: that will be judged; those about other things are passed over.
        sets: the clips that will be heard, by the name of their set.

    Raises:
        ConfigError: names the budget, the set, what it can show and how many words are needed.
    """
    for budget in budgets:
        name = budget.metric.removeprefix(DECODED).removeprefix(GREEDY)
        if name != budget.metric and name in sets and budget.at_most:
            refuse_finer_than(f'budget "{budget.title}"', budget.limit, name, sets[name])


def refuse_finer_than(title: str, limit: float, name: str, clips: Sequence[Clip]) -> None:
    """Refuse a limit, as a ratio, that these clips of the set `name` cannot show.

    Raises:
        ConfigError: as in `refuse_finer_budgets`.
    """
    if len(clips) >= UTTERANCES:
        heard = sum(len(words(clip.text)) for clip in clips)
        refuse_finer(title, limit, heard, f"{name}, {len(clips)} clips,")
