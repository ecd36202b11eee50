"""Listening conditions: the clips of a set made worse in stated, repeatable ways."""
