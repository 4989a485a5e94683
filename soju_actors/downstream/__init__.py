"""The connection of one client: framing, capabilities, login, and the outbox."""
