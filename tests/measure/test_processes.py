"""However a measured process ends, it is said where and why, and the rest is measured."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import MeasurementError
from harness.measure.job import Job
from harness.measure.keeper import ANSWERS, ENDS_WELL, OWN_MODEL
from harness.measure.passes import latency_pass, transcribe_pass
from harness.measure.process import Ending, Fault
from harness.records import Finding, Transcript


def heard(job: Job) -> tuple[list[Transcript], list[Finding]]:
    """Transcribe the clips of a job."""
    told: list[Any] = []
    transcribe_pass(job, {"words": job.clips}, told.append)
    transcripts = [one for one in told if isinstance(one, Transcript)]
    return transcripts, [one for one in told if isinstance(one, Finding)]


def broken(findings: Iterable[Finding], *rules: str) -> str:
    return "\n".join(one.detail for one in findings if one.rule in rules and not one.holds)


def test_clip_after_clip_is_heard_with_both_texts_and_its_time(make_job: Any) -> None:
    job = make_job({"a": {"text": "enciende la luz"}, "b": {"text": "", "seconds": 0.02}})
    transcripts, findings = heard(job)
    assert [(one.clip, one.hypothesis, one.greedy) for one in transcripts] == [
        ("a", "enciende la luz", "ENCIENDE LA LUZ"),
        ("b", "", ""),
    ]
    assert transcripts[0].set == "words"
    assert transcripts[0].reference == "hola"
    assert transcripts[1].elapsed >= 0.02
    assert {one.rule: one.holds for one in findings} == dict.fromkeys(
        (ENDS_WELL, ANSWERS, OWN_MODEL), True
    )


@pytest.mark.parametrize(
    ("fault", "rule", "said"),
    [
        ("SIGSEGV", Fault.CRASHED, "was killed by SIGSEGV in inference on clip b."),
        (
            "SIGKILL",
            Fault.CRASHED,
            "was killed by SIGKILL in inference on clip b. Somebody ended it",
        ),
        ("exit 3", Fault.LEFT_EARLY, "ended with status 3 in inference on clip b."),
        (
            "sys.exit 0",
            Fault.LEFT_EARLY,
            "ended before its work was done, with status 0 in inference on clip b.",
        ),
    ],
)
def test_a_process_that_dies_is_named_with_stage_and_clip_and_the_next_clip_is_heard(
    make_job: Any, fault: str, rule: str, said: str
) -> None:
    job = make_job({"a": {}, "b": {"fault": fault}, "c": {}})
    transcripts, findings = heard(job)
    assert [one.clip for one in transcripts] == ["a", "c"]
    assert f"transcribe process 0 {said}" in broken(findings, rule)
    (found,) = [one for one in findings if not one.holds]
    assert (found.facts["stage"], found.facts["clip"]) == ("inference", "b")
    assert found.facts["signal"] == (fault if fault.startswith("SIG") else "")
    assert {one.area for one in findings} == {"process"}


def test_the_last_lines_of_a_crash_show_where_in_the_code_it_was(make_job: Any) -> None:
    _, findings = heard(make_job({"a": {"fault": "SIGSEGV", "stage": "decode"}}))
    said = broken(findings, Fault.CRASHED)
    assert "in decode on clip a" in said
    assert "in _read_null" in said
    assert "probe.py" not in said
    assert "instruments.py" not in said


def test_a_process_that_hangs_is_ended_and_says_where_it_was(make_job: Any) -> None:
    job = make_job({"a": {}, "b": {"fault": "hang", "stage": "tokenise"}, "c": {}}, timeout_s=3)
    transcripts, findings = heard(job)
    assert [one.clip for one in transcripts] == ["a", "c"]
    said = broken(findings, Fault.TIMED_OUT)
    assert "still ran after 3 s and was ended in tokenise on clip b. Raise timeout_s" in said
    assert "in behave" in said  # the stack, as the process wrote it when it was asked


@pytest.mark.parametrize(
    ("clip", "said"),
    [
        ({"fault": "exception"}, "b.json) in inference: the clip is not to my taste"),
        ({"fault": "KeyError", "stage": "tokenise"}, "b.json) in tokenise: KeyError: 'codes'"),
        ({"text": None}, "b.json): TypeError: expected a dict with the str 'text', got"),
    ],
)
def test_an_exception_costs_one_clip_and_no_process(
    make_job: Any, clip: dict[str, Any], said: str
) -> None:
    transcripts, findings = heard(make_job({"a": {}, "b": clip, "c": {}}))
    assert [one.clip for one in transcripts] == ["a", "c"]
    assert said in broken(findings, ANSWERS)
    assert not broken(findings, ENDS_WELL, *Fault)
    (found,) = [one for one in findings if not one.holds]
    assert found.facts["clip"] == "b"


def test_a_kill_for_want_of_memory_is_told_from_any_other() -> None:
    ending = Ending(status=-9, done=False, stage="", clip="", output="", timeout_s=1.0)
    assert ending.fault is Fault.CRASHED
    starved = replace(ending, starved=True)
    assert starved.fault is Fault.OUT_OF_MEMORY
    assert "want of memory. Compare memory.peak" in starved.sentence
    assert replace(starved, status=0, done=True).fault is None


def test_a_clip_that_cannot_be_read_is_named(make_job: Any) -> None:
    job = make_job({"a": {}, "b": {}})
    Path(job.clips[0].audio).unlink()
    transcripts, findings = heard(job)
    assert [one.clip for one in transcripts] == ["b"]
    assert "a.json): FileNotFoundError" in broken(findings, ANSWERS)


def test_what_the_pipeline_prints_disturbs_nothing_and_forges_nothing(make_job: Any) -> None:
    transcripts, findings = heard(make_job({"a": {"say": True}, "b": {"say": True}}))
    assert [one.clip for one in transcripts] == ["a", "b"]
    assert all(one.holds for one in findings)


def test_a_child_that_the_pipeline_leaves_behind_ends_with_it(
    make_job: Any, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    transcripts, findings = heard(make_job({"a": {"child": str(pid_file)}}))
    assert len(transcripts) == 1
    assert all(one.holds for one in findings)
    assert ended(int(pid_file.read_text()))


def ended(pid: int) -> bool:
    """Whether a process is gone, or a zombie that nobody has reaped yet."""
    for _ in range(50):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (
            {"load": {"fault": "exception"}},
            "suite.yaml: factory: planted:.* failed with .*planted.json: the clip is not to my",
        ),
        (
            {"factory": "planted:Pipline"},
            "suite.yaml: factory: planted:Pipline cannot be imported from /.*Pip",
        ),
        ({"factory": "plantd:Pipeline"}, "suite.yaml: factory: .*No module named 'plantd'"),
        (
            {"stages": {"inference": "run_infrence", "end_to_end": "process_audio"}, "leaves": ()},
            "suite.yaml: stages: inference: Pipeline has no method 'run_infrence'.*run_inference",
        ),
    ],
)
def test_a_pipeline_that_does_not_load_is_an_error_of_one_line(
    make_job: Any, how: dict[str, Any], said: str
) -> None:
    told: list[Any] = []
    with pytest.raises(MeasurementError, match=said) as error:
        latency_pass(make_job({"a": {}}, processes=3, **how), told.append)
    assert "\n" not in str(error.value)
    assert not told


def test_a_pipeline_that_crashes_while_it_loads_is_tried_once_more(make_job: Any) -> None:
    told: list[Any] = []
    latency_pass(make_job({"a": {}}, load={"fault": "SIGKILL"}, processes=9), told.append)
    said = broken(told, ENDS_WELL, Fault.CRASHED)
    assert "latency process 0 was killed by SIGKILL in load." in said
    assert "latency process 1 was killed by SIGKILL in load." in said
    assert "2 processes in a row answered nothing; the pass ended" in said
    assert "process 2" not in said


def test_clips_that_were_never_sent_are_counted(make_job: Any) -> None:
    crash = {"fault": "SIGKILL"}
    _, findings = heard(make_job({"a": crash, "b": crash, "c": {}, "d": {}}))
    assert "2 clips of words were not sent any more." in broken(findings, ANSWERS)


def test_the_measured_process_holds_the_pipeline_and_the_standard_library_only(
    make_job: Any,
) -> None:
    transcripts, _ = heard(make_job({"a": {"modules": True}}))
    modules = transcripts[0].hypothesis.split()
    assert "planted" in modules
    heavy = {"harness", "numpy", "pytest", "pydantic", "pandas", "matplotlib", "_pytest"}
    assert not {name.partition(".")[0] for name in modules} & heavy


def test_an_interruption_ends_the_measured_process_too(make_job: Any, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"

    def interrupt(record: object) -> None:
        raise KeyboardInterrupt

    job = make_job({"a": {"child": str(pid_file)}, "b": {"fault": "hang"}})
    with pytest.raises(KeyboardInterrupt):
        transcribe_pass(job, {"words": job.clips}, interrupt)
    assert ended(int(pid_file.read_text()))
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def test_answers_of_another_model_are_counted_and_break_a_rule(make_job: Any) -> None:
    why = {"model": "small", "instead_of": "large", "why": "no memory"}
    job = make_job({"a": {"fallback": why}, "b": {}, "c": {"fallback": why}})
    told: list[Any] = []
    transcribe_pass(job, {"words": job.clips}, told.append)
    (count,) = [one for one in told if getattr(one, "metric", "") == "fallbacks"]
    assert (count.samples, count.process) == ((2.0,), 0)
    said = broken([one for one in told if isinstance(one, Finding)], OWN_MODEL)
    assert said == (
        "transcribe: 2 of 3 answers came from another model "
        "(model: small, instead_of: large, why: no memory)"
    )
