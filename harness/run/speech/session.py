"""What both passes about speaking share: the suite's section, its sentences, a place for audio."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.accuracy.speech_quality.sentences import Sentence, read_sentences
from harness.config import SUITE, Settings
from harness.errors import ReferenceSetError
from harness.measure.speech import TRIED, Request, refusal, written
from harness.run.plan import draw
from harness.run.recording import Recording
from harness.run.speech.systems import pipeline_job
from harness.speaking import Speech

NOT_SPOKEN = "Speech was not measured: the pipeline does not speak."


@dataclass(frozen=True, kw_only=True)
class Session:
    """One pass: who speaks, what, and where it is kept."""

    settings: Settings
    part: Speech
    sentences: Sequence[Sentence]
    folder: Path  # gone when the pass is over
    recording: Recording

    def some(self, count: int) -> tuple[Sentence, ...]:
        """Draw so many of the sentences by the suite's seed."""
        return draw(self.sentences, count, self.settings.suite.seed)


@contextmanager
def opened(settings: Settings, recording: Recording) -> Iterator[Session | None]:
    """Ask the pipeline for one word and read the sentences; None, with a doubt, without a voice.

    None too where the suite has no section `speech`.

    Raises:
        ReferenceSetError: the pipeline speaks, and the sentences cannot be used.
    """
    part = settings.suite.speech
    if part is None:
        yield None
        return
    with TemporaryDirectory(prefix="speech-") as made:
        folder = Path(made)
        tried = written([Request(id="hola", text=TRIED)], folder / "tried")
        if reason := refusal(pipeline_job(settings, part, tried)):
            recording.doubt(f"{NOT_SPOKEN} {reason}")
            yield None
            return
        sentences = sentences_of(settings, part)
        yield Session(
            settings=settings, part=part, sentences=sentences, folder=folder, recording=recording
        )


def changed(settings: Settings, *, sentences: str | None, count: int | None) -> Settings:
    """Return the settings with other sentences, or another number of them, where given."""
    part = settings.suite.speech
    if part is None:
        return settings
    given: dict[str, object] = {"count": None} if sentences else {}
    given |= {"sentences": sentences} if sentences else {}
    given |= {"count": count} if count else {}
    suite = settings.suite.model_copy(update={"speech": part.model_copy(update=given)})
    return replace(settings, suite=suite)


def sentences_of(settings: Settings, part: Speech) -> tuple[Sentence, ...]:
    """Return the sentences that are said: those of the file, or as many as the suite asks for.

    Raises:
        ReferenceSetError: the file cannot be used; names it and the key.
    """
    try:
        found = read_sentences(Path(part.sentences))
    except ReferenceSetError as error:
        where = settings.config.with_name(SUITE)
        raise ReferenceSetError(f"{error} {where} names it: speech.sentences.") from None
    return draw(found, part.count, settings.suite.seed)
