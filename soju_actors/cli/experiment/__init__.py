"""``placement experiment``: the same load on three real nodes under each strategy, and what that costs."""
