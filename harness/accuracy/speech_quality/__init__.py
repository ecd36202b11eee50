"""What synthesised speech is worth: facts of its signal, words that were lost, likeness."""
