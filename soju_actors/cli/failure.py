"""How a command fails."""


class Failure(Exception):  # noqa: N818 - it is no error of the program
    """A command cannot do what it was asked; the text is one line for a person."""
