"""Which nodes let each other in: real handshakes, without a socket."""

import contextlib
import shutil
import ssl
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from actors.bases.node.peers.trust import AUTHORITIES, PAIR, Trust, TrustError, describe, read_trust
from actors.cluster.identity import Identity
from soju_actors.adapters.authority import Authority, signing

NOW = time.time()
"""OpenSSL looks at the clock of the machine, and so do these."""
REFUSED = "its certificate is not of this cluster's authority"
A = Identity("c1", "a")
TOLD = "it says that the certificate of this node is not of its cluster's authority"


class Met(NamedTuple):
    """How a handshake went for each side: whom it has seen, or why there is none."""

    client: Identity | str
    server: Identity | str


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority with the nodes a and b; tests that change it take a copy."""
    made = Authority(tmp_path_factory.mktemp("keys"))
    made.init("c1", NOW)
    for node in "ab":
        made.issue(node, NOW)
    return made


@pytest.fixture
def copy(authority: Authority, tmp_path: Path) -> Authority:
    """A copy that may be changed."""
    shutil.copytree(authority.folder, tmp_path / "keys")
    return Authority(tmp_path / "keys")


def meet(client: ssl.SSLContext, server: ssl.SSLContext, trust: Trust) -> Met:
    """Connect, and have both sides say a word."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [client.wrap_bio(to_client, to_server), server.wrap_bio(to_server, to_client, server_side=True)]
    results: list[Identity | str] = ["", ""]
    for number in range(10):
        which = number % 2
        if isinstance(results[which], str) and not results[which]:
            with contextlib.suppress(ssl.SSLWantReadError):
                results[which] = _go_on(sides[which], trust)
    return Met(*results)


def _go_on(side: ssl.SSLObject, trust: Trust) -> Identity | str:
    try:
        side.do_handshake()
        side.write(b"hello")
        side.read(1)
        return trust.identity(side)
    except (ssl.SSLWantReadError, TrustError):
        raise
    except ssl.SSLError as error:
        return describe(error)


def between(client: Path, server: Path) -> Met:
    ours, theirs = Trust(client), Trust(server)
    return meet(ours.client_context(), theirs.server_context(), ours)


def test_nodes_of_one_cluster_know_each_other(authority: Authority) -> None:
    a, b = authority.folder_of("a"), authority.folder_of("b")
    assert Trust(a).own == Identity("c1", "a")
    assert Trust(a).expires == int(NOW + signing.LASTS.total_seconds())
    assert between(a, b) == Met(Identity("c1", "b"), Identity("c1", "a"))


def test_it_is_tls_13_without_tickets(authority: Authority) -> None:
    trust = Trust(authority.folder_of("a"))
    for context in (trust.client_context(), trust.server_context()):
        assert context.minimum_version is ssl.TLSVersion.TLSv1_3
        assert context.options & ssl.OP_NO_TICKET
    assert trust.server_context().num_tickets == 0


def test_a_node_of_another_authority_is_refused_by_both(authority: Authority, tmp_path: Path) -> None:
    """The names are the same: what counts is who has signed."""
    other = Authority(tmp_path / "keys")
    other.init("c1", NOW)
    other.issue("b", NOW)
    assert between(authority.folder_of("a"), other.folder_of("b")) == Met(REFUSED, TOLD)
    stranger = Trust(other.folder_of("b")).client_context()
    stranger.verify_mode = ssl.CERT_NONE
    trust = Trust(authority.folder_of("a"))
    assert meet(stranger, trust.server_context(), trust) == Met(TOLD, REFUSED)


def test_who_shows_no_certificate_is_refused(authority: Authority) -> None:
    anyone = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    anyone.check_hostname = False
    anyone.verify_mode = ssl.CERT_NONE
    trust = Trust(authority.folder_of("a"))
    met = meet(anyone, trust.server_context(), trust)
    assert met == Met("it says that this node has shown no certificate", "it has shown no certificate")


