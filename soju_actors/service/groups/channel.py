"""``channel``: rows SVC-07 to SVC-10, DET-02 to DET-07."""

from soju_actors.model.records import Filter
from soju_actors.service.commands import Command, Flag, Group, Kind
from soju_actors.service.groups.flags import ON_NETWORK, yes_or_no

_FILTERS = tuple(str(value) for value in Filter)


def _filter(name: str, about: str) -> Flag:
    return Flag(name, "|".join(_FILTERS), about, choices=_FILTERS)


_SETTINGS = (
    ON_NETWORK,
    yes_or_no("detached", "stay in it without following it"),
    _filter("relay-detached", "what you are told of while it is detached"),
    _filter("reattach-on", "what makes it attached again"),
    Flag("detach-after", "duration", "detach after so long without activity; 0: never", Kind.DURATION),
    _filter("detach-on", "what counts as activity for that"),
)

GROUP = Group(
    "channel",
    "the channels that you are in whenever connected",
    (
        Command(
            "channel status",
            "tell how your channels stand, or one of them",
            ("[name]",),
            (ON_NETWORK,),
            examples=("channel status", "channel status #soju"),
        ),
        Command(
            "channel create",
            "join a channel whenever connected",
            ("<name>",),
            _SETTINGS,
            examples=("channel create #soju", "channel create #soju -network libera -detached"),
        ),
        Command(
            "channel update",
            "change what is done with a channel",
            ("<name>",),
            _SETTINGS,
            examples=("channel update #soju -detached=false", "channel update #soju -detach-after 2h"),
        ),
        Command(
            "channel delete",
            "leave a channel and forget it; its history stays",
            ("<name>",),
            (ON_NETWORK,),
            examples=("channel delete #soju",),
        ),
    ),
)
