"""Servers that want TLS, and a bouncer that remembers it (row AUP-08).

Spec: https://ircv3.net/specs/extensions/sts
"""

from collections.abc import Callable

from actors import Endpoint
from actors.bases.inline import Peer, Server
from soju_actors.adapters.database import Database
from soju_actors.model.records import StsPolicy, UserId
from soju_actors.ports.database import LoadSettings, SettingsLoaded
from tests.support.fakeserver import FakeServer
from tests.support.world import Setting, World

HOUR = 3600
HOST = "irc.libera.test"


class SecureWorld(World):
    """A world whose server can be reached by TLS too."""

    def __init__(self, offered: str, by_tls: str, database: Database | None = None) -> None:
        super().__init__(Setting(caps=offered, channels=()), database=database)
        self.secure = FakeServer(caps=by_tls)
        self._tls: Server = self.system.serve(Endpoint(host=HOST, port=6697))

    def run(self) -> None:
        """Let everything happen that is due, by TLS too."""
        super().run()
        while hasattr(self, "_tls") and self.secure.serve(self._tls.accepted):
            super().run()

    def wait(self, seconds: float) -> None:
        """Let time pass, in which servers answer."""
        for _ in range(int(seconds / 30)):
            self.advance(30.0)

    def until(self, condition: Callable[[], bool]) -> None:
        """Let time pass until something is so."""
        for _ in range(1000):
            if condition():
                return
            self.advance(1.0)
        raise AssertionError("it never happens")

    @property
    def plain(self) -> list[Peer]:
        """The connections that the server has had in plain text."""
        return self._dialed["libera"].accepted

    @property
    def policies(self) -> tuple[StsPolicy, ...]:
        """What the database remembers."""
        loaded = self.database.reader().perform(LoadSettings(UserId(1)))
        assert isinstance(loaded, SettingsLoaded)
        assert loaded.settings is not None
        return loaded.settings.sts


def test_a_server_that_wants_tls_is_never_spoken_to_in_plain_text_again() -> None:
    """The wish outlives the bouncer, and is set anew at the end of a connection; TLS that fails is no way around it."""
    world = SecureWorld("sts=port=6697", f"batch sts=duration={4 * HOUR}")
    world.until(lambda: world.secure.welcomed)
    (policy,) = world.policies
    assert (policy.host, policy.port) == (HOST, 6697)
    world.wait(3 * HOUR)
    world.secure.close()
    world.run()
    (later,) = world.policies
    assert 2.9 * HOUR < later.expires - policy.expires < 3.1 * HOUR
    assert not world.server.welcomed

    again = SecureWorld("batch", "batch", database=world.database)
    again.system.refuse(Endpoint(host=HOST, port=6697), "certificate verify failed")
    again.wait(6 * HOUR)
    assert again.plain == []
    again.wait(2 * HOUR)
    assert len(again.plain) == 1


def test_a_server_may_take_its_wish_back() -> None:
    """A duration of 0. Spec: https://ircv3.net/specs/extensions/sts#the-duration-key."""
    world = SecureWorld("sts=port=6697", f"sts=duration={HOUR}")
    world.until(lambda: world.secure.welcomed)
    assert len(world.policies) == 1
    world.secure.say(f":{HOST} CAP alice NEW :sts=duration=0")
    world.run()
    assert not world.policies
    world.server.caps = "batch"
    world.secure.close()
    world.until(lambda: world.server.welcomed)
