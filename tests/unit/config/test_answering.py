"""Where a program outside says where users run."""

import pytest

from soju_actors.config.answering import AnswersAt, is_socket, parse_answers, resolved


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("", AnswersAt()),
        ("answers.json", AnswersAt(file="answers.json")),
        ("unix:///run/placer.sock", AnswersAt(path="/run/placer.sock")),
        ("tcp://127.0.0.1:7700", AnswersAt(host="127.0.0.1", port=7700)),
        ("tcp://[::1]:7700", AnswersAt(host="::1", port=7700)),
        ("tcp://localhost:7700", AnswersAt(host="localhost", port=7700)),
    ],
)
def test_it_is_a_file_or_a_socket(text: str, at: AnswersAt) -> None:
    assert parse_answers(text) == at
    assert is_socket(text) == bool(at.path or at.host)


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("http://127.0.0.1:80", "is no place for answers"),
        ("unix://", "is no place for answers"),
        ("tcp://127.0.0.1", "is not a host and a port"),
        ("tcp://:7700", "is not a host and a port"),
        ("tcp://127.0.0.1:99999", "is not a host and a port"),
        ("tcp://me@127.0.0.1:7700", "is not a host and a port"),
        ("tcp://127.0.0.1:7700/x", "is not a host and a port"),
        ("tcp://192.0.2.1:7700", "192.0.2.1 is another machine"),
    ],
)
def test_what_it_is_not_is_told_with_what_is_allowed(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match="allowed: a file in data_dir, unix://path") as caught:
        parse_answers(text)
    assert wrong in str(caught.value)


def test_paths_are_made_absolute_and_addresses_left_alone() -> None:
    full = "/data/{}".format
    assert resolved("a.json", full) == "/data/a.json"
    assert resolved("unix://a.sock", full) == "unix:///data/a.sock"
    assert resolved("tcp://127.0.0.1:1", full) == "tcp://127.0.0.1:1"
    assert str(parse_answers("unix:///x")) == "unix:///x"
    assert str(parse_answers("tcp://127.0.0.1:1")) == "tcp://127.0.0.1:1"
