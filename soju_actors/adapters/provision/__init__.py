"""Declaring users, networks and channels in a file: creates or updates them, and repeats without effect."""

from soju_actors.adapters.provision.changes import Change, apply
from soju_actors.adapters.provision.declarations import Declarations, load_declarations

__all__ = ["Change", "Declarations", "apply", "load_declarations"]
