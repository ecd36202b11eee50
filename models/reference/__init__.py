"""How the reference model is made: text, synthetic speech, network, training, export.

Reading order: text, voices, synth, corpus, data, augment, net, tuning, train,
vocabulary, language_model, export, tune, evaluate; `build` runs them all.
"""
