"""The machine's own rates, measured in a real process."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import MeasurementError
from harness.measure import ceilings
from harness.measure.ceilings import UNKNOWN_CACHE, last_cache, measure_ceilings
from harness.units import Unit

MEMORY = {"host.read", "host.write", "host.copy", "host.first_touch"}


def test_every_rate_of_one_core_is_measured_several_times() -> None:
    found = measure_ceilings(seconds=0.1, threads=1)
    products = {"host.gemm_fp32", "host.gemm_int8"}
    assert {m.metric for m in found.measurements} == MEMORY | products
    for taken in found.measurements:
        assert taken.unit is (Unit.COMPUTE if taken.metric in products else Unit.BANDWIDTH)
        assert len(taken.samples) >= 3
        assert min(taken.samples) > 1e6, "a machine moves more than a megabyte in a second"
        assert taken.note, "how it was taken"
    assert found.facts["threads"] == found.facts["cores"] == 1
    assert found.facts["seconds"] > 0


def test_with_more_threads_one_core_is_measured_beside_all() -> None:
    found = measure_ceilings(seconds=0.1, threads=2)
    names = {m.metric for m in found.measurements} - MEMORY
    both = ("host.gemm_fp32", "host.gemm_int8")
    assert names == {*both, *(f"{name}_core" for name in both)}


@pytest.mark.parametrize(
    ("python", "says"),
    [("/bin/false", "ended with 1"), ("/no/such/python", "No such file")],
)
def test_a_process_that_fails_is_one_clear_error(python: str, says: str) -> None:
    with pytest.raises(MeasurementError, match=says):
        measure_ceilings(seconds=0.1, threads=1, python=python)


def test_a_process_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    slow = tmp_path / "slow.py"
    slow.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(ceilings, "RATES", slow)
    monkeypatch.setattr(ceilings, "GRACE_S", 0.1)
    with pytest.raises(MeasurementError, match="timed out"):
        measure_ceilings(seconds=0.1, threads=1)


def test_cores_that_share_a_cache_count_it_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    for core, shared in {0: "0-1", 1: "0-1", 2: "2-3", 3: "2-3"}.items():
        for level, size in {1: "32K", 3: "16384K"}.items():
            folder = tmp_path / f"cpu{core}/cache/index{level}"
            folder.mkdir(parents=True)
            for name, text in {"level": level, "size": size, "shared_cpu_list": shared}.items():
                (folder / name).write_text(f"{text}\n")
    assert last_cache(tmp_path) == 2 * 16384 * 1024
    assert last_cache(tmp_path / "nothing") == UNKNOWN_CACHE
