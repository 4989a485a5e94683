"""Several nodes as one system: what they say to each other, without transport or engine."""
