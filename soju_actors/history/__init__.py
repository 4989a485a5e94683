"""What was said: the ring of a target, pages of it, and who has read how far."""
