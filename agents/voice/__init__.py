"""Spanish text to speech: text -> tokens -> log-mel -> samples."""
