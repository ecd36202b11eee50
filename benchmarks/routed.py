"""What the routing pass measures: each clip through the pipeline directly and through the graph.

Imported in the measured process only, as `routing.factory` of suite.yaml.
"""

from __future__ import annotations

from typing import Any

from agents.audio_omni_pipeline import AudioOmniPipeline
from core.graph import build_graph


class Routed:
    """One pipeline, and a graph whose audio node calls it through this object.

    `process_audio` is what the node calls: its time within a call of the graph is the pipeline's
    own, and the rest of that call is the graph's.
    """

    def __init__(self, pipeline: AudioOmniPipeline) -> None:
        self._pipeline = pipeline
        self._graph = build_graph(lambda: self)
        self._calls = 0

    @classmethod
    def from_file(cls, path: str) -> Routed:
        """Return the pipeline of a config file with a graph around it."""
        return cls(AudioOmniPipeline.from_file(path))

    def process_audio(self, data: bytes) -> dict[str, Any]:
        """Hear an audio file for the graph's node."""
        return self._pipeline.process_audio(data)

    def generate_audio(self, text: str, emotion: Any = None) -> bytes:
        """Refuse: this pass hears only."""
        raise NotImplementedError("the routing pass sends audio only")

    def directly(self, data: bytes) -> dict[str, Any]:
        """Hear an audio file without the graph."""
        return self._pipeline.process_audio(data)

    def through_graph(self, data: bytes) -> dict[str, Any]:
        """Hear an audio file through the graph.

        Raises:
            RuntimeError: the graph ended with an error in its state.
        """
        state: dict[str, Any] = self._graph.invoke({"input_type": "audio", "audio": data})
        if "error" in state:
            raise RuntimeError(state["error"]["message"])
        return state

    def both(self, data: bytes) -> dict[str, Any]:
        """Hear it both ways, another one first each time; return the graph's state.

        Raises:
            RuntimeError: the two heard different words.
        """
        self._calls += 1
        if self._calls % 2:
            direct, routed = self.directly(data), self.through_graph(data)
        else:
            routed, direct = self.through_graph(data), self.directly(data)
        if routed["text"] != direct["text"]:
            raise RuntimeError(f"directly {direct['text']!r}, by the graph {routed['text']!r}")
        return routed
