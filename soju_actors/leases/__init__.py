"""Leases: for which users this node of a cluster may act."""
