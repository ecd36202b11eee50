"""What only a fresh process can show: imports, the shared pipeline, the scripts."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

PROJECT = Path(__file__).resolve().parents[2]
SMOKE = "agents/audio_omni_pipeline.py"
MakeBundle = Callable[..., Path]


def run(*arguments: str | Path, config: Path | None = None, cwd: Path = PROJECT) -> tuple[int, str]:
    """Run Python in a fresh process; return its exit code and all that it printed."""
    settings = {"PYTHONPATH": str(PROJECT), "AUDIO_OMNI_CONFIG": str(config)}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, **settings} if config else {**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_import_of_the_pipeline_stays_light() -> None:
    heavy = "{'pandas', 'scipy', 'librosa', 'onnx', 'pydantic', 'matplotlib', 'numba', 'harness'}"
    code = f"import sys, agents.audio_omni_pipeline; print({heavy} & set(sys.modules))"
    assert run("-c", code) == (0, "set()\n")


def test_the_reference_s_resampler_does_not_bring_librosa(make_bundle: MakeBundle) -> None:
    code = (
        "import sys; from agents.audio_omni_pipeline import get_audio_omni_pipeline\n"
        "get_audio_omni_pipeline(); print('soxr' in sys.modules, 'librosa' in sys.modules)"
    )
    assert run("-c", code, config=make_bundle(resampler="soxr")) == (0, "True False\n")
    assert run("-c", code, config=make_bundle(resampler="librosa")) == (0, "True True\n")


@pytest.mark.parametrize(
    ("absent", "package"),
    [("onnxruntime", "onnxruntime"), ("soundfile", "soundfile"), ("yaml", "PyYAML")],
)
def test_an_absent_package_is_an_import_error_with_the_install_line(
    absent: str, package: str
) -> None:
    code = (
        f"import sys; sys.modules['{absent}'] = None\n"
        "try:\n    import agents.audio_omni_pipeline\n"
        "except ImportError as error:\n    print(type(error).__name__, error)"
    )
    said = f"MissingDependencyError {absent} is not installed. Run: pip install {package}\n"
    assert run("-c", code) == (0, said)


@pytest.mark.parametrize("absent", ["librosa", "soxr"])
def test_an_absent_resampler_is_found_at_load(absent: str, make_bundle: MakeBundle) -> None:
    code = (
        f"import sys; sys.modules['{absent}'] = None\n"
        "from agents.audio_omni_pipeline import get_audio_omni_pipeline\n"
        "try:\n    get_audio_omni_pipeline()\n"
        "except ImportError as error:\n    print(error)"
    )
    said = f"{absent} is not installed. Run: pip install {absent}\n"
    assert run("-c", code, config=make_bundle(resampler=absent)) == (0, said)


def test_all_threads_share_one_pipeline(make_bundle: MakeBundle) -> None:
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from agents.audio_omni_pipeline import get_audio_omni_pipeline as get\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    got = list(pool.map(lambda _: get(), range(16)))\n"
        "print(len(set(map(id, got))), got[0].config.name)"
    )
    assert run("-c", code, config=make_bundle()) == (0, "1 tiny\n")


@pytest.mark.parametrize(("permanent", "lives"), [(True, "True"), (False, "False")])
def test_a_permanent_pipeline_outlives_its_users(
    permanent: bool, lives: str, make_bundle: MakeBundle
) -> None:
    code = (
        "import weakref; from agents.audio_omni_pipeline import get_audio_omni_pipeline as get\n"
        "one = get(); assert get() is one\n"
        "seen = weakref.ref(one); del one\n"
        "print(seen() is not None); get()"
    )
    assert run("-c", code, config=make_bundle(permanent=permanent)) == (0, f"{lives}\n")


def test_the_smoke_run_shows_what_came_out(make_bundle: MakeBundle) -> None:
    code, said = run(SMOKE, config=make_bundle())
    assert code == 0
    assert "audio_codes: int64 [1, 16, 128]" in said
    assert "mel_features: float32 [1, 115, 1024]" in said
    assert "greedy_text: a" in said


def test_the_smoke_run_hears_a_file_that_is_named(
    make_bundle: MakeBundle, encode: Callable[..., bytes], tmp_path: Path
) -> None:
    clip = tmp_path / "clip.flac"
    clip.write_bytes(encode(np.zeros(8_000), format="FLAC"))
    code, said = run(SMOKE, clip, config=make_bundle())
    assert code == 0
    assert "text: ''\n" in said
    assert "seconds: 0.5\n" in said


def test_the_smoke_run_says_in_one_line_which_file_is_missing(make_bundle: MakeBundle) -> None:
    config = make_bundle()
    code, said = run(SMOKE, config.parent / "gone.wav", config=config)
    assert (code, said.count("\n")) == (2, 1)
    assert "gone.wav" in said
    (config.parents[1] / "models/core.onnx").unlink()
    code, said = run(SMOKE, config=config)
    assert (code, said.count("\n")) == (2, 1)
    assert said.startswith("Model file not found: ")


def test_the_smoke_run_says_in_one_line_which_package_is_missing() -> None:
    code = (
        "import sys, runpy; sys.modules['onnxruntime'] = None; sys.argv = ['smoke']\n"
        f"runpy.run_path('{SMOKE}', run_name='__main__')"
    )
    said = "onnxruntime is not installed. Run: pip install onnxruntime\n"
    assert run("-c", code) == (2, said)


def test_the_product_s_blocks_pass_unedited_on_another_model(make_bundle: MakeBundle) -> None:
    code, said = run("validation/product/run.py", "--config", make_bundle())
    assert code == 0, said
    assert "input  audio_codes [1, 16, 128] tensor(int64)" in said
    assert "max_memory_mb 4400" in said
    assert "3 of 3 product tests passed on" in said


def test_the_product_s_blocks_report_a_failure(make_bundle: MakeBundle) -> None:
    code, said = run("validation/product/run.py", "--config", make_bundle(manifest=False))
    assert code == 1
    assert "2 of 3 product tests passed on" in said


def test_the_product_s_blocks_say_in_one_line_what_is_missing(make_bundle: MakeBundle) -> None:
    config = make_bundle()
    (config.parents[1] / "models/core.onnx.data").unlink()
    code, said = run("validation/product/run.py", "--config", config)
    assert (code, said.count("\n")) == (2, 1)
    assert "core.onnx.data" in said