def test_an_older_tls_is_refused(authority: Authority) -> None:
    trust = Trust(authority.folder_of("a"))
    old = Trust(authority.folder_of("b")).client_context()
    old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_2
    met = meet(old, trust.server_context(), trust)
    assert met == Met("it does not speak TLS 1.3", "it does not speak TLS 1.3")


def test_who_does_not_speak_tls_is_refused(authority: Authority) -> None:
    incoming = ssl.MemoryBIO()
    incoming.write(b"NICK alice\r\nUSER alice 0 * :Alice\r\n")
    server = Trust(authority.folder_of("a")).server_context().wrap_bio(incoming, ssl.MemoryBIO(), server_side=True)
    with pytest.raises(ssl.SSLError) as raised:
        server.do_handshake()
    assert describe(raised.value) == "it does not speak TLS"


def test_a_revoked_node_is_refused_and_told(copy: Authority, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    shutil.copytree(copy.folder_of("b"), taken)
    copy.revoke("b", NOW)
    revoked = "its certificate is refused: certificate revoked"
    told = "it says that the certificate of this node was revoked"
    assert between(taken, copy.folder_of("a")) == Met(told, revoked)
    assert between(copy.folder_of("a"), taken) == Met(revoked, told)
    copy.issue("b", NOW)
    assert between(copy.folder_of("b"), copy.folder_of("a")) == Met(Identity("c1", "a"), Identity("c1", "b"))


def test_nodes_meet_at_each_step_of_a_rotation(copy: Authority, tmp_path: Path) -> None:
    a, b = copy.folder_of("a"), copy.folder_of("b")
    both = Met(Identity("c1", "b"), Identity("c1", "a"))
    before = tmp_path / "before"
    shutil.copytree(a, before)
    copy.rotate(NOW)
    assert between(before, b) == both
    copy.issue("b", NOW, again=True)
    assert between(a, b) == both
    copy.issue("a", NOW, again=True)
    assert between(a, b) == both
    copy.finish_rotation(NOW)
    assert between(a, b) == both
    assert between(before, b) == Met(REFUSED, TOLD)


def test_what_the_old_authority_has_revoked_stays_so_while_it_is_trusted(copy: Authority, tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    shutil.copytree(copy.folder_of("b"), taken)
    copy.rotate(NOW)
    copy.revoke("b", NOW)
    assert between(taken, copy.folder_of("a")).server == "its certificate is refused: certificate revoked"


def test_who_was_let_in_is_judged_by_new_keys(copy: Authority) -> None:
    shown = Trust(copy.folder_of("b")).certificate
    assert read_trust(copy.folder_of("a")).objection(shown) == ""
    copy.rotate(NOW)
    assert read_trust(copy.folder_of("a")).objection(shown) == ""
    copy.revoke("b", NOW)
    copy.issue("a", NOW, again=True)
    assert read_trust(copy.folder_of("a")).objection(shown) == "its certificate was revoked"
    copy.finish_rotation(NOW)
    later = read_trust(copy.folder_of("a")).objection(shown)
    assert later == "its certificate is not of this cluster's authority any more"


def test_a_node_cannot_let_others_in(authority: Authority, tmp_path: Path) -> None:
    """What a node signs with its own key is of no authority, though the authority has signed that."""
    pair = (authority.folder_of("b") / PAIR).read_text()
    certificate = pair[pair.index("-----BEGIN CERTIFICATE") :]
    forged = signing.make_node(Identity("c1", "a"), pair, certificate, NOW)
    (tmp_path / "pair.pem").write_text(forged.key + forged.certificate + certificate)
    forger = Trust(authority.folder_of("b")).client_context()
    forger.load_cert_chain(tmp_path / "pair.pem")
    trust = Trust(authority.folder_of("a"))
    assert isinstance(meet(forger, trust.server_context(), trust).server, str)


def authority_of(authority: Authority) -> tuple[str, str]:
    """The key and the certificate of its first generation."""
    names = ("authority-1.key", "authority-1.crt")
    key, certificate = ((authority.folder / name).read_text() for name in names)
    return key, certificate


def made(authority: Authority, now: float = NOW, identity: Identity = A) -> signing.Made:
    """A key and certificate of the authority, made at some time."""
    return signing.make_node(identity, *authority_of(authority), now)


def certificate_of(pair: Path) -> str:
    return pair.read_text().partition("-----END PRIVATE KEY-----\n")[2]


def revoked(authority: Authority) -> str:
    """What node a has, which is revoked now."""
    pair = (authority.folder_of("a") / PAIR).read_text()
    authority.revoke("a", NOW)
    authority.issue("a", NOW)
    return pair


PAIRS: dict[str, tuple[Callable[[Authority], str], str]] = {
    "no key": (
        lambda it: certificate_of(it.folder_of("a") / PAIR),
        "there is no key with its certificate in .*/node.pem: ",
    ),
    "another key": (
        lambda it: made(it).key + certificate_of(it.folder_of("a") / PAIR),
        "there is no key with its certificate in .*/node.pem: .*key values mismatch",
    ),
    "expired": (
        lambda it: "".join(made(it, NOW - (signing.LASTS + timedelta(days=1)).total_seconds())[:2]),
        "node.pem is of no use: its certificate has expired: the clock of this node says 2.* UTC",
    ),
    "not yet valid": (
        lambda it: "".join(made(it, NOW + 2 * 86_400)[:2]),
        "node.pem is of no use: its certificate is not valid yet: the clock of this node says 2.* UTC",
    ),
    "revoked": (revoked, "node.pem is of no use: its certificate is refused: certificate revoked"),
    "nameless": (
        lambda it: "".join(made(it, identity=Identity("", "a"))[:2]),
        "its certificate names 0 nodes where it has to name one",
    ),
}


@pytest.mark.parametrize("what", PAIRS)
def test_a_certificate_that_others_would_refuse_is_told(copy: Authority, what: str) -> None:
    make, said = PAIRS[what]
    (copy.folder_of("a") / PAIR).write_text(make(copy))
    with pytest.raises(TrustError, match=said):
        Trust(copy.folder_of("a"))


def test_a_missing_file_is_told(copy: Authority) -> None:
    (copy.folder_of("a") / PAIR).unlink()
    with pytest.raises(TrustError, match=r"there is no file .*/node.pem: the authority of the cluster has it"):
        Trust(copy.folder_of("a"))


def test_a_key_that_others_may_read_is_told(copy: Authority) -> None:
    (copy.folder_of("a") / PAIR).chmod(0o640)
    with pytest.raises(TrustError, match=r"others may read .*/node.pem, which has the key of this node: chmod 600"):
        Trust(copy.folder_of("a"))


@pytest.mark.parametrize(
    ("authorities", "said"),
    [
        (lambda _: "nothing", "there are no authorities in .*/authorities.pem: "),
        (lambda it: authority_of(it)[1], "node.pem is of no use: .*unable to get certificate CRL"),
        (
            lambda _: signing.make_authority("c1", 1, NOW).certificate,
            "its certificate is not of this cluster's authority",
        ),
        (
            lambda it: authority_of(it)[1] + signing.list_revoked((), *authority_of(it), NOW + 2 * 86_400),
            "its authority's list of revoked certificates is not valid yet: the clock of this node says 2.* UTC",
        ),
    ],
    ids=["none", "without the list of revoked ones", "another", "of later"],
)
def test_authorities_that_are_no_good_are_told(
    copy: Authority, authorities: Callable[[Authority], str], said: str
) -> None:
    (copy.folder_of("a") / AUTHORITIES).write_text(authorities(copy))
    with pytest.raises(TrustError, match=said):
        Trust(copy.folder_of("a"))
