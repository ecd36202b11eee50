"""Two runs side by side with all that is told of them: metrics, decisions, clips."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from harness.judge.clip_changes import ClipChange, clip_changes
from harness.judge.compare import Comparison, compare
from harness.judge.decided import Decided, decided
from harness.judge.scores import as_they_are
from harness.records import Run
from harness.report.change_rows import METHOD, change_rows, summary_text, word_of_all
from harness.report.clip_change_rows import sentence
from harness.summaries import read_decisions

UNLIKE = (
    "These runs were not made under like conditions: what differs below may come from that alone."
)


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What a comparison shows in every form."""

    metrics: Comparison
    decisions: Decided
    clips: tuple[ClipChange, ...]
    both: int  # clips that both runs heard


def compare_stored(old: Path, new: Path, runs: tuple[Run, Run], *, anyway: bool) -> Compared:
    """Compare two runs and the last decisions that are kept beside them.

    Args:
        old: folder of the older run.
        new: folder of the newer one.
        runs: both, as read from there.
        anyway: compare unlike runs, too.

    Raises:
        UnlikeRunsError: the conditions differ and `anyway` is False.
        StoreError: a decision is damaged.
    """
    metrics = compare(*runs, anyway=anyway)
    before, after = (next(iter(read_decisions(at)[::-1]), None) for at in _folders(old, new))
    first, second = ({(t.set, t.clip, t.reference) for t in _heard(run)} for run in runs)
    return Compared(
        metrics=metrics,
        decisions=decided(*runs, before, after),
        clips=clip_changes(*runs),
        both=len(first & second),
    )


def told(found: Compared) -> dict[str, Any]:
    """Return everything that the page shows, and every clip, as plain data."""
    metrics = found.metrics
    rows = {row.metric: row for row in change_rows(metrics)}
    changes = [
        {**asdict(c), "p95": rows[c.metric].p95 if c.metric in rows else ""}
        for c in metrics.changes
    ]
    return {
        "old": metrics.old.id,
        "new": metrics.new.id,
        "word": word_of_all(metrics)[0],
        "sentence": summary_text(metrics),
        "method": METHOD,
        "unlike": metrics.unlike,
        "identity": metrics.identity,
        "decisions": asdict(found.decisions),
        "changes": changes,
        "clips": {
            "both": found.both,
            "sentence": sentence(found.clips, found.both),
            "changed": [_clip(change) for change in found.clips],
        },
    }


def _clip(change: ClipChange) -> dict[str, Any]:
    return {
        "set": change.new.set,
        "clip": change.new.clip,
        "reference": change.new.reference,
        "old": {"heard": change.old.hypothesis, **asdict(change.before)},
        "new": {"heard": change.new.hypothesis, **asdict(change.after)},
        "more_errors": change.more,
        "gained": change.gained,
        "lost": change.lost,
    }


def _folders(*paths: Path) -> Iterable[Path]:
    """The folder of a run that was named by it or by its journal."""
    return (path if path.is_dir() else path.parent for path in paths)


def _heard(run: Run) -> Iterable[Any]:
    return (t for t in as_they_are(run) if not t.arm)
