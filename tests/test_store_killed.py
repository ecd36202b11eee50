"""A run that is killed at any moment: what was taken is there, and the next run is clean.

200 writers are killed (SIGKILL) at moments drawn by a seed, by a driver apart that forks them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from harness.records import Measurement
from harness.store import RunWriter, find_run, read_run
from harness.units import Unit

ROOT = Path(__file__).parents[1]
KILLED = 200

DRIVER = """
import json, os, random, signal, sys, time
from pathlib import Path
from harness.records import Measurement
from harness.store import RunWriter, keep_page
from harness.units import Unit

runs, count = Path(sys.argv[1]), int(sys.argv[2])
dice = random.Random(20261125)

def write(told):
    with RunWriter(runs, verb="bench", bundle="b", config="c.yaml") as writer:
        os.write(told, (writer.id + "\\\\n").encode())
        for number in range(20):
            samples = (float(number),) * dice.randint(1, 500)
            writer.write(Measurement(metric=f"m{number}", unit=Unit.SECONDS, samples=samples))
            os.write(told, b".")
            keep_page(writer.folder, "<html>" + "x" * 100_000 + "</html>")
        writer.seal()
        os.write(told, b"s")

for _ in range(count):
    reader, told = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        write(told)
        os._exit(0)
    os.close(told)
    said, wanted = b"", dice.randint(0, 22)  # how far it is to come: id, records, seal
    while len(said.partition(b"\\n")[2]) < wanted - 1 and (part := os.read(reader, 1)):
        said += part
    time.sleep(dice.uniform(0, 0.003))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    while part := os.read(reader, 65536):
        said += part
    os.close(reader)
    name, _, rest = said.decode().partition("\\\\n")
    print(json.dumps({"id": name, "written": rest.count("."), "sealed": "s" in rest}))
"""


def test_what_was_written_before_a_kill_is_read_after_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", DRIVER.replace("\\\\", "\\"), str(tmp_path), str(KILLED)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == KILLED
    begun = [one for one in told if one["id"]]
    partly = [one for one in begun if 0 < one["written"] < 20]
    assert len(partly) > KILLED / 10, "the moments should fall into the writing"
    for one in begun:
        run = read_run(tmp_path / one["id"])
        metrics = [measurement.metric for measurement in run.measurements]
        assert metrics == [f"m{number}" for number in range(len(metrics))]
        assert one["written"] <= len(metrics) <= one["written"] + 1
        assert all(set(m.samples) == {float(m.metric[1:])} for m in run.measurements)
        assert run.complete or not one["sealed"]
        page = tmp_path / one["id"] / "page.html"
        assert not page.exists() or page.read_text().endswith("</html>")


def test_the_next_run_is_found_after_one_that_was_killed_before_its_header(tmp_path: Path) -> None:
    (tmp_path / "20260101T000000Z-b-bench-0000").mkdir()
    (tmp_path / "20990101T000000Z-b-bench-0000").mkdir()
    (tmp_path / "20990101T000000Z-b-bench-0000" / "journal.jsonl").touch()
    with RunWriter(tmp_path, verb="bench", bundle="b", config="c.yaml") as writer:
        writer.write(Measurement(metric="m", unit=Unit.SECONDS, samples=(1.0,)))
        writer.seal()
    assert find_run(tmp_path, "latest") == writer.folder
    assert read_run(find_run(tmp_path, "latest")).complete
