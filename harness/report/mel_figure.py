"""The small picture beside a clip's player: its log-mel power, low tones at the foot."""

from __future__ import annotations

import base64
import io

import numpy as np
from matplotlib import image
from numpy.typing import ArrayLike

STEP = 5  # dB between two shades: fewer shades make a smaller file


def mel_picture(level: ArrayLike) -> str:
    """Return a PNG as a data URI.

    Args:
        level: float [bands, columns], dB, -70 to 0.
    """
    file = io.BytesIO()
    shades = np.round(np.asarray(level) / STEP) * STEP
    # Without the name of the software: the same clip gives the same bytes.
    image.imsave(file, shades, -70, 0, "magma", "png", "lower", metadata={"Software": ""})
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode('ascii')}"
