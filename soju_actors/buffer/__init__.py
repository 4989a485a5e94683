"""The channel buffer: ring, readers and cursors of one target."""
