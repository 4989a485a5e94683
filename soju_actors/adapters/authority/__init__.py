"""The authority of a cluster: a folder with its key, and with a folder for each node that it lets in."""

from soju_actors.adapters.authority.folder import Authority, AuthorityError
from soju_actors.adapters.authority.register import Issued, Register

__all__ = ["Authority", "AuthorityError", "Issued", "Register"]
