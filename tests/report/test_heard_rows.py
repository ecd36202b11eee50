"""What the page and the terminal say of where the errors are."""

from __future__ import annotations

from harness.report import heard_rows, speech_rows
from harness.report.page import page
from harness.report.terminal import closing_table
from tests.sample_run import empty_run, transcript

LOST = transcript("Apaga la luz <ya>", "", "lost", speaker="b", seconds=2, elapsed=0.5)
RIGHT = transcript("Pon la radio.", "Pon la radio.", "right", speaker="a", seconds=3, elapsed=0.5)
SILENT = transcript("", "eh ya ya", "silent", speaker="a", seconds=3, elapsed=0.5)


def test_one_row_sums_up_a_set() -> None:
    (row,) = heard_rows.rate_rows(empty_run(transcripts=(LOST, RIGHT, SILENT)))
    assert (row.sentences, row.punctuation, row.capitals) == ("2 of 3, 66.67 %", "0.00 %", "0.00 %")
    assert (row.rtf, row.silence, row.catastrophes) == ("0.188 ×", "3 in 1 clip", "2")


def test_words_in_silence_are_a_number_and_never_a_rate() -> None:
    run = empty_run(transcripts=(SILENT,))
    (row,), (score,) = heard_rows.rate_rows(run), speech_rows.score_rows(run, ())
    assert (row.characters, score.decoded) == ("8 inserted", "3 inserted")
    assert speech_rows.speech_sentence(run) == (
        "es_synthetic: 3 words heard where nothing was said."
    )
    assert "300.00 %" not in page(run, ())


def test_words_stand_with_how_often_they_went_wrong() -> None:
    heard = tuple(transcript("pon la radio", "pon una radio", f"c{i}") for i in range(3))
    (row,) = heard_rows.words_rows(empty_run(transcripts=(*heard, LOST, SILENT)))
    assert row.confused == ("la → una 3",)
    assert row.lost == ("apaga 1", "la 1", "luz 1", "ya 1")
    assert row.invented == ("ya 2", "eh 1")
    assert heard_rows.words_rows(empty_run(transcripts=(RIGHT,))) == ()


def test_the_list_of_words_says_how_many_it_leaves_out() -> None:
    lost = transcript("uno dos tres cuatro cinco seis siete ocho nueve diez", "")
    (row,) = heard_rows.words_rows(empty_run(transcripts=(lost,)))
    assert len(row.lost) == heard_rows.WORDS + 1
    assert row.lost[-1] == "and 2 more"


def test_speakers_that_do_not_fit_are_joined() -> None:
    heard = tuple(
        transcript(
            "pon la radio", "pon radio" if i < 2 else "pon la radio", f"c{i}", speaker=f"s{i}"
        )
        for i in range(9)
    )
    rows = heard_rows.part_rows(empty_run(transcripts=heard))
    assert [row.part for row in rows] == ["s0", "s1", "s2", "s3", "s4", "s5", "3 others"]
    assert sum(int(row.words) for row in rows) == 27
    assert rows[0].errors == "0 / 1 / 0"


def test_catastrophes_stand_on_the_page_with_their_clips_and_in_one_line_of_the_table() -> None:
    run = empty_run(transcripts=(LOST, RIGHT, SILENT))
    told = "es_synthetic: 2 of 3 clips (1 empty, 1 silence)."
    html = page(run, ())
    assert told in html
    assert "Apaga la luz &lt;ya&gt;" in html
    assert html.count("Catastrophes</h3>") == 1
    assert f"CATASTROPHES  {told}" in closing_table(run, ()).splitlines()


def test_nothing_is_said_of_catastrophes_where_there_is_none() -> None:
    run = empty_run(transcripts=(RIGHT,))
    assert "Catastrophes</h3>" not in page(run, ())
    assert "CATASTROPHES" not in closing_table(run, ())
