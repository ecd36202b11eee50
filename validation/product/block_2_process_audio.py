"""Product test 2: one second of a 440 Hz sine goes through the whole pipeline."""

import io

import numpy as np
import soundfile as sf

from agents.audio_omni_pipeline import get_audio_omni_pipeline

rate = 16000
sine = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
wav = io.BytesIO()
sf.write(wav, sine.astype(np.float32), rate, format="WAV")

result = get_audio_omni_pipeline().process_audio(wav.getvalue())
print("mel_features", result["mel_features"].shape, result["mel_features"].dtype)
print("audio_codes ", result["audio_codes"].shape, result["audio_codes"].dtype)
print("text        ", repr(result["text"]))
print("metadata    ", result["metadata"])

assert np.isfinite(result["mel_features"][:, :, ::240]).all()
assert result["audio_codes"].shape == (1, 16, 128)
assert isinstance(result["text"], str)
assert result["metadata"]
