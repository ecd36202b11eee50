"""Audio goes to the pipeline, text to the text path, anything else to the end with an error."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from agents.errors import AudioFormatError, MissingDependencyError, ModelFileNotFoundError
from core import graph
from core.graph import END, OMNI, TEXT, admit, build_graph, omni_onnx, route_audio, text_path

ROOT = Path(__file__).parents[2]


class Hearer:
    """Says how many bytes it heard, and speaks by writing the text down."""

    closed = False

    def process_audio(self, data: bytes) -> dict[str, Any]:
        return {"text": f"{len(data)} bytes", "metadata": {"model": "toy"}, "mel_features": data}

    def generate_audio(self, text: str, emotion: Any = None) -> bytes:
        return f"{text} {emotion}".encode()


class Deaf(Hearer):
    """Refuses what it is given, in the given way."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def process_audio(self, data: bytes) -> dict[str, Any]:
        raise self.error


@pytest.fixture(scope="module")
def compiled() -> Any:
    """The graph around a toy; the tests that take it are skipped where langgraph is absent."""
    pytest.importorskip("langgraph", reason="langgraph is not installed: pip install langgraph")
    return build_graph(Hearer)


def test_audio_is_routed_to_the_model_and_text_to_the_text_path() -> None:
    assert route_audio({"input_type": "audio"}) == "omni_onnx"
    assert route_audio({"input_type": "text"}) == TEXT


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"input_type": None},
        {"input_type": "AUDIO"},  # a name is not guessed
        {"input_type": "video"},
        {"input_type": ["audio"]},  # cannot be a key
        {"input_type": 1},
        {"audio": b"RIFF"},  # what it is is said, not guessed from what is there
    ],
)
def test_anything_else_ends_with_a_stated_error(state: dict[str, Any]) -> None:
    assert route_audio(state) == END
    error = admit(state)["error"]
    assert error["type"] == "StateError"
    assert "expected 'audio' or 'text', got " in error["message"]
    assert error["do"] == "Set input_type."


def test_what_is_taken_is_admitted_without_a_word() -> None:
    assert admit({"input_type": "audio"}) == {} == admit({"input_type": "text"})


def test_the_node_gives_text_metadata_and_timings_and_no_arrays() -> None:
    found = omni_onnx({"input_type": "audio", "audio": b"1234"}, Hearer)
    timings = found.pop("timings")
    assert found == {"text": "4 bytes", "metadata": {"model": "toy"}}
    assert 0 <= timings["pipeline"] <= timings["node"]


@pytest.mark.parametrize("audio", [None, "a.wav", 7])
def test_audio_that_is_no_bytes_is_an_error(audio: Any) -> None:
    assert omni_onnx({"audio": audio}, Hearer)["error"]["message"] == (
        f"Wrong audio in the state: expected bytes, got {type(audio).__name__}. "
        "Put the bytes of an audio file under audio."
    )


def test_an_error_of_the_pipeline_becomes_state() -> None:
    error = AudioFormatError("Format not recognised: expected WAV, got 3 bytes. Send a file.")
    found = omni_onnx({"audio": b"abc"}, lambda: Deaf(error))
    assert found == {
        "error": {"type": "AudioFormatError", "message": str(error), "do": "Send a file."}
    }


def test_an_error_of_the_load_becomes_state() -> None:
    def absent() -> Hearer:
        raise ModelFileNotFoundError("Model file not found: a/b.onnx. Put the model there.")

    found = omni_onnx({"audio": b"abc"}, absent)["error"]
    assert (found["type"], found["do"]) == ("ModelFileNotFoundError", "Put the model there.")


def test_a_defect_becomes_state_too_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    found = omni_onnx({"audio": b"abc"}, lambda: Deaf(ZeroDivisionError()))["error"]
    assert found["type"] == found["message"] == "ZeroDivisionError"
    assert "Look at the log" in found["do"]
    assert "Traceback" in caplog.text


