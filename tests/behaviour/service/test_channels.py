"""Commands about channels (rows SVC-07 to SVC-10, DET-02 to DET-07)."""

import msgspec
import pytest

from soju_actors.messages.upstream import Forward
from soju_actors.model.records import Channel, Filter, Network, NetworkId, UserId
from soju_actors.policy.server import ServerSettings
from soju_actors.ports.database import DeleteChannel
from soju_actors.user.service.channels import MOST_LISTED
from tests.behaviour.service.scene import LIBERA, Scene

SOJU = Channel(NetworkId(1), "#soju")
OFTC = Network(NetworkId(2), UserId(1), "oftc", "irc.oftc.net")


def forwarded(scene: Scene) -> list[str]:
    return [str(message) for forward in scene.sent(Forward) for message in forward.messages]


def test_a_channel_is_joined_when_it_is_stored() -> None:
    scene = Scene().up()
    assert (
        scene.say(
            "channel create #soju -relay-detached none -reattach-on highlight -detach-after 1h -detach-on message"
        )
        == []
    )
    assert forwarded(scene) == []
    assert scene.jobs[0][1].channel == Channel(
        NetworkId(1),
        "#soju",
        relay_detached=Filter.NONE,
        reattach_on=Filter.HIGHLIGHT,
        detach_on=Filter.MESSAGE,
        detach_after=3600,
    )
    assert scene.saved() == ["#soju is saved, joining it"]
    assert forwarded(scene) == ["JOIN #soju"]


def test_a_channel_of_a_network_that_is_down_waits_for_it() -> None:
    scene = Scene()
    scene.say("channel create #soju")
    assert scene.saved() == ["#soju is saved, and will be joined when libera is connected"]
    assert forwarded(scene) == []


def test_a_channel_that_is_joined_already_is_saved_and_may_be_detached_at_once() -> None:
    """Unlike what row SVC-08 says of soju, where ``-detached`` has no effect."""
    scene = Scene().up("#soju")
    scene.say("channel create #soju -detached")
    assert scene.saved() == ["#soju is saved"]
    assert ":alice!a@h PART #soju :Detach" in scene.lines()
    assert forwarded(scene) == []
    assert scene.say("channel status") == ["#soju  joined, detached"]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("create soju", "'soju': No such channel"),
        ("create '#a b'", "'#a b': Bad channel name"),
        ("create #a,#b", "'#a,#b': Bad channel name"),
        ("create #SOJU", "#SOJU is there already: use channel update"),
        ("update #nowhere", "you have no channel '#nowhere' on libera"),
        ("delete #nowhere", "you have no channel '#nowhere' on libera"),
        ("create #x -network efnet", "there is no network 'efnet'; your networks: libera"),
    ],
)
def test_what_cannot_be_is_told(text: str, error: str) -> None:
    scene = Scene(channels=(SOJU,)).up()
    assert scene.say(f"channel {text}") == [f"error: {error}"]
    assert not scene.jobs


def test_channels_of_a_network_have_a_limit() -> None:
    scene = Scene(channels=(SOJU,), settings=ServerSettings("bouncer.test", max_channels=1))
    assert scene.say("channel create #x") == ["error: you may save 1 channels of a network, no more"]


def test_a_channel_is_detached_and_attached_by_an_update() -> None:
    """Row DET-02."""
    scene = Scene(channels=(SOJU,)).up("#soju")
    assert scene.say("channel update #soju -detached true") == []
    assert scene.lines() == []
    assert scene.saved() == ["#soju was updated"]
    assert ":alice!a@h PART #soju :Detach" in scene.lines()
    scene.say("channel update #soju -detached false")
    scene.saved()
    assert any(" JOIN #soju" in line for line in scene.lines())


def test_options_alone_leave_a_channel_as_it_is() -> None:
    scene = Scene(channels=(msgspec.structs.replace(SOJU, detached=True),)).up("#soju")
    scene.say("channel update #SOJU -detach-after 90s -relay-detached message")
    stored = scene.jobs[0][1].channel
    assert stored == msgspec.structs.replace(SOJU, detached=True, detach_after=90, relay_detached=Filter.MESSAGE)
    assert scene.saved() == ["#soju was updated"]
    assert [line for line in scene.lines() if "PART" in line or "JOIN" in line] == []
    assert scene.say("channel status") == ["#soju  joined, detached, relay-detached message, detach-after 1m 30s"]


