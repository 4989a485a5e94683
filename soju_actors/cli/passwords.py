"""Reading passwords from people and pipes (row CLI-03)."""

import getpass
import sys

from soju_actors.cli.failure import Failure


def read_password() -> str:
    """Ask a person for a new password, twice and unseen, or take the first line of standard input.

    Raises:
        Failure: the password is empty, or was not typed the same twice.
    """
    if not sys.stdin.isatty():
        password = sys.stdin.buffer.readline().decode("utf-8", "surrogateescape").rstrip("\r\n")
    else:
        password = getpass.getpass("Password: ")
        if password and getpass.getpass("Again: ") != password:
            raise Failure("the two passwords differ")
    if not password:
        raise Failure("the password is empty")
    return password
