"""The time of a graph around a pipeline: all of its call but the pipeline's own."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.budgets import OVERHEAD, UNMEASURED
from harness.measure.job import Job
from harness.measure.keeper import ANSWERS
from harness.measure.routing import STAGES, routing_pass
from harness.records import Finding, Measurement
from harness.run.routing import routing

OWN, AROUND = 0.03, 0.02  # seconds that the toy sleeps in the pipeline, and in the graph beside it

TOY = f"""
import time

class Toy:
    def __init__(self, config):
        self.calls = 0

    def process_audio(self, data):
        time.sleep({OWN})
        return {{"text": "hola"}}

    def directly(self, data):
        time.sleep({OWN})

    def through_graph(self, data):
        time.sleep({AROUND})
        return self.process_audio(data)

    def both(self, data):
        self.calls += 1
        if self.calls == BREAKS:
            raise RuntimeError("the graph ended with an error")
        self.directly(data)
        return self.through_graph(data)
"""


@pytest.fixture
def taken(make_job: Callable[..., Job], tmp_path: Path) -> Callable[[int], dict[str, Any]]:
    """Return a function that runs the pass; the call of this number fails; 0: none."""

    def take(breaks: int) -> dict[str, Any]:
        (tmp_path / "toy.py").write_text(re.sub("BREAKS", str(breaks), TOY))
        told: list[Any] = []
        how = {"factory": "toy:Toy", "root": tmp_path, "stages": STAGES, "leaves": ()}
        job = make_job({"a": {}, "b": {}}, processes=2, repeats=2, warmup=1, **how)
        routing_pass(job, told.append)
        found: dict[str, Any] = {one.rule: one for one in told if isinstance(one, Finding)}
        for one in told:
            if isinstance(one, Measurement):
                found.setdefault(one.metric, []).append(one)
        return found

    return take


def test_the_pipelines_own_time_is_no_overhead(taken: Callable[[int], dict[str, Any]]) -> None:
    found = taken(0)
    overhead, graph = found[OVERHEAD], found["routing.graph"]
    assert [(one.process, sorted(one.clips)) for one in overhead] == [
        (0, ["a", "b"]),
        (1, ["a", "b"]),
    ]
    for around, whole in zip(overhead, graph, strict=True):
        assert len(around.tainted) == 2
        assert all(value >= AROUND for value in around.samples)
        pairs = zip(whole.samples, around.samples, strict=True)
        assert all(one - other >= OWN for one, other in pairs)
    assert all(value >= OWN for one in found["routing.direct"] for value in one.samples)
    assert found[ANSWERS].holds


def test_a_graph_that_fails_is_a_finding(taken: Callable[[int], dict[str, Any]]) -> None:
    broken = taken(2)[ANSWERS]
    assert not broken.holds
    assert "the graph ended with an error" in broken.detail


@pytest.mark.parametrize(
    ("part", "reason"),
    [
        (None, "suite.yaml has no section routing"),
        (SimpleNamespace(needs="no_such_library"), "no_such_library is not installed. Run: pip "),
    ],
)
def test_what_is_not_measured_is_said_with_its_reason(part: Any, reason: str) -> None:
    told: dict[str, str] = {}
    recording: Any = SimpleNamespace(fact=told.__setitem__, say=lambda text: None)
    plan: Any = SimpleNamespace(settings=SimpleNamespace(suite=SimpleNamespace(routing=part)))
    routing(plan, recording)
    assert told[f"{UNMEASURED}{OVERHEAD}"].startswith(reason)
