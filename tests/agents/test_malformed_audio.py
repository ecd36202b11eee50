"""Hundreds of damaged audio files: each is heard or refused by an error with a name, and no more.

They are made from valid ones of every container that libsndfile writes, by a seed. All of them are
decoded in a process apart, for a crash of the C library would end the tests.
"""

from __future__ import annotations

import io
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import soundfile

ROOT = Path(__file__).parents[2]
EACH = 24  # damaged files of every container
MOST = 400_000_000  # bytes of memory that decoding all of them may take

CHILD = """
import json, signal, sys
from pathlib import Path
from agents.audio import decode
from agents.errors import AudioOmniError

def hung(*_):
    raise TimeoutError("still decoding after 10 s")

signal.signal(signal.SIGALRM, hung)
seen = {"heard": 0, "refused": 0, "untyped": []}
for path in sorted(Path(sys.argv[1]).iterdir()):
    signal.alarm(10)
    try:
        decode(path.read_bytes())
        seen["heard"] += 1
    except AudioOmniError as error:
        assert "expected" in str(error) and "got" in str(error), error
        seen["refused"] += 1
    except Exception as error:
        seen["untyped"].append(f"{path.name}: {error!r}")
    signal.alarm(0)
status = Path("/proc/self/status").read_text()
seen["peak"] = 1024 * int(status.split("VmHWM:")[1].split()[0])
print(json.dumps(seen))
"""


def containers() -> dict[str, bytes]:
    """A second of sound in every container that takes it."""
    time = np.arange(16_000) / 16_000
    samples = (0.3 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)
    found = {}
    # SD2 keeps its header in "._" in the current folder: libsndfile then reads no MP3 any more.
    for name in sorted(soundfile.available_formats().keys() - {"SD2"}):
        file = io.BytesIO()
        try:
            soundfile.write(file, samples, 16_000, format=name)
        except (soundfile.SoundFileError, ValueError, TypeError, RuntimeError):
            continue  # it wants a subtype, or cannot be written
        if file.getvalue():
            found[name] = file.getvalue()
    return found


def damaged(data: bytes, dice: random.Random) -> bytes:
    """Damage a file in one of the ways in which files are damaged."""
    content = bytearray(data)
    head = min(len(content), 128)
    match dice.randrange(6):
        case 0:
            return bytes(content[: dice.randrange(len(content))])
        case 1:  # numbers in the header
            for _ in range(dice.randint(1, 6)):
                content[dice.randrange(head)] = dice.choice((0, 1, 0x7F, 0x80, 0xFF))
        case 2:  # a size in the header
            at = dice.randrange(4, head - 4)
            content[at : at + 4] = dice.choice((b"\xff\xff\xff\x7f", b"\xff" * 4, bytes(4)))
        case 3:  # bits anywhere
            for _ in range(dice.randint(1, 200)):
                content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
        case 4:  # a hole
            start = dice.randrange(len(content))
            content[start : start + dice.randint(1, 2_000)] = b""
        case 5:  # a part twice
            start = dice.randrange(len(content))
            content[start:start] = content[: dice.randint(1, 2_000)]
    return bytes(content)


def test_no_damaged_file_crashes_hangs_or_raises_what_has_no_name(tmp_path: Path) -> None:
    dice, whole = random.Random(20261125), containers()
    for name, data in whole.items():
        for number in range(EACH):
            (tmp_path / f"{name}_{number:03}").write_bytes(damaged(data, dice))
    count = len(list(tmp_path.iterdir()))
    assert len(whole) >= 12
    assert count >= 300
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    seen = json.loads(done.stdout.splitlines()[-1])  # libsndfile prints before it
    assert seen["untyped"] == []
    assert seen["heard"] + seen["refused"] == count
    assert seen["refused"] > count / 4
    assert seen["peak"] < MOST
