"""Write the trained networks as ONNX files with external data, and the bundle's manifest.

    python -m models.reference.export --checkpoint build/reference/seed1/checkpoint.pt \
        --out models/onnx/reference

The files are compared with the networks they came from on real log-mels before the manifest is
written. `language_model.npz` is expected in the same folder (see `language_model`).
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
from torch import nn

from agents.features import FRAMES, MELS
from harness.errors import BundleError
from harness.integrity.seal import seal_bundle, seal_now
from models.reference.net import CHANNELS, CODEBOOK_SIZE, CODEBOOKS, STRIDE, Recogniser
from models.reference.text import SYMBOLS

OPSET = 17
EXTERNAL_FROM = 256  # bytes; smaller tensors (shapes, radices) stay in the graph
LOGIT_TOLERANCE = 2e-3  # largest difference of a log-probability between torch and onnxruntime


def load(checkpoint: Path) -> Recogniser:
    """Return the averaged weights of a checkpoint, in evaluation mode."""
    parts = torch.load(checkpoint, weights_only=True)
    model = Recogniser(len(parts["phonemes"]))
    model.load_state_dict(parts["average"])
    return model.eval()


def write_network(
    network: nn.Module, example: torch.Tensor, names: tuple[str, str], path: Path
) -> None:
    """Write one network as `path` and `path`.data.

    `torch.onnx.export` leaves the network in training mode, so evaluation mode is set again.
    """
    buffer = io.BytesIO()
    torch.onnx.export(
        network.eval(),
        (example,),
        buffer,
        input_names=[names[0]],
        output_names=[names[1]],
        opset_version=OPSET,
        dynamo=False,
    )
    network.eval()
    model = onnx.load_from_string(buffer.getvalue())
    model.producer_name, model.producer_version = "models.reference", "1"
    model.graph.name = path.stem
    data = path.with_name(path.name + ".data")
    data.unlink(missing_ok=True)
    onnx.save_model(
        model,
        path,
        save_as_external_data=True,
        location=data.name,
        size_threshold=EXTERNAL_FROM,
    )
    data.chmod(0o644)  # onnx makes it private


def write_bundle(model: Recogniser, out: Path) -> None:
    """Write tokenizer.onnx, core.onnx and decoder.onnx into `out`."""
    log_mel = torch.zeros(1, MELS, FRAMES)
    codes = torch.zeros(1, CODEBOOKS, FRAMES // STRIDE, dtype=torch.int64)
    features = torch.zeros(1, CHANNELS, FRAMES)
    write_network(model.tokeniser, log_mel, ("log_mel", "audio_codes"), out / "tokenizer.onnx")
    write_network(model.core, codes, ("audio_codes", "mel_features"), out / "core.onnx")
    write_network(model.decoder, features, ("mel_features", "log_probs"), out / "decoder.onnx")


def difference(model: Recogniser, out: Path, log_mels: np.ndarray) -> tuple[float, float]:
    """Return (share of equal codes, largest difference of a log-probability) over `log_mels`."""
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    tokenizer, core, decoder = (
        onnxruntime.InferenceSession(out / f"{name}.onnx", options, ["CPUExecutionProvider"])
        for name in ("tokenizer", "core", "decoder")
    )
    equal, worst = [], 0.0
    for log_mel in log_mels.astype(np.float32)[:, None]:
        with torch.no_grad():
            codes = model.tokeniser(torch.from_numpy(log_mel))
            expected = model.decoder(model.core(codes)).numpy()
        found = tokenizer.run(None, {"log_mel": log_mel})[0]
        equal.append(float((found == codes.numpy()).mean()))
        features = core.run(None, {"audio_codes": codes.numpy()})[0]
        log_probs = decoder.run(None, {"mel_features": features})[0]
        worst = max(worst, float(np.abs(np.exp(log_probs) - np.exp(expected)).max()))
    return float(np.mean(equal)), worst


def write_manifest(out: Path, description: str) -> None:
    """Write `core.onnx.manifest.json`, sealed: contract, symbols, decoder settings, digests.

    Decoder settings and the codes of the canaries are kept; the canaries' answers are new.

    Raises:
        BundleError: the files are not whole, or a weight looks broken.
    """
    path = out / "core.onnx.manifest.json"
    old = json.loads(path.read_text("utf-8")) if path.exists() else {}
    manifest = {
        "format": 1,
        "name": "reference",
        "version": "1",
        "description": description,
        "source": "models/reference (make model-reference)",
        "license": "networks: Apache-2.0; language_model.npz: CC BY-SA 4.0 (word list of wordfreq)",
        "files": {},
        "model": "core.onnx",
        "tokenizer": "tokenizer.onnx",
        "text_decoder": "decoder.onnx",
        "language_model": "language_model.npz",
        "contract": {
            "input": {"name": "audio_codes", "dtype": "int64", "shape": [1, CODEBOOKS, 128]},
            "output": {
                "name": "mel_features",
                "dtype": "float32",
                "shape": [1, CHANNELS, FRAMES],
            },
            "codebook_size": CODEBOOK_SIZE,
            "text_channels": CHANNELS,
            "frame_stride": 1,
        },
        "symbols": list(SYMBOLS),
        "decoder": old.get("decoder", {}),
        **({"canaries": old["canaries"]} if "canaries" in old else {}),
    }
    path.write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", "utf-8")
    sealed = seal_bundle(out / "core.onnx", seal_now())
    if not sealed.written:
        raise BundleError(" ".join(f.detail for f in sealed.findings if not f.holds))


def main() -> None:
    """Export, compare, describe; exit with 1 when the files do not compute what torch computes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--tuning", type=Path, required=True, help="real log-mels to compare on")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    model = load(options.checkpoint)
    write_bundle(model, options.out)
    with np.load(options.tuning) as arrays:
        equal, worst = difference(model, options.out, arrays["mel"][:100])
    print(f"equal codes {equal:.4%}, largest difference of a probability {worst:.2e}")
    if equal < 0.999 or worst > LOGIT_TOLERANCE:
        raise SystemExit("the exported files do not compute what the trained networks compute")
    write_manifest(options.out, "Spanish recogniser for espeak-ng voices; see models/reference")


if __name__ == "__main__":
    main()
