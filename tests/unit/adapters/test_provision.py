"""``provision FILE``: declares users, networks and channels; again it is without effect."""

import textwrap
from collections.abc import Iterator
from pathlib import Path

import bcrypt
import pytest
from msgspec.structs import replace

from soju_actors.adapters.database import Database, DatabaseError, open_database
from soju_actors.adapters.database.accounts import update_user
from soju_actors.adapters.database.errors import StorageError
from soju_actors.adapters.database.session import Session
from soju_actors.adapters.database.settings import do_and_raise_revision
from soju_actors.adapters.passwords import check_password, hash_password
from soju_actors.adapters.provision import apply, changes, load_declarations
from soju_actors.config import ConfigError
from soju_actors.model.records import Channel, Filter, Network, NetworkId, SaslMechanism, User, UserId, UserSettings
from soju_actors.ports.database import (
    LoadSettings,
    LoadUsers,
    SaveChannel,
    SaveNetwork,
    SettingsLoaded,
    UpdateUser,
    UsersLoaded,
)

HASH = hash_password("secret")
FILE = """
[[user]]
name = "u1"
password = "secret"
[[user.network]]
name = "net"
addr = "irc+insecure://127.0.0.1:6697"
nick = "u1"
channels = ["#a", "#b"]
"""

EVERYTHING = f"""
[[user]]
name = "u1"
password_hash = "{HASH}"
admin = true
enabled = false
nick = "n"
realname = "r"
max_networks = 5
[[user.network]]
name = "net"
addr = "ircs://irc.test"
nick = "nn"
username = "nu"
realname = "nr"
certfp = "sha-256:{"ab" * 32}"
password = "np"
connect_commands = ["MODE nn +i"]
sasl = "PLAIN"
sasl_username = "su"
sasl_password = "sp"
sasl_certificate = "sc"
sasl_key = "sk"
sasl_required = true
auto_away = false
enabled = false
[[user.network.channels]]
name = "#a"
key = "k"
detached = true
relay_detached = "highlight"
reattach_on = "message"
detach_on = "none"
detach_after = 60
"""
USER = User(UserId(1), "u1", HASH, admin=True, enabled=False, nick="n", realname="r", max_networks=5)
NETWORKS = (
    Network(
        NetworkId(1),
        UserId(1),
        "net",
        "ircs://irc.test",
        nick="nn",
        username="nu",
        realname="nr",
        certfp=f"sha-256:{'ab' * 32}",
        password="np",
        connect_commands=("MODE nn +i",),
        sasl=SaslMechanism.PLAIN,
        sasl_username="su",
        sasl_password="sp",
        sasl_certificate="sc",
        sasl_key="sk",
        sasl_required=True,
        auto_away=False,
        enabled=False,
    ),
)
CHANNELS = (
    Channel(
        NetworkId(1),
        "#a",
        key="k",
        detached=True,
        relay_detached=Filter.HIGHLIGHT,
        reattach_on=Filter.MESSAGE,
        detach_on=Filter.NONE,
        detach_after=60,
    ),
)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    made = open_database("sqlite://", tmp_path)
    made.migrate()
    yield made
    made.close()


def provision(database: Database, folder: Path, text: str, iterations: int = 4096) -> list[str]:
    """Apply a file; return what changed."""
    path = folder / "users.toml"
    path.write_text(textwrap.dedent(text))
    return [change.what for change in apply(database, load_declarations(path), iterations)]


def users(database: Database) -> list[UserSettings]:
    """Return all settings of all users."""
    reader = database.reader()
    loaded = reader.perform(LoadUsers())
    assert isinstance(loaded, UsersLoaded)
    found = []
    for user in loaded.users:
        settings = reader.perform(LoadSettings(user.id))
        assert isinstance(settings, SettingsLoaded)
        assert settings.settings is not None
        found.append(settings.settings)
    return found


def test_users_networks_and_channels_are_created_once(database: Database, tmp_path: Path) -> None:
    assert provision(database, tmp_path, FILE) == [
        "user u1: created",
        "network u1/net: created",
        "channel #a of u1/net: created",
        "channel #b of u1/net: created",
    ]
    [before] = users(database)
    assert check_password("secret", before.user.password_hash) == (True, "")
    assert before.user.created_at > 0
    assert before.networks == (Network(NetworkId(1), UserId(1), "net", "irc+insecure://127.0.0.1:6697", nick="u1"),)
    assert before.channels == (Channel(NetworkId(1), "#a"), Channel(NetworkId(1), "#b"))
    assert provision(database, tmp_path, FILE) == []
    assert users(database) == [before]


