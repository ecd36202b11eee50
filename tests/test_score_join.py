"""`harness score --join`: parts of one set, heard apart, judged as one run."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.test_score_verb import LOCAL
from tests.test_score_verb import toy as toy  # the fixture
from tests.toy_project import harness


@pytest.fixture
def parts(toy: Path) -> Path:
    """The toy, whose set lies in three parts, of which the last shares a clip with the second."""
    lines = (toy / "sets/words/manifest.jsonl").read_text().splitlines()
    for name, of in (("one", lines[:15]), ("two", lines[15:]), ("three", lines[:16])):
        shutil.copytree(toy / "sets/words", toy / "sets" / name)
        (toy / f"sets/{name}/manifest.jsonl").write_text("\n".join(of))
    return toy


def heard(project: Path, part: str, config: str = "config/other.yaml") -> str:
    told = harness(project, "score", part, "--config", config, "--json")
    return str(json.loads(told.stdout)["systems"][0]["run"])


@pytest.mark.slow
def test_parts_are_judged_as_the_whole_and_nothing_twice(parts: Path) -> None:
    whole = harness(parts, "score", "words", "--config", "config/other.yaml", "--json")
    one, two = heard(parts, "one"), heard(parts, "two")
    told = harness(parts, "score", "words", "--join", two, "--join", one, "--json")
    assert told.returncode == whole.returncode == 0, told.stderr
    (joined,), (alone,) = (json.loads(done.stdout)["systems"] for done in (told, whole))
    for key in ("clips", "lacking", "counts", "wer", "interval", "verdicts"):
        assert joined[key] == alone[key]
    assert joined["run"] == f"{two} + {one}"

    few = harness(parts, "score", "words", "--join", two, "--json")
    assert few.returncode == 2, "15 clips of the set lack"
    assert json.loads(few.stdout)["systems"][0]["lacking"] == 15

    for refused, why in (
        (("words", "--join", one, "--join", one), "15 clips stand in"),
        (("words", "--join", two, "--join", heard(parts, "three")), "1 clips stand in"),
        (("two", "--join", one), "heard clips that are not those of this set: w0, w1, w10"),
        (("words", "--join", one, "--join", heard(parts, "two", LOCAL[3])), "not the config of"),
        (("words", "--join", one, "--workers", "2"), "--workers: leave out it or --join"),
    ):
        done = harness(parts, "score", *refused)
        assert done.returncode == 2
        assert why in " ".join(done.stderr.split())
        assert not done.stdout
    manifest = parts / "sets/words/manifest.jsonl"
    manifest.write_text(manifest.read_text().replace('"text": "una frase 3"', '"text": "una"'))
    done = harness(parts, "score", "words", "--join", one, "--join", two)
    assert "not those of this set, by their sha256" in " ".join(done.stderr.split())
