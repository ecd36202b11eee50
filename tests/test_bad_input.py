"""Bad input, through the command line: one clear error that names file and key, and exit code 2.

What was measured before it is on the disk.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from harness.cli import main
from harness.records import Run
from harness.store import find_run, read_run
from tests import toy_project
from tests.toy_project import make_project, write_set

WORDS = {f"hola {word}": f"hola {word}" for word in ("uno", "dos", "tres")}
Spoil = Callable[[Path], object]


def edit(name: str, old: str, new: str) -> Spoil:
    """Return a change of one file of the project."""

    def spoil(folder: Path) -> None:
        text = (folder / name).read_text("utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new, 1), "utf-8")

    return spoil


def refuse(text: str) -> Spoil:
    """Return a change of the pipeline: it refuses clips that say `text`."""
    line = '        if text == "crash":'
    refusal = f'        if text == "{text}":\n            raise ValueError("no")\n'
    return edit("toy_pipeline.py", line, refusal + line)


def bench(folder: Path, *words: str) -> Result:
    """Run a whole bench in the project's folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        return CliRunner().invoke(main, ["bench", *(words or ("--config", "config/toy.yaml"))])


def stored(folder: Path) -> Run:
    return read_run(find_run(folder / "reports/runs", "latest"))


SUITE, BUDGETS, CONFIG = "config/suite.yaml", "config/budgets.yaml", "config/toy.yaml"

BEFORE = [  # found before anything is measured
    pytest.param(
        edit(BUDGETS, "memory.peak", "memory.peek"),
        [f"{BUDGETS}: bundles.toy: ", "'memory.peek'", "Did you mean 'memory.peak'?"],
        id="a budget for a metric that does not exist",
    ),
    pytest.param(
        edit(BUDGETS, "unit: GB", "unit: ms"),
        [f"{BUDGETS}: bundles.toy: memory.peak: unit", "B, kB, MB, GB", "Got 'ms'"],
        id="a budget in a unit of another kind",
    ),
    pytest.param(
        lambda folder: (folder / "sets/timed/manifest.jsonl").write_text(""),
        ["sets/timed/manifest.jsonl: the set is empty", f"{SUITE} names it: latency.set"],
        id="zero clips in the set that is timed",
    ),
    pytest.param(
        lambda folder: (folder / "sets/words/manifest.jsonl").write_text("\n\n"),
        ["sets/words/manifest.jsonl: the set is empty", f"{SUITE} names it: accuracy.gated"],
        id="zero clips in the set that is transcribed",
    ),
    pytest.param(
        edit(SUITE, "clips: 2", "clips: 0"),
        [f"{SUITE}: latency.clips", "Got 0"],
        id="zero clips asked for",
    ),
    pytest.param(
        edit(SUITE, "memory: {set: timed", "memory: {set: timd"),
        ["sets/timd/manifest.jsonl: no such file", f"{SUITE} names it: memory.set"],
        id="a set that is not there",
    ),
    pytest.param(
        edit(SUITE, ", end_to_end: process_audio", ""),
        [f"{SUITE}: ", "stages: end_to_end is missing"],
        id="no stage end_to_end",
    ),
    pytest.param(
        edit(SUITE, "memory: {", "memori: {"),
        [f"{SUITE}: ", "unknown key 'memori'", "Did you mean 'memory'?"],
        id="a misspelt section",
    ),
    pytest.param(
        edit(SUITE, "sets: sets", "sets: sets\nsets: other"),
        [f"{SUITE}:7: ", "'sets' stands there twice"],
        id="a key that stands twice",
    ),
    pytest.param(
        edit(SUITE, "repeats: 2", "repeats: 2, repeats: 3"),
        [f"{SUITE}:7: ", "'repeats' stands there twice"],
        id="a key that stands twice in one line",
    ),
    pytest.param(
        edit(CONFIG, "model.onnx}", "model.onnx"),
        [f"{CONFIG}:2: cannot be read as YAML: "],
        id="a config that is not YAML",
    ),
    pytest.param(
        lambda folder: (folder / SUITE).unlink(), [f"{SUITE}: no such file"], id="no suite.yaml"
    ),
]


@pytest.mark.parametrize(("spoil", "said"), BEFORE)
def test_a_mistake_is_found_before_anything_is_measured(
    tmp_path: Path, spoil: Spoil, said: list[str]
) -> None:
    folder = make_project(tmp_path / "toy", WORDS)
    spoil(folder)
    done = bench(folder)
    assert_one_clear_error(done, said)
    assert not (folder / "reports").exists()


