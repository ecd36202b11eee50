"""The smoke run: one clip through the pipeline, and what came out in a few lines."""

from __future__ import annotations

import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Run the clip that `arguments` names, else a sine, through the shared pipeline.

    Returns:
        0: it ran; 2: something is missing, and one line on stderr said what.
    """
    try:
        from agents.audio import sine
        from agents.audio_omni_pipeline import get_audio_omni_pipeline
        from agents.errors import AudioOmniError
    except ImportError as error:
        print(error, file=sys.stderr)
        return 2
    try:
        data = Path(arguments[0]).read_bytes() if arguments else sine(440.0)
        result = get_audio_omni_pipeline().process_audio(data)
    except (AudioOmniError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    for name in ("audio_codes", "mel_features"):
        print(f"{name}: {result[name].dtype} {list(result[name].shape)}")
    print(f"text: {result['text']!r}")
    for key, value in result["metadata"].items():
        print(f"{key}: {value}")
    return 0
