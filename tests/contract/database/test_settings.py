"""Settings are stored, found again, and deleted with all that is theirs (rows DBT-01 to DBT-05, DBX-04)."""

import pytest
from msgspec.structs import replace

from soju_actors.adapters.database import DatabaseError
from soju_actors.model.records import (
    Channel,
    Filter,
    Flags,
    Marker,
    Network,
    NetworkId,
    SaslMechanism,
    StsPolicy,
    Target,
    User,
    UserId,
)
from soju_actors.ports.database import (
    Appended,
    Commit,
    CursorMoved,
    DeleteChannel,
    DeleteNetwork,
    DeleteUser,
    LoadSettings,
    LoadUsers,
    SaveChannel,
    SaveClient,
    Saved,
    SaveFlags,
    SaveMarker,
    SaveNetwork,
    SaveSts,
    SaveUser,
    SettingsLoaded,
    WriteFailed,
)
from tests.contract.database.storage import Storage, line

ALICE = User(
    UserId(0),
    "alice",
    password_hash="$argon2id$...",
    admin=True,
    enabled=False,
    nick="al",
    realname="Älice \udcff",
    max_networks=3,
    created_at=1700000000.25,
)
LIBERA = Network(
    NetworkId(0),
    UserId(0),
    "libera",
    "ircs://irc.libera.chat:6697",
    nick="al\udce9",
    username="u",
    realname="r",
    certfp="sha-256:ab",
    password="secret\udcff",
    connect_commands=("PRIVMSG NickServ :hi", "MODE al\udce9 +i"),
    sasl=SaslMechanism.SCRAM_SHA_256,
    sasl_username="su",
    sasl_password="sp",
    sasl_certificate="-----BEGIN\r\nCERTIFICATE\n",
    sasl_key="-----BEGIN\nKEY\n",
    sasl_required=True,
    auto_away=False,
    forward_away=True,
    enabled=False,
    casemapping="rfc1459",
    egress="zone=eu,address=192.0.2.7",
)
CHANNEL = Channel(
    NetworkId(0),
    "#Caf\udce9",
    key="k",
    detached=True,
    relay_detached=Filter.HIGHLIGHT,
    reattach_on=Filter.MESSAGE,
    detach_on=Filter.NONE,
    detach_after=60,
)


def test_every_setting_of_a_user_is_found_again(storage: Storage) -> None:
    saved = storage.write(SaveUser(ALICE, request=7))
    assert saved == Saved(7, saved.id)
    stored = replace(ALICE, id=UserId(saved.id))
    loaded = storage.read(LoadUsers(8))
    assert (loaded.users, loaded.request) == ((stored,), 8)
    changed = replace(User(UserId(saved.id), "alicia"), max_networks=0, generation=1)
    assert storage.write(SaveUser(changed)) == Saved(0, saved.id)
    assert storage.settings(UserId(saved.id)).user == changed


def test_every_setting_of_a_network_and_a_channel_is_found_again(storage: Storage) -> None:
    user = storage.user()
    saved = storage.write(SaveNetwork(replace(LIBERA, user_id=user)))
    network = replace(LIBERA, user_id=user, id=NetworkId(saved.id))
    channel = replace(CHANNEL, network_id=network.id)
    assert storage.write(SaveChannel(channel, request=3)) == Saved(3)
    settings = storage.settings(user)
    assert settings.networks == (network,)
    assert settings.channels == (channel,)

    changed = replace(network, name="other", connect_commands=(), sasl=SaslMechanism.NONE, enabled=True)
    assert storage.write(SaveNetwork(changed)) == Saved(0, network.id)
    assert storage.write(SaveChannel(replace(channel, detached=False, key=""))) == Saved(0)
    settings = storage.settings(user)
    assert settings.networks == (changed,)
    assert settings.channels == (replace(channel, detached=False, key=""),)


def test_hosts_that_want_tls_are_remembered_until_they_do_not(storage: Storage) -> None:
    """Row AUP-08: by user and host, the newest wish counts."""
    user, other = storage.user(), storage.user()
    first = StsPolicy(user, "irc.test", 6697, 1700000000.25)
    assert storage.write(SaveSts(first, request=3)) == Saved(3)
    storage.write(SaveSts(replace(first, host="a.test")))
    storage.write(SaveSts(replace(first, user_id=other)))
    newer = replace(first, port=7000, expires=1800000000.5)
    storage.write(SaveSts(newer))
    assert storage.settings(user).sts == (replace(first, host="a.test"), newer)
    storage.write(SaveSts(replace(first, expires=0.0)))
    storage.write(SaveSts(replace(first, host="unknown.test", expires=0.0)))
    assert storage.settings(user).sts == (replace(first, host="a.test"),)
    storage.database.change(SaveSts(newer))
    assert storage.settings(user).sts == (replace(first, host="a.test"), newer)
    storage.write(DeleteUser(user))
    assert storage.settings(other).sts == (replace(first, user_id=other),)
    nobody = storage.write(SaveSts(replace(first, user_id=UserId(99))))
    assert nobody == WriteFailed("the user does not exist", transient=False)


