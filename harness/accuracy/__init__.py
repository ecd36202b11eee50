"""What the pipeline understands: reference sets, Spanish text views, and error counts."""
