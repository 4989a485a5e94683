"""The user actor: one dispatcher for all messages of one user, in both directions."""