def test_a_channel_is_forgotten_but_its_history_stays(storage: Storage) -> None:
    user = storage.user()
    network = storage.network(user)
    storage.write(SaveChannel(Channel(network, "#soju")))
    storage.store(network, "#soju", line(0))
    assert storage.write(DeleteChannel(network, "#soju", request=4)) == Saved(4)
    assert storage.settings(user).channels == ()
    assert storage.entries(network, "#soju") == (line(0),)


def test_users_come_in_order_of_name_and_are_matched_exactly(storage: Storage) -> None:
    for name in ("bob", "Bob", "alice"):
        storage.user(name)
    assert [user.name for user in storage.read(LoadUsers()).users] == ["Bob", "alice", "bob"]


def test_a_name_that_is_in_use_is_refused_with_a_sentence(storage: Storage) -> None:
    user = storage.user("alice")
    storage.network(user, "libera")
    assert storage.write(SaveUser(User(UserId(0), "alice"), request=5)) == WriteFailed(
        "a user named alice exists already", transient=False, request=5
    )
    assert storage.write(SaveNetwork(Network(NetworkId(0), user, "libera", "x"), request=6)) == WriteFailed(
        "a network named libera exists already", transient=False, request=6
    )
    other = storage.network(user, "other")
    renamed = storage.write(SaveNetwork(Network(other, user, "libera", "x")))
    assert renamed == WriteFailed("a network named libera exists already", transient=False)
    assert [network.name for network in storage.settings(user).networks] == ["libera", "other"]


def test_two_users_may_name_their_networks_alike(storage: Storage) -> None:
    assert storage.network(storage.user(), "libera") != storage.network(storage.user(), "libera")


def test_what_belongs_to_nobody_is_refused_with_a_sentence(storage: Storage) -> None:
    user = WriteFailed("the user does not exist", transient=False)
    network = WriteFailed("the network does not exist", transient=False)
    assert storage.write(SaveUser(User(UserId(99), "x"))) == user
    assert storage.write(DeleteUser(UserId(99))) == replace(user, stale=True)
    assert storage.write(SaveNetwork(Network(NetworkId(0), UserId(99), "x", "x"))) == user
    assert storage.write(SaveNetwork(Network(NetworkId(99), UserId(99), "x", "x"))) == network
    assert storage.write(DeleteNetwork(NetworkId(99))) == replace(network, stale=True)
    assert storage.write(SaveChannel(Channel(NetworkId(99), "#x"))) == network
    assert storage.write(SaveClient(NetworkId(99), "phone", {"#x": 1})) == network
    assert storage.write(SaveMarker(Marker(NetworkId(99), "#x", 1))) == network
    assert storage.write(SaveFlags(Flags(NetworkId(99), "#x", muted=True))) == network


def test_there_are_no_settings_of_a_user_who_does_not_exist(storage: Storage) -> None:
    assert storage.read(LoadSettings(UserId(99), 3)) == SettingsLoaded(None, 3)


def test_a_new_client_name_gets_a_cursor_at_the_end_of_each_target(storage: Storage) -> None:
    """Row RCP-05: a name that was never seen has no backlog. The empty name is a name of its own (RCP-01)."""
    user = storage.user()
    network = storage.network(user)
    storage.store(network, "#a", line(0), line(1))
    assert storage.write(SaveClient(network, "", {"#a": 2, "caf\udce9": 0}, request=2)) == Saved(2)
    assert storage.write(SaveClient(network, "phone", {})) == Saved(0)
    settings = storage.settings(user)
    assert settings.clients == {network: ("", "phone")}
    assert settings.targets == (Target(network, "#a", 2, {"": 2}), Target(network, "caf\udce9", 0, {"": 0}))


def test_a_client_name_that_is_saved_again_keeps_its_cursors(storage: Storage) -> None:
    user = storage.user()
    network = storage.network(user)
    storage.write(SaveClient(network, "phone", {"#a": 1}))
    storage.write(Commit((), (CursorMoved(network, "#a", "phone", 5),)))
    assert storage.write(SaveClient(network, "phone", {"#a": 1, "#b": 0})) == Saved(0)
    assert [target.cursors for target in storage.settings(user).targets] == [{"phone": 5}, {"phone": 0}]


def test_a_read_marker_moves_forward_only(storage: Storage) -> None:
    """Rows RMK-01, DBT-06."""
    user = storage.user()
    network, other = storage.network(user, "one"), storage.network(user, "other")
    storage.write(SaveMarker(Marker(other, "#a", 7)))
    for time, stored in ((5, 5), (9, 9), (8, 9), (1 << 40, 1 << 40)):
        assert storage.write(SaveMarker(Marker(network, "caf\udce9", time), request=3)) == Saved(3)
        markers = {Marker(network, "caf\udce9", stored), Marker(other, "#a", 7)}
        assert set(storage.settings(user).markers) == markers


