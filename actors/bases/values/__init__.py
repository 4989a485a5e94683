"""Graphs of objects as bytes, for what has no message class of its own.

Nothing that arrives runs: an object is made by ``__new__`` of the builtin class that it is
of at bottom, and its attributes are put where they were. Of its class nothing is called but
comparison and hash, where it is a key. Classes, functions and methods travel by name, and
are found in allowed packages alone.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from actors import surrogates
from actors.bases.values.allowed import Allowed
from actors.bases.values.dumping import Dumper, Hook, Rules
from actors.bases.values.loading import Loader
from actors.bases.values.paths import path_to
from actors.bases.values.wire import CannotTravelError, CulpritError, Limits

__all__ = ["CannotTravelError", "Hook", "Limits", "Values"]


class Values:
    """A codec for what may travel between nodes.

    ``allowed`` are the packages whose classes and functions may; ``hooks`` says of a class
    what stands in for its objects on the way, such as addresses that are local.
    """

    def __init__(
        self, allowed: Iterable[str] = (), *, hooks: Mapping[type, Hook] | None = None, limits: Limits | None = None
    ) -> None:
        self._rules = Rules(Allowed(allowed), hooks or {}, limits or Limits(), {}, {})

    def encode(self, value: Any, name: str = "value") -> bytes:  # noqa: ANN401 - any value
        """Encode a value, called ``name`` in errors.

        Raises:
            CannotTravelError: a part of it cannot travel, or may not.
        """
        try:
            data = self._encode(value)
        except CulpritError as error:
            path = path_to(error.culprit, value, name)
            raise CannotTravelError(f"{path}: {error.reason}") from None
        if len(data) > self._rules.limits.size:
            raise CannotTravelError(f"{name}: {len(data)} bytes are too many")
        return data

    def _encode(self, value: Any, *, careful: bool = False) -> bytes:  # noqa: ANN401
        dumper = Dumper(self._rules, careful=careful)
        node = dumper.dump(value)
        try:
            return _encoder.encode((False, dumper.shapes, node))
        except UnicodeEncodeError:
            node = surrogates.escape(node)
        except OverflowError:
            return self._encode(value, careful=True)
        try:
            return _encoder.encode((True, dumper.shapes, node))
        except OverflowError:
            return self._encode(value, careful=True)

    def decode(self, data: bytes) -> Any:  # noqa: ANN401 - any value
        """Decode a value.

        Raises:
            ValueError: it is malformed, too large, or has what may not travel.
        """
        if len(data) > self._rules.limits.size:
            raise ValueError(f"{len(data)} bytes are too many")
        try:
            escaped, shapes, node = _decoder.decode(data)
            return Loader(self._rules, shapes).load(surrogates.unescape(node) if escaped else node)
        except ValueError:
            raise
        except Exception as error:
            raise ValueError(f"no value: {type(error).__name__}: {error}") from error


def _refuse(code: int, data: memoryview) -> Any:  # noqa: ANN401 - what msgspec wants
    """Take no extension of msgpack."""
    raise ValueError(f"extension {code} with {len(data)} bytes")


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(ext_hook=_refuse)
