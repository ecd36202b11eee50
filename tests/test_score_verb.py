"""`harness score` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.judge.scored import difference, scored
from harness.records import Run, Transcript
from tests.toy_project import BUDGETS, harness, make_project, write_set

WORDS = {f"una frase {number}": f"una frase {number}" for number in range(40)}
LOCAL = ("score", "words", "--config", "config/toy.yaml")


@pytest.fixture
def toy(tmp_path: Path) -> Path:
    """A project of two pipelines; `other` hears "otra" for "una" in every fifth clip."""
    rows = BUDGETS.split("toy:\n")[1]
    project = make_project(tmp_path / "toy", WORDS, budgets=f"{BUDGETS}\n  other:\n{rows}")
    source = (project / "toy_pipeline.py").read_text()
    wrong = 'return text if self.right or int(text[-1]) % 5 else text.replace("una", "otra")'
    source = source.replace("return text", wrong)
    source = source.replace(
        "self.pause =", 'self.right = "wrong" not in told\n        self.pause ='
    )
    (project / "toy_pipeline.py").write_text(source)
    (project / "config/other.yaml").write_text("audio_omni: {model_path: model.onnx}\nwrong: yes\n")
    return project


def test_two_systems_are_compared_on_the_same_clips_in_one_command(toy: Path) -> None:
    told = harness(toy, *LOCAL, "--config", "config/other.yaml", "--json")
    assert told.returncode == 0, told.stderr  # 8 errors in 138 words: both keep their 20 %
    seen = json.loads(told.stdout)
    assert [system["bundle"] for system in seen["systems"]] == ["toy", "other"]
    assert [system["counts"]["substitutions"] for system in seen["systems"]] == [0, 8]
    between = seen["difference"]
    words = sum(seen["systems"][0]["counts"][k] for k in ("hits", "substitutions", "deletions"))
    assert between["value"] == pytest.approx(8 / words)
    assert between["interval"]["low"] > 0
    assert (between["clips"], between["apart"]) == (40, 8)


def test_the_table_says_what_a_release_is_staked_on(toy: Path) -> None:
    told = harness(toy, *LOCAL, "--config", "config/other.yaml", "--workers", "2")
    assert "other minus toy: +" in told.stdout
    assert "more errors" in told.stdout
    assert "40 clips heard by both, 8 with other counts." in " ".join(told.stdout.split())
    for head in ("Lacking", "WER", "95 % interval", "Clips/s", "h per h", "Worker"):
        assert head in told.stdout


def test_a_set_that_lacks_a_clip_cannot_pass(toy: Path) -> None:
    write_set(toy / "sets/words", {**WORDS, "muere": "crash"})
    told = harness(toy, *LOCAL, "--json")
    assert told.returncode == 2
    (system,) = json.loads(told.stdout)["systems"]
    assert (system["clips"], system["lacking"]) == (41, 1)


def test_a_line_that_cannot_be_used_is_lacking_and_the_rest_is_scored(toy: Path) -> None:
    with (toy / "sets/words/manifest.jsonl").open("a") as manifest:
        manifest.write("no JSON\n")
    told = harness(toy, *LOCAL, "--json")
    assert told.returncode == 2
    assert "manifest.jsonl:41: not JSON" in told.stderr
    (system,) = json.loads(told.stdout)["systems"]
    assert (system["clips"], system["lacking"], system["counts"]["hits"]) == (41, 1, 138)


def test_more_workers_than_fit_are_refused_with_the_sum(toy: Path) -> None:
    told = harness(toy, *LOCAL, "--workers", "1000000")
    assert told.returncode == 2
    assert "1000000 workers do not fit into memory" in told.stderr
    assert "Give --workers " in told.stderr
    assert not list(toy.glob("reports/runs/*"))


def test_a_run_of_a_score_has_its_page_and_report_says_the_same(toy: Path) -> None:
    heard = harness(toy, "score", "words", "--config", "config/other.yaml")
    page = toy / heard.stdout.split("page: ")[1].strip()
    html = page.read_text("utf-8")
    for said in (
        "PASSED",
        "words: WER 5.80 %, 95 % interval 3.00 % – 11.20 %.",
        "1 of 1 budget kept",
    ):
        assert said in html
    for clip in ("una frase 35", "8 clips have an error"):
        assert clip in html
    page.unlink()
    again = harness(toy, "report", "latest")
    assert again.returncode == 0, again.stderr
    assert again.stdout == heard.stdout
    assert page.read_text("utf-8") == html


def test_the_page_of_a_set_that_lacks_a_clip_says_so_first(toy: Path) -> None:
    with (toy / "sets/words/manifest.jsonl").open("a") as manifest:
        manifest.write("no <b>JSON\n")
    told = harness(toy, *LOCAL, "--json")
    html = Path(toy / json.loads(told.stdout)["systems"][0]["page"]).read_text("utf-8")
    assert "<h1>LACKING</h1>" in html
    assert "1 of 41 clips lack an answer, so nothing is passed." in html
    assert "manifest.jsonl:41: not JSON" in html
    assert "no <b>JSON" not in html


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("score", "nothing"), "no such file"),
        (("score", "words", "--resume", "20200101"), "no run"),
        (("score", "words", "--config", "a", "--config", "b", "--config", "c"), "at most"),
    ],
)
def test_what_cannot_work_ends_with_2_and_says_why(
    toy: Path, words: tuple[str, ...], expected: str
) -> None:
    (toy / "config/reference.yaml").write_text((toy / "config/toy.yaml").read_text())
    (toy / "config/budgets.yaml").write_text(BUDGETS.replace("toy:", "reference:"))
    told = harness(toy, *words)
    assert told.returncode == 2
    assert expected in told.stderr
    assert "Traceback" not in told.stderr


def test_only_clips_that_both_heard_are_compared() -> None:
    first = scored(run("a", {"c1": "uno", "c2": "dos", "c3": "tres"}), "s")
    second = scored(run("b", {"c3": "seis", "c1": "uno"}), "s")
    between = difference(first, second)
    assert between is not None
    assert (between.clips, between.apart, between.words) == (2, 1, 2)
    assert between.value == 0.5
    assert (first.lacking, second.lacking) == (0, 1)


def run(bundle: str, heard: dict[str, str]) -> Run:
    """A run of a set of three clips, "uno", "dos" and "tres"."""
    said = {"c1": "uno", "c2": "dos", "c3": "tres"}
    told = {"set": "s", "condition": "", "speaker": "", "seconds": 1.0, "greedy": "", "elapsed": 1}
    transcripts = tuple(
        Transcript(clip=clip, reference=said[clip], hypothesis=text, **told)  # type: ignore[arg-type]
        for clip, text in heard.items()
    )
    facts = {"sets": {"s": {"clips": 3, "digest": "d"}}}
    return Run(
        id=bundle,
        verb="score",
        bundle=bundle,
        config="c",
        started="",
        environment=None,
        transcripts=transcripts,
        facts=facts,
    )
