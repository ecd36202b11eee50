"""A disk that is full or read-only: a clear error, nothing half written, and the data not lost."""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner

from harness.cli import main
from harness.errors import StoreError
from harness.records import Measurement
from harness.store import JOURNAL, RunWriter, keep_page, read_run
from harness.units import Unit

ROOT = Path(__file__).parents[1]
CONFIG = ROOT / "config/reference.yaml"
LONG = Measurement(metric="m.long", unit=Unit.SECONDS, samples=tuple(map(float, range(2_000))))
SHORT = Measurement(metric="m.short", unit=Unit.SECONDS, samples=(1.0,))


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes: a full disk, for any user."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def mounted(folder: Path, *options: str) -> Iterator[Path]:
    """Mount a file system of memory there; skips where that is not allowed."""
    folder.mkdir(parents=True, exist_ok=True)
    line = ["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(line, capture_output=True).returncode:
        pytest.skip("this user may not mount a file system")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def begun(runs: Path) -> RunWriter:
    return RunWriter(runs, verb="bench", bundle="b", config="c.yaml")


def test_a_full_disk_keeps_what_came_before_and_prints_what_did_not_fit(tmp_path: Path) -> None:
    with begun(tmp_path) as writer:
        writer.write(SHORT)
        before = (writer.folder / JOURNAL).read_bytes()
        with files_of_at_most(len(before) + 100), pytest.raises(StoreError) as raised:
            writer.write(LONG)
        assert (writer.folder / JOURNAL).read_bytes() == before, "no half line"
        said = str(raised.value)
        assert "Free some space" in said
        assert json.loads(said[said.index("{") :])["samples"] == list(LONG.samples)
        writer.write(SHORT)  # there is room again
        writer.seal()
    found = read_run(writer.folder)
    assert [m.metric for m in found.measurements] == ["m.short", "m.short"]
    assert found.complete


def test_a_disk_that_is_really_full_and_then_has_room(tmp_path: Path) -> None:
    with mounted(tmp_path / "disk", "size=64k") as disk, begun(disk) as writer:
        kept = 0
        said = ""
        while not said:
            try:
                writer.write(LONG)
                kept += 1
            except StoreError as error:
                said = str(error)
        assert "No space left on device" in said
        assert "Free some space" in said
        assert kept > 1
        assert [m.metric for m in read_run(writer.folder).measurements] == ["m.long"] * kept
        with pytest.raises(StoreError, match="cannot be written"), begun(disk) as other:
            other.write(LONG)
        with pytest.raises(StoreError, match="harness report"):
            keep_page(writer.folder, "x" * 100_000)
        assert not list(writer.folder.glob("*.half"))


def test_a_read_only_store_is_told_before_anything_is_measured(tmp_path: Path) -> None:
    said = "Read-only file system. The disk is read-only: name another folder with --reports"
    with mounted(tmp_path / "disk", "size=64k,ro") as disk, pytest.raises(StoreError, match=said):
        begun(disk)


def test_a_page_that_cannot_be_kept_is_no_reason_not_to_print_the_run(tmp_path: Path) -> None:
    with RunWriter(tmp_path, verb="bench", bundle="reference", config=str(CONFIG)) as writer:
        writer.write(SHORT)
        writer.seal()
    (writer.folder / "page.html").mkdir()  # nothing can be put in its place
    again = CliRunner().invoke(main, ["report", str(writer.folder), "--json"])
    assert again.exit_code == 2
    assert json.loads(again.stdout)["run"] == writer.id
    assert "The run itself is kept" in again.stderr
    assert "Traceback" not in again.stderr
    assert not list(writer.folder.glob("*.half"))


TWO = """
import sys
from pathlib import Path
from harness.records import Measurement
from harness.store import RunWriter
from harness.units import Unit
with RunWriter(Path(sys.argv[1]), verb="bench", bundle="b", config="c.yaml") as writer:
    for number in range(200):
        writer.write(Measurement(metric=sys.argv[2], unit=Unit.SECONDS, samples=(float(number),)))
    writer.seal()
    print(writer.id)
"""


def test_two_processes_at_once_write_two_runs(tmp_path: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", TWO, str(tmp_path), name],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        for name in ("m.one", "m.two")
    ]
    names = [process.communicate(timeout=120)[0].strip() for process in running]
    assert len(set(names)) == 2
    for name, metric in zip(names, ("m.one", "m.two"), strict=True):
        found = read_run(tmp_path / name)
        assert found.complete
        assert [m.samples for m in found.measurements] == [(float(n),) for n in range(200)]
        assert {m.metric for m in found.measurements} == {metric}


def test_a_run_that_another_process_writes_is_not_gone_on_with(tmp_path: Path) -> None:
    with begun(tmp_path) as writer, pytest.raises(StoreError, match="another process still writes"):
        RunWriter.reopen(writer.folder)
    with RunWriter.reopen(writer.folder) as again:
        again.write(SHORT)
    assert len(read_run(writer.folder).measurements) == 1
