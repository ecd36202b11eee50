"""Product test 3: the configuration is read as it stands."""

import yaml

from agents.audio_omni_pipeline import AudioOmniConfig

with open("config/sarai.yaml") as f:
    config = AudioOmniConfig.from_yaml(yaml.safe_load(f))
print("model_path   ", config.model_path)
print("max_memory_mb", config.max_memory_mb)

assert config.model_path == "models/onnx/agi_audio_core.onnx"
assert config.max_memory_mb == 4400
