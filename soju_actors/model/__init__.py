"""Records: what the bouncer knows and stores, as values."""
