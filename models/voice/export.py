"""Write the trained voice as an ONNX file with external data, and its sealed manifest.

    python -m models.voice.export --checkpoint build/voice/seed1/checkpoint.pt \
        --out models/onnx/voice

The file is compared with the network it came from before the manifest is written.
"""

from __future__ import annotations

import argparse
import io
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from agents.features import FLOOR, HOP, SAMPLE_RATE
from agents.voice.emotion import MEANING
from agents.voice.text_front_end import sentences
from agents.voice.tokens import SYMBOLS, tokens
from harness.errors import BundleError
from harness.integrity.seal import seal_bundle, seal_now
from models.voice.net import AcousticModel

MODEL = "acoustic.onnx"
OPSET = 17
EXTERNAL_FROM = 256  # bytes; smaller tensors stay in the graph
TOLERANCE = 2e-3  # largest difference of a log power between torch and onnxruntime
COMPARED = (
    "Sí.",
    "Hola, ¿cómo estás?",
    "Mañana lloverá en toda la costa, así que llévate el paraguas y sal con tiempo de casa.",
)


def load(checkpoint: Path) -> AcousticModel:
    """Return the averaged weights of a checkpoint, in evaluation mode."""
    model = AcousticModel()
    model.load_state_dict(torch.load(checkpoint, weights_only=True)["average"])
    return model.eval()


def examples() -> list[tuple[torch.Tensor, torch.Tensor]]:
    """Return tokens int64 [1, n] and controls float32 [1, 4] to compare on."""
    controls = ((0.0, 0.0, 0.0, 0.0), (-1.0, 0.5, 1.0, -0.3), (1.0, -1.0, -1.0, 1.0))
    return [
        (
            torch.tensor([[SYMBOLS.index(symbol) for symbol in tokens(one.clauses, one.end)]]),
            torch.tensor([control]),
        )
        for text, control in zip(COMPARED, controls, strict=True)
        for one in sentences(text)
    ]


def write_network(model: AcousticModel, path: Path) -> None:
    """Write `path` and `path`.data."""
    buffer = io.BytesIO()
    torch.onnx.export(
        model,
        examples()[1],
        buffer,
        input_names=["tokens", "emotion"],
        output_names=["log_mel", "durations"],
        dynamic_axes={"tokens": {1: "n"}, "log_mel": {2: "frames"}, "durations": {1: "n"}},
        opset_version=OPSET,
        dynamo=False,
    )
    model.eval()  # torch.onnx.export leaves it in training mode
    graph = onnx.load_from_string(buffer.getvalue())
    graph.producer_name, graph.producer_version = "models.voice", "1"
    graph.graph.name = path.stem
    data = path.with_name(path.name + ".data")
    data.unlink(missing_ok=True)
    onnx.save_model(
        graph, path, save_as_external_data=True, location=data.name, size_threshold=EXTERNAL_FROM
    )
    data.chmod(0o644)  # onnx makes it private


def difference(model: AcousticModel, path: Path) -> float:
    """Return the largest difference of a log power between torch and onnxruntime.

    Raises:
        SystemExit: a token has another length.
    """
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    worst = 0.0
    for numbers, emotion in examples():
        with torch.no_grad():
            expected, lengths = model(numbers, emotion)
        inputs = {"tokens": numbers.numpy(), "emotion": emotion.numpy()}
        mel, durations = session.run(None, inputs)
        if not np.array_equal(durations, lengths.numpy()):
            raise SystemExit(f"{path}: other durations than torch: {durations} {lengths}")
        worst = max(worst, float(np.abs(mel - expected.numpy()).max()))
    return worst


def write_manifest(path: Path) -> None:
    """Write the sealed manifest beside the model.

    Raises:
        BundleError: the files are not whole, or a weight looks broken.
    """
    manifest = {
        "format": 2,
        "name": "voice",
        "version": "1",
        "description": "Spanish voice after espeak-ng's; see models/voice",
        "source": "models/voice (make model-voice)",
        "license": "Apache-2.0",
        "files": {},
        "model": path.name,
        "symbols": list(SYMBOLS),
        "voice": {
            "sample_rate": SAMPLE_RATE,
            "hop": HOP,
            "floor": FLOOR,
            "emotion": {name: list(values) for name, values in MEANING.items()},
        },
    }
    beside = path.with_name(f"{path.name}.manifest.json")
    beside.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", "utf-8")
    sealed = seal_bundle(path, seal_now(), canaries=False)
    if not sealed.written:
        raise BundleError(" ".join(f.detail for f in sealed.findings if not f.holds))


def main() -> None:
    """Export, compare, describe; exit with 1 when the file does not compute what torch computes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    model = load(options.checkpoint)
    path = options.out / MODEL
    write_network(model, path)
    worst = difference(model, path)
    print(f"largest difference of a log power {worst:.2e}")
    if not worst < TOLERANCE:
        raise SystemExit("the exported file does not compute what the trained network computes")
    write_manifest(path)


if __name__ == "__main__":
    main()
