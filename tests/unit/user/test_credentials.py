"""What a client tells NickServ, and is kept (rows AUP-04, AUP-05)."""

import pytest

from soju_actors.user.credentials import credentials


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("IDENTIFY hunter2", ("nick", "hunter2")),
        ("identify account hunter2", ("account", "hunter2")),
        ("REGISTER hunter2 a@b.test", ("nick", "hunter2")),
        ("SET PASSWORD hunter2", ("nick", "hunter2")),
        ("set password hunter2", ("nick", "hunter2")),
        ("SET EMAIL a@b.test", None),
        ("SET", None),
        ("IDENTIFY", None),
        ("GHOST nick hunter2", None),
        ("", None),
    ],
)
def test_credentials_are_found_and_nothing_else(text: str, found: tuple[str, str] | None) -> None:
    assert credentials(text, "nick", "") == found


def test_an_account_that_is_known_goes_before_the_nick() -> None:
    assert credentials("IDENTIFY hunter2", "nick", "account") == ("account", "hunter2")