def test_every_setting_can_be_declared(database: Database, tmp_path: Path) -> None:
    provision(database, tmp_path, EVERYTHING)
    [found] = users(database)
    assert replace(found.user, revision=0, created_at=0.0) == USER
    assert found.networks == NETWORKS
    assert found.channels == CHANNELS


def test_what_is_declared_otherwise_is_changed_and_the_rest_stays(database: Database, tmp_path: Path) -> None:
    provision(database, tmp_path, FILE)
    [before] = users(database)
    kept = Network(NetworkId(0), UserId(1), "mine", "irc.test")
    database.change(
        SaveNetwork(kept),
        SaveNetwork(replace(before.networks[0], realname="mine")),
        SaveChannel(Channel(NetworkId(1), "#mine")),
    )
    changed = FILE.replace('nick = "u1"', 'nick = "u2"\nauto_away = false').replace(
        '"#a", ', '{ name = "#a", key = "k" }, '
    )
    assert provision(database, tmp_path, changed) == [
        "network u1/net: changed nick, auto_away",
        "channel #a of u1/net: changed key",
    ]
    [after] = users(database)
    assert after.user.revision > before.user.revision, "a running bouncer sees it"
    assert after.networks == (
        replace(before.networks[0], nick="u2", realname="mine", auto_away=False),
        replace(kept, id=NetworkId(2)),
    )
    assert after.channels == (
        Channel(NetworkId(1), "#a", "k"),
        Channel(NetworkId(1), "#b"),
        Channel(NetworkId(1), "#mine"),
    )


def test_a_password_changes_the_hash_only_where_it_does_not_fit(database: Database, tmp_path: Path) -> None:
    old = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()
    user = '[[user]]\nname = "u1"\n'
    assert provision(database, tmp_path, f'{user}password_hash = "{old}"') == ["user u1: created"]
    assert provision(database, tmp_path, f'{user}password_hash = "{old}"') == []
    assert provision(database, tmp_path, f'{user}password = "secret"') == ["user u1: changed password_hash"]
    assert provision(database, tmp_path, f'{user}password = "secret"') == []
    assert provision(database, tmp_path, f'{user}password = "other"') == ["user u1: changed password_hash"]
    assert provision(database, tmp_path, user) == []
    assert check_password("other", users(database)[0].user.password_hash)[0]


