"""What an upstream actor tells itself later."""

import msgspec

from soju_actors.ports.protocols import ToUpstream

ALARMS = ("retry", "registration", "hold", "silence", "lines", "sts")
"""Their names."""
HOLD = 5.0
"""Seconds that a server has to tell its capabilities before it is sent a password in plain text."""


class RetryDue(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.retry-due"):
    """Alarm: the back-off is over."""


class RegistrationDue(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.registration-due"):
    """Alarm: the server has had time enough to welcome us."""


class HoldDue(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.hold-due"):
    """Alarm: the server has had time enough to tell its capabilities."""


class StsDue(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.sts-due"):
    """Alarm: set the expiry of the server's wish for TLS anew."""


class SilenceDue(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.silence-due"):
    """Alarm: look how long the server has said nothing."""


class LinesDue(msgspec.Struct, ToUpstream, frozen=True, tag="upstream.lines-due"):
    """Alarm: the rate limit lets a waiting line go."""
