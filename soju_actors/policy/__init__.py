"""Decisions, without the effects."""
