"""Loading configuration files (rows CFG and LSN)."""

import socket
from pathlib import Path

import msgspec
import pytest
import tomli
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from msgspec.structs import replace

from soju_actors.config import Config, ConfigError, load_config
from soju_actors.config.settings import Database, LogLevel, Sync
from soju_actors.config.toml import decode_toml
from soju_actors.policy.accounts import AccountSettings
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.policy.server import ServerSettings
from soju_actors.policy.upstream import UpstreamSettings
from soju_actors.wiring import account_settings, downstream_settings, entrances
from tests.support.certificates import Certificate

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bouncer.toml"


def error_of(file: Path, text: str) -> str:
    """What is wrong with a configuration, without the name of the file."""
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_config(file)
    return str(caught.value).removeprefix(str(file)).lstrip(":").lstrip()


def test_the_file_of_defaults_has_every_default() -> None:
    text = (ROOT / "config" / "default.toml").read_text()
    assert decode_toml(text, Config, "default.toml") == Config()


def test_the_file_of_defaults_leaves_no_setting_out() -> None:
    written = tomli.loads((ROOT / "config" / "default.toml").read_text())
    assert names(written) == names(msgspec.to_builtins(Config()))


def test_the_defaults_are_those_of_the_parts_that_are_set() -> None:
    """A part has defaults of its own, for its tests; whoever reads those must not be misled."""
    config = Config()
    for part, table in ((UpstreamSettings(), config.upstream), (DownstreamSettings(hostname=""), config.limits)):
        elsewhere = {"hostname", "title", "icon", "mechanisms", "client_cert_auth", "resume_time"}
        values = {name: value for name, value in msgspec.structs.asdict(part).items() if name not in elsewhere}
        assert {name: getattr(table, name) for name in values} == values
    server = ServerSettings(hostname="")
    assert server.accounts == replace(account_settings(config), scram_iterations=0), "tests do without"
    assert (server.max_networks, server.ring) == (config.max_user_networks, config.history.ring)
    assert (server.max_channels, server.max_targets) == (config.limits.channels, config.limits.buffers)


def names(value: object) -> object:
    """The keys of tables within tables and arrays, without their values."""
    if isinstance(value, dict):
        return {name: names(inner) for name, inner in value.items()}
    return [names(item) for item in value] if isinstance(value, list | tuple) else None


@pytest.mark.parametrize("name", ["minimal.toml", "cluster.toml"])
def test_an_example_loads(name: str) -> None:
    assert load_config(ROOT / "config" / name).hostname == "bouncer.example.org"


def test_without_a_file_the_data_is_beside_where_one_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    config = load_config(None)
    assert config.data_dir == str(tmp_path / "data")
    assert config.control_socket == str(tmp_path / "data" / "control.sock")
    assert config.hostname == socket.gethostname()
    assert [listen.uri for listen in config.listen] == ["irc+insecure://127.0.0.1:6667", "ircs://127.0.0.1:6697"]


def test_relative_paths_are_taken_from_the_data_folder_and_that_from_the_file(file: Path) -> None:
    data = file.parent / "here"
    data.mkdir()
    (data / "motd.txt").touch()
    Certificate.make(data, "cert")
    file.write_text("""
        data_dir = "here"
        motd = "motd.txt"
        tls = { certificate = "cert.pem", key = "cert.key" }
        [[listen]]
        uri = "unix://irc.sock"
        [[listen]]
        uri = "ircs://:7000"
        certificate = "cert.pem"
        key = "cert.key"
    """)
    config = load_config(file)
    assert config.motd == str(data / "motd.txt")
    assert (config.tls.certificate, config.tls.key) == (str(data / "cert.pem"), str(data / "cert.key"))
    assert config.listen[0].address.path == str(data / "irc.sock")
    assert config.listen[1].certificate == str(data / "cert.pem")


