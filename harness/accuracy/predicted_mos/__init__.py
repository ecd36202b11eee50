"""Predicted MOS: what models of listeners say of a voice, and of anchors in the same run.

    loaded = load(suite.predicted_mos.predictors)          # .predictors, .absent (name -> reason)
    anchors = anchors_of(sets, clips=5, seed=suite.seed)   # name of an anchor -> waveforms
    found = predict({"s01": Waveform(samples, rate)}, anchors, loaded)
    for record in (*found.measurements, *found.findings): keep(record)
    fact("predicted_mos", found.facts)

A predictor's `score(waveforms)` gives a dict of scores for each waveform, in their order; a
waveform is float32 [n] in -1..1 and its rate in Hz. Scores become `quality.predicted_mos.<name>`:
of the voice in the arm "", a sample and a clip id for each sentence, and of each anchor in the arm
`anchor: <its name>`. There is no way to have the one without the others: without anchors nothing is
predicted, and `judge.predicted` reads nothing of a run that holds none.

A predicted MOS never satisfies a budget: it is no opinion of a listener, and no row may be about
it. It tells whether a voice got worse than the baseline's (`judge.predicted.voice_changes`). It is
no measure of intelligibility either: a voice that nobody understands may score well.
"""
