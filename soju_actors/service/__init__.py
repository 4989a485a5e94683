"""The bouncer's own commands: what they are, how they are written, and what of them the registry does."""
