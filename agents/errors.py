"""Every error that the pipeline raises on purpose, in one tree.

    AudioOmniError
    ├── AudioOmniConfigError (ValueError)     the config is wrong: names file, key, nearest key
    ├── MissingDependencyError (ImportError)  a package is absent: gives the install line
    ├── AudioFormatError (ValueError)         "Format not recognised": the bytes are no audio
    ├── AudioTooLongError (ValueError)        more audio than one request may bring
    ├── AudioValuesError (ValueError)         NaN, infinity, or numbers that are no samples
    ├── InputShapeError (ValueError)          "Input shape mismatch": an array does not fit
    ├── InputRangeError (ValueError)          a code that the codebook does not hold
    ├── TextError (ValueError)                there is nothing to say in a text, or it is no text
    │   └── TextTooLongError                  more text than one request may bring
    ├── EmotionError (ValueError)             the controls of the voice are not four finite numbers
    ├── OnnxRuntimeError (RuntimeError)       "ONNX Runtime error": a load or a run failed
    ├── MemoryBudgetError (MemoryError)       there is no memory for a tensor: gives the arithmetic
    ├── InferenceTimeoutError (TimeoutError)  no answer within inference_timeout_s
    ├── PipelineClosedError (RuntimeError)    it was closed before
    └── BundleError                           the model's files cannot be used
        ├── ModelFileNotFoundError (FileNotFoundError)  the model or its .data is absent
        ├── ModelFileSizeError                a file is truncated or not the one described
        ├── ModelTooLargeError (MemoryError)  the weights exceed max_memory_mb
        ├── ManifestError (ValueError)        the manifest is damaged or of another model
        └── BundleIncompleteError             a model only: no tokenizer, no text decoder

A message is one line: what is wrong, where, what was expected, what was found, and what to do.
"""

from __future__ import annotations

# What `pip install` calls the packages that the pipeline imports, where the names differ.
_DISTRIBUTIONS = {"yaml": "PyYAML"}


def explain(what: str, *, expected: str, got: str, do: str) -> str:
    """Return the one line that an error says; `what` ends with where it happened."""
    return f"{what}: expected {expected}, got {got}. {do}"


class AudioOmniError(Exception):
    """Root of the tree."""


class AudioOmniConfigError(AudioOmniError, ValueError):
    """A configuration cannot be used."""


class MissingDependencyError(AudioOmniError, ImportError):
    """A package that the pipeline needs is not installed."""

    @classmethod
    def of(cls, module: str) -> MissingDependencyError:
        """Return the error for the absent `module`, with the line that installs it."""
        package = _DISTRIBUTIONS.get(module, module)
        return cls(f"{module} is not installed. Run: pip install {package}", name=module)


class AudioFormatError(AudioOmniError, ValueError):
    """The given bytes are not audio that can be read."""


class AudioTooLongError(AudioOmniError, ValueError):
    """There is more audio, or a header promises more, than one request may bring."""


class AudioValuesError(AudioOmniError, ValueError):
    """The samples are no sound: NaN, infinity, or far beyond full scale."""


class InputShapeError(AudioOmniError, ValueError):
    """An array's shape or dtype is not what the model takes."""


class InputRangeError(AudioOmniError, ValueError):
    """An array's values are not what the model takes."""


class TextError(AudioOmniError, ValueError):
    """A text holds nothing that can be said, or is no text."""


class TextTooLongError(TextError):
    """There is more text than one request may bring."""


class EmotionError(AudioOmniError, ValueError):
    """The controls of the voice are not what it takes."""


class OnnxRuntimeError(AudioOmniError, RuntimeError):
    """onnxruntime could not load or run a model."""


class MemoryBudgetError(AudioOmniError, MemoryError):
    """What is about to be taken is more than there is, or onnxruntime could not have it."""


class InferenceTimeoutError(AudioOmniError, TimeoutError):
    """A request took longer than the config allows; what it ran is told to stop."""


class PipelineClosedError(AudioOmniError, RuntimeError):
    """The pipeline was closed, and holds no model any more."""


class BundleError(AudioOmniError):
    """The files of a model cannot be used."""


class ModelFileNotFoundError(BundleError, FileNotFoundError):
    """A file of the model is absent."""


class ModelFileSizeError(BundleError):
    """A file of the model has another size than its manifest states."""


class ModelTooLargeError(BundleError, MemoryError):
    """The model's weights need more memory than the config allows."""


class ManifestError(BundleError, ValueError):
    """The manifest beside the model cannot be read, or does not describe this model."""


class BundleIncompleteError(BundleError):
    """What was asked needs a tokenizer or a text decoder, and the model comes without."""
