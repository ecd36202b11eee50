"""One pipeline for all threads, as its config says; each test begins as a new process does."""

from __future__ import annotations

import gc
import logging
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import onnxruntime
import pytest

from agents import audio_omni_pipeline, shared_pipeline
from agents.errors import ModelTooLargeError
from agents.shared_pipeline import get_audio_omni_pipeline

MakeBundle = Callable[..., Path]
Encode = Callable[..., bytes]
Sound = Callable[..., Any]
THREADS = 16


@pytest.fixture(autouse=True)
def share(make_bundle: MakeBundle, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that makes a bundle with these keys the shared one; nothing is shared."""
    monkeypatch.setattr(shared_pipeline, "_shared", shared_pipeline._nothing)

    def share(**settings: Any) -> None:
        monkeypatch.setenv(shared_pipeline.CONFIG_VARIABLE, str(make_bundle(**settings)))

    return share


def test_the_old_name_is_the_same_function() -> None:
    assert audio_omni_pipeline.get_audio_omni_pipeline is get_audio_omni_pipeline


@pytest.mark.parametrize("at_once", [True, False])
def test_sixteen_threads_share_one_session(
    at_once: bool,
    share: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    encode: Encode,
    sound: Sound,
) -> None:
    """The model is opened once, whether the first call loads it or the first request."""
    share(load_on_startup=at_once)
    opened, real = [], onnxruntime.InferenceSession

    def counted(*args: Any, **kwargs: Any) -> Any:
        opened.append(args[0])
        return real(*args, **kwargs)

    monkeypatch.setattr(onnxruntime, "InferenceSession", counted)
    ready, clip = threading.Barrier(THREADS), encode(sound(0.5))

    def ask(_: int) -> tuple[int, str]:
        ready.wait()
        pipeline = get_audio_omni_pipeline()
        return id(pipeline._open().core), pipeline.process_audio(clip)["text"]

    with ThreadPoolExecutor(THREADS) as pool:
        answers = set(pool.map(ask, range(THREADS)))
    assert len(answers) == 1
    assert {text for _, text in answers} == {"a"}
    assert len(opened) == 3  # core, tokenizer, text decoder


def test_load_on_startup_loads_in_the_first_call_and_false_in_the_first_request(
    share: Callable[..., None], caplog: pytest.LogCaptureFixture, encode: Encode, sound: Sound
) -> None:
    caplog.set_level(logging.INFO, "agents")
    share(load_on_startup=False)
    pipeline = get_audio_omni_pipeline()
    assert caplog.text.count("loaded") == 0
    pipeline.process_audio(encode(sound(0.5)))
    assert caplog.text.count("loaded") == 3


def test_load_on_startup_is_the_default(
    share: Callable[..., None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "agents")
    share()
    get_audio_omni_pipeline()
    assert caplog.text.count("loaded") == 3


@pytest.mark.parametrize("permanent", [True, False])
def test_permanent_outlives_its_users_and_false_does_not(
    permanent: bool, share: Callable[..., None]
) -> None:
    share(permanent=permanent)
    pipeline = get_audio_omni_pipeline()
    assert get_audio_omni_pipeline() is pipeline
    seen = weakref.ref(pipeline)
    del pipeline
    gc.collect()
    assert (seen() is not None) is permanent
    assert get_audio_omni_pipeline().config.permanent is permanent


def test_a_model_beyond_max_memory_mb_is_refused_to_every_caller_and_then_tried_anew(
    share: Callable[..., None],
) -> None:
    share(weights=2_000_000, max_memory_mb=1)

    def refused(_: int) -> str:
        with pytest.raises(ModelTooLargeError) as caught:
            get_audio_omni_pipeline()
        return str(caught.value)

    with ThreadPoolExecutor(THREADS) as pool:
        said = set(pool.map(refused, range(THREADS)))
    assert len(said) == 1
    assert "max_memory_mb = 1, got 2.0 MB" in said.pop()
    share(weights=2_000_000, max_memory_mb=3)
    assert get_audio_omni_pipeline().config.max_memory_mb == 3


def test_after_close_the_next_call_creates_another(share: Callable[..., None]) -> None:
    share()
    first = get_audio_omni_pipeline()
    first.close()
    second = get_audio_omni_pipeline()
    assert second is not first
    assert not second.closed
