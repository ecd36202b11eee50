"""A run as the harness would have stored it, made by hand: several processes, Spanish speech.

`sample_run()` holds one of everything that a report must show: a budget that fails, one that is
not proven, one waived, one not measured, a rule that is broken, disturbed samples, doubts.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from harness.records import (
    Budget,
    Environment,
    Finding,
    Measurement,
    Run,
    Statistic,
    Transcript,
    Waiver,
)
from harness.units import MB, Unit

PROCESSES = 10
REPEATS = 8
MIDDLES = {  # seconds: the median of each stage
    "decode_audio": 0.0011,
    "resample_audio": 0.0004,
    "log_mel": 0.0062,
    "tokenise": 0.0031,
    "inference": 0.0052,
    "post_processing": 0.0174,
    "unattributed": 0.0002,
}
SENTENCES = (
    "Enciende la luz de la cocina.",
    "Pon una alarma a las siete y media de la mañana.",
    "¿Qué tiempo hará mañana en Cádiz?",
    "Llama a mi hermano, por favor.",
    "Sube el volumen al cuarenta por ciento.",
    "Añade leche y pan a la lista de la compra.",
    "¿Cuántos años tiene el rey de España?",
    "Apaga la televisión dentro de diez minutos.",
    "Recuérdame que el jueves tengo médico.",
    "Cierra las persianas del salón.",
)
MISHEARD = {
    "enciende": "entiende",
    "mañana": "manana",
    "alarma": "arma",
    "hermano": "",
    "cuarenta": "cuarenta y",
    "leche": "noche",
    "años": "anos",
    "persianas": "peruanas",
    "médico": "medico",
}


def budget(metric: str, limit: float, unit: Unit, **other: Any) -> Budget:
    """Return a p95 budget of at most `limit`, unless `other` says otherwise."""
    fields: dict[str, Any] = {"statistic": Statistic.P95, "at_most": True, "title": metric}
    return Budget(metric=metric, limit=limit, unit=unit, **(fields | other))


def measurement(metric: str, samples: list[float], process: int = 0, **other: Any) -> Measurement:
    """Return samples of one process, in seconds unless `other` says otherwise."""
    fields: dict[str, Any] = {"unit": Unit.SECONDS} | other
    return Measurement(metric=metric, samples=tuple(samples), process=process, **fields)


def transcript(reference: str, hypothesis: str, clip: str = "c0", **other: Any) -> Transcript:
    """Return one clip of es_synthetic."""
    fields: dict[str, Any] = {
        "set": "es_synthetic",
        "condition": "clean",
        "speaker": "es-f1",
        "seconds": 3.2,
        "greedy": hypothesis,
        "elapsed": 0.03,
    }
    return Transcript(clip=clip, reference=reference, hypothesis=hypothesis, **(fields | other))


def empty_run(**fields: Any) -> Run:
    """Return a sealed run without any record in it."""
    given: dict[str, Any] = {
        "id": "20261123T192559Z-reference-bench-1a2b",
        "verb": "bench",
        "bundle": "reference",
        "config": "config/reference.yaml",
        "started": "2026-11-23T19:25:59Z",
        "environment": environment(),
        "complete": True,
    }
    return Run(**(given | fields))


def environment() -> Environment:
    """Return the conditions of a small virtual machine."""
    return Environment(
        comparable={
            "cpu": "Intel(R) Xeon(R) Processor @ 2.80GHz",
            "cores allowed": "2",
            "memory": "25.2 GB",
            "kernel": "Linux 6.1.0-18-amd64",
            "python": "3.13.1",
            "onnxruntime": "1.32.0",
            "numpy": "2.4.6",
            "threads": "1 intra, 1 inter",
        },
        identity={
            "git commit": "4f1c2e9a7b5d3c1e0f9a8b7c6d5e4f3a2b1c0d9e",
            "bundle": "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "config": "sha256 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae",
        },
        noise={"load average": "0.42", "steal": "0.0 %", "foreign CPU": "0.03 cores"},
    )


def budgets() -> tuple[Budget, ...]:
    """Return the budgets that `sample_run` is judged by."""
    seconds, size, rate = Unit.SECONDS, Unit.BYTES, Unit.RATIO
    observed: dict[str, Any] = {"statistic": Statistic.MAX}
    wer: dict[str, Any] = {"statistic": Statistic.RATE}
    swap = Waiver(reason="librosa is imported until the resampler is swapped", expires="2026-12-31")
    return (
        budget("latency.load_cold", 1.0, seconds, title="Load, cold", **observed),
        budget("latency.load_warm", 0.5, seconds, title="Load, warm", **observed),
        budget("latency.first_result", 2.0, seconds, title="First result, cold", **observed),
        budget("latency.audio_to_codes", 0.018, seconds, title="Audio to codes"),
        budget("latency.inference", 0.009, seconds, title="Inference"),
        budget("latency.post_processing", 0.015, seconds, title="Post-processing"),
        budget("latency.end_to_end", 0.060, seconds, title="End to end"),
        budget("memory.peak", 250 * MB, size, title="Whole process, peak", **observed),
        budget("memory.steady", 240 * MB, size, title="Steady", **observed),
        budget("memory.libraries", 90 * MB, size, title="Libraries alone", waiver=swap, **observed),
        budget("accuracy.wer.es_synthetic", 0.03, rate, title="WER, assistant speech", **wer),
        budget(
            "quality.tts_mos",
            4.0,
            Unit.SCORE,
            title="Speech quality (MOS)",
            statistic=Statistic.MEAN,
            at_most=False,
            required=False,
        ),
    )


def sample_run(seed: int = 0, slower: float = 1.0) -> Run:
    """Return a whole bench run; `slower` multiplies every time."""
    rng = np.random.default_rng(seed)
    return empty_run(
        measurements=(*_latency(rng, slower), *_loads(rng, slower), *_memory(rng)),
        transcripts=_transcripts(rng),
        findings=_findings(),
        doubts=(
            "6 of 80 samples were disturbed by other processes. Close them and run again.",
            "The CPU's clock was free to change. Set the governor to `performance`.",
        ),
    )


def interrupted(run: Run) -> Run:
    """Return the run as it reads when it was never sealed."""
    return replace(run, complete=False, environment=None)


def _latency(rng: np.random.Generator, slower: float) -> list[Measurement]:
    taken = []
    for process in range(PROCESSES):
        pace = rng.lognormal(0, 0.02)
        stages = {
            stage: middle * slower * pace * rng.lognormal(0, 0.04, REPEATS)
            for stage, middle in MIDDLES.items()
        }
        front = ("decode_audio", "resample_audio", "log_mel", "tokenise")
        stages["audio_to_codes"] = np.sum([stages[name] for name in front], axis=0) * 1.003
        stages["end_to_end"] = np.sum([stages[name] for name in MIDDLES], axis=0)
        tainted = tuple(process == 4 and i < 6 for i in range(REPEATS))
        for stage, times in stages.items():
            found = times * np.where(tainted, 1.12, 1.0)
            taken.append(measurement(f"latency.{stage}", found.tolist(), process, tainted=tainted))
    return taken


def _loads(rng: np.random.Generator, slower: float) -> list[Measurement]:
    middles = {"load_cold": 0.31, "load_warm": 0.12, "first_result": 1.14, "first_inference": 0.021}
    return [
        measurement(f"latency.{name}", [float(middle * slower * rng.lognormal(0, 0.05))], process)
        for process in range(PROCESSES)
        for name, middle in middles.items()
    ]


def _memory(rng: np.random.Generator) -> list[Measurement]:
    middles = {
        "libraries": 96,
        "load_peak": 148,
        "first_run_peak": 214,
        "peak": 219,
        "steady": 187,
        "anon": 112,
        "file": 74,
        "shmem": 1,
        "stage.log_mel.peak": 191,
        "stage.log_mel.rise": 4,
        "stage.tokenise.peak": 196,
        "stage.tokenise.rise": 9,
        "stage.inference.peak": 204,
        "stage.inference.rise": 17,
        "stage.post_processing.peak": 214,
        "stage.post_processing.rise": 27,
    }
    return [
        measurement(
            f"memory.{name}",
            [float(round(middle * MB * rng.normal(1, 0.004)))],
            process,
            unit=Unit.BYTES,
        )
        for process in range(3)
        for name, middle in middles.items()
    ]


def _transcripts(rng: np.random.Generator) -> tuple[Transcript, ...]:
    sizes = {"es_synthetic": (60, 0.16), "es_prose": (40, 0.55), "es_human": (36, 0.9)}
    made = []
    for name, (size, rate) in sizes.items():
        for i in range(size):
            said = SENTENCES[i % len(SENTENCES)]
            clean = i % 3 != 2
            harder = rate * (0.7 if clean else 1.6)
            made.append(
                transcript(
                    said,
                    _mishear(said, harder, rng),
                    f"{name}_{i:03d}",
                    set=name,
                    condition="clean" if clean else "noise 10 dB",
                    speaker=f"es-{'fm'[i % 2]}{i % 6}",
                    greedy=_mishear(said, min(1.0, 2.2 * harder), rng),
                )
            )
    return tuple(made)


def _mishear(sentence: str, rate: float, rng: np.random.Generator) -> str:
    heard = []
    for word in sentence.lower().strip("¿?.").replace(",", "").split():
        wrong = rng.random() < rate
        heard.append(MISHEARD.get(word, word) if wrong else word)
    return " ".join(word for word in heard if word)


def _findings() -> tuple[Finding, ...]:
    kept = {
        "files_present": "Every file that the manifest names is there",
        "graph_checked": "onnx.checker accepts the graph by its path",
        "tensors_inside_file": "Every externally stored tensor lies inside its data file",
        "no_overlap": "No two tensors share bytes",
    }
    contract = {
        "input_contract": "The model takes int64 audio_codes of shape [1, 16, 128]",
        "output_contract": "The model returns float32 mel_features of shape [1, 115, 1024]",
    }
    return (
        *(Finding(rule=rule, title=title, holds=True, detail="") for rule, title in kept.items()),
        Finding(
            rule="digests",
            title="Every file has the sha256 that the manifest states",
            holds=False,
            detail="core.onnx.data: expected 2c26b46b…e7ae, found 9f86d081…0a08. "
            "Fetch the file again, or write a new manifest if the change was meant.",
        ),
        *(
            Finding(rule=rule, title=title, holds=True, detail="", area="contract")
            for rule, title in contract.items()
        ),
        Finding(
            rule="exits_cleanly",
            title="Every measured process ended by itself",
            holds=True,
            detail="13 processes, exit status 0.",
            area="process",
        ),
    )
