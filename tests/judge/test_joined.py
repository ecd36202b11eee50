"""Parts of one set as one run: what adds up, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from harness.accuracy.sets import set_digest
from harness.errors import UnlikeRunsError
from harness.judge.joined import join
from harness.judge.scored import scored
from harness.records import Clip, Run
from tests.sample_run import empty_run, environment, transcript


def clip(number: int) -> Clip:
    told: dict[str, Any] = {"language": "es", "speaker": "", "condition": "", "sha256": "0" * 64}
    return Clip(id=f"c{number}", audio=f"/{number}.wav", text="uno dos", seconds=1.0, **told)


WHOLE = tuple(map(clip, range(40)))


def part(first: int, last: int, name: str = "part") -> Run:
    """Return a run that heard a slice of the set, every fifth clip wrongly."""
    clips = WHOLE[first:last]
    fact = {"clips": len(clips), "of": len(clips), "digest": set_digest(clips)}
    return empty_run(
        id=f"{name}-{first}",
        verb="score",
        transcripts=tuple(
            transcript(c.text, "uno" if int(c.id[1:]) % 5 == 0 else c.text, c.id, set=name)
            for c in clips
        ),
        facts={"sets": {name: fact}, "score": {"workers": 2}},
    )


def test_parts_are_the_whole() -> None:
    joined = scored(join([part(25, 40, "b"), part(0, 25, "a")], WHOLE, "all", ()), "all")
    alone = scored(part(0, 40, "all"), "all")
    assert joined.score is not None
    assert alone.score is not None
    assert joined.score.counts == alone.score.counts
    assert joined.score.interval() == alone.score.interval()
    assert (joined.heard, joined.lacking) == (40, 0)
    assert joined.run.facts["score"]["workers"] == 4


def test_what_no_part_heard_is_lacking() -> None:
    run = join([part(0, 10), part(20, 40)], WHOLE, "all", ("manifest.jsonl:41: not JSON",))
    assert scored(run, "all").lacking == 11


def test_another_machine_is_doubted() -> None:
    place = environment()
    other = replace(place, comparable={**place.comparable, "cpu": "another"})
    run = join([part(0, 20), replace(part(20, 40), environment=other)], WHOLE, "all", ())
    assert "under other conditions (cpu)" in run.doubts[0]


def other_config(run: Run) -> Run:
    place = environment()
    return replace(run, environment=replace(place, identity={**place.identity, "config": "b"}))


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (lambda: part(19, 40), "1 clips stand in part-0 too: c19"),
        (lambda: part(0, 20), "20 clips stand in part-0 too: c0, c1, c10"),
        (lambda: other_config(part(20, 40)), "not the config of part-0"),
        (lambda: replace(part(20, 40), environment=None), "not the bundle and config of"),
        (lambda: replace(part(20, 40), complete=False), "Finish it with --resume"),
        (lambda: replace(part(20, 40), verb="bench"), "a run of `bench`"),
        (lambda: replace(part(20, 40), transcripts=part(20, 39).transcripts), "by their sha256"),
        (
            lambda: replace(part(20, 40), transcripts=(transcript("uno", "uno", "else"),)),
            "not those of this set: else",
        ),
    ],
)
def test_unlike_and_overlapping_parts_are_refused(second: Callable[[], Run], why: str) -> None:
    with pytest.raises(UnlikeRunsError, match=why):
        join([part(0, 20), second()], WHOLE, "all", ())
