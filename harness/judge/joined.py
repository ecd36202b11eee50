"""Runs of `harness score` that heard parts of one set, on several machines, as one run.

Counts add, so a rate of the whole is that of the sums; an interval needs the transcripts together.
Nothing is counted twice and nothing is taken on trust: each part must be the clips of the set that
it says it heard, by their digest, and all must have been heard by one bundle with one config.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from harness.accuracy.sets import set_digest
from harness.errors import UnlikeRunsError
from harness.records import Clip, Run

VERB = "score"
SHOWN = 3  # clips that a refusal names
ALIKE = ("bundle", "config")  # digests that must be equal


def join(runs: Sequence[Run], clips: Sequence[Clip], name: str, lacking: Sequence[str]) -> Run:
    """Return one run of the whole set; what no part heard is lacking in it.

    Args:
        runs: the parts, one at least.
        clips: of the whole set, that can be used.
        name: of the whole set.
        lacking: why further lines of its manifest cannot be used.

    Raises:
        UnlikeRunsError: a part is no sealed run of `score`, is not of this set, shares a clip with
            another, or was heard by another bundle or config.
    """
    known = {clip.id: clip for clip in clips}
    owners: dict[str, Run] = {}
    for run in runs:
        _refuse_unlike(runs[0], run)
        ids = _heard(run, known)
        if twice := sorted(ids & owners.keys()):
            raise UnlikeRunsError(
                f"{run.id}: {len(twice)} clips stand in {owners[twice[0]].id} too: "
                f"{', '.join(twice[:SHOWN])}. Join runs that have no clip in common."
            )
        owners |= dict.fromkeys(ids, run)
    return replace(
        runs[0],
        id=" + ".join(run.id for run in runs),
        measurements=tuple(m for run in runs for m in run.measurements),
        transcripts=tuple(replace(t, set=name) for run in runs for t in run.transcripts),
        findings=tuple(finding for run in runs for finding in run.findings),
        doubts=tuple(dict.fromkeys((*(d for run in runs for d in run.doubts), *_doubts(runs)))),
        facts=_facts(runs, clips, name, lacking),
    )


def _facts(
    runs: Sequence[Run], clips: Sequence[Clip], name: str, lacking: Sequence[str]
) -> dict[str, Any]:
    of_set = {"clips": len(clips), "of": len(clips) + len(lacking), "lacking": list(lacking)}
    told = [run.facts.get("score", {}) for run in runs]
    workers = sum(int(one.get("workers", 1)) for one in told)
    return {
        **runs[0].facts,
        "sets": {name: {**of_set, "digest": set_digest(clips)}},
        "score": {**told[0], "workers": workers},
    }


def _refuse_unlike(first: Run, run: Run) -> None:
    if run.verb != VERB:
        raise UnlikeRunsError(f"{run.id}: a run of `{run.verb}`. Join runs of `{VERB}`.")
    if not run.complete:
        raise UnlikeRunsError(f"{run.id}: it was interrupted. Finish it with --resume first.")
    then, now = (one.environment.identity if one.environment else {} for one in (first, run))
    differ = [key for key in ALIKE if not then.get(key) or then.get(key) != now.get(key)]
    if differ:
        raise UnlikeRunsError(
            f"{run.id}: not the {' and '.join(differ)} of {first.id} (sha256). Join runs of one "
            "model with one config."
        )


def _heard(run: Run, known: Mapping[str, Clip]) -> set[str]:
    """The ids that a run was to hear, once they are seen to be clips of the whole set."""
    ids = {t.clip for t in run.transcripts}
    ids |= {finding.facts["clip"] for finding in run.findings if "clip" in finding.facts}
    digests = {str(one.get("digest")) for one in run.facts.get("sets", {}).values()}
    strange = sorted(ids - known.keys())
    if strange or digests != {set_digest(known[name] for name in ids)}:
        named = f": {', '.join(strange[:SHOWN])}" if strange else ", by their sha256"
        raise UnlikeRunsError(
            f"{run.id}: heard clips that are not those of this set{named}. Give the set of which "
            "all runs heard a part."
        )
    return ids


def _doubts(runs: Sequence[Run]) -> list[str]:
    """What may keep two machines from hearing the same."""
    places: list[Mapping[str, str]] = [
        run.environment.comparable if run.environment else {} for run in runs
    ]
    keys = sorted({key for place in places for key in place})
    differ = [key for key in keys if len({place.get(key) for place in places}) > 1]
    if not differ:
        return []
    return [
        f"The parts were heard under other conditions ({', '.join(differ)}): the same clip may be "
        "heard otherwise there. Hear all on one kind of machine to be sure."
    ]