def test_a_folder_is_no_config(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "toy", WORDS)
    assert_one_clear_error(bench(folder, "--config", "config"), ["config: a folder"])


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        pytest.param(
            edit(SUITE, "decode: decode", "decode: decodee"),
            [f"{SUITE}: stages: decode: Toy has no method 'decodee'", "Public there: decode"],
            id="a stage that the pipeline lacks",
        ),
        pytest.param(
            edit(SUITE, "toy_pipeline:", "toy_pipelin:"),
            [f"{SUITE}: factory: toy_pipelin:Toy.from_file cannot be imported from "],
            id="a module that is not there",
        ),
        pytest.param(
            edit(SUITE, "Toy.from_file", "Toi.from_file"),
            [f"{SUITE}: factory: toy_pipeline:Toi.from_file cannot be imported from "],
            id="a class that is not there",
        ),
        pytest.param(
            edit(SUITE, "Toy.from_file", "__name__"),
            [f"{SUITE}: factory: toy_pipeline:__name__ failed with {CONFIG}: TypeError"],
            id="a factory that cannot be called",
        ),
        pytest.param(
            edit("toy_pipeline.py", "return cls(file.read())", "return cls.nothing"),
            [f"{SUITE}: factory: toy_pipeline:Toy.from_file failed with {CONFIG}: AttributeError"],
            id="a factory that fails",
        ),
    ],
)
def test_a_pipeline_that_does_not_load_is_an_error_and_the_files_seen_before_are_kept(
    tmp_path: Path, spoil: Spoil, said: list[str]
) -> None:
    folder = make_project(tmp_path / "toy", WORDS)
    spoil(folder)
    assert_one_clear_error(bench(folder), said)
    run = stored(folder)
    assert not run.complete
    assert run.environment is not None
    assert "graphs_are_readable" in {finding.rule for finding in run.findings}
    (page,) = folder.glob("reports/runs/*/page.html")
    assert "INCOMPLETE" in page.read_text("utf-8")


@pytest.mark.parametrize("name", ["timed", "words"])
def test_a_clip_that_fails_is_named_and_everything_else_is_measured(
    tmp_path: Path, name: str
) -> None:
    folder = make_project(tmp_path / "toy", WORDS)
    heard = {"uno": "uno"} if name == "timed" else WORDS
    write_set(folder / "sets" / name, {"adiós": "refused", **heard})
    refuse("refused")(folder)
    audio = folder.absolute() / "sets" / name / "audio/0.wav"
    assert_one_clear_error(bench(folder), [f"Clip w0 ({audio}) in inference: ValueError: no"])
    run = stored(folder)
    assert run.complete
    assert {"latency.end_to_end", "memory.peak"} <= {m.metric for m in run.measurements}
    assert [t.hypothesis for t in run.transcripts] == list(WORDS.values())
    timed = {clip for m in run.measurements for clip in m.clips}
    assert timed == ({"w1"} if name == "timed" else {"w0", "w1"})
    (page,) = folder.glob("reports/runs/*/page.html")
    assert "ValueError: no" in page.read_text("utf-8")


def test_of_many_clips_that_fail_the_first_few_are_told(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "toy", WORDS)
    write_set(folder / "sets/words", {f"adiós {n}": "refused" for n in range(6)})
    refuse("refused")(folder)
    done = bench(folder, "--config", CONFIG, "-k", "quality")
    assert_one_clear_error(done, ["Clip w0 ", "Clip w2 ", "So do 3 more; the page lists them."])
    assert "Clip w3 " not in done.stderr.strip().splitlines()[-1]


def test_an_interrupted_verb_could_not_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """click alone would end with 1, which means a missed budget."""

    def interrupt(*given: object, **named: object) -> None:
        raise KeyboardInterrupt

    command = main.get_command(click.Context(main), "compare")
    assert command is not None
    monkeypatch.setattr(command, "callback", interrupt)
    done = CliRunner().invoke(main, ["compare", "a", "b"])
    assert done.exit_code == 2
    assert "Interrupted. What was measured until then is kept." in done.stderr


def assert_one_clear_error(done: Result, said: list[str]) -> None:
    """The last line says it, in one paragraph, without a traceback."""
    assert done.exit_code == 2
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("harness: ")
    assert [part for part in said if part not in last] == []
    assert "Traceback" not in done.stderr


def test_the_toy_project_itself_is_sound(tmp_path: Path) -> None:
    """What fails above fails for the change that was made."""
    folder = make_project(tmp_path / "toy", {**WORDS, **{f"b {n}": f"b {n}" for n in "abcdefghi"}})
    assert (folder / SUITE).read_text("utf-8") == toy_project.SUITE
    done = bench(folder, "--config", CONFIG, "-k", "load_warm")
    assert done.exit_code == 0, done.stderr
