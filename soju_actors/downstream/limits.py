"""How much of something a client's connection may have at once."""

BATCHES = 8
"""Batches of commands that the user actor may have unhandled."""
LEAST_CREDIT = 500
"""Lines after which a buffer gets credit back."""
FLUSH = 5.0
"""Seconds that a closing connection has for its last lines."""
