"""Is everything there that a run needs? What `harness doctor` looks at, line by line."""
