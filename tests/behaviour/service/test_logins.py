"""Commands about logins and certificates (rows SVC-11 to SVC-15, AUP-02, AUP-03)."""

import msgspec
import pytest

from soju_actors.adapters.certificates import Certifier
from soju_actors.messages.upstream import Reconnect, SaslStored
from soju_actors.model.records import SaslMechanism
from soju_actors.ports.certificates import CertificateMade, MakeCertificate
from soju_actors.ports.database import WriteFailed
from tests.behaviour.service.scene import LIBERA, Scene

PLAIN = msgspec.structs.replace(LIBERA, sasl=SaslMechanism.PLAIN, sasl_username="al", sasl_password="hunter2")


@pytest.mark.parametrize(
    ("command", "mechanism"), [("set-plain", SaslMechanism.PLAIN), ("set-scram", SaslMechanism.SCRAM_SHA_256)]
)
def test_a_password_is_stored_for_the_next_connection(command: str, mechanism: SaslMechanism) -> None:
    """Row SVC-14: the connection stays as it is."""
    scene = Scene().up()
    assert scene.say(f"sasl {command} al 'hunter2 \"x'") == []
    assert scene.sent(SaslStored) == []
    assert scene.saved() == [f"libera: SASL {mechanism} as al from the next connection on"]
    (stored,) = scene.sent(SaslStored)
    assert (stored.network.sasl, stored.network.sasl_username, stored.network.sasl_password) == (
        mechanism,
        "al",
        'hunter2 "x',
    )
    assert scene.sent(Reconnect) == []
    assert scene.record == stored.network


def test_a_login_that_is_not_stored_is_not_used() -> None:
    scene = Scene().up()
    scene.say("sasl set-plain al hunter2")
    assert scene.refused("full") == ["error: full"]
    assert scene.sent(SaslStored) == []
    assert scene.record.sasl is SaslMechanism.NONE


@pytest.mark.parametrize("words", ["", "al", "al ''", "'' pw"])
def test_a_login_has_a_name_and_a_password(words: str) -> None:
    scene = Scene()
    (error,) = scene.say(f"sasl set-plain {words}")
    assert error.startswith("error: ")
    assert not scene.jobs


def test_a_reset_forgets_all_of_a_login() -> None:
    scene = Scene(networks=(msgspec.structs.replace(PLAIN, sasl_certificate="C", sasl_key="K"),))
    scene.say("sasl reset")
    assert scene.saved() == ["libera: no SASL login from the next connection on"]
    assert scene.record == LIBERA


def test_a_reset_warns_where_a_login_is_required() -> None:
    scene = Scene(networks=(msgspec.structs.replace(PLAIN, sasl_required=True),))
    scene.say("sasl reset")
    assert scene.saved()[1] == "The network requires one: without, it will not connect again"


def test_status_tells_the_mechanism_and_the_state() -> None:
    assert Scene().say("sasl status") == ["libera: no SASL login; not connected"]
    assert Scene().up().say("sasl status") == ["libera: no SASL login; not logged in"]
    scene = Scene(networks=(msgspec.structs.replace(PLAIN, sasl_required=True),)).up()
    scene.bench.actor.user.networks[1].account = "Alice"
    assert scene.say("sasl status -network libera") == ["libera: SASL PLAIN as al, required; logged in as Alice"]
    external = msgspec.structs.replace(LIBERA, sasl=SaslMechanism.EXTERNAL)
    assert Scene(networks=(external,)).say("sasl status") == ["libera: SASL EXTERNAL with a certificate; not connected"]


def test_a_certificate_is_made_stored_and_used_for_logins() -> None:
    """Rows SVC-11 and SVC-12, with the certificate that is really made."""
    scene = Scene(networks=(PLAIN,)).up()
    assert scene.say("certfp generate -key-type ed25519") == []
    job = scene.job("certifier")
    assert job.kind == "ed25519"
    made = Certifier().perform(job)
    scene.tell(made)
    assert scene.answers() == []
    lines = scene.saved()
    assert lines[0] == "libera: SASL EXTERNAL with this certificate from the next connection on"
    assert [line.partition(":")[0] for line in lines[1:]] == [
        "SHA-1 fingerprint",
        "SHA-256 fingerprint",
        "SHA-512 fingerprint",
    ]
    assert [len(line.rpartition(" ")[2]) for line in lines[1:]] == [40, 64, 128]
    record = scene.record
    assert (record.sasl, record.sasl_username, record.sasl_password) == (SaslMechanism.EXTERNAL, "", "")
    assert (record.sasl_certificate, record.sasl_key) == (made.certificate, made.key)
    assert len(scene.sent(SaslStored)) == 1
    assert scene.say("certfp fingerprint") == lines[1:]


@pytest.mark.parametrize(
    ("flags", "job"),
    [
        ("", MakeCertificate("rsa", 3072)),
        ("-bits 4096", MakeCertificate("rsa", 4096)),
        ("-key-type ecdsa", MakeCertificate("ecdsa")),
    ],
)
def test_the_kind_of_key_can_be_chosen(flags: str, job: MakeCertificate) -> None:
    scene = Scene()
    scene.say(f"certfp generate {flags}")
    assert msgspec.structs.replace(scene.job("certifier"), request=0) == job


@pytest.mark.parametrize("flags", ["-bits 1024", "-bits 8193", "-key-type ecdsa -bits 4096"])
def test_a_key_that_makes_no_sense_is_refused(flags: str) -> None:
    scene = Scene()
    (error,) = scene.say(f"certfp generate {flags}")
    assert error.startswith("error: -bits is ")
    assert not scene.jobs


@pytest.mark.parametrize("failure", [CertificateMade(error="out of luck"), WriteFailed("out of luck", transient=False)])
def test_a_certificate_that_cannot_be_made_is_told(failure: CertificateMade | WriteFailed) -> None:
    scene = Scene()
    scene.say("certfp generate")
    scene.tell(msgspec.structs.replace(failure, request=scene.job("certifier").request))
    assert scene.answers() == ["error: out of luck"]
    assert scene.record == LIBERA


def test_a_certificate_for_a_network_that_was_deleted_meanwhile_is_thrown_away() -> None:
    scene = Scene(bound="")
    scene.say("certfp generate -network libera", "network delete libera")
    scene.saved()
    scene.tell(CertificateMade("C", "K", request=scene.job("certifier").request))
    assert scene.answers() == ["error: the network was deleted meanwhile"]
    assert not scene.jobs


def test_a_network_without_a_certificate_has_no_fingerprint() -> None:
    assert Scene().say("certfp fingerprint") == ["error: libera has no certificate: say help certfp generate"]
