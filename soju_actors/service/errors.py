"""What is wrong with a command."""


class CommandError(Exception):
    """A command cannot be carried out; the text is for the person who gave it, and repeats no secret."""