def test_flags_of_a_target_are_stored_as_long_as_one_is_set(storage: Storage) -> None:
    """Rows MET-01, DBT-09."""
    user = storage.user()
    network = storage.network(user)
    storage.write(SaveFlags(Flags(network, "#a", pinned=True)))
    pest = Flags(network, "pest\udce9", muted=True, blocked=True)
    assert storage.write(SaveFlags(pest, request=2)) == Saved(2)
    assert storage.settings(user).flags == (Flags(network, "#a", pinned=True), pest)
    storage.write(SaveFlags(Flags(network, "#a")))
    storage.write(SaveFlags(replace(pest, muted=False)))
    assert storage.settings(user).flags == (replace(pest, muted=False),)


def test_the_end_of_a_target_is_known_whether_it_is_filed_or_not(storage: Storage) -> None:
    user = storage.user()
    network = storage.network(user)
    storage.store(network, "#a", line(0), line(1))
    assert storage.settings(user).targets[0].end == 2
    storage.index()
    assert storage.settings(user).targets[0].end == 2
    storage.store(network, "#a", line(2))
    assert storage.settings(user).targets[0].end == 3


def test_a_network_is_deleted_with_all_that_is_in_it(storage: Storage) -> None:
    user = storage.user()
    network, other = storage.network(user, "gone"), storage.network(user, "kept")
    for one in (network, other):
        storage.write(SaveChannel(Channel(one, "#a")))
        storage.write(SaveClient(one, "phone", {"#a": 0}))
        storage.write(SaveMarker(Marker(one, "#a", 1)))
        storage.write(SaveFlags(Flags(one, "#a", pinned=True)))
        storage.store(one, "#a", line(0))
    assert storage.write(DeleteNetwork(network, request=9)) == Saved(9, network)
    settings = storage.settings(user)
    assert [found.id for found in settings.networks] == [other]
    assert [channel.network_id for channel in settings.channels] == [other]
    assert [target.network_id for target in settings.targets] == [other]
    assert settings.clients == {other: ("phone",)}
    assert settings.markers == (Marker(other, "#a", 1),)
    assert settings.flags == (Flags(other, "#a", pinned=True),)
    assert storage.entries(network, "#a") == ()
    assert storage.entries(other, "#a") == (line(0),)


def test_a_user_is_deleted_with_all_that_is_theirs(storage: Storage) -> None:
    user, other = storage.user(), storage.user("other")
    network = storage.network(user)
    storage.store(network, "#a", line(0))
    assert storage.write(DeleteUser(user, request=9)) == Saved(9, user)
    assert [found.id for found in storage.read(LoadUsers()).users] == [other]
    assert storage.entries(network, "#a") == ()
    assert storage.write(SaveNetwork(Network(network, user, "x", "x"))).reason == "the network does not exist"


def test_a_network_made_after_a_deletion_has_no_history(storage: Storage) -> None:
    """Ids do not come back, and neither does what was stored under them."""
    user = storage.user()
    network = storage.network(user)
    storage.store(network, "#a", line(0))
    storage.write(DeleteNetwork(network))
    again = storage.network(user)
    storage.store(again, "#a", line(0, "new"))
    storage.index()
    assert storage.entries(again, "#a") == (line(0, "new"),)
    assert storage.search(again, "hello") == []


def test_only_other_processes_raise_the_revision(storage: Storage) -> None:
    user = storage.user("alice")
    network = storage.network(user)
    storage.write(SaveUser(User(user, "alice", revision=5)))
    assert storage.settings(user).user.revision == 0
    assert storage.database.change(SaveUser(User(user, "alice", nick="al"))) == [user]
    storage.database.change(SaveChannel(Channel(network, "#a")), DeleteChannel(network, "#b"))
    assert storage.settings(user).user.revision == 3
    storage.database.change(SaveMarker(Marker(network, "#a", 1)), SaveFlags(Flags(network, "#a", muted=True)))
    assert storage.settings(user).user.revision == 5
    storage.write(SaveUser(User(user, "alice", nick="al", revision=1)))
    assert storage.settings(user).user.revision == 5


def test_changes_of_another_process_are_done_all_or_none(storage: Storage) -> None:
    user = storage.user("alice")
    with pytest.raises(DatabaseError, match="a user named alice exists already"):
        storage.database.change(SaveUser(User(user, "alice", nick="al")), SaveUser(User(UserId(0), "alice")))
    assert storage.settings(user).user == User(user, "alice")


def test_lines_for_a_network_that_another_process_deleted_are_dropped(storage: Storage) -> None:
    user = storage.user()
    network, other = storage.network(user, "gone"), storage.network(user, "kept")
    storage.store(network, "#a", line(0))
    storage.database.change(DeleteNetwork(network))
    appends = (Appended(network, "#a", (line(1),)), Appended(other, "#a", (line(0),)))
    storage.write(Commit(appends, (CursorMoved(network, "#a", "phone", 1),)))
    assert [target.network_id for target in storage.settings(user).targets] == [other]
    assert storage.entries(other, "#a") == (line(0),)
