"""What is on disk: the facts of a bundle, its files, and the contract of its model."""
