"""The section about speaking: what it says, what it plays, and what it never shows alone."""

from __future__ import annotations

import base64
import re
import zlib
from typing import Any

import numpy as np

from harness.judge.verdicts import judge_all
from harness.records import Budget, Measurement, Run, Statistic, Transcript
from harness.report.page import page
from harness.report.voice_rows import blame_rows, cost_rows, signal_rows, word_rows
from harness.units import Unit
from tests.sample_run import budget, empty_run, transcript

SAID = ("Enciende la luz de la cocina.", "Son las <tres> & media.")
MEL = base64.b64encode(zlib.compress(np.arange(80 * 30, dtype=np.uint8).tobytes())).decode()
PLAYED = {"audio": base64.b64encode(b"OggS").decode(), "mel": MEL, "bands": 80, "columns": 30}


def taken(metric: str, *samples: float, unit: Unit = Unit.SECONDS, **other: Any) -> Measurement:
    return Measurement(metric=metric, unit=unit, samples=samples, **other)


def heard(arm: str, *texts: str) -> list[Transcript]:
    return [
        transcript(SAID[at % 2], text, clip=f"s{at}", set="speech", arm=arm)
        for at, text in enumerate(texts)
    ]


def voice_run(*more: Measurement, **facts: Any) -> Run:
    clips = [
        {"id": f"s{at}", "text": text, "voice": PLAYED, "source": source}
        for at, (text, source) in enumerate(zip(SAID, (PLAYED, None), strict=True))
    ]
    transcripts = [
        *heard("voice", *("enciende la luz de cocina", "son las tres y media") * 12),
        *heard("source", *("enciende la luz de la cocina", "son las tres media") * 12),
    ]
    measurements = (
        taken("speech.rtf", 0.05, 0.06, unit=Unit.FACTOR, process=0),
        taken("speech.rtf", 0.01, 0.02, unit=Unit.FACTOR, process=0, arm="espeak-ng"),
        taken("speech.end_to_end", 0.1, 0.12),
        taken("speech.vocoder", 0.07, 0.08),
        taken("quality.signal.loudness", -21.0, -22.0, unit=Unit.LOUDNESS, clips=("s0", "s1")),
        taken("quality.signal.loudness", -18.0, unit=Unit.LOUDNESS, clips=("s0",), arm="source"),
        *more,
    )
    known = {"speech_clips": clips, "speech_source": "espeak-ng, voice es"}
    suite = {"seed": 1, "speech": {"stages": {"vocoder": "vocoder"}}}
    return empty_run(
        verb="speak",
        measurements=measurements,
        transcripts=tuple(transcripts),
        facts={**known, "suite": suite, **facts},
    )


def budgets() -> tuple[Budget, ...]:
    rate = {"statistic": Statistic.RATE}
    return (
        budget("quality.round_trip_wer", 0.05, Unit.RATIO, **rate),
        budget("speech.rtf", 0.1, Unit.FACTOR, statistic=Statistic.MEAN),
    )


def test_the_words_stand_beside_their_floor_and_their_budget() -> None:
    """By hand: in 24 sentences of 6 and 5 words, 12 words are lost by the voice, and "media"'s
    neighbour is heard wrong in no source."""
    run = voice_run()
    rows = word_rows(run, judge_all(budgets(), run))
    assert [row.title for row in rows] == [
        "Voice, heard again",
        "Source, heard: the floor",
        "Voice over the floor",
    ]
    assert rows[0].outcome == "FAIL"
    assert rows[1].outcome == rows[2].outcome == ""
    assert blame_rows(run)[0].title == "Recogniser"


def test_costs_stand_beside_the_other_system() -> None:
    run = voice_run()
    rows = {row.title: row for row in cost_rows(run, judge_all(budgets(), run))}
    rtf = rows["RTF: time per second of audio"]
    assert (rtf.middle, rtf.beside, rtf.ratio) == ("0.055 ×", "0.015 ×", "3.67 ×")
    assert rows["Vocoder"].part
    assert rows["Vocoder"].beside == "–"


def test_signal_facts_stand_beside_the_source() -> None:
    (row,) = signal_rows(voice_run())
    assert (row.title, row.middle, row.source) == ("Loudness", "-21.5 LUFS", "-18.0 LUFS")


def test_a_predicted_mos_is_never_shown_without_anchors() -> None:
    own = taken("quality.predicted_mos.dnsmos", 3.1, 3.3, unit=Unit.SCORE, clips=("s0", "s1"))
    anchor = taken("quality.predicted_mos.dnsmos", 4.0, unit=Unit.SCORE, arm="anchor: natural")
    alone = page(voice_run(own), ())
    assert "3.20" not in alone
    assert "3.10" not in alone
    beside = page(voice_run(own, anchor), ())
    assert "anchor: natural" in beside
    assert "predicted MOS dnsmos 3.10" in beside


def test_the_page_plays_from_data_alone_and_escapes_every_text() -> None:
    text = page(voice_run(), ())
    assert re.search(r'content="default-src [^"]*media-src data:', text)
    assert "Son las &lt;tres&gt; &amp; media." in text
    assert "<tres>" not in text
    sources = re.findall(r'(?:src|srcset)="([^"]{5})', text)
    assert sources
    assert set(sources) == {"data:"}
    assert text.count("<audio controls") == 3, "a sentence without a source plays the voice alone"
    assert '<span class="word del"><small>D</small><s>la</s>' in text
    pictures = re.findall(r'class="mel" src="data:image/png;base64,([^"]+)"', text)
    assert all(base64.b64decode(one).startswith(b"\x89PNG") for one in pictures)


def test_a_run_in_which_nobody_spoke_has_no_such_section() -> None:
    assert 'id="voice"' not in page(empty_run(), ())
