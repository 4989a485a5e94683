"""Which logins cost a hash, and which have to wait."""

from soju_actors.registry.logins import REMEMBERED, Passwords, Throttle


def test_a_password_that_was_right_is_right_for_a_while() -> None:
    passwords = Passwords(b"secret")
    key = passwords.key("alice", "pw", "hash")
    assert not passwords.is_right(key, 0.0)
    passwords.remember(key, 0.0)
    assert passwords.is_right(key, REMEMBERED - 1)
    assert not passwords.is_right(key, REMEMBERED)


def test_another_user_password_or_hash_is_another_key() -> None:
    passwords = Passwords(b"secret")
    keys = {passwords.key(*parts) for parts in (("a", "b", "c"), ("x", "b", "c"), ("a", "x", "c"), ("a", "b", "x"))}
    assert len(keys) == 4
    assert Passwords(b"other").key("a", "b", "c") not in keys


def test_remembering_again_makes_it_last() -> None:
    passwords = Passwords(b"secret")
    one, two = passwords.key("a", "b", "c"), passwords.key("x", "b", "c")
    passwords.remember(one, 0.0)
    passwords.remember(two, 10.0)
    passwords.remember(one, 20.0)
    assert passwords.is_right(one, 20.0 + REMEMBERED - 1)
    assert not passwords.is_right(two, 20.0 + REMEMBERED - 1)


def test_too_many_failures_close_the_door_for_the_rest_of_the_time() -> None:
    throttle = Throttle(failures=3, within=60.0)
    for now in (0.0, 10.0, 20.0):
        assert throttle.wait("host", now) == 0.0
        throttle.failed("host", now)
    assert throttle.wait("host", 25.0) == 35.0
    assert throttle.wait("other", 25.0) == 0.0
    assert throttle.wait("host", 60.0) == 0.0, "the first failure no longer counts"
