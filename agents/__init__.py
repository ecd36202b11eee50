"""The production speech pipeline. It knows nothing of the instrument that measures it."""
