"""Store: what was measured is on the disk, and nothing else is ever read from there."""

from __future__ import annotations

import json
import math
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import StoreError
from harness.journal import FORMAT
from harness.records import Environment, Finding, Measurement, Transcript
from harness.store import JOURNAL, RunWriter, find_run, read_run
from harness.units import Unit

TIMES = Measurement(
    metric="latency.end_to_end", unit=Unit.SECONDS, samples=(0.031, 0.029), clips=("a", "b")
)
HEARD = Transcript(
    set="es_synthetic",
    clip="a",
    condition="command",
    speaker="es-f1",
    seconds=1.9,
    reference="Añade leche, ¿vale?",
    hypothesis="añade leche vale",
    greedy="",
    elapsed=0.03,
)
RULE = Finding(
    rule="tensors_inside_file", title="Inside.", holds=False, detail="line\nand\u2028line"
)
PLACE = Environment(comparable={"cpu": "x"}, identity={}, noise={"load": "0.1"})


def writer(runs: Path) -> RunWriter:
    return RunWriter(runs, verb="bench", bundle="reference", config="config/reference.yaml")


def test_a_run_is_read_as_it_was_written(tmp_path: Path) -> None:
    with writer(tmp_path) as run:
        for record in (PLACE, TIMES, HEARD, RULE):
            run.write(record)
        run.fact("quick", True)
        run.doubt("The governor is unknown.")
        run.seal()
    found = read_run(run.folder)
    assert (found.id, found.verb, found.bundle) == (run.id, "bench", "reference")
    assert (found.environment, found.measurements) == (PLACE, (TIMES,))
    assert (found.transcripts, found.findings) == ((HEARD,), (RULE,))
    assert (found.facts, found.doubts) == ({"quick": True}, ("The governor is unknown.",))
    assert found.complete


def test_each_record_is_on_the_disk_before_the_next_is_taken(tmp_path: Path) -> None:
    with writer(tmp_path) as run:
        for count in range(3):
            assert len(read_run(run.folder).measurements) == count
            run.write(TIMES)


def test_a_run_that_was_not_sealed_reads_as_incomplete(tmp_path: Path) -> None:
    with writer(tmp_path) as run:
        run.write(TIMES)
    found = read_run(run.folder)
    assert found.measurements == (TIMES,)
    assert not found.complete


@given(cut=st.integers(min_value=1, max_value=10_000))
def test_a_journal_cut_anywhere_keeps_its_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    with writer(tmp_path_factory.mktemp("runs")) as run:
        for _ in range(5):
            run.write(TIMES)
    journal = run.folder / JOURNAL
    whole = journal.read_bytes()
    header = whole.index(b"\n") + 1
    kept = whole[: header + cut % (len(whole) - header)]
    journal.write_bytes(kept)
    lost = json.loads(b"[" + kept.rpartition(b"\n")[2] + b"]") if kept.endswith(b"}") else []
    assert len(read_run(run.folder).measurements) == kept.count(b"\n") - 1 + len(lost)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param('{"type": "measurem', "damaged", id="torn, and not the last line"),
        pytest.param("[1]", "damaged", id="no object"),
        pytest.param('{"type": "thought"}', "unknown record 'thought'", id="unknown kind"),
        pytest.param('{"type": "measurement"}', "not a measurement", id="fields are missing"),
        pytest.param('{"type": "fact", "value": 1}', "'name' is missing", id="a fact needs a name"),
        pytest.param(
            '{"type": "measurement", "metric": "m", "unit": "s", "samples": ["quick"]}',
            "samples.0",
            id="a sample that is no number",
        ),
    ],
)
def test_a_damaged_line_is_named(tmp_path: Path, line: str, said: str) -> None:
    with writer(tmp_path) as run:
        run.write(TIMES)
    journal = run.folder / JOURNAL
    lines = journal.read_text("utf-8").splitlines()
    journal.write_text("\n".join([lines[0], line, *lines[1:]]) + "\n", "utf-8")
    with pytest.raises(StoreError) as raised:
        read_run(run.folder)
    assert f"{journal}:2: " in str(raised.value)
    assert said in str(raised.value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "no header", id="killed before the header"),
        pytest.param('{"type": "hea', "no header", id="killed within the header"),
        pytest.param('{"type": "fact", "name": "a", "value": 1}\n', "expected a header", id="none"),
        pytest.param('{"type": "header"}\n', "format None", id="no format"),
        pytest.param('{"type": "header", "format": 99}\n', "format 99", id="from the future"),
        pytest.param(
            f'{{"type": "header", "format": {FORMAT}}}\n', "lacks 'id'", id="an empty header"
        ),
    ],
)
def test_what_is_no_journal_is_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / JOURNAL).write_text(text)
    with pytest.raises(StoreError, match=said):
        read_run(tmp_path)


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="cannot be written"):
        writer(tmp_path / "reports")


def test_a_number_that_json_has_no_word_for_is_refused(tmp_path: Path) -> None:
    broken = Measurement(metric="latency.x", unit=Unit.SECONDS, samples=(math.nan,))
    with writer(tmp_path) as run, pytest.raises(StoreError, match=r"latency\.x"):
        run.write(broken)
    assert read_run(run.folder).measurements == ()


def test_two_runs_at_once_do_not_mix(tmp_path: Path) -> None:
    def fill(run: RunWriter) -> None:
        for _ in range(20):
            run.write(TIMES)
        run.seal()

    runs = [writer(tmp_path) for _ in range(4)]
    threads = [threading.Thread(target=fill, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({run.folder for run in runs}) == 4
    assert [len(read_run(run.folder).measurements) for run in runs] == [20] * 4


def test_a_run_is_found_by_path_id_start_and_age(tmp_path: Path) -> None:
    for name in ("20260101T000000Z-a-bench-0001", "20260102T000000Z-b-bench-0002"):
        (tmp_path / name).mkdir()
        (tmp_path / name / JOURNAL).write_text("{}\n")
    assert find_run(tmp_path, "latest").name.endswith("0002")
    assert find_run(tmp_path, "latest~1").name.endswith("0001")
    assert find_run(tmp_path, "20260101").name.endswith("0001")
    assert find_run(tmp_path, str(tmp_path / "20260102T000000Z-b-bench-0002")).is_dir()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("2026", "fits several runs", id="too short"),
        pytest.param("1999", "no run '1999'", id="unknown"),
        pytest.param("latest~9", "no run 'latest~9'", id="older than the oldest"),
    ],
)
def test_a_name_that_fits_no_single_run_is_refused(tmp_path: Path, name: str, said: str) -> None:
    for folder in ("20260101T000000Z-a-bench-0001", "20260102T000000Z-b-bench-0002"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / JOURNAL).write_text("{}\n")
    with pytest.raises(StoreError, match=said):
        find_run(tmp_path, name)


def test_the_first_run_has_none_before_it(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="none: `make bench` makes one"):
        find_run(tmp_path / "runs", "latest")


def test_two_runs_of_one_second_never_share_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = iter(["aaaa", "aaaa", "bbbb"])
    monkeypatch.setattr("harness.store.secrets.token_hex", lambda _: next(drawn))
    at, named = datetime(2026, 1, 1, tzinfo=UTC), {"verb": "bench", "bundle": "b", "config": "c"}
    first, second = (RunWriter(tmp_path, started=at, **named) for _ in range(2))
    with first, second:
        assert (first.id[-4:], second.id[-4:]) == ("aaaa", "bbbb")
    with pytest.raises(StoreError, match="File exists"):
        RunWriter(tmp_path, started=at, mark="aaaa", **named)
