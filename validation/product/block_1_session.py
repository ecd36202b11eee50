"""Product test 1: onnxruntime opens the model and lists its inputs and outputs."""

import onnxruntime as ort

session = ort.InferenceSession(
    "models/onnx/agi_audio_core.onnx", providers=["CPUExecutionProvider"]
)
for tensor in session.get_inputs():
    print("input ", tensor.name, tensor.shape, tensor.type)
for tensor in session.get_outputs():
    print("output", tensor.name, tensor.shape, tensor.type)
