"""What takes more than a type to check."""

import os
import re
import ssl
from collections.abc import Iterator
from ipaddress import ip_network

from soju_actors.config.clustering import faults_of_cluster, parse_address
from soju_actors.config.listening import is_loopback
from soju_actors.config.settings import Config, Listen, Metrics, Tls
from soju_actors.config.toml import Key, wrong
from soju_actors.policy.egress import EgressError, parse_source

LONGEST_SOCKET = 107
"""Bytes of a Unix socket's path. Spec: https://man7.org/linux/man-pages/man7/unix.7.html"""
LEAST_ITERATIONS = 4096
"""Spec: https://www.rfc-editor.org/rfc/rfc7677#section-4"""
PLAIN_TEXT = "plain text beyond this machine shows passwords to the network; if it must be, say insecure = true"
DATABASE = re.compile(r"sqlite:///.+|postgres(ql)?://.*")
ICON = re.compile(r"https://[!-~]+")
DATABASES = "sqlite:///file (in data_dir), sqlite:////absolute/file, postgresql://user:password@host/name"


def check(config: Config, name: str, text: str) -> None:
    """Check a configuration whose paths are absolute; ``text`` is that of the file ``name``.

    Raises:
        ConfigError: for the first thing that is wrong.
    """
    for key, reason in _faults(config):
        raise wrong(name, text, key, reason)


def _faults(config: Config) -> Iterator[tuple[Key, str]]:
    if " " in config.hostname:
        yield ("hostname",), "is the name of a machine, without spaces"
    if config.icon and not ICON.fullmatch(config.icon):
        yield ("icon",), "an icon is named by its URL, which begins with https:// and has no spaces"
    if config.motd and not os.access(config.motd, os.R_OK):
        yield ("motd",), f"there is no file {config.motd} that can be read"
    if len(os.fsencode(config.control_socket)) > LONGEST_SOCKET:
        yield ("data_dir",), f"its path is too long for a Unix socket in it: {config.control_socket}"
    if not DATABASE.fullmatch(config.database.url):
        yield ("database", "url"), f"this is no URL of a database; allowed: {DATABASES}"
    yield from _faults_of_ranges(config.upstream.user_addresses, ("upstream", "user_addresses"))
    yield from _faults_of_addresses(config.upstream.addresses, ("upstream", "addresses"))
    if 0 < config.accounts.scram_iterations < LEAST_ITERATIONS:
        yield ("accounts", "scram_iterations"), f"is {LEAST_ITERATIONS} or more, or 0 for no SCRAM"
    yield from _faults_of_pair(config.tls, ("tls",))
    for number, listen in enumerate(config.listen):
        yield from _faults_of_listener(listen, ("listen", number))
    yield from _faults_of_sts(config)
    yield from _faults_of_metrics(config.metrics)
    yield from faults_of_cluster(config)


def _faults_of_metrics(metrics: Metrics) -> Iterator[tuple[Key, str]]:
    if not metrics.listen:
        return
    key = ("metrics", "listen")
    try:
        host, _ = parse_address(metrics.listen)
    except ValueError as error:
        yield key, str(error)
        return
    if not is_loopback(host) and not metrics.insecure:
        yield key, "anybody who reaches the port could read the names of users; if that must be, say insecure = true"


def _faults_of_sts(config: Config) -> Iterator[tuple[Key, str]]:
    sts = config.sts
    if sts.preload and sts.duration <= 0:
        yield ("sts", "preload"), "lists take only who promises TLS for long: set duration too"
    bare = not config.tls.certificate and any(x.address.tls and not x.certificate for x in config.listen)
    if bare and (sts.port or sts.duration > 0):
        key = ("sts", "port" if sts.port else "duration")
        yield key, "clients refuse the bouncer's self-signed certificate then: name one of an authority in [tls]"


def _faults_of_ranges(ranges: tuple[str, ...], key: Key) -> Iterator[tuple[Key, str]]:
    """Each is a range of addresses, and there is at most one of each family."""
    versions = []
    for number, text in enumerate(ranges):
        try:
            versions.append(ip_network(text).version)
        except ValueError:
            yield (*key, number), f'{text!r} is no range of addresses, such as "192.0.2.0/24" or "2001:db8::/64"'
    if len(versions) > len(set(versions)):
        yield key, "there is at most one range of IPv4 addresses and one of IPv6"


def _faults_of_addresses(addresses: tuple[str, ...], key: Key) -> Iterator[tuple[Key, str]]:
    """Each is one that a network can be connected from."""
    for number, text in enumerate(addresses):
        try:
            parse_source(text)
        except EgressError as error:
            yield (*key, number), str(error)


def _faults_of_listener(listen: Listen, key: Key) -> Iterator[tuple[Key, str]]:
    try:
        address = listen.address
    except ValueError as error:
        yield (*key, "uri"), str(error)
        return
    if address.is_plain_beyond_this_machine and not listen.insecure:
        yield (*key, "uri"), f"{PLAIN_TEXT} in this table"
    if listen.certificate and not address.tls:
        yield (*key, "certificate"), "only a listener ircs:// has a certificate"
    if len(os.fsencode(address.path)) > LONGEST_SOCKET:
        yield (*key, "uri"), f"the path of a Unix socket has at most {LONGEST_SOCKET} bytes"
    yield from _faults_of_pair(listen, key)


def _faults_of_pair(table: Listen | Tls, key: Key) -> Iterator[tuple[Key, str]]:
    """A certificate and its key come together, and can be read."""
    paths = {"certificate": table.certificate, "key": table.key}
    for name, path in paths.items():
        if path and not os.access(path, os.R_OK):
            yield (*key, name), f"there is no file {path} that can be read"
    if bool(table.certificate) != bool(table.key):
        given = "certificate" if table.certificate else "key"
        yield (*key, given), "a certificate and its key are given together"
    elif table.certificate and (reason := _fault_of_pair(table.certificate, table.key)):
        yield (*key, "certificate"), reason


def _fault_of_pair(certificate: str, key: str) -> str:
    """Why TLS cannot use a certificate and its key, or nothing: half of them may have been renewed."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")  # else it asks a person
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            return "the certificate and the key do not belong together"
        return f"there is no certificate in PEM in {certificate}, or no key without a password in {key}"
    return ""
