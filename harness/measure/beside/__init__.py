"""Other systems with the pipeline's interface, measured beside it in the same run."""
