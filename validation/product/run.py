"""Run the product's three test blocks, as they stand, each in a fresh process.

    python validation/product/run.py [--config config/reference.yaml]

The blocks name the production model and its config by path. Where another model is asked for,
they run in a temporary folder in which that model lies at the production model's path.
Exit code 0: all three passed; 1: one did not; 2: something is missing, and one line says what.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
PRODUCTION = "models/onnx/agi_audio_core.onnx"
BLOCKS = ("block_1_session.py", "block_2_process_audio.py", "block_3_config.py")

sys.path.insert(0, str(PROJECT))

from agents.audio_omni_pipeline import CONFIG_VARIABLE, locate  # noqa: E402
from agents.bundle import external_files, read_bundle  # noqa: E402
from agents.config import AudioOmniConfig  # noqa: E402
from agents.errors import AudioOmniError  # noqa: E402


def main() -> int:
    """Run the blocks on the model of the given config."""
    parser = argparse.ArgumentParser(description="Run the product's three test blocks.")
    parser.add_argument("--config", type=Path, default=PROJECT / "config/sarai.yaml")
    path = parser.parse_args().config.resolve()
    try:
        config = AudioOmniConfig.from_file(path)
        model = read_bundle(locate(config.model_path, path.parent.parent)).model
    except AudioOmniError as error:
        print(error, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        production = model.resolve() == PROJECT / PRODUCTION
        place = PROJECT if production else _stand_in(Path(folder), model)
        passed = [_run(block, place, path) for block in BLOCKS]
    print(f"{sum(passed)} of {len(BLOCKS)} product tests passed on {model}")
    return 0 if all(passed) else 1


def _stand_in(folder: Path, model: Path) -> Path:
    """Lay out `folder` like the project, with `model` at the production model's path."""
    target = folder / PRODUCTION
    target.parent.mkdir(parents=True)
    shutil.copy(model, target)
    for file in external_files(model):
        shutil.copy(file, target.parent / file.name)
    (folder / "config").mkdir()
    shutil.copy(PROJECT / "config/sarai.yaml", folder / "config")
    return folder


def _run(block: str, place: Path, config: Path) -> bool:
    """Run one block in `place`, the agents of this project importable and `config` in charge."""
    print(f"--- {block}", flush=True)
    settings = {"PYTHONPATH": str(PROJECT), CONFIG_VARIABLE: str(config)}
    script = Path(__file__).with_name(block)
    done = subprocess.run([sys.executable, script], cwd=place, env={**os.environ, **settings})
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
