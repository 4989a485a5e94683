"""The pacer: connections to one host are spread over time."""