def test_changes_that_follow_one_another_at_once_are_all_kept() -> None:
    scene = Scene(channels=(SOJU,)).up("#soju")
    scene.say("channel update #soju -detached", "channel update #soju -detach-after 5m")
    stored = SOJU
    while scene.jobs:
        stored = scene.jobs[0][1].channel
        scene.saved()
    assert stored == msgspec.structs.replace(SOJU, detached=True, detach_after=300)
    assert scene.say("channel status") == ["#soju  joined, detached, detach-after 5m"]


def test_a_deleted_channel_is_left() -> None:
    scene = Scene(channels=(SOJU,)).up("#soju")
    assert scene.say("channel delete #Soju") == []
    assert isinstance(scene.jobs[0][1], DeleteChannel)
    assert forwarded(scene) == []
    assert scene.saved() == ["#soju is forgotten"]
    assert forwarded(scene) == ["PART #soju"]


def test_a_channel_can_be_created_in_the_same_breath_in_which_it_is_deleted() -> None:
    scene = Scene()
    scene.say("channel create #a", "channel delete #a", "channel create #a")
    assert [type(job).__name__ for _, job in scene.jobs] == ["SaveChannel", "DeleteChannel", "SaveChannel"]


def test_what_the_database_refuses_is_told_and_changes_nothing() -> None:
    scene = Scene(channels=(SOJU,)).up("#soju")
    for text in ("create #x", "update #soju -detached", "delete #soju"):
        scene.say(f"channel {text}")
        assert scene.refused("full") == ["error: full"]
        assert forwarded(scene) == []
    assert scene.say("channel status") == ["#soju  joined"]


def test_a_network_that_was_deleted_meanwhile_takes_its_channels_along() -> None:
    scene = Scene(bound="")
    scene.say("network delete libera", "channel create #a/libera")
    scene.saved()
    assert scene.saved() == ["error: the network was deleted meanwhile"]


def test_status_tells_of_the_channels_of_one_network_or_of_all() -> None:
    other = Channel(NetworkId(2), "#debian")
    scene = Scene(networks=(LIBERA, OFTC), channels=(SOJU, other)).up("#unsaved")
    assert scene.say("channel status") == ["#soju     parted", "#unsaved  joined, not saved"]
    assert scene.say("channel status -network oftc") == ["#debian  disconnected"]
    scene = Scene(networks=(LIBERA, OFTC), channels=(SOJU, other), bound="").up("#unsaved")
    assert scene.say("channel status") == [
        "#soju/libera     parted",
        "#unsaved/libera  joined, not saved",
        "#debian/oftc     disconnected",
    ]
    assert Scene().say("channel status") == ["There are no channels"]


def test_status_tells_of_one_channel() -> None:
    scene = Scene(networks=(LIBERA, OFTC), channels=(SOJU,), bound="").up("#unsaved")
    assert scene.say("channel status #soju/libera") == ["#soju on libera: parted"]
    assert scene.say("channel status #unsaved -network libera") == ["#unsaved on libera: joined, not saved"]
    assert scene.say("channel status #nowhere/libera") == ["error: you have no channel '#nowhere' on libera"]


def test_a_list_of_channels_ends_somewhere() -> None:
    many = tuple(Channel(NetworkId(1), f"#{number}") for number in range(MOST_LISTED + 2))
    lines = Scene(channels=many).say("channel status")
    assert len(lines) == MOST_LISTED + 1
    assert lines[-1] == "... and 2 more; name one to see it"


def test_an_unbound_client_names_the_network_with_the_channel() -> None:
    """Row SVC-08."""
    scene = Scene(networks=(LIBERA, OFTC), bound="")
    scene.say("channel create #a/b/oftc")
    channel = scene.job("writer").channel
    assert (channel.network_id, channel.name) == (2, "#a/b")
    scene.say("channel create #a/b -network libera")
    channel = scene.job("writer").channel
    assert (channel.network_id, channel.name) == (1, "#a/b")
    assert scene.say("channel create #a") == [
        "error: name a network, since you are on none; your networks: libera, oftc"
    ]


def test_a_bound_client_may_have_a_channel_with_a_slash() -> None:
    scene = Scene()
    scene.say("channel create #a/libera")
    assert scene.job("writer").channel.name == "#a/libera"
