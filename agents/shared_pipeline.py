"""The one pipeline that a whole process shares, by however many threads.

The first caller creates it while the others wait, so that there is one session on the model. The
keys of its config that count here: `load_on_startup` loads and warms it up in that first call,
else the first request does; `permanent: true` keeps it as long as the process, else as long as
somebody holds it; a model beyond `max_memory_mb` is refused, by every call, and nothing is kept.
"""

from __future__ import annotations

import functools
import os
import threading
import weakref
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agents.audio_omni_pipeline import AudioOmniPipeline

CONFIG_VARIABLE = "AUDIO_OMNI_CONFIG"  # environment: the config file of the shared pipeline
DEFAULT_CONFIG = "config/sarai.yaml"


def _itself(pipeline: AudioOmniPipeline) -> AudioOmniPipeline:
    return pipeline


def _nothing() -> AudioOmniPipeline | None:
    return None


_shared: Callable[[], AudioOmniPipeline | None] = _nothing  # a lasting or a weak reference
_shared_lock = threading.Lock()


def get_audio_omni_pipeline() -> AudioOmniPipeline:
    """Return the one pipeline that the whole process shares; the first call creates it.

    Its config is the file that AUDIO_OMNI_CONFIG names, else config/sarai.yaml; a relative path
    is looked up in the current folder, then in the project's. With `permanent: false` the
    pipeline is released with its last user, and the next call creates it anew, as after `close`. A
    call that fails leaves nothing behind, and the next one tries again.

    Raises:
        AudioOmniConfigError, BundleError, OnnxRuntimeError: see `AudioOmniPipeline.from_file`.
    """
    global _shared
    from agents.audio_omni_pipeline import AudioOmniPipeline, locate  # which imports this file

    with _shared_lock:
        pipeline = _shared()
        if pipeline is None or pipeline.closed:
            path = os.environ.get(CONFIG_VARIABLE) or DEFAULT_CONFIG
            pipeline = AudioOmniPipeline.from_file(locate(path))
            permanent = pipeline.config.permanent
            _shared = functools.partial(_itself, pipeline) if permanent else weakref.ref(pipeline)
        return pipeline
