"""``run.py demo``: see the bouncer work, without a network and without an account."""

import asyncio

from soju_actors.demo.show import DemoError, show


def main(*, once: bool = False) -> int:
    """Start a server with two bots and the bouncer; ``once`` attaches a client, shows a replay and ends.

    Returns:
        The exit code: 0 if all went as it should.
    """
    try:
        return asyncio.run(show(once=once))
    except DemoError as error:
        print(f"The demo failed: {error}")  # noqa: T201 - this is what the command is for
        return 1
    except KeyboardInterrupt:
        return 0
