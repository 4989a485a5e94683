"""All commands of the service (section 4 of the reference): every door takes these, and no others."""

from soju_actors.service.commands import Command, Group
from soju_actors.service.groups import access, channel, cluster, history, login, network, server, session, user

GROUPS: tuple[Group, ...] = (
    network.GROUP,
    channel.GROUP,
    history.GROUP,
    session.GROUP,
    login.SASL,
    login.CERTFP,
    access.PASSWORD,
    access.DEVICE_CERTIFICATE,
    user.GROUP,
    server.GROUP,
    cluster.GROUP,
)
HELP = Command(
    "help",
    "list commands, or tell how one is used",
    ("[command...]",),
    everywhere=True,
    tail=True,
    examples=("help network", "help network create"),
)
COMMANDS: tuple[Command, ...] = (HELP, *(command for group in GROUPS for command in group.commands))