def test_text_is_passed_through_or_spoken() -> None:
    assert text_path({"text": "Hola."}, Hearer) == {"text": "Hola."}
    spoken = text_path({"text": "Hola.", "output_type": "audio", "emotion": [1.0]}, Hearer)
    assert spoken["speech"] == b"Hola. [1.0]"
    assert set(spoken["timings"]) == {"pipeline", "node"}


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({}, "Wrong text in the state: expected a str, got NoneType."),
        ({"text": "a", "output_type": "mp3"}, "expected 'text' or 'audio', got 'mp3'."),
    ],
)
def test_a_text_state_that_cannot_be_used_is_an_error(state: dict[str, Any], said: str) -> None:
    assert said in text_path(state, Hearer)["error"]["message"]


def test_the_shared_pipeline_is_the_one_that_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.shared_pipeline._shared", lambda: Hearer())
    assert omni_onnx({"audio": b"12"})["text"] == "2 bytes"


def test_without_langgraph_only_the_graph_is_missing() -> None:
    code = (
        "import sys; sys.modules['langgraph'] = None\n"
        "from core.graph import build_graph, route_audio\n"
        "assert route_audio({'input_type': 'audio'}) == 'omni_onnx'\n"
        "try:\n    build_graph()\n"
        "except ImportError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == "langgraph is not installed. Run: pip install langgraph\n", done.stderr


def test_an_absent_langgraph_is_one_of_the_pipelines_errors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "langgraph.graph", None)
    with pytest.raises(MissingDependencyError, match="pip install langgraph"):
        build_graph(Hearer)


def test_the_end_is_langgraphs_own(compiled: Any) -> None:
    assert pytest.importorskip("langgraph.graph").END == END


AUDIO = {"input_type": "audio", "audio": b"1234"}


def test_the_graph_hears(compiled: Any) -> None:
    found = compiled.invoke(AUDIO)
    assert found["text"] == "4 bytes"
    assert found["metadata"] == {"model": "toy"}
    assert "error" not in found


def test_the_graph_ends_with_the_error_of_what_it_does_not_take(compiled: Any) -> None:
    assert compiled.invoke({"input_type": "video"})["error"]["type"] == "StateError"


def test_the_graph_speaks(compiled: Any) -> None:
    state = {"input_type": "text", "text": "Hola.", "output_type": "audio"}
    assert compiled.invoke(state)["speech"] == b"Hola. None"


def test_the_graph_streams_what_each_node_did(compiled: Any) -> None:
    steps = list(compiled.stream(AUDIO, stream_mode="updates"))
    assert [next(iter(step)) for step in steps] == ["admit", OMNI]
    assert steps[-1][OMNI]["text"] == "4 bytes"
    last = list(compiled.stream(AUDIO, stream_mode="values"))[-1]
    assert last["text"] == "4 bytes"


def test_the_graph_works_asynchronously(compiled: Any) -> None:
    async def both() -> tuple[list[Any], list[Any]]:
        states = [{**AUDIO, "audio": b"1" * length} for length in range(8)]
        heard = await asyncio.gather(*(compiled.ainvoke(state) for state in states))
        return heard, [step async for step in compiled.astream(AUDIO, stream_mode="updates")]

    heard, steps = asyncio.run(both())
    assert [found["text"] for found in heard] == [f"{length} bytes" for length in range(8)]
    assert steps[-1][OMNI]["text"] == "4 bytes"


def test_many_threads_share_one_graph(compiled: Any) -> None:
    states = [{**AUDIO, "audio": b"1" * length} for length in range(64)]
    with ThreadPoolExecutor(16) as pool:
        heard = [found["text"] for found in pool.map(compiled.invoke, states)]
    assert heard == [f"{length} bytes" for length in range(64)]


def test_an_error_ends_the_graph_and_not_the_process(compiled: Any) -> None:
    failing: Callable[[], Hearer] = lambda: Deaf(MemoryError("no memory"))  # noqa: E731
    assert build_graph(failing).invoke(AUDIO)["error"]["type"] == "MemoryError"


def test_the_nodes_are_named_as_the_router_names_them() -> None:
    assert (graph.OMNI, graph.TEXT) == ("omni_onnx", "text_path")
