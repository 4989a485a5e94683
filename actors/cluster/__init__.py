"""Several engines as one: where actors are, and what nodes tell each other of them.

Nothing here opens a socket: an engine gives it connections (:mod:`actors.cluster.session`)
and its kernel asks it for what is not on its own node (:mod:`actors.cluster.cluster`).
"""
