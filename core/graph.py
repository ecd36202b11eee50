"""Routes what comes in to the speech pipeline: audio is heard, text is passed on or spoken.

    START -> admit -> route_audio -> omni_onnx -> END      input_type "audio"
                                  -> text_path -> END      input_type "text"
                                  -> END                   anything else; `error` says why

    graph = build_graph()
    graph.invoke({"input_type": "audio", "audio": wav})["text"]
    await graph.ainvoke({"input_type": "text", "text": "Hola.", "output_type": "audio"})

The nodes never raise: what goes wrong stands in the state under `error`, and a state without that
key is a success. The nodes are plain functions, and so work without langgraph, which only
`build_graph` needs. All graphs of a process share one pipeline, see `agents.shared_pipeline`.
"""

from __future__ import annotations

import importlib
import logging
import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Literal, Protocol, TypedDict, cast

from agents.errors import AudioOmniError, MissingDependencyError
from agents.shared_pipeline import get_audio_omni_pipeline

OMNI, TEXT = "omni_onnx", "text_path"  # the two nodes that `route_audio` chooses from
END = "__end__"  # langgraph's own name for the end of a graph

logger = logging.getLogger(__name__)


class Problem(TypedDict):
    """What went wrong."""

    type: str  # name of the exception's class: "AudioFormatError"
    message: str  # the whole of what it said, in one line
    do: str  # what to do about it


class State(TypedDict, total=False):
    """What goes through the graph. The first group is given, the second comes out."""

    input_type: Literal["audio", "text"]
    audio: bytes  # of a WAV, FLAC, OGG or MP3 file; with input_type "audio"
    output_type: Literal["text", "audio"]  # of the text path; absent: "text"
    emotion: Sequence[float] | None  # controls of the voice, see `generate_audio`; absent: neutral

    text: str  # given with input_type "text"; what was heard with input_type "audio"
    speech: bytes  # a WAV; where output_type asks for audio
    metadata: dict[str, Any]  # of `process_audio`; its arrays stay out, a checkpoint copies states
    timings: dict[str, float]  # seconds: "pipeline", its own call; "node", all of the node
    error: Problem


class Pipeline(Protocol):
    """What the nodes call."""

    def process_audio(self, data: bytes) -> dict[str, Any]:
        """Return at least `text` and `metadata`."""

    def generate_audio(self, text: str, emotion: Any = None) -> bytes:
        """Return a WAV."""


Provider = Callable[[], Pipeline]
Work = Callable[[Pipeline], tuple[State, float]]  # to new state, and the pipeline's own seconds
SHARED = cast(Provider, get_audio_omni_pipeline)


def route_audio(state: Mapping[str, Any]) -> str:
    """Name the node that the state goes to: "omni_onnx", "text_path", or END for neither."""
    return {"audio": OMNI, "text": TEXT}.get(str(state.get("input_type")), END)


def admit(state: Mapping[str, Any]) -> State:
    """Return the error of a state that no node takes; nothing for the others."""
    if route_audio(state) != END:
        return {}
    got = state.get("input_type", "nothing")
    return _refused("input_type", "'audio' or 'text'", repr(got), "Set input_type.")


def omni_onnx(state: Mapping[str, Any], provider: Provider = SHARED) -> State:
    """Hear `audio`: return its text, metadata and timings, or an error."""
    data = state.get("audio")
    if not isinstance(data, bytes):
        do = "Put the bytes of an audio file under audio."
        return _refused("audio", "bytes", type(data).__name__, do)

    def hear(pipeline: Pipeline) -> tuple[State, float]:
        start = time.perf_counter()
        result = pipeline.process_audio(data)
        took = time.perf_counter() - start
        return {"text": result["text"], "metadata": dict(result["metadata"])}, took

    return _answered(hear, provider)


def text_path(state: Mapping[str, Any], provider: Provider = SHARED) -> State:
    """Speak `text` where `output_type` is "audio", else pass it through."""
    text, output = state.get("text"), state.get("output_type", "text")
    if not isinstance(text, str):
        return _refused("text", "a str", type(text).__name__, "Put the text under text.")
    if output not in ("text", "audio"):
        return _refused("output_type", "'text' or 'audio'", repr(output), "Correct output_type.")
    if output == "text":
        return {"text": text}

    def speak(pipeline: Pipeline) -> tuple[State, float]:
        start = time.perf_counter()
        speech = pipeline.generate_audio(text, state.get("emotion"))
        return {"speech": speech}, time.perf_counter() - start

    return _answered(speak, provider)


def build_graph(provider: Provider = SHARED) -> Any:
    """Return the compiled graph: `invoke`, `stream`, `ainvoke` and `astream` take a `State`.

    Args:
        provider: gives the pipeline to each request; the first one waits for its load.

    Raises:
        MissingDependencyError: langgraph is not installed.
    """
    try:
        library = importlib.import_module("langgraph.graph")
    except ImportError as error:
        raise MissingDependencyError.of("langgraph") from error
    graph = library.StateGraph(State)
    graph.add_node("admit", admit)
    graph.add_edge(library.START, "admit")
    graph.add_conditional_edges("admit", route_audio, [OMNI, TEXT, END])
    for name, node in ((OMNI, omni_onnx), (TEXT, text_path)):
        graph.add_node(name, partial(node, provider=provider))
        graph.add_edge(name, END)
    return graph.compile()


def _answered(work: Work, provider: Provider) -> State:
    """Do `work` with the pipeline; whatever it raises becomes state."""
    start = time.perf_counter()
    try:
        found, own = work(provider())
    except Exception as error:
        if not isinstance(error, AudioOmniError):
            logger.exception("the pipeline failed with an error that is none of its own")
        return {"error": _problem(error)}
    return {**found, "timings": {"pipeline": own, "node": time.perf_counter() - start}}


def _problem(error: Exception) -> Problem:
    """Take an error apart; the pipeline's own end with what to do, after what is wrong."""
    message, kind = " ".join(str(error).split()), type(error).__name__
    _, *remedy = re.split(r"(?<=\.) (?=[A-Z])", message, maxsplit=1)
    if isinstance(error, AudioOmniError) and remedy:
        return {"type": kind, "message": message, "do": remedy[0]}
    do = "Look at the log: this is a defect of the pipeline or of what it was given."
    return {"type": kind, "message": message or kind, "do": do}


def _refused(key: str, expected: str, got: str, do: str) -> State:
    message = f"Wrong {key} in the state: expected {expected}, got {got}. {do}"
    return {"error": {"type": "StateError", "message": message, "do": do}}
