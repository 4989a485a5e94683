"""Labels on commands for servers, so that answers find who asked (row RTE-01).

Spec: https://ircv3.net/specs/extensions/labeled-response
"""

from soju_actors.irc.labels import make_label
from soju_actors.irc.message import Message
from soju_actors.user.state import NetworkState


def label(network: NetworkState, client: int, message: Message) -> Message:
    """Return a client's command as the server gets it: labelled if the server answers labels."""
    if "labeled-response" not in network.caps:
        return message
    network.labels += 1
    tags = {key: value for key, value in message.tag_map().items() if key != "label"} if message.tags else {}
    return message.with_tags({**tags, "label": make_label(client, network.labels)})
