import pytest

from soju_actors.policy.accounts import valid_account


@pytest.mark.parametrize("name", ["alice", "Ålice", "a.b-c_d", "[x]", "a" * 64])
def test_a_name_can_be_an_account(name: str) -> None:
    assert valid_account(name)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "a@b", "*", "a:b", "a!b", "a\r\n", "a\0", "a" * 65])
def test_a_name_that_a_login_could_not_say_cannot(name: str) -> None:
    assert not valid_account(name)
