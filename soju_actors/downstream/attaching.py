"""What a user actor is told of a client that has logged in."""

from soju_actors.downstream.registration import Registration
from soju_actors.messages.downstream import DownstreamArgs
from soju_actors.messages.user import Attach
from soju_actors.policy.login import Login


def attach_for(
    args: DownstreamArgs, registration: Registration, login: Login, caps: frozenset[str], *, told_isupport: bool
) -> Attach:
    """Return the question whether a client may attach, with its capabilities.

    Raises:
        ValueError: it has not logged in.
    """
    grant = registration.grant
    if grant is None:
        raise ValueError("a client attaches after its login")
    return Attach(
        client=login.client,
        network=login.network,
        network_id=registration.bind,
        nick=registration.nick,
        caps=caps,
        away=registration.away,
        remote=args.remote,
        secure=args.secure,
        admin=grant.admin,
        fingerprint=args.fingerprint,
        credential=grant.credential,
        generation=grant.generation,
        impostor=grant.impostor,
        realname=registration.realname,
        told_isupport=told_isupport,
        subs=registration.subs,
    )
