"""The clips that are still to be heard, handed to whichever worker is free.

Long clips go first, so that no worker is left alone with one at the end. Every clip is settled
once: heard, refused by the pipeline, or given up after it was held by too many workers that died.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from threading import Lock

from harness.measure.keeper import ANSWERS, Emit, finding
from harness.measure.passes import transcript_of
from harness.measure.process import Report
from harness.progress import Step, nothing
from harness.records import Clip


class Handout:
    """Hands out clips and records what came of them; threads may share it."""

    def __init__(
        self, name: str, clips: Iterable[Clip], emit: Emit, *, tries: int, step: Step = nothing
    ) -> None:
        """Begin with `clips` of the set `name`; a clip is given up after `tries` dead workers."""
        self._name = name
        self._waiting = deque(sorted(clips, key=lambda clip: (-clip.seconds, clip.id)))
        self._open = {clip.id for clip in self._waiting}  # not settled
        self._emit = emit
        self._tries = tries
        self._step = step
        self._held: Counter[str] = Counter()  # clip -> workers that died while they held it
        self._lock = Lock()
        self.heard_clips = 0
        self.heard_seconds = 0.0  # of audio
        self.doubts: list[str] = []  # what went wrong and was made good

    @property
    def left(self) -> int:
        """Clips that are not settled."""
        return len(self._open)

    def take(self) -> Clip | None:
        """Return the next clip; None when no more is to be handed out."""
        with self._lock:
            return self._waiting.popleft() if self._waiting else None

    def heard(self, clip: Clip, report: Report) -> None:
        """Record what the pipeline heard; a second answer about one clip is dropped."""
        with self._lock:
            if self._settle(clip):
                self.heard_clips += 1
                self.heard_seconds += clip.seconds
                self._emit(transcript_of(self._name, clip, report))
                self._step()

    def refused(self, clip: Clip, stage: str, error: str) -> None:
        """Record that the pipeline answered with an exception: the clip lacks."""
        where = f" in {stage}" if stage else ""
        self._lack(clip, f"Clip {clip.id} ({clip.audio}){where}: {error}", stage, error)

    def lost(self, clip: Clip, why: str) -> bool:
        """Note that a worker died with a clip in hand; return whether to hear it again."""
        with self._lock:
            self._held[clip.id] += 1
            again = self._held[clip.id] < self._tries and clip.id in self._open
            if again:
                self.doubts.append(f"Clip {clip.id} was heard again in a fresh worker: one {why}")
        if not again:
            times = f"{self._held[clip.id]} workers died with it in hand; the last one"
            self._lack(clip, f"Clip {clip.id} ({clip.audio}): {times} {why}", "", why)
        return again

    def give_back(self, clip: Clip) -> None:
        """Take back a clip that no worker got to."""
        with self._lock:
            if clip.id in self._open:
                self._waiting.appendleft(clip)

    def note(self, doubt: str) -> None:
        """Keep a doubt about the run as a whole."""
        with self._lock:
            self.doubts.append(doubt)

    def stop(self) -> None:
        """Hand out no more."""
        with self._lock:
            self._waiting.clear()

    def _settle(self, clip: Clip) -> bool:
        """Return whether this is the first that is known of the clip."""
        first = clip.id in self._open
        self._open.discard(clip.id)
        return first

    def _lack(self, clip: Clip, detail: str, stage: str, error: str) -> None:
        facts = {"stage": stage, "clip": clip.id, "audio": clip.audio, "error": error}
        with self._lock:
            if self._settle(clip):
                self._emit(finding(ANSWERS, detail, facts=facts))
                self._step()
