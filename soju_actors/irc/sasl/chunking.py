"""Responses and challenges as parameters of AUTHENTICATE: base64 in chunks.

Spec: https://ircv3.net/specs/extensions/sasl-3.1#the-authenticate-command
"""

import binascii
from base64 import b64decode, b64encode
from dataclasses import dataclass, field

from soju_actors.irc.sasl.errors import SaslError, SaslTooLongError

CHUNK = 400
"""Characters of one parameter; a shorter one is the last."""
LONGEST = 10 * 1024
"""Characters in all (row LIM-19)."""
EMPTY = "+"
ABORT = "*"


def to_chunks(data: bytes) -> list[str]:
    """Return the parameters that carry the data; ``+`` is nothing, or the end after a full chunk."""
    text = b64encode(data).decode("ascii")
    chunks = [text[start : start + CHUNK] for start in range(0, len(text), CHUNK)]
    if len(text) % CHUNK == 0:
        chunks.append(EMPTY)
    return chunks


@dataclass(slots=True)
class ChunkReader:
    """Joins the parameters of one response or challenge after the other."""

    _chunks: list[str] = field(default_factory=list)

    def receive(self, chunk: str) -> bytes | None:
        """Return the data once a chunk completes it.

        Raises:
            SaslTooLongError: a chunk, or all of them, are over the bound.
            SaslError: they are not base64.
        """
        if len(chunk) > CHUNK or CHUNK * len(self._chunks) + len(chunk) > LONGEST:
            self._chunks = []
            raise SaslTooLongError("the SASL message is too long")
        if chunk != EMPTY:
            self._chunks.append(chunk)
        if len(chunk) == CHUNK:
            return None
        text, self._chunks = "".join(self._chunks), []
        try:
            return b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise SaslError("the SASL message is not base64") from error
