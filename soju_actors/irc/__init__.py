"""The IRC language: lines, names, modes, capabilities. Pure: no actor, clock, log, socket or randomness."""
