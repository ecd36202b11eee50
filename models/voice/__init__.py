"""The recipe of the voice that ships with the project: see README.md."""
