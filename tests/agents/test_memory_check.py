"""Memory is counted before it is taken, under every limit that there is."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from agents import memory_check, memory_free
from agents.audio_omni_pipeline import AudioOmniPipeline
from agents.errors import MemoryBudgetError
from agents.memory_check import Need, Room, granted
from agents.memory_free import MARGIN, Free, free, levels

MakeBundle = Callable[..., Path]
CODES = np.zeros((1, 16, 128), np.int64)
MB = 1_000_000
V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes")
V2 = ("memory.max", "memory.current")


def leave(monkeypatch: pytest.MonkeyPatch, size: float) -> None:
    """Let so much be free from now on."""
    monkeypatch.setattr(memory_check, "free", lambda total: Free(size, "planted"))


def resident() -> int:
    """The bytes of this process that are in memory."""
    return psutil.Process().memory_info().rss


def group(folder: Path, names: tuple[str, str], limit: str, used: int, **stat: int) -> None:
    """Write the files of a control group."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used}\n")
    (folder / "memory.stat").write_text("".join(f"{key} {stat[key]}\n" for key in stat))


def left_by_groups(monkeypatch: pytest.MonkeyPatch, groups: str, mounts: str) -> list[Free]:
    texts = {"cgroup": groups, "mountinfo": mounts}
    plain = memory_free._read
    monkeypatch.setattr(
        memory_free,
        "_read",
        lambda path: texts[path.name] if path.parent == Path("/proc/self") else plain(path),
    )
    return list(memory_free._control_groups())


def test_every_level_of_version_2_counts_and_page_cache_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group(tmp_path, V2, "max", 0)
    group(tmp_path / "a", V2, str(500 * MB), 300 * MB, inactive_file=50 * MB, active_file=50 * MB)
    group(tmp_path / "a/b", V2, str(900 * MB), 100 * MB)
    mounts = f"30 23 0:26 / {tmp_path} rw - cgroup2 cgroup2 rw\n"
    found = left_by_groups(monkeypatch, "0::/a/b\n", mounts)
    assert [one.bytes for one in found] == [800 * MB - MARGIN, 300 * MB - MARGIN]
    assert str(tmp_path / "a/memory.max") in found[1].said
    assert "less 200.0 MB in use" in found[1].said


def test_version_1_is_read_beside_it_and_its_huge_number_is_no_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group(tmp_path, V1, "9223372036854771712", 0)
    group(tmp_path / "job", V1, str(400 * MB), 300 * MB, total_inactive_file=100 * MB)
    mounts = (
        f"35 31 0:32 / {tmp_path} rw - cgroup cgroup rw,memory\n"
        "36 31 0:33 / /elsewhere rw - cgroup cgroup rw,devices\n"
    )
    found = left_by_groups(monkeypatch, "4:memory:/job\n0::/\n", mounts)
    assert [one.bytes for one in found] == [200 * MB - MARGIN]


@pytest.mark.parametrize(
    ("root", "path", "folders"),
    [
        ("/", "/", ["."]),
        ("/", "/a/b", ["a/b", "a", "."]),
        ("/docker/7", "/docker/7/job", ["job", "."]),  # the mount begins inside the hierarchy
        ("/docker/7", "/other", ["."]),  # a group that the mount does not show
        ("/", "/../x", ["."]),  # outside of the cgroup namespace
    ],
)
def test_the_groups_are_found_from_the_mount(root: str, path: str, folders: list[str]) -> None:
    mounts = f"30 23 0:26 {root} /cg rw - cgroup2 cgroup2 rw\n"
    assert [level.folder for level in levels(f"0::{path}\n", mounts)] == [
        Path("/cg") / folder for folder in folders
    ]


def test_what_cannot_be_read_limits_nothing() -> None:
    assert levels("", "") == ()
    assert levels("nonsense\n::\n", "one two\n - \n") == ()


def test_the_process_s_own_limit_is_the_tightest_where_it_is_stated() -> None:
    there = free(300 * MB)
    assert there.bytes < 300 * MB
    assert there.said.startswith("total_memory_mb = 300 less ")
    assert 0 < there.bytes < free().bytes or there.bytes < 0


