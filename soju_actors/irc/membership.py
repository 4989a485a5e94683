"""What a member of a channel is there, as symbols such as ``@+``, the highest rank first."""

from soju_actors.irc.isupport import Isupport


def split_membership(entry: str, symbols: str) -> tuple[str, str]:
    """Split an entry of NAMES into its symbols and the nick, or ``nick!user@host``.

    ``symbols`` are the server's. Spec: https://ircv3.net/specs/extensions/userhost-in-names
    """
    name = entry.lstrip(symbols) if symbols else entry
    return entry[: len(entry) - len(name)], name


def add_symbol(held: str, symbol: str, isupport: Isupport) -> str:
    """Return the symbols with one more, by rank."""
    return _by_rank({*held, symbol}, isupport)


def remove_symbol(held: str, symbol: str, isupport: Isupport) -> str:
    """Return the symbols without this one, by rank."""
    return _by_rank({*held} - {symbol}, isupport)


def highest(symbols: str) -> str:
    """Return the highest symbol, empty for none (row FLT-04)."""
    return symbols[:1]


def _by_rank(held: set[str], isupport: Isupport) -> str:
    return "".join(symbol for symbol in isupport.prefix_symbols if symbol in held)
