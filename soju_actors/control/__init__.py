"""Control connections: the service for the operator and for programs on the same machine."""
