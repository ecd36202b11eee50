"""Blind listening tests: what is heard (`plan`), what returns (`answers`), who counts (`ratings`).

    page.html, page.key.json <- plan of a folder of WAV files (ACR), or of two (A/B)
    answers of each listener -> ratings of those who passed the checks -> a result beside the runs

Absolute category rating and its five words follow ITU-T P.800, Annex B; levels are made equal to
-26 dB of full scale as there (ITU-T P.56), by gain alone.
"""
