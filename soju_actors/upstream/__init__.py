"""The upstream: the connection to one server, its registration, its life."""