@pytest.mark.parametrize(
    ("certificate", "key", "reason"),
    [
        ("one.pem", "two.key", "the certificate and the key do not belong together"),
        ("one.key", "one.key", "there is no certificate in PEM in .*, or no key without a password in .*"),
        ("one.pem", "one.pem", "there is no certificate in PEM in .*, or no key without a password in .*"),
        ("one.pem", "locked.key", "there is no certificate in PEM in .*, or no key without a password in .*"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_told(file: Path, certificate: str, key: str, reason: str) -> None:
    """Row CFG-05: before it takes the place of one that can; nobody is asked for a password."""
    for name in ("one", "two"):
        Certificate.make(file.parent, name)
    secret = load_pem_private_key((file.parent / "one.key").read_bytes(), None)
    locked = secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"word"))
    (file.parent / "locked.key").write_bytes(locked)
    file.write_text(f'data_dir = "."\n[tls]\ncertificate = "{certificate}"\nkey = "{key}"\n')
    with pytest.raises(ConfigError, match=f"3: tls.certificate: {reason}"):
        load_config(file)


@pytest.mark.parametrize("table", ['listen = "127.0.0.1:9667"', 'listen = "[::1]:9"', 'listen = ":9"\ninsecure = true'])
def test_metrics_may_be_read_where_the_file_says(file: Path, table: str) -> None:
    file.write_text(f"[metrics]\n{table}\n")
    assert load_config(file).metrics.listen in table


@pytest.mark.parametrize(
    ("listen", "reason"),
    [
        ("0.0.0.0:9667", "anybody who reaches the port could read the names of users; if that must be, say insecure ="),
        ("bouncer.test:9667", "anybody who reaches the port could read"),
        ("localhost", "'localhost' is no address; allowed: host:port"),
    ],
)
def test_metrics_are_for_this_machine_unless_the_file_says_so(file: Path, listen: str, reason: str) -> None:
    """Rows LSN-15 and LSN-16."""
    file.write_text(f'[metrics]\nlisten = "{listen}"\n')
    with pytest.raises(ConfigError, match=f"2: metrics.listen: {reason}"):
        load_config(file)


def test_a_file_sets_what_it_names_and_leaves_the_rest(file: Path) -> None:
    file.write_text("""
        hostname = "bouncer.test"
        [database]
        url = "postgresql://soju@localhost/soju"
        [history]
        sync = "full"
        [log]
        level = "debug"
        [limits]
        registration_time = 5
    """)
    config = load_config(file)
    assert config.hostname == "bouncer.test"
    assert config.database == Database("postgresql://soju@localhost/soju")
    assert config.history.sync is Sync.FULL
    assert config.history.ring == Config().history.ring
    assert config.log.level is LogLevel.DEBUG
    assert config.limits.registration_time == 5.0


def test_listeners_of_the_command_line_are_added_to_those_of_the_file(file: Path) -> None:
    file.write_text('[[listen]]\nuri = ":7000"')
    assert [listen.uri for listen in load_config(file, ("ircs://:7001",)).listen] == [":7000", "ircs://:7001"]


def test_listeners_of_the_command_line_take_the_place_of_the_defaults(file: Path) -> None:
    file.write_text('hostname = "bouncer.test"')
    assert [listen.uri for listen in load_config(file, ("ircs://:7001",)).listen] == ["ircs://:7001"]


def test_plain_text_beyond_this_machine_is_allowed_by_the_file_alone(file: Path) -> None:
    file.write_text('[[listen]]\nuri = "irc+insecure://0.0.0.0"\ninsecure = true')
    assert load_config(file).listen[0].address.port == 6667
    with pytest.raises(ConfigError, match=r"--listen irc\+insecure://0.0.0.0: plain text beyond this machine"):
        load_config(None, ("irc+insecure://0.0.0.0",))


def test_a_listener_of_the_command_line_that_is_none_is_told() -> None:
    with pytest.raises(ConfigError, match=r"^--listen: 'http' is not a scheme of a listener; allowed: "):
        load_config(None, ("http://localhost",))


WRONG = {
    "an unknown key": ('hostnme = "x"', '1: hostnme: there is no such key; did you mean "hostname"?'),
    "an unknown key like no other": (
        '\n[log]\nzzz = "x"',
        "3: log.zzz: there is no such key; allowed: level",
    ),
    "an unknown key in the second of a kind": (
        '[[listen]]\nuri = ":1"\n\n[[listen]]\nuri = ":2"\nsecure = true',
        '6: listen[2].secure: there is no such key; did you mean "insecure"?',
    ),
    "a value of another type": (
        'hostname = "x"\n[limits]\n# targets\ntargets = "many"',
        "4: limits.targets: expected `int`, got `str`",
    ),
    "a value of several lines": (
        "[limits]\nring = 1\ntargets = [\n  1,\n  2,\n]\n",
        "2: limits.ring: there is no such key; allowed: ",
    ),
    "an array of several lines": (
        "[limits]\ntargets = [\n  1,\n  2,\n]\n",
        "2: limits.targets: expected `int`, got `array`",
    ),
    "a number out of its bounds": ("[limits]\ntargets = 0", "2: limits.targets: expected `int` >= 1"),
    "a value that is none of a few": (
        '[history]\nsync = "sometimes"',
        '2: history.sync: invalid enum value \'sometimes\'; allowed: "normal", "full"',
    ),
    "a key that is missing": ("\n[[listen]]\ninsecure = true", "2: listen[1]: object missing required field `uri`"),
    "what is no TOML": ("hostname = ", "is not TOML: "),
    "no URL of a database": (
        'database = { url = "mysql://x" }',
        "1: database.url: this is no URL of a database; allowed: ",
    ),
    "a hostname with spaces": ('hostname = "my bouncer"', "1: hostname: is the name of a machine, without spaces"),
    "a promise of TLS with a certificate that nobody knows": (
        "[sts]\nport = 6697\nduration = 3600",
        "2: sts.port: clients refuse the bouncer's self-signed certificate then: name one of an authority in [tls]",
    ),
    "a list without a promise": (
        "[sts]\nduration = 0\npreload = true",
        "3: sts.preload: lists take only who promises TLS for long: set duration too",
    ),
    "an icon that is no URL": (
        'icon = "/icon.png"',
        "1: icon: an icon is named by its URL, which begins with https:// and has no spaces",
    ),
    "an icon over plain HTTP": (
        'icon = "http://example.org/icon.png"',
        "1: icon: an icon is named by its URL, which begins with https:// and has no spaces",
    ),
    "a motd that is not there": ('motd = "/nowhere"', "1: motd: there is no file /nowhere that can be read"),
    "half a pair of TLS files": (
        f'[tls]\ncertificate = "{__file__}"',
        "2: tls.certificate: a certificate and its key are given together",
    ),
    "a certificate that is not there": ('[tls]\nkey = "/nowhere"', "2: tls.key: there is no file /nowhere"),
    "a certificate for plain text": (
        f'[[listen]]\nuri = "irc://localhost"\ncertificate = "{__file__}"\nkey = "{__file__}"',
        "3: listen[1].certificate: only a listener ircs:// has a certificate",
    ),
    "a scheme that does not exist": (
        '[[listen]]\nuri = "http://localhost"',
        "2: listen[1].uri: 'http' is not a scheme of a listener; allowed: ircs://host:port (TLS), ",
    ),
    "plain text for everybody": (
        '[[listen]]\nuri = "irc+insecure://:6667"',
        "2: listen[1].uri: plain text beyond this machine shows passwords to the network; if it must be, say insecure",
    ),
    "what is no range of addresses": (
        '[upstream]\nuser_addresses = ["2001:db8::1/64"]',
        "2: upstream.user_addresses[1]: '2001:db8::1/64' is no range of addresses, such as ",
    ),
    "two ranges of one family": (
        '[upstream]\nuser_addresses = ["192.0.2.0/24", "198.51.100.0/24"]',
        "2: upstream.user_addresses: there is at most one range of IPv4 addresses and one of IPv6",
    ),
    "what is no address to connect from": (
        '[upstream]\naddresses = ["192.0.2.1", "192.0.2.0/24"]',
        "2: upstream.addresses[2]: '192.0.2.0/24' is no address, such as 192.0.2.7 or 2001:db8::7",
    ),
    "an address of every machine to connect from": (
        '[upstream]\naddresses = ["0.0.0.0"]',
        "2: upstream.addresses[1]: 0.0.0.0 is not the address of one machine",
    ),
    "a folder whose path is too long for a socket": (
        f'data_dir = "/{"x" * 120}"',
        "1: data_dir: its path is too long for a Unix socket in it: ",
    ),
    "a socket whose path is too long": (
        f'[[listen]]\nuri = "unix:///{"x" * 120}"',
        "2: listen[1].uri: the path of a Unix socket has at most 107 bytes",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_an_error_names_the_line_the_key_and_what_is_allowed(what: str, file: Path) -> None:
    text, expected = WRONG[what]
    said = error_of(file, text)
    assert said.startswith(expected)
    assert "\n" not in said


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.toml: cannot be read: No such file or directory"):
        load_config(tmp_path / "nowhere.toml")


def test_a_file_that_is_not_text_is_told(file: Path) -> None:
    file.write_bytes(b'hostname = "\xff"')
    with pytest.raises(ConfigError, match="is not UTF-8 at byte 12"):
        load_config(file)


def test_accounts_are_as_the_file_says(file: Path) -> None:
    """Rows CFG-17, CFG-19, CFG-21."""
    assert account_settings(Config()).scram_iterations == 64_000
    file.write_text(
        """
        [accounts]
        client_cert_auth = true
        enable_user_on_auth = true
        disable_inactive_user = 1.5
        scram_iterations = 0
        """
    )
    config = load_config(file)
    assert account_settings(config) == AccountSettings(
        client_cert_auth=True, enable_user_on_auth=True, disable_inactive_user=129_600.0, scram_iterations=0
    )
    assert downstream_settings(config).mechanisms == ("PLAIN",)
    assert downstream_settings(Config()).mechanisms == ("PLAIN", "SCRAM-SHA-256")


@pytest.mark.parametrize("asks", [True, False])
def test_tls_listeners_ask_for_certificates_where_those_are_logins(file: Path, *, asks: bool) -> None:
    """Row CFG-21."""
    file.write_text(f"accounts.client_cert_auth = {str(asks).lower()}\n")
    found = [entrance.endpoint.tls for entrance in entrances(load_config(file)) if entrance.endpoint.tls]
    assert [tls.request_client_certificate for tls in found] == [asks]


@pytest.mark.parametrize("count", [1, 4095])
def test_scram_with_few_iterations_is_refused(file: Path, count: int) -> None:
    """Spec: https://www.rfc-editor.org/rfc/rfc7677#section-4."""
    error = error_of(file, f"[accounts]\nscram_iterations = {count}\n")
    assert error == "2: accounts.scram_iterations: is 4096 or more, or 0 for no SCRAM"


@pytest.mark.parametrize("key", ["accounts.disable_inactive_user", "history.message_expiry"])
def test_no_days_are_negative(file: Path, key: str) -> None:
    """Rows CFG-17, CFG-18."""
    assert "expected `float` >= 0" in error_of(file, f"{key} = -1.0\n").lower()
