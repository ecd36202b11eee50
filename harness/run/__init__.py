"""The orchestration: a suite becomes a run. Alone combines measure, integrity and accuracy."""
