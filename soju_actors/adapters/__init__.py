"""What does the work outside of actors: databases, password hashes, certificates."""
