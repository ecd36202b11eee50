"""How the pipeline speaks: what it costs, and what the audio is worth."""