def test_a_refusal_names_the_tensor_and_the_arithmetic(make_bundle: MakeBundle) -> None:
    most = resident() // MB + 500  # the process that tests may be large by now
    pipeline = AudioOmniPipeline.from_file(
        make_bundle(channels=2048, stride=100, load_on_startup=False, total_memory_mb=most)
    )
    with pytest.raises(MemoryBudgetError) as caught:
        pipeline.run_inference(CODES)
    said = str(caught.value)
    assert said.startswith("Not enough memory: mel_features of core.onnx: expected at most ")
    assert f"total_memory_mb = {most} less " in said
    assert "got 838.9 MB (838.9 MB float32 [1, 2048, 102400])" in said
    assert isinstance(caught.value, MemoryError)


def test_weights_are_counted_before_they_are_loaded(
    make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave(monkeypatch, 3 * MB)
    with pytest.raises(MemoryBudgetError, match=r"weights of .*core\.onnx.*got 4\.0 MB"):
        AudioOmniPipeline.from_file(make_bundle(weights=4 * MB))
    assert AudioOmniPipeline.from_file(make_bundle(weights=1 * MB))


def test_the_features_of_many_windows_are_counted_before_they_are_joined(
    make_bundle: MakeBundle, encode: Any, sound: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = AudioOmniPipeline.from_file(make_bundle())
    pipeline.process_audio(encode(sound(25.0)))
    leave(monkeypatch, MB)
    with pytest.raises(MemoryBudgetError, match=r"joined.*3 windows of float32 \[1, 115, 1024\]"):
        pipeline.process_audio(encode(sound(25.0)))
    assert pipeline.process_audio(encode(sound(1.0)))["text"] == "a"  # the arena holds one


def test_a_run_counts_only_where_more_results_are_alive_than_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    room = Room("core.onnx", "y", "float32", [1, 1000])

    def run(**how: Any) -> Any:
        return room.run(lambda: np.zeros((1, 1000), np.float32), total=0, **how)

    held = [run(), run()]
    leave(monkeypatch, 0)
    with pytest.raises(MemoryBudgetError, match=r"y of core\.onnx.*4000|0\.0 MB"):
        run()
    held.pop()
    gc.collect()
    held.append(run())
    with pytest.raises(MemoryBudgetError):
        run()
    held.clear()
    with pytest.raises(MemoryBudgetError):
        run(keeps=False)  # an arena that gives back what is freed


def test_a_bound_output_counts_when_its_memory_is_taken(
    make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline = AudioOmniPipeline.from_file(make_bundle(bind_output=True))
    pipeline.run_inference(CODES)
    leave(monkeypatch, 0)
    pipeline.run_inference(CODES)
    raised: list[BaseException] = []

    def elsewhere() -> None:
        try:
            pipeline.run_inference(CODES)
        except MemoryBudgetError as error:
            raised.append(error)

    other = threading.Thread(target=elsewhere)
    other.start()
    other.join()
    assert "float32 [1, 115, 1024]" in str(raised)


def test_what_one_thread_was_granted_is_not_there_for_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leave(monkeypatch, 100)
    need = Need(what="y", parts=[("all of it", 60)])
    inside, go = threading.Event(), threading.Event()

    def hold() -> None:
        with granted(need, total=0):
            inside.set()
            go.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert inside.wait(10)
    with pytest.raises(MemoryBudgetError), granted(need, total=0, patience=0.01):
        pass
    threading.Timer(0.02, go.set).start()
    with granted(need, total=0, patience=10) as alone:  # waits for the other's run to end
        assert alone()
    holder.join()


def test_the_working_set_is_measured_at_the_first_run() -> None:
    room = Room("core.onnx", "y", "float32", [1, 1000])
    kept: list[Any] = []

    def work() -> Any:
        kept.append(np.ones(50 * MB, np.uint8))
        return np.zeros((1, 1000), np.float32)

    room.run(work, total=0)
    assert room._working == pytest.approx(50 * MB, rel=0.1)
