"""Scoring transcripts from elsewhere: what is printed, NIST's published counts, the exit code."""

from __future__ import annotations

import hashlib
import json
import wave
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from harness.cli import main

SCTK = Path(__file__).parents[2] / "shared" / "scoring" / "sctk"  # NIST's own cases, beside us
ID_STYLES = {"wsj": "wsj", "spu_id": "spu_id"}

REFERENCE = """\
pon la { radio / emisora } de la cocina (f1-01)
apaga la luz del salón (f1-02)
son las siete y media (m1-01)
(m1-02)
"""
FIRST = """\
pon una emisora la cocina ya (F1-01)
apaga la luz del salón (F1-02)
son las siete y media (M1-01)
(M1-02)
"""
SECOND = """\
pon la radio de la cocina (f1-01)
apaga la luz del balcón (f1-02)
son las 7:30 (m1-01)
eh (m1-02)
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["score", *arguments])


def told(*arguments: str) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code in (0, 3), result.output
    found: dict[str, Any] = json.loads(result.output)
    return found


@pytest.fixture
def files(tmp_path: Path) -> Path:
    for name, text in (("ref", REFERENCE), ("first", FIRST), ("second", SECOND)):
        (tmp_path / f"{name}.trn").write_text(text, "utf-8")
    return tmp_path


def test_counts_of_an_example_by_hand(files: Path) -> None:
    # pon la  emisora de la cocina
    # pon una emisora    la cocina ya      4 right, 1 substitution, 1 deletion, 1 insertion
    # 5 and 5 words right, and nothing heard in silence: 3 errors in 16 words
    found = told(f"{files}/ref.trn", "--hypotheses", f"{files}/first.trn")
    system = found["systems"][0]
    assert (system["words"], system["hits"]) == (16, 14)
    assert (system["substitutions"], system["deletions"], system["insertions"]) == (1, 1, 1)
    assert system["wer"] == 3 / 16
    assert system["clips_wrong"] == 1
    assert system["interval"] is None, "below 20 clips"
    assert ["substitute", "la", "una"] in system["clips"][0]["errors_heard"]


def test_two_systems_are_compared_on_the_same_clips(files: Path) -> None:
    both = [f"--hypotheses={files}/{name}.trn" for name in ("first", "second")]
    result = run(f"{files}/ref.trn", *both)
    assert result.exit_code == 0, result.output
    text = " ".join(result.output.split())
    assert "4 clips that both heard: WER 18.75 %, then 12.50 %" in text
    assert "Difference -6.25 points" in text
    assert "NOT PROVEN" in text
    assert "Clips: 1 with fewer errors, 2 with more, 1 with as many." in text
    # `la cocina` parts the first clip: segments 2-0, 1-0, 0-1, 0-1 differ by 2, 1, -1, -1;
    # mean 1/4, deviation sqrt(6.75 / 3) = 1.5, Z = 0.25 / (1.5 / sqrt(4)) = 0.333
    assert "MAPSSWE, 4 segments" in text
    assert "mean +0.250, deviation 1.500; Z 0.333, two-tailed p 0.739: NOT PROVEN" in text


@pytest.mark.parametrize(
    ("wrong", "unit"), [(0, None), (3, "8 speakers")], ids=["from no error at all", "from some"]
)
def test_a_difference_is_bounded_over_speakers_that_repeat(
    tmp_path: Path, wrong: int, unit: str | None
) -> None:
    """Eight speakers of three clips of two words: the first system mishears `wrong` of them."""
    ids = [f"s{n % 8}-{n:02}" for n in range(24)]
    for name, missed in (("ref", 0), ("first", wrong), ("second", 9)):
        lines = [f"hola {'no' if n < missed else 'casa'} ({i})\n" for n, i in enumerate(ids)]
        (tmp_path / f"{name}.trn").write_text("".join(lines), "utf-8")
    both = [f"--hypotheses={tmp_path}/{name}.trn" for name in ("first", "second")]
    found = told(f"{tmp_path}/ref.trn", "--ids", "spu_id", *both)["comparison"]
    assert found["interval"] is None if unit is None else unit in found["interval"]["method"]
    assert found["detectable"] >= 2 * 3.688 / 48, "what 48 words can show at all"


def test_the_view_decides_what_is_the_same_word(files: Path) -> None:
    one = [f"{files}/ref.trn", "--hypotheses", f"{files}/second.trn"]
    assert told(*one)["systems"][0]["errors"] == 2
    assert told(*one, "--view", "strict")["systems"][0]["errors"] == 5  # 7 30 for siete y media
    assert told(*one, "--view", "written")["signature"].startswith("written, plain weights")


def test_speakers_are_read_from_ids(files: Path) -> None:
    one = [f"{files}/ref.trn", "--hypotheses", f"{files}/second.trn"]
    assert told(*one)["systems"][0]["speakers"] == {}
    speakers = told(*one, "--ids", "spu_id")["systems"][0]["speakers"]
    assert [(name, row["errors"]) for name, row in speakers.items()] == [("f1", 1), ("m1", 1)]


def test_a_clip_whose_errors_the_weights_split_otherwise_is_listed_with_both(
    tmp_path: Path,
) -> None:
    (tmp_path / "ref.trn").write_text("a b (x1)\nc (x2)\n")
    (tmp_path / "hyp.trn").write_text("b c (x1)\nd (x2)\n")
    files = [f"{tmp_path}/ref.trn", "--hypotheses", f"{tmp_path}/hyp.trn"]
    result = run(*files, "--weights", "nist")
    assert "the weights split the errors of 1 clip otherwise" in result.output
    line = next(line for line in result.output.splitlines() if line.startswith("x1"))
    assert " ".join(line.split()) == "x1 S 2 D 0 I 0 S 0 D 1 I 1"
    assert "split" not in run(*files).output


def test_missing_and_unknown_ids_are_named_and_end_with_3(files: Path) -> None:
    (files / "part.trn").write_text("pon la radio de la cocina (f1-01)\nhola (z9-01)\n")
    one = [f"{files}/ref.trn", "--hypotheses", f"{files}/part.trn"]
    result = run(*one)
    assert result.exit_code == 3
    text = " ".join(result.output.split())
    assert "part: 3 clips (f1-02, m1-01, m1-02) without a hypothesis, not scored" in text
    assert "part: 1 hypothesis (z9-01) without a reference" in text
    assert told(*one)["systems"][0]["words"] == 6, "only what was heard is scored"
    empty = run(*one, "--missing-is-empty")
    assert empty.exit_code == 0
    assert "counted as empty, every word deleted" in " ".join(empty.output.split())
    assert told(*one, "--missing-is-empty")["systems"][0]["deletions"] == 10


def test_nothing_said_in_any_clip_gives_counts_and_no_rate(tmp_path: Path) -> None:
    (tmp_path / "ref.trn").write_text("(x1)\n")
    (tmp_path / "hyp.trn").write_text("eh eh (x1)\n")
    files = [f"{tmp_path}/ref.trn", "--hypotheses", f"{tmp_path}/hyp.trn"]
    assert told(*files)["systems"][0]["wer"] is None
    assert "2 words were heard in silence; there is no rate" in " ".join(run(*files).output.split())


def test_from_20_clips_on_there_is_an_interval(tmp_path: Path) -> None:
    rows = range(20)
    (tmp_path / "ref.trn").write_text("".join(f"uno dos tres (x{n})\n" for n in rows))
    one = "".join(f"uno dos {'seis' if n < 5 else 'tres'} (x{n})\n" for n in rows)
    two = "".join(f"uno {'dos' if n else 'no'} tres (x{n})\n" for n in rows)
    (tmp_path / "one.trn").write_text(one)
    (tmp_path / "two.trn").write_text(two)
    both = [f"--hypotheses={tmp_path}/{name}.trn" for name in ("one", "two")]
    found = told(f"{tmp_path}/ref.trn", *both)
    interval = found["systems"][0]["interval"]
    assert interval["low"] < 5 / 60 < interval["high"]
    comparison = found["comparison"]
    assert comparison["difference"] == pytest.approx(-4 / 60)
    assert comparison["interval"]["low"] <= -4 / 60 <= comparison["interval"]["high"]
    assert (len(comparison["better"]), len(comparison["worse"])) == (4, 0)


def test_a_reference_set_is_scored_by_the_ids_of_its_clips(tmp_path: Path) -> None:
    folder = a_set(tmp_path / "set", {"a1": "pon {la} radio"})
    (tmp_path / "heard.ctm").write_text("a1 1 0.5 0.2 radio\na1 1 0.1 0.2 pon\n")
    found = told(str(folder), "--hypotheses", f"{tmp_path}/heard.ctm")
    assert found["systems"][0]["deletions"] == 1, "braces mean nothing in a set"
    assert found["systems"][0]["speakers"]["f1"]["errors"] == 1
    assert "text numbers/" in found["signature"]
    assert "set set " in found["signature"]


def test_a_line_of_a_set_that_cannot_be_used_is_named_and_the_rest_scored(tmp_path: Path) -> None:
    folder = a_set(tmp_path / "set", {"a1": "pon la radio", "a2": "pon la radio"})
    with (folder / "manifest.jsonl").open("a") as manifest:
        manifest.write("{}\n")
    (tmp_path / "heard.tsv").write_text("a1\tpon la radio\na2\tpon radio\n")
    result = run(str(folder), "--hypotheses", f"{tmp_path}/heard.tsv")
    assert result.exit_code == 2
    assert f"lacking: {folder / 'manifest.jsonl'}:3: the key 'id' is missing" in result.output
    assert "1 clip of the set lacks" in result.output
    assert " 16.67 % " in result.output
    found = json.loads(
        CliRunner()
        .invoke(main, ["score", str(folder), "--json", "--hypotheses", f"{tmp_path}/heard.tsv"])
        .stdout
    )
    assert len(found["lacking"]) == 1
    assert found["systems"][0]["errors"] == 1


def a_set(folder: Path, said: dict[str, str]) -> Path:
    """Make a set of silent clips."""
    folder.mkdir()
    rows = []
    for name, text in said.items():
        with wave.open(str(folder / f"{name}.wav"), "wb") as audio:
            audio.setparams((1, 2, 16_000, 0, "NONE", ""))
            audio.writeframes(bytes(32_000))
        digest = hashlib.sha256((folder / f"{name}.wav").read_bytes()).hexdigest()
        row = {"id": name, "audio": f"{name}.wav", "text": text, "language": "es"}
        rows.append({**row, "speaker": "f1", "condition": "", "seconds": 1.0, "sha256": digest})
    (folder / "manifest.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return folder


def test_a_ctm_is_dealt_out_to_the_segments_of_an_stm(tmp_path: Path) -> None:
    (tmp_path / "ref.stm").write_text(
        "c A ana 0.0 2.0 <O> hola { eh / @ } buenas\nc A luis 2.0 3.0 adiós\nd A eva 0 1 sí\n"
    )
    (tmp_path / "heard.ctm").write_text("c A 0.1 0.4 hola\nc A 1.5 0.6 buenas\nz A 0 1 no\n")
    files = [f"{tmp_path}/ref.stm", f"--hypotheses={tmp_path}/heard.ctm"]
    (system,) = told(*files, "--weights", "nist")["systems"]
    assert (system["hits"], system["deletions"]) == (2, 1), "luis was heard in silence"
    assert list(system["speakers"]) == ["ana", "luis"]
    assert system["missing"] == ["d-A-0"], "its channel was not heard at all"
    assert system["unknown"] == ["z-A"]
    (tmp_path / "heard.ctm").write_text(";; nothing\n")
    assert "no word in it" in " ".join(run(*files).output.split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(["--hypotheses", "first.trn"], "Missing argument 'SET'", id="no reference"),
        pytest.param(
            ["ref.trn", "--weights", "nist"], "--weights needs --hypotheses", id="no text"
        ),
        pytest.param(
            ["ref.trn", "--hypotheses", "first.trn", "--workers", "2"],
            "--workers is about hearing",
            id="workers for a file",
        ),
        pytest.param(["ref.trn", *["--hypotheses", "first.trn"] * 3], "at most two", id="3"),
        pytest.param(["none.trn", "--hypotheses", "first.trn"], "no such file", id="absent"),
        pytest.param(
            ["ref.trn", "--hypotheses", "else.trn"],
            "none of its 1 ids has a reference: it says 'q', the references say 'f1-01'",
            id="other ids",
        ),
        pytest.param(
            ["else.trn", "--hypotheses", "else.trn", "--ids", "spu_id"],
            "the id 'q' names no speaker",
            id="no speaker",
        ),
    ],
)
def test_bad_input_is_named(
    files: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.chdir(files)
    (files / "else.trn").write_text("hola (q)\n")
    result = run(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


@pytest.mark.skipif(not SCTK.is_dir(), reason=f"NIST's cases are not at {SCTK}")
@pytest.mark.parametrize("number", range(3))
def test_nist_published_counts_are_reproduced(number: int) -> None:
    """Every row that sclite publishes for these files: speaker by speaker, and their sum."""
    case = json.loads((SCTK / "expected.json").read_text())["cases"][number]
    reference, hypotheses = (str(SCTK / name) for name in case["files"])
    ids = next(style for style in ID_STYLES if f"-i {style}" in case["command"])
    turkish = ["--turkish"] if "turkish" in case["command"] else []
    files = [reference, "--hypotheses", hypotheses, "--ids", ids, *turkish]
    (system,) = told(*files, "--weights", "nist")["systems"]
    rows = [_row(name, row) for name, row in system["speakers"].items()]
    assert [*rows, _row("Sum", {**system, "clips": len(system["clips"])})] == case["rows"]


@pytest.mark.skipif(not SCTK.is_dir(), reason=f"NIST's cases are not at {SCTK}")
def test_the_one_clip_that_the_plain_distance_splits_otherwise_is_listed() -> None:
    files = [f"{SCTK}/csrnab.ref", f"--hypotheses={SCTK}/csrnab.hyp"]
    (system,) = told(*files, "--weights", "nist")["systems"]
    assert [clip["id"] for clip in system["clips"] if clip["plain"]] == ["4T0C0207"]
    (plain,) = told(*files, "--view", "written")["systems"]
    assert plain["errors"] == system["errors"] == 169
    assert plain["substitutions"] != system["substitutions"]


def _row(name: str, row: dict[str, Any]) -> list[Any]:
    kinds = ("words", "hits", "substitutions", "deletions", "insertions", "errors", "clips_wrong")
    return [name, row["clips"], *(row[kind] for kind in kinds)]