def test_of_a_user_nothing_is_written_but_what_is_declared(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others change the user while passwords are hashed, and while what is declared is written."""
    provision(database, tmp_path, FILE)
    [stored] = users(database)

    def check_meanwhile(password: str, password_hash: str) -> tuple[bool, str]:
        database.change(UpdateUser(stored.user, {"scram": "verifier", "nick": "al"}))
        return check_password(password, password_hash)

    def write_meanwhile(session: Session, job: object) -> int:
        update_user(session, UpdateUser(replace(stored.user, scram="verifier", nick="al"), {"realname": "Al"}))
        return do_and_raise_revision(session, job)

    monkeypatch.setattr(changes, "check_password", check_meanwhile)
    monkeypatch.setattr(changes, "do_and_raise_revision", write_meanwhile)
    declared = FILE.replace('password = "secret"', 'password = "secret"\nmax_networks = 7')
    assert provision(database, tmp_path, declared) == ["user u1: changed max_networks"]
    [after] = users(database)
    assert (after.user.scram, after.user.nick, after.user.realname) == ("verifier", "al", "Al")
    assert (after.user.max_networks, after.user.password_hash) == (7, stored.user.password_hash)


def test_what_somebody_else_has_just_changed_is_told(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    provision(database, tmp_path, '[[user]]\nname = "u1"')
    [stored] = users(database)

    def write_meanwhile(session: Session, job: object) -> int:
        update_user(session, UpdateUser(stored.user, {"nick": "al"}))
        return do_and_raise_revision(session, job)

    monkeypatch.setattr(changes, "do_and_raise_revision", write_meanwhile)
    with pytest.raises(DatabaseError, match="somebody else has changed this user meanwhile"):
        provision(database, tmp_path, '[[user]]\nname = "u1"\nnick = "bob"')


def test_another_password_ends_the_logins_so_far(database: Database, tmp_path: Path) -> None:
    for password, generation in (("one", 0), ("one", 0), ("two", 1)):
        provision(database, tmp_path, f'[[user]]\nname = "u1"\npassword = "{password}"')
        assert users(database)[0].user.generation == generation


def test_nothing_is_changed_where_something_fails(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_at_channels(session: Session, job: object) -> int:
        if isinstance(job, SaveChannel):
            raise StorageError("the disk is full", transient=True)
        return do_and_raise_revision(session, job)

    monkeypatch.setattr(changes, "do_and_raise_revision", fail_at_channels)
    with pytest.raises(DatabaseError, match="the disk is full"):
        provision(database, tmp_path, FILE)
    assert users(database) == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[user]]\nname = "a"\n[[user.network]]\nnam = "x"',
            ':4: user[1].network[1].nam: there is no such key; did you mean "name"?',
        ),
        ('[[user]]\nname = "a"\npassword = 3', ":3: user[1].password: expected `str"),
        ('[[user]]\npassword = "x"', "user[1]: object missing required field `name`"),
        ('[[user]]\nname = "a"\npassword = ""', ":3: user[1].password: a password is not empty"),
        ('[[user]]\nname = "a"\npassword = "x"\npassword_hash = "y"', ":4: user[1].password_hash: give a password or"),
        ('[[user]]\nname = "a"\npassword_hash = "y"', ":3: user[1].password_hash: this is no argon2id or bcrypt hash"),
        ('[[user]]\nname = "a"\nmax_networks = -2', ":3: user[1].max_networks: at least 0, or -1"),
        ('[[user]]\nname = "a"\nnick = "a b"', ":3: user[1].nick: 'a b' is no nick"),
        ('[[user]]\nname = "a"\nrealname = "a\\nb"', ":3: user[1].realname: it has a line break"),
        ('[[user]]\nname = "a"\n[[user]]\nname = "a"', ":4: user[2].name: 'a' is declared twice"),
        *((f'[[user]]\nname = "{name}"', ":2: user[1].name: ") for name in ("", "*", "-a", ":a", "a b", "a/b", "a@b")),
        *(
            (f'[[user]]\nname = "a"\n[[user.network]]\nname = "n"\naddr = "x"\n{given}', message)
            for given, message in (
                ('sasl = "X"', ":6: user[1].network[1].sasl: 'X' is unknown; allowed: '', 'PLAIN', 'EXTERNAL'"),
                ('certfp = "ab"', ":6: user[1].network[1].certfp: a pin is sha-256: or sha-512:"),
                ('certfp = "sha-256:xy"', ":6: user[1].network[1].certfp: "),
                ('connect_commands = ["a", "b\\nc"]', ":6: user[1].network[1].connect_commands[2]: a command is one"),
                ('channels = ["#a", "#b c"]', ":6: user[1].network[1].channels[2]: '#b c' is no name of a channel"),
                ('channels = ["#a", "#a"]', ":6: user[1].network[1].channels[2]: '#a' is declared twice"),
                ('channels = [{ name = "#a", key = "a,b" }]', ":6: user[1].network[1].channels[1].key: a key has no"),
                (
                    'channels = [{ name = "#a", detach_on = "x" }]',
                    "channels[1].detach_on: 'x' is unknown; allowed: 'de",
                ),
                ('channels = [{ name = "#a", detach_after = -1 }]', "channels[1].detach_after: seconds, at least 0"),
                ('channels = [{ nam = "#a" }]', "channels[1]: object "),
                ('[[user.network]]\nname = "m"\naddr = "http://x"', ":8: user[1].network[2].addr: http:// is unknown"),
                ('[[user.network]]\nname = "n"\naddr = "x"', ":7: user[1].network[2].name: 'n' is declared twice"),
            )
        ),
    ],
)
def test_what_cannot_be_names_the_key_its_place_and_what_is_allowed(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "users.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as wrong:
        load_declarations(path)
    assert str(wrong.value).startswith(str(path))
    assert message in str(wrong.value)


@pytest.mark.e2e
def test_a_thousand_users_are_declared_in_one_transaction(database: Database, tmp_path: Path) -> None:
    one = FILE.replace('password = "secret"', f'password_hash = "{HASH}"')
    text = "".join(one.replace("u1", f"u{number}") for number in range(1000))
    assert len(provision(database, tmp_path, text)) == 4000
    assert provision(database, tmp_path, text) == []
    assert len(users(database)) == 1000


def test_the_database_is_not_locked_while_passwords_are_hashed(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed: list[str] = []

    def hash_unlocked(password: str, salt: bytes, iterations: int) -> tuple[str, str]:
        assert (len(salt), iterations) == (16, 4096)
        lock = database._place.session()._lock
        assert lock.acquire(blocking=False), "another process would wait for all hashes"
        lock.release()
        hashed.append(password)
        return HASH, "verifier"

    monkeypatch.setattr(changes, "credentials_of", hash_unlocked)
    provision(database, tmp_path, "".join(f'[[user]]\nname = "u{n}"\npassword = "p{n}"\n' for n in range(10)))
    assert sorted(hashed) == [f"p{n}" for n in range(10)]
