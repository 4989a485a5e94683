"""The store: what all buffers of a node append becomes durable in groups."""
