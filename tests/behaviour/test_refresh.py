"""Another process changes the database while the bouncer runs: ``server refresh`` takes it over."""

from typing import Any

import msgspec
import pytest

from soju_actors.model.records import Channel, Network, NetworkId, User, UserId
from soju_actors.ports.database import (
    DeleteChannel,
    DeleteNetwork,
    DeleteUser,
    LoadSettings,
    SaveChannel,
    SaveNetwork,
    SaveUser,
    SettingsLoaded,
)
from tests.support.world import CONTROL, InlineClient, Setting, World

SETTING = Setting(caps="", networks=("libera", "oftc"))


class Scene:
    """A bouncer, a client on each of alice's networks, and what another process does."""

    def __init__(self) -> None:
        self.world = World(SETTING)
        self.libera, self.oftc = self.world.attach("alice/libera"), self.world.attach("alice/oftc")
        self.unheard()

    def change(self, *jobs: Any) -> None:  # noqa: ANN401 - the settings jobs
        """Change the database and have the bouncer look at it."""
        self.world.database.change(*jobs)
        control = InlineClient(self.world.system.connect(CONTROL), self.world)
        control.send("BOUNCERSERV :server refresh")
        assert control.received()[-1] == "BOUNCERSERV OK"

    def record(self, name: str) -> Network:
        reader = self.world.database.reader()
        found = reader.perform(LoadSettings(UserId(1)))
        assert isinstance(found, SettingsLoaded)
        assert found.settings is not None
        return next(network for network in found.settings.networks if network.name == name)

    def unheard(self) -> list[str]:
        """Return what servers and clients were told since the last look."""
        said = [line for server in self.world.servers.values() for line in server.heard]
        for server in self.world.servers.values():
            server.heard.clear()
        return said + self.libera.received() + self.oftc.received()


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_nothing_new_changes_nothing(scene: Scene) -> None:
    scene.change()
    assert scene.unheard() == []


def test_a_new_channel_is_joined_and_an_old_one_forgotten(scene: Scene) -> None:
    scene.change(SaveChannel(Channel(NetworkId(1), "#new", key="k")), DeleteChannel(NetworkId(1), "#soju"))
    lines = scene.unheard()
    assert ":alice!a@host JOIN #new" in lines
    assert not any("PART" in line for line in lines)
    scene.world.server.joined.clear()
    scene.world.server.close()
    scene.world.advance(5)
    assert scene.world.server.joined == {"#new"}


def test_a_network_that_has_changed_connects_again_and_others_do_not(scene: Scene) -> None:
    scene.change(SaveNetwork(msgspec.structs.replace(scene.record("oftc"), nick="ally")))
    told = [line for line in scene.unheard() if " NOTICE " in line]
    assert [line.rpartition(" :")[2].partition(":")[0] for line in told] == [
        "Disconnected from oftc",
        "Connected to oftc",
    ]
    assert scene.world.servers["oftc"].nick == "ally"
    assert not scene.libera.peer.closed


def test_a_network_that_is_gone_closes_its_clients_alone(scene: Scene) -> None:
    scene.change(DeleteNetwork(scene.record("oftc").id))
    assert scene.oftc.peer.closed
    assert not scene.libera.peer.closed
    assert not scene.world.servers["oftc"].connected


def test_a_network_that_is_disabled_leaves_its_clients_attached(scene: Scene) -> None:
    scene.change(SaveNetwork(msgspec.structs.replace(scene.record("oftc"), enabled=False)))
    assert not scene.world.servers["oftc"].connected
    assert not scene.oftc.peer.closed
    scene.change(SaveNetwork(msgspec.structs.replace(scene.record("oftc"), enabled=True)))
    assert scene.world.servers["oftc"].connected


def test_a_new_network_is_connected(scene: Scene) -> None:
    new = Network(NetworkId(0), UserId(1), "again", "irc+insecure://irc.oftc.test", nick="second")
    scene.change(SaveNetwork(new))
    assert scene.world.servers["oftc"].nick == "second"


def test_a_user_that_is_deleted_or_disabled_loses_its_clients(scene: Scene) -> None:
    alice = User(UserId(1), "alice", "plain:secret", admin=True)
    scene.change(SaveUser(msgspec.structs.replace(alice, enabled=False)))
    assert scene.libera.received()[-1] == "ERROR :This account is disabled"
    assert not any(server.connected for server in scene.world.servers.values())
    scene.change(SaveUser(alice))
    assert all(server.connected for server in scene.world.servers.values())
    client = scene.world.attach("alice/libera")
    scene.change(DeleteUser(UserId(1)))
    assert client.peer.closed
    assert not any(server.connected for server in scene.world.servers.values())


def test_a_password_that_has_changed_closes_the_clients(scene: Scene) -> None:
    scene.change(SaveUser(User(UserId(1), "alice", "plain:other", admin=True)))
    assert scene.libera.received()[-1] == "ERROR :The password was changed"
    assert all(server.connected for server in scene.world.servers.values())


def test_a_channel_that_was_detached_elsewhere_is_hidden_and_shown_again(scene: Scene) -> None:
    """Row DET-02."""
    soju = Channel(NetworkId(1), "#soju", detached=True)
    scene.change(SaveChannel(soju))
    assert scene.unheard() == [":alice!a@host PART #soju :Detach"]
    scene.world.say(":bob!b@host PRIVMSG #soju :hidden")
    assert scene.unheard() == []
    scene.change(SaveChannel(msgspec.structs.replace(soju, detached=False)))
    shown = scene.unheard()
    assert shown[0] == ":alice!a@host JOIN #soju"
    assert shown[-1] == ":bob!b@host PRIVMSG #soju :hidden"
