"""Whole sets: the pool, the hand-out, memory, and a run that goes on after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
import pytest

from harness.accuracy.sets import read_set
from harness.config import read_settings
from harness.errors import MeasurementError, StoreError, UnlikeRunsError
from harness.measure.host import free_memory
from harness.measure.keeper import ANSWERS
from harness.measure.passes import transcribe_pass
from harness.measure.process import PROBE
from harness.progress import silent
from harness.records import Clip, Finding, Measurement, Run, Transcript
from harness.run.jobs import job_of
from harness.run.score.handout import Handout
from harness.run.score.session import Order, score_set
from harness.run.score.weight import Weight, refuse_too_many
from harness.run.score.workers import hear_all
from harness.store import RunWriter, read_run
from tests.toy_project import ROOT, harness, make_project, write_set

WORDS = {f"frase {number}": f"frase {number}" for number in range(12)}


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    project = make_project(tmp_path / "toy", WORDS)
    monkeypatch.chdir(project)
    return project


def clip(name: str, seconds: float = 1.0) -> Clip:
    told: dict[str, Any] = {"language": "es", "speaker": "s", "condition": "clean"}
    told["sha256"] = "0" * 64
    return Clip(id=name, audio=f"/{name}.wav", text=name, seconds=seconds, **told)


def answer(name: str) -> dict[str, object]:
    return {"clip": name, "text": name, "greedy": "", "elapsed": 1, "peak": 1, "broke": ""}


def heard(project: Path, *, resume: Path | None = None, **how: object) -> Run:
    settings = read_settings(Path("config/toy.yaml"))
    given = {"workers": 2, "runs": project / "reports/runs", "clip_s": 30.0, **how}
    clips = read_set(project / "sets/words")
    order = Order(settings=settings, name="words", clips=clips, **given)  # type: ignore[arg-type]
    return score_set(order, resume=resume, say=lambda text: None, bar=silent)


def counted(run: Run) -> Counter[str]:
    return Counter(t.clip for t in run.transcripts)


def test_long_clips_go_first_and_each_is_settled_once() -> None:
    kept: list[object] = []
    handout = Handout("s", [clip("a", 1), clip("b", 3), clip("c", 2)], kept.append, tries=2)
    taken = [handout.take() for _ in range(4)]
    assert [one.id for one in taken if one] == ["b", "c", "a"]
    assert taken[3] is None
    for _ in range(2):
        handout.heard(clip("b", 3), answer("b"))  # the second answer is dropped
    handout.refused(clip("b", 3), "", "too late")
    assert [one.clip for one in kept if isinstance(one, Transcript)] == ["b"]
    assert len(kept) == 1
    assert (handout.heard_clips, handout.heard_seconds, handout.left) == (1, 3.0, 2)


def test_a_clip_that_takes_two_workers_with_it_lacks() -> None:
    kept: list[Finding] = []
    handout = Handout("s", [clip("a")], kept.append, tries=2)  # type: ignore[arg-type]
    assert handout.lost(clip("a"), "was killed by SIGKILL")
    assert not kept
    assert not handout.lost(clip("a"), "was killed by SIGSEGV")
    assert [(one.rule, one.holds, one.facts["clip"]) for one in kept] == [(ANSWERS, False, "a")]
    assert "SIGSEGV" in kept[0].detail
    assert handout.left == 0


def test_the_refusal_is_a_sum_that_a_person_can_check() -> None:
    weight = Weight(peak=300, shared=100, clip="longest")
    refuse_too_many(weight, 4, free=1000)  # 100 + 4 x 200 = 900 of 950
    with pytest.raises(MeasurementError) as refused:
        refuse_too_many(weight, 5, free=1000)
    told = str(refused.value)
    assert "5 x 200 B + 100 B = 1.10 kB" in told
    assert "At most 4 fit. Give --workers 4." in told
    with pytest.raises(MeasurementError, match=r"At most 0 fit. Free some memory"):
        refuse_too_many(weight, 1, free=200)


@pytest.mark.parametrize(
    ("limit", "used", "files", "expected"),
    [
        ("1000", "600", "150", 550),  # pages of files are given up when memory is wanted
        ("1000", "2000", "0", 0),
        ("max", "600", "0", None),  # no limit: what the machine has
    ],
)
def test_free_memory_is_that_of_the_narrowest_group(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    limit: str,
    used: str,
    files: str,
    expected: int | None,
) -> None:
    (tmp_path / "memory.max").write_text(limit)
    (tmp_path / "memory.current").write_text(used)
    (tmp_path / "memory.stat").write_text(f"anon 7\ninactive_file {files}\nactive_file 0\n")
    monkeypatch.setattr("harness.measure.host._cgroups", lambda controller: [tmp_path])
    free = free_memory()
    assert free == expected if expected is not None else free > 10_000_000


def test_two_workers_hear_every_clip_once(toy: Path) -> None:
    run = heard(toy)
    assert counted(run) == {f"w{number}": 1 for number in range(12)}
    assert all(t.reference == t.hypothesis for t in run.transcripts)
    assert run.complete
    assert all(finding.holds for finding in run.findings)
    peaks = [m for m in run.measurements if m.metric == "score.worker_peak"]
    assert len(peaks[0].samples) == 2
    assert min(peaks[0].samples) > 1_000_000


def test_a_deadly_clip_is_tried_twice_and_the_others_are_heard(toy: Path) -> None:
    write_set(toy / "sets/words", {**WORDS, "muere": "crash"})
    run = heard(toy)
    assert counted(run) == {f"w{number}": 1 for number in range(12)}
    broken = [finding for finding in run.findings if not finding.holds]
    assert [(one.rule, one.facts["clip"]) for one in broken] == [(ANSWERS, "w12")]
    assert "2 workers died" in broken[0].detail
    assert "SIGKILL" in broken[0].detail


def test_a_worker_that_dies_once_loses_nothing(toy: Path) -> None:
    """The pipeline dies at its first "once" and answers the second: the clip is heard, and told."""
    once = toy / "died"
    source = (toy / "toy_pipeline.py").read_text()
    dies = f'if text == "once" and not os.path.exists({str(once)!r}):\n'
    dies += f'            open({str(once)!r}, "w").close()\n            os.abort()\n        if text'
    (toy / "toy_pipeline.py").write_text(source.replace("if text", dies, 1))
    write_set(toy / "sets/words", {**WORDS, "once": "once"})
    run = heard(toy)
    assert counted(run) == {f"w{number}": 1 for number in range(13)}
    assert any("w12 was heard again" in doubt and "SIGABRT" in doubt for doubt in run.doubts)


def test_a_clip_that_hangs_is_ended_and_says_where(toy: Path) -> None:
    write_set(toy / "sets/words", {"uno": "uno", "hang": "hang"})
    run = heard(toy, clip_s=1.0)
    assert counted(run) == {"w0": 1}
    (broken,) = (finding for finding in run.findings if not finding.holds)
    assert "still worked after 1 s" in broken.detail
    assert "toy_pipeline.py" in broken.detail  # the line at which it hung


def test_a_pipeline_that_does_not_load_stops_before_a_run_is_made(toy: Path) -> None:
    (toy / "toy_pipeline.py").write_text("raise RuntimeError('no licence')\n")
    with pytest.raises(MeasurementError, match="no licence"):
        heard(toy)
    assert not list(toy.glob("reports/runs/*"))


def test_a_reopened_journal_loses_its_torn_line_only(tmp_path: Path) -> None:
    with RunWriter(tmp_path, verb="score", bundle="b", config="c") as writer:
        writer.fact("a", 1)
    journal = writer.folder / "journal.jsonl"
    whole = journal.read_bytes()
    journal.write_bytes(whole + b'{"type": "fact", "name": "b", "value": 2}')  # no end of line
    with RunWriter.reopen(writer.folder) as again:
        assert journal.read_bytes() == whole
        again.fact("c", 3)
        again.seal()
    run = read_run(writer.folder)
    assert dict(run.facts) == {"a": 1, "c": 3}
    assert json.loads(journal.read_text().splitlines()[-1]) == {"type": "seal", "records": 2}


def test_two_processes_never_write_one_run(tmp_path: Path) -> None:
    with (
        RunWriter(tmp_path, verb="score", bundle="b", config="c") as writer,
        pytest.raises(StoreError, match="another process still writes"),
    ):
        RunWriter.reopen(writer.folder)


def test_a_killed_run_goes_on_and_counts_nothing_twice(toy: Path) -> None:
    (toy / "config/toy.yaml").write_text("audio_omni: {model_path: model.onnx}\npause: 0.2\n")
    folder = _killed(toy, after=3)
    before = counted(read_run(folder))
    assert 3 <= sum(before.values()) < 12
    for part in _changed_parts(toy):  # with any of them another, it does not go on
        with pytest.raises(UnlikeRunsError, match=f"cannot go on.*: {part}: [0-9a-f]+ then"):
            heard(toy, resume=folder)
        assert counted(read_run(folder)) == before
    told = harness(toy, *_SCORE, "--resume", folder.name)
    assert told.returncode == 3, told.stderr  # all is well, and 12 clips prove nothing
    after = read_run(folder)
    assert counted(after) == {f"w{number}": 1 for number in range(12)}
    assert after.complete
    assert counted(heard(toy, resume=folder)) == counted(after)  # nothing is left to hear
    assert len(list(toy.glob("reports/runs/*"))) == 1


def test_ray_that_is_absent_is_named_with_its_remedy(toy: Path) -> None:
    (toy / "ray.py").write_text("raise ImportError('planted')\n")
    code = "import sys; sys.path.insert(0, '.'); from harness.cli import main; main()"
    told = subprocess.run(
        [sys.executable, "-c", code, *_SCORE, "--engine", "ray"],
        cwd=toy,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert told.returncode == 2
    assert 'pip install "sarai-harness[ray]"' in told.stderr
    assert "Traceback" not in told.stderr
    assert not list(toy.glob("reports/runs/*"))


def test_two_workers_hear_what_one_process_hears() -> None:
    """Bit for bit the texts of the accuracy pass, on the reference model."""
    settings = read_settings(ROOT / "config/reference.yaml")
    clips = read_set(ROOT / "validation/reference_sets/es_synthetic")[:16]
    alone: list[Transcript | Finding | Measurement] = []
    transcribe_pass(job_of(settings, clips, timeout_s=120.0), {"s": clips}, alone.append)
    expected = {t.clip: (t.hypothesis, t.greedy) for t in alone if isinstance(t, Transcript)}
    pooled: list[Transcript | Finding | Measurement] = []
    handout = Handout("s", clips, pooled.append, tries=2)
    hear_all(job_of(settings, clips, timeout_s=120.0), handout, workers=2)
    found = {t.clip: (t.hypothesis, t.greedy) for t in pooled if isinstance(t, Transcript)}
    assert len(found) == 16
    assert found == expected


_SCORE = ("score", "words", "--config", "config/toy.yaml", "--workers", "2")


def _killed(project: Path, *, after: int) -> Path:
    """Start a run, kill its process once so many clips are stored, and return its folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", "from harness.cli import main; main()", *_SCORE],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        journals = list(project.glob("reports/runs/*/journal.jsonl"))
        if journals and journals[0].read_text().count('"type": "transcript"') >= after:
            break
        time.sleep(0.02)
    assert len(_workers(project)) == 2
    process.send_signal(signal.SIGKILL)
    process.wait()
    while time.monotonic() < deadline and _workers(project):
        time.sleep(0.05)
    assert not _workers(project)  # they end by themselves: the line on which clips come is cut
    return journals[0].parent


def _workers(project: Path) -> list[int]:
    """Return the processes that run the probe in a project's folder."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if str(PROBE) in process.cmdline() and process.cwd() == str(project):
                found.append(process.pid)
    return found


def _changed_parts(project: Path) -> Iterator[str]:
    """Change one part of a project after the other, and put it back."""
    model, config = project / "model.onnx", project / "config/toy.yaml"
    manifest = project / "sets/words/manifest.jsonl"
    for part, file, data in (
        ("set words", manifest, manifest.read_bytes().replace(b"frase 7", b"frase 8")),
        ("config", config, config.read_bytes() + b"# another\n"),
        ("bundle", model, _other_model(model)),
    ):
        then = file.read_bytes()
        file.write_bytes(data)
        yield part
        file.write_bytes(then)


def _other_model(file: Path) -> bytes:
    import onnx

    model = onnx.load(file)
    model.doc_string = "another"
    return bytes(model.SerializeToString())
