"""Section `speech` of `suite.yaml`: how a pipeline that speaks is measured."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, FiniteFloat, model_validator
from pydantic_core import PydanticCustomError

from harness.strict import Strict, nearest

CONTROLS = ("rate", "pitch", "pitch_range", "energy")  # what an emotion's numbers are, in order
Levels = Annotated[tuple[FiniteFloat, ...], Field(min_length=3, max_length=3)]


class Emotion(Strict):
    """The controls of a voice, each at three levels: low, neutral, high."""

    sentences: int = Field(ge=5)  # said at every level, drawn by the seed
    controls: dict[str, Levels]  # all of `CONTROLS`, in their order

    @model_validator(mode="after")
    def _all_in_order(self) -> Self:
        stranger = next((name for name in self.controls if name not in CONTROLS), None)
        if stranger is not None:
            text = f"controls: {stranger!r} is none.{nearest(stranger, CONTROLS)}"
            raise PydanticCustomError("no_control", "{text}", {"text": text})
        if tuple(self.controls) != CONTROLS:
            text = f"controls: expected {', '.join(CONTROLS)}, in this order"
            raise PydanticCustomError("controls", "{text}", {"text": text})
        return self


class Copy(Strict):
    """How a recording becomes what the vocoder takes, so that the vocoder is heard alone."""

    features: str  # "module:callable": bytes of a WAV file -> the vocoder's input
    vocoder: str  # method: that -> float samples in -1..1
    rate: int = Field(ge=8000)  # Hz, of the samples


class Speech(Strict):
    """What a pipeline is asked to say, and by which of its methods."""

    sentences: str  # a file, one a line, or a reference set whose audio are recordings of them
    count: int | None = Field(default=None, ge=1)  # at most so many, drawn by the seed; None: all
    method: str = "generate_audio"  # text, numbers of the emotion -> WAV file as bytes
    stream: str | None = "stream_audio"  # the same, an iterator of them; None: there is none
    stages: dict[str, str] = Field(default_factory=dict)  # name -> public method
    spoken_text: str | None = None  # method: text -> the words that are said; None: there is none
    copy_synthesis: Copy | None = None  # None: the vocoder is not heard alone
    espeak: str | None = None  # voice of espeak-ng beside it, the source where nothing is recorded
    clips: int = Field(ge=1)  # sentences that are timed
    processes: int = Field(ge=2)  # of each system, in turn
    repeats: int = Field(ge=1)  # timed sentences of each
    streamed: int = Field(default=1, ge=1)  # timed paragraphs of each process that streams
    warmup: int = Field(ge=0)
    paragraph: int = Field(ge=2)  # sentences of a text that is streamed
    shown: int = Field(ge=1)  # sentences to be played on the page
    emotion: Emotion | None = None
    timeout_s: float = Field(gt=0)  # for one process
