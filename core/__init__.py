"""Routing of audio to the pipeline in an agent graph."""
