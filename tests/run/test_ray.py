"""A whole set on a Ray cluster of two nodes on this machine, one of which is lost in the middle."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from harness.accuracy.sets import read_set
from harness.config import read_settings
from harness.progress import Step
from harness.run.score.session import RAY, Order, score_set
from harness.store import read_run
from tests.toy_project import make_project, write_set

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
ray = pytest.importorskip("ray", reason='Ray is absent: pip install "sarai-harness[ray]"')

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

NODE = {"num_cpus": 1, "node_ip_address": "127.0.0.1", "include_dashboard": False}
WORDS = {f"frase {number}": f"frase {number}" for number in range(24)}


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A head of one core with this process on it; everything listens on loopback alone."""
    cluster_of = import_module("ray.cluster_utils").Cluster
    # Else Ray takes 127.0.0.1 for a name of the outer address, where nothing listens.
    monkeypatch.setattr("ray._private.ray_constants.ENABLE_RAY_CLUSTER", False)
    made = cluster_of(initialize_head=True, head_node_args=NODE)
    try:
        ray.init(address=made.address, log_to_driver=False)
        yield made
    finally:
        ray.shutdown()
        made.shutdown()


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project = make_project(tmp_path / "toy", WORDS)
    (project / "config/toy.yaml").write_text("audio_omni: {model_path: model.onnx}\npause: 0.3\n")
    monkeypatch.chdir(project)
    return project


def order_of(project: Path, address: str) -> Order:
    return Order(
        settings=read_settings(Path("config/toy.yaml")),
        name="words",
        clips=read_set(project / "sets/words"),
        workers=2,
        runs=project / "reports/runs",
        engine=RAY,
        address=address,
        clip_s=30.0,
    )


def bar_that(act: Callable[[int], None]) -> Callable[..., Any]:
    """A progress bar that calls `act` with the number of clips done so far."""

    @contextmanager
    def bar(what: str, *, total: int) -> Iterator[Step]:
        done = 0

        def step() -> None:
            nonlocal done
            done += 1
            act(done)

        yield step

    return bar


def test_a_node_that_is_lost_loses_no_clip_and_none_counts_twice(cluster: Any, toy: Path) -> None:
    node = cluster.add_node(**NODE)
    assert sum(one["Alive"] for one in ray.nodes()) == 2

    def lose_a_node(done: int) -> None:
        if done == 6:
            cluster.remove_node(node, allow_graceful=False)

    run = score_set(
        order_of(toy, cluster.address),
        resume=None,
        say=lambda text: None,
        bar=bar_that(lose_a_node),
    )
    assert Counter(t.clip for t in run.transcripts) == {f"w{n}": 1 for n in range(24)}
    assert all(t.hypothesis == t.reference for t in run.transcripts)
    assert any("was heard again in a fresh worker: one actor was lost" in d for d in run.doubts)
    assert all(finding.holds for finding in run.findings)
    assert run.complete


def test_a_run_of_a_cluster_goes_on_and_a_refused_clip_lacks(cluster: Any, toy: Path) -> None:
    """What another session kept is not heard again; audio that is not the manifest's is refused."""
    write_set(toy / "sets/words", {f"frase {n}": f"frase {n}" for n in range(5)})
    order = order_of(toy, cluster.address)
    (toy / "sets/words/audio/4.wav").write_text("otra")

    def stop(done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        score_set(order, resume=None, say=lambda text: None, bar=bar_that(stop))
    (folder,) = (toy / "reports/runs").iterdir()
    assert len(read_run(folder).transcripts) + len(read_run(folder).findings) == 2
    run = score_set(order, resume=folder, say=lambda text: None, bar=bar_that(lambda done: None))
    assert Counter(t.clip for t in run.transcripts) == {f"w{n}": 1 for n in range(4)}
    (broken,) = (finding for finding in run.findings if not finding.holds)
    assert broken.facts["clip"] == "w4"
    assert "in the manifest" in broken.detail


def test_an_actor_that_dies_of_a_clip_is_replaced(cluster: Any, toy: Path) -> None:
    write_set(toy / "sets/words", {"uno": "uno", "muere": "crash", "dos": "dos"})
    run = score_set(
        order_of(toy, cluster.address),
        resume=None,
        say=lambda text: None,
        bar=bar_that(lambda done: None),
    )
    assert Counter(t.clip for t in run.transcripts) == {"w0": 1, "w2": 1}
    (broken,) = (finding for finding in run.findings if not finding.holds)
    assert broken.facts["clip"] == "w1"
    assert "4 workers died" in broken.detail
