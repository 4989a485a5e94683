"""The command line: without a command it is the bouncer, which does without what the others need."""

from soju_actors.cli.daemon import find_daemon_options, start


def main(arguments: list[str]) -> int:
    """Do what the arguments say; return the exit code: 0, 1 (it failed) or 2 (it was asked wrongly)."""
    options = find_daemon_options(arguments)
    if options is not None:
        return start(options)
    from soju_actors.cli import commands  # noqa: PLC0415 - typer is no part of the daemon's memory

    return commands.run(arguments)
