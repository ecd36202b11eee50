"""A listening test: what is played, what may come back, and who counts."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from harness.accuracy.conditions.level import active_level
from harness.accuracy.listening.answers import read_answers, read_key, write_key
from harness.accuracy.listening.plan import LEVEL_DB, Key, ab, acr
from harness.accuracy.listening.ratings import RULE, read_result, result_of, write_result
from harness.errors import ListeningError
from tests.accuracy.listening.heard import OTHER, VOICE, exported, saved, sound_folder

NAMES = ("s1", "s2", "s3")


def three(role: str, name: str) -> int:
    return 3


@pytest.fixture
def planned(tmp_path: Path) -> tuple[Key, dict[str, bytes]]:
    voice = sound_folder(tmp_path / "voice", NAMES)
    return acr(voice, VOICE, anchors=[sound_folder(tmp_path / "natural", ("n1", "n2"))], seed=7)


@pytest.fixture
def key(planned: tuple[Key, dict[str, bytes]]) -> Key:
    return planned[0]


def test_every_sentence_anchor_and_check_is_a_trial(
    planned: tuple[Key, dict[str, bytes]],
) -> None:
    key, wavs = planned
    roles = [key.clips[trial.clips[0]].role for trial in key.trials.values()]
    assert sorted(roles) == ["anchor"] * 2 + ["check"] * 3 + ["voice"] * 3
    assert wavs.keys() == key.clips.keys()
    assert len({trial.expected for trial in key.trials.values()} - {""}) == 3


def test_all_clips_are_equally_loud(tmp_path: Path) -> None:
    loud, low = (sound_folder(tmp_path / str(level), ("s",), level=level) for level in (0.3, 0.003))
    key, wavs = acr(loud, VOICE, anchors=[low], checks=0)
    for name in key.clips:
        samples, rate = soundfile.read(io.BytesIO(wavs[name]))
        assert active_level(samples, rate) == pytest.approx(LEVEL_DB, abs=0.1)


def test_a_check_has_as_many_tones_as_its_answer_says(
    planned: tuple[Key, dict[str, bytes]],
) -> None:
    key, wavs = planned
    for trial in (trial for trial in key.trials.values() if trial.expected):
        samples, rate = soundfile.read(io.BytesIO(wavs[trial.clips[0]]))
        window = rate // 20
        loud = [
            np.abs(samples[at : at + window]).max() > 0.01 for at in range(0, len(samples), window)
        ]
        assert sum(b and not a for a, b in itertools.pairwise(loud)) == int(trial.expected)


def test_names_follow_the_seed_and_the_voice(tmp_path: Path) -> None:
    folder = sound_folder(tmp_path / "voice", NAMES)
    one, again, other = (acr(folder, VOICE, seed=seed)[0] for seed in (1, 1, 2))
    assert one == again
    assert one.test == again.test != other.test
    assert not one.clips.keys() & other.clips.keys()
    assert not one.clips.keys() & acr(folder, OTHER, seed=1)[0].clips.keys()


def test_two_voices_are_paired_by_sentence(tmp_path: Path) -> None:
    mine, theirs = (sound_folder(tmp_path / name, NAMES) for name in ("mine", "theirs"))
    key, _ = ab(mine, theirs, (VOICE, OTHER), checks=2)
    for trial in key.trials.values():
        first, second = (key.clips[clip] for clip in trial.clips)
        if trial.expected:
            assert key.clips[trial.expected].name > first.name  # "3 tones" after "1 tones"
            assert trial.expected == trial.clips[1]
        else:
            assert (first.role, second.role) == ("voice", "other")
            assert first.name == second.name


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda at: acr(at / "none", VOICE), "none: expected a folder of WAV files, got no folder"),
        (lambda at: acr(at, VOICE), "got none in it"),
        (
            lambda at: acr(sound_folder(at / "a", ("x",) * 1), VOICE, checks=200),
            "at most 200 trials",
        ),
        (
            lambda at: ab(
                sound_folder(at / "a", ("x", "y")), sound_folder(at / "b", ("x",)), (VOICE, OTHER)
            ),
            "expected the same names, got y in one",
        ),
    ],
)
def test_what_cannot_be_heard_is_refused(make: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(ListeningError, match=said):
        make(tmp_path)


def test_a_file_that_is_no_sound_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(b"no sound")
    with pytest.raises(ListeningError, match=r"a\.wav"):
        acr(tmp_path, VOICE)


def test_a_key_is_read_as_it_was_written_and_not_when_it_was_changed(
    key: Key, tmp_path: Path
) -> None:
    file = tmp_path / "page.key.json"
    file.write_text(write_key(key))
    assert read_key(file) == key
    file.write_text(write_key(key).replace("d" * 64, "e" * 64))
    with pytest.raises(ListeningError, match="it was changed"):
        read_key(file)


def test_the_ratings_are_those_of_the_voice_and_the_anchors(key: Key, tmp_path: Path) -> None:
    def says(role: str, name: str) -> int:
        return 5 if role == "anchor" else int(name[1])

    file = saved(tmp_path, exported(key, "L1", says))
    result = result_of(key, read_answers([file], key))
    assert (result.listeners, result.excluded) == (1, ())
    voice = {one.name: one.score for one in result.ratings if one.role == "voice"}
    assert voice == {"s1": 1.0, "s2": 2.0, "s3": 3.0}
    assert [one.score for one in result.ratings if one.role == "anchor"] == [5.0, 5.0]


def test_a_choice_of_two_is_one_for_the_voice_and_zero_for_the_other(tmp_path: Path) -> None:
    mine, theirs = (sound_folder(tmp_path / name, NAMES) for name in ("mine", "theirs"))
    key, _ = ab(mine, theirs, (VOICE, OTHER))
    file = saved(tmp_path, exported(key, "L1", lambda role, name: int(name == "s2")))
    result = result_of(key, read_answers([file], key))
    assert {one.name: one.score for one in result.ratings} == {"s1": 0.0, "s2": 1.0, "s3": 0.0}


@pytest.mark.parametrize(
    ("wrong", "left_out"),
    [(0, False), (1, True), (3, True)],  # of three checks: one is a third
)
def test_who_fails_the_checks_is_left_out_and_shown(
    wrong: int, left_out: bool, key: Key, tmp_path: Path
) -> None:
    file = saved(tmp_path, exported(key, "L1", three, wrong=wrong))
    result = result_of(key, read_answers([file], key))
    assert [one.reason for one in result.excluded] == (
        [f"{wrong} of 3 checks wrong"] if left_out else []
    )
    assert bool(result.ratings) is not left_out
    assert result.rule == RULE


def test_one_check_of_four_may_be_wrong(tmp_path: Path) -> None:
    key, _ = acr(sound_folder(tmp_path / "voice", NAMES), VOICE, checks=4)
    file = saved(tmp_path, exported(key, "L1", three, wrong=1))
    assert result_of(key, read_answers([file], key)).listeners == 1


def test_who_did_not_finish_is_left_out_and_shown(key: Key, tmp_path: Path) -> None:
    given = exported(key, "L1", three)
    given["answers"].pop()
    result = result_of(key, read_answers([saved(tmp_path, given)], key))
    assert [one.reason for one in result.excluded] == ["1 of 8 trials without an answer"]


def test_no_score_of_the_voice_leaves_anybody_out(key: Key, tmp_path: Path) -> None:
    file = saved(tmp_path, exported(key, "L1", lambda role, name: 1))
    assert result_of(key, read_answers([file], key)).listeners == 1


def _broken(change: str, given: dict[str, Any]) -> dict[str, Any]:
    """What somebody who is no page may send."""
    first = given["answers"][0]
    match change:
        case "score":
            first["answer"] = "6"
        case "twice":
            given["answers"].append(first)
        case "unknown trial":
            first["trial"] = "0000000000"
        case "other test":
            given["test"] = "0" * 16
        case "listener":
            given["listener"] = "../../etc/passwd"
        case "extra":
            given["admin"] = True
        case "unheard":
            first["plays"] = 0
        case "many":
            given["answers"] = [first] * 201
        case "nan":
            first["seconds"] = float("nan")
        case "format":
            given["format"] = 2
    return given


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("score", "expected one of 1, 2, 3, 4, 5, got '6'"),
        ("twice", "is answered twice"),
        ("unknown trial", "'0000000000' is unknown"),
        ("other test", "expected answers to test"),
        ("listener", "listener: String should match"),
        ("extra", "admin: Extra inputs are not permitted"),
        ("unheard", "plays: Input should be greater than or equal to 1"),
        ("many", "answers: Tuple should have at most 200 items"),
        ("nan", "seconds: Input should be"),
        ("format", "format: Input should be 1"),
    ],
)
def test_what_no_page_exports_is_refused_by_the_files_name(
    change: str, said: str, key: Key, tmp_path: Path
) -> None:
    file = saved(tmp_path, _broken(change, exported(key, "L1", three)), "sent")
    with pytest.raises(ListeningError, match=said) as caught:
        read_answers([file], key)
    assert "sent.json" in str(caught.value)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "expected JSON"),
        (b"\xff\xfe", "expected JSON"),
        (b"[]", "Input should be a valid dictionary"),
        (b"[" * 100_000, "expected JSON"),
        (b'{"format": 1, "format": 1}', "a name that stands twice"),
        (b" " * 1_000_001, "at most 1000000 bytes"),
    ],
)
def test_a_file_that_is_no_export_is_refused(
    data: bytes, said: str, key: Key, tmp_path: Path
) -> None:
    file = tmp_path / "sent.json"
    file.write_bytes(data)
    with pytest.raises(ListeningError, match=said):
        read_answers([file], key)


def test_a_listener_counts_once(key: Key, tmp_path: Path) -> None:
    files = [saved(tmp_path, exported(key, "L1", three), name) for name in ("a", "b")]
    with pytest.raises(ListeningError, match=r"b\.json: listener 'L1' is in .*a\.json already"):
        read_answers(files, key)


def test_a_result_is_read_as_it_was_written(key: Key, tmp_path: Path) -> None:
    made = result_of(key, read_answers([saved(tmp_path, exported(key, "L1", three))], key))
    file = tmp_path / "result.json"
    file.write_text(write_result(made))
    assert read_result(file) == made
    assert "L1" not in file.read_text(), "who listened is not kept"
    file.write_text(json.dumps({"test": "x"}))
    with pytest.raises(ListeningError, match="expected the result of a listening test"):
        read_result(file)
