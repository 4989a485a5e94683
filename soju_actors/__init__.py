"""soju-actors: an IRC bouncer made of actors."""

__version__ = "0.1.0"
