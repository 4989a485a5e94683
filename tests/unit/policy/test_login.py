"""``user[/network][@client]`` (row USR-01)."""

import pytest

from soju_actors.policy.login import Login, LoginMismatchError, merged, parse_login


@pytest.mark.parametrize(
    ("text", "login"),
    [
        ("alice", Login("alice")),
        ("alice/libera", Login("alice", "libera")),
        ("alice@phone", Login("alice", "", "phone")),
        ("alice/libera@phone", Login("alice", "libera", "phone")),
        ("alice@phone/libera", Login("alice", "libera", "phone")),
        ("alice/", Login("alice")),
        ("alice@", Login("alice")),
        ("", Login("")),
        ("alice/a/b@c", Login("alice", "a/b", "c")),
    ],
)
def test_the_parts_come_in_either_order(text: str, login: Login) -> None:
    assert parse_login(text) == login


@pytest.mark.parametrize(
    ("authenticated", "named", "whole"),
    [
        ("alice/libera", "root@phone", Login("alice", "libera", "phone")),
        ("alice@phone", "x/libera@phone", Login("alice", "libera", "phone")),
        ("alice", "root", Login("alice")),
    ],
)
def test_what_two_names_say_is_joined(authenticated: str, named: str, whole: Login) -> None:
    assert merged(parse_login(authenticated), parse_login(named)) == whole


@pytest.mark.parametrize("named", ["x/oftc", "x@phone"])
def test_names_that_contradict_each_other_are_refused(named: str) -> None:
    """Row NUM-06."""
    with pytest.raises(LoginMismatchError, match="contradict"):
        merged(parse_login("alice/libera@laptop"), parse_login(named))
