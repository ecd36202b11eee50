"""How the reference model is made: text, synthetic speech, network, training, export.

Reading order: numbered, text, voices, synth, corpus, record, data, augment, net, tuning, train,
spelling, verbs, vocabulary, ngrams, pack, language_model, export, tune, evaluate; `build` runs
them all.
"""
