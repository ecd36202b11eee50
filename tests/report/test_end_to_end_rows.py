"""What the page says of the clips end to end."""

from __future__ import annotations

from harness.report.end_to_end_rows import (
    end_to_end_method,
    end_to_end_sentence,
    failing_rows,
    part_rows,
)
from harness.report.page import page
from tests.judge.test_end_to_end import OFF, heard, run_of
from tests.sample_run import sample_run

CLIPS = (
    *[heard(clip=f"ok{n}") for n in range(20)],
    heard("apaga la cocina", "oye apaga la cocina", clip="said otherwise", expect=OFF),
    heard(clip="late", elapsed=0.2),
    heard("sí", "<b>no</b>", clip="late and misheard", elapsed=0.3),
    heard("apaga la cocina", "apaga el salón", clip="misunderstood", expect=OFF),
    heard(clip="broken", broke="missing: metadata"),
)
RUN = run_of(*CLIPS, planned=26)


def test_each_part_is_counted_and_the_parts_that_failed_alone() -> None:
    rows = {row.part.split(":")[0]: row for row in part_rows(RUN)}
    counts = {part: (r.asked, r.held, r.missed, r.alone) for part, r in rows.items()}
    assert counts == {
        "Answer": ("26", "25", "1", "1"),
        "Contract": ("25", "24", "1", "1"),
        "Time": ("25", "23", "2", "1"),
        "Words": ("23", "22", "1", "0"),
        "Intent": ("2", "1", "1", "1"),
        "All of it": ("26", "21", "5", "5"),
    }


def test_every_failing_clip_is_listed_with_what_was_seen() -> None:
    rows = {row.clip: row for row in failing_rows(RUN)}
    assert list(rows) == ["late", "late and misheard", "misunderstood", "broken"]
    assert rows["late and misheard"].missed == "time, words"
    assert rows["late"].detail == "200 ms of 50 ms"
    assert rows["broken"].detail == "missing: metadata"
    told = rows["misunderstood"].detail
    assert "expected off (room “la cocina”), understood off (room “el salon”)" in told


def test_the_sentence_tells_what_time_and_intents_did() -> None:
    told = end_to_end_sentence(RUN)
    assert told.startswith("21 of 26 clips were answered rightly and in time: 80.77 %, interval ")
    assert "By time alone 1 fails." in told
    assert "By the words of every clip it would be 20, 76.92 %." in told
    assert "A clip of one window may take 50 ms, a longer one" in end_to_end_method(RUN)


def test_the_page_shows_it_and_escapes_what_was_heard() -> None:
    html = page(RUN, ())
    assert "The clips that do not count" in html
    assert "&lt;b&gt;no&lt;/b&gt;" in html
    assert "<b>no</b>" not in html.split('id="end-to-end"')[1].split("</section>")[0]


def test_a_run_that_cannot_tell_shows_nothing() -> None:
    assert part_rows(sample_run()) == ()
    assert failing_rows(sample_run()) == ()
    assert end_to_end_sentence(sample_run()) == end_to_end_method(sample_run()) == ""
    assert 'id="end-to-end"' not in page(sample_run(), ())
