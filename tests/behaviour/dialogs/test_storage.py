"""The database fails for a while: nothing is shown that is not stored, nothing is lost (DESIGN promises 2 and 3)."""

from typing import Any

import pytest

from actors import Ref, Service
from soju_actors.ports.database import LoadSettings, LoadUsers, QueryHistory, ReadFailed, ReadRange, Search, WriteFailed
from tests.behaviour.stages import InlineStage
from tests.support.dialog import play
from tests.support.world import Setting, World, services_of

NOTICE = ":BouncerServ!BouncerServ@BouncerServ NOTICE alice"
FULL = "History cannot be stored now, messages wait: the disk is full"


class Flaky:
    """A service of the database whose jobs of some kinds fail while there is a reason to."""

    def __init__(self, service: Service, kinds: type | tuple[type, ...], failure: type) -> None:
        self.reason = ""
        self.raises = False
        self._service = service
        self._kinds = kinds
        self._failure = failure

    def perform(self, job: Any) -> Any:  # noqa: ANN401 - any job and its answer
        """Do the job, or not."""
        if self.reason and isinstance(job, self._kinds):
            if self.raises:
                raise OSError(self.reason)
            if self._failure is WriteFailed:
                return WriteFailed(self.reason, transient=True, request=getattr(job, "request", 0))
            return ReadFailed(self.reason, getattr(job, "request", 0))
        return self._service.perform(job)

    def close(self) -> None:
        """End."""
        self._service.close()


class Failing(InlineStage):
    """A stage whose database fails as the test says: ``writer`` and ``reader`` take a reason."""

    def __init__(self, setting: Setting, reads: tuple[type, ...] = (QueryHistory, ReadRange, Search)) -> None:
        first = World(setting)
        services = services_of(first.database)
        self.writer = Flaky(services["writer"], object, WriteFailed)
        self.reader = Flaky(services["reader"], reads, ReadFailed)
        flaky = {"writer": self.writer, "reader": self.reader}
        super().__init__(World(setting, database=first.database, services=flaky))
        self.script()


@pytest.fixture
def stage() -> Failing:
    return Failing(Setting(caps=""))


@pytest.mark.parametrize("raises", [False, True])
def test_clients_are_told_once_and_get_everything_when_it_is_stored(stage: Failing, *, raises: bool) -> None:
    """Whether the database says that it fails, or its code does."""
    stage.attach("laptop")
    stage.attach("phone")
    stage.writer.reason, stage.writer.raises = "the disk is full", raises
    full = FULL.replace("the disk", "internal error: OSError: the disk") if raises else FULL
    play(
        stage,
        f"""
        libera > :bob!b@host PRIVMSG #soju :one
        laptop < {NOTICE} :{full}
        phone < {NOTICE} :{full}
        libera > :bob!b@host PRIVMSG #soju :two
        libera > :dave!d@host PRIVMSG alice :psst
        libera > :bob!b@host TOPIC #soju :things
        libera > :bob!b@host PRIVMSG #soju :three
        laptop > PRIVMSG #soju :mine
        libera < PRIVMSG #soju mine
        """,
    )
    stage.world.advance(60)
    play(stage, "laptop > WHO BouncerServ")
    stage.writer.reason = ""
    stage.world.advance(15)
    everything = f"""
        {{0}} < :bob!b@host PRIVMSG #soju one
        {{0}} < {NOTICE} :History is stored again
        {{0}} < :bob!b@host PRIVMSG #soju two
        {{0}} < :dave!d@host PRIVMSG alice psst
        {{0}} < :bob!b@host TOPIC #soju things
        {{0}} < :bob!b@host PRIVMSG #soju three
    """
    play(
        stage,
        f"""
        {everything.format("laptop")}
        laptop < 352 **
        laptop < 315 **
        {everything.format("phone")}
        phone < :alice!a@host PRIVMSG #soju mine
        libera > :bob!b@host PRIVMSG #soju :four
        laptop < :bob!b@host PRIVMSG #soju four
        phone < :bob!b@host PRIVMSG #soju four
        """,
    )


def test_who_comes_meanwhile_is_told_too(stage: Failing) -> None:
    stage.attach("laptop")
    stage.writer.reason = "the disk is full"
    play(stage, f"libera > :bob!b@host PRIVMSG #soju :one\nlaptop < {NOTICE} :{FULL}")
    stage.log_in("laptop2", "alice/libera@laptop")
    play(
        stage,
        f"""
        laptop2 < {NOTICE} :{FULL}
        laptop2 < :alice!a@host JOIN #soju
        laptop2 < 332 **
        laptop2 < 333 **
        laptop2 < 353 **
        laptop2 < 366 **
        """,
    )


def test_who_comes_back_meanwhile_is_told_before_what_waits(stage: Failing) -> None:
    stage.attach("laptop")
    play(stage, "laptop > (closed)\nlibera < AWAY *")
    stage.writer.reason = "the disk is full"
    play(stage, "libera > :bob!b@host PRIVMSG #soju :one")
    stage.log_in("laptop")
    play(
        stage,
        f"""
        libera < AWAY
        laptop < {NOTICE} :{FULL}
        laptop < :alice!a@host JOIN #soju
        laptop < 332 **
        laptop < 333 **
        laptop < 353 **
        laptop < 366 **
        laptop > PING :alive
        laptop < PONG bouncer.test alive
        """,
    )
    stage.writer.reason = ""
    stage.world.advance(15)
    play(stage, f"laptop < :bob!b@host PRIVMSG #soju one\nlaptop < {NOTICE} :History is stored again")


def test_a_client_that_comes_for_the_first_time_meanwhile_is_known_later(stage: Failing) -> None:
    """Row RCP-05: its cursor begins where it came; nobody is told of what nobody has asked for."""
    stage.attach("laptop")
    stage.writer.reason = "the disk is full"
    stage.log_in("phone", "alice/libera@phone")
    play(
        stage,
        """
        phone < :alice!a@host JOIN #soju
        phone < 332 **
        phone < 333 **
        phone < 353 **
        phone < 366 **
        phone > (closed)
        """,
    )
    stage.world.advance(60)
    stage.writer.reason = ""
    stage.world.advance(15)
    play(stage, "libera > :bob!b@host PRIVMSG #soju :one\nlaptop < :bob!b@host PRIVMSG #soju one")
    again = InlineStage(World(stage.world.setting, database=stage.world.database))
    again.script()
    again.log_in("phone", "alice/libera@phone")
    assert again.unheard()["phone"][-1] == ":bob!b@host PRIVMSG #soju :one"


def test_a_ping_does_not_wait_for_the_database(stage: Failing) -> None:
    """Row CMD-01: a client whose PING is not answered takes the bouncer for dead, and comes again and again."""
    stage.attach("laptop")
    stage.writer.reason = "the disk is full"
    play(
        stage,
        f"""
        libera > :bob!b@host PRIVMSG #soju :one
        laptop < {NOTICE} :{FULL}
        laptop > PING :alive
        laptop < PONG bouncer.test alive
        """,
    )


def test_a_flood_waits_with_the_server_and_not_in_memory(stage: Failing) -> None:
    """The server is read no further while too much waits; nothing of it is lost."""
    stage.attach("laptop")
    stage.writer.reason = "the disk is full"
    lines = [f":bob!b@host PRIVMSG #soju :{n:05} {'x' * 300}" for n in range(10_000)]
    for at in range(0, len(lines), 100):
        stage.servers["libera"].say(*lines[at : at + 100])
        stage.world.run()
    network = stage.world.system.actor(Ref("user/alice")).user.networks[1]
    assert network.uncommitted < 3_000, "the bouncer reads on although nothing is stored"
    stage.writer.reason = ""
    stage.world.advance(15)
    heard = [line for line in stage.unheard()["laptop"] if " PRIVMSG " in line]
    assert heard == lines


def test_what_was_never_stored_was_never_shown(stage: Failing) -> None:
    """Killed while the database fails: clients were shown nothing that is not in history."""
    stage.attach("laptop")
    stage.writer.reason = "the disk is full"
    play(stage, f"libera > :bob!b@host PRIVMSG #soju :lost\nlaptop < {NOTICE} :{FULL}")
    again = InlineStage(World(stage.world.setting, database=stage.world.database))
    again.script()
    again.attach("laptop", caps="draft/chathistory")
    play(again, "laptop > CHATHISTORY LATEST #soju * 10")


def test_a_setting_that_cannot_be_stored_is_told(stage: Failing) -> None:
    """The command itself goes on: the server is asked to let the user in."""
    stage.attach("laptop")
    stage.writer.reason = "the disk is full"
    play(
        stage,
        f"""
        laptop > JOIN #new
        libera < JOIN #new
        laptop < {NOTICE} :A setting could not be stored: the disk is full
        laptop > BOUNCER ADDNETWORK host=irc.oftc.test
        laptop < FAIL BOUNCER UNKNOWN_ERROR ADDNETWORK *
        laptop > PRIVMSG BouncerServ :network delete libera
        laptop < :BouncerServ!BouncerServ@BouncerServ PRIVMSG alice *
        """,
    )


def test_history_that_cannot_be_read_is_told(stage: Failing) -> None:
    """Row HIS-05."""
    stage.attach("laptop", caps="draft/chathistory batch")
    stage.reader.reason = "the disk is gone"
    play(
        stage,
        """
        libera > :bob!b@host PRIVMSG #soju :one
        laptop < :bob!b@host PRIVMSG #soju one
        laptop > CHATHISTORY LATEST #soju * 10
        laptop < FAIL CHATHISTORY MESSAGE_ERROR LATEST #soju *
        """,
    )
    stage.reader.raises = True
    play(
        stage,
        """
        laptop > CHATHISTORY LATEST #soju * 10
        laptop < FAIL CHATHISTORY MESSAGE_ERROR LATEST #soju *
        laptop > CHATHISTORY AROUND #soju timestamp=2024-01-01T00:00:00.000Z 10
        laptop < FAIL CHATHISTORY MESSAGE_ERROR AROUND #soju *
        laptop > SEARCH text=one
        laptop < FAIL SEARCH INTERNAL_ERROR *
        """,
    )
    stage.reader.reason = ""
    play(
        stage,
        """
        laptop > CHATHISTORY LATEST #soju * 10
        laptop < BATCH +$b chathistory #soju
        laptop < @batch=$b :bob!b@host PRIVMSG #soju one
        laptop < BATCH -$b
        """,
    )


def test_what_waits_to_be_stored_is_in_the_history_that_is_asked_for(stage: Failing) -> None:
    """No client misses a line: it was said before this one was attached, and stored after (DESIGN promise 2)."""
    stage.writer.reason = "the disk is full"
    stage.say("libera", ":bob!b@host PRIVMSG #soju :waits")
    stage.log_in("laptop", caps="draft/chathistory batch")
    stage.forget()
    play(stage, "laptop > CHATHISTORY LATEST #soju * 10")
    stage.writer.reason = ""
    stage.world.advance(15)
    play(
        stage,
        f"""
        laptop < {NOTICE} :History is stored again
        laptop < BATCH +$b chathistory #soju
        laptop < @batch=$b :bob!b@host PRIVMSG #soju waits
        laptop < BATCH -$b
        libera > :bob!b@host PRIVMSG #soju :live
        laptop < :bob!b@host PRIVMSG #soju live
        """,
    )


@pytest.mark.parametrize("raises", [False, True])
def test_a_backlog_that_cannot_be_read_is_read_again(*, raises: bool) -> None:
    """What stands behind it waits; nothing is passed over."""
    stage = Failing(Setting(caps="", ring=2, of_network={"auto_away": False}))
    stage.attach("laptop")
    said = "".join(f"libera > :bob!b@host PRIVMSG #soju :{n}\n" for n in range(5))
    play(stage, "laptop > (closed)\n" + said)
    stage.reader.reason, stage.reader.raises = "the disk is gone", raises
    stage.log_in("laptop")
    play(
        stage,
        """
        laptop < :alice!a@host JOIN #soju
        laptop < 332 **
        laptop < 333 **
        laptop < 353 **
        laptop < 366 **
        libera > :bob!b@host PRIVMSG #soju :5
        """,
    )
    stage.world.advance(30)
    stage.reader.reason = ""
    stage.world.advance(2)
    play(stage, "".join(f"laptop < :bob!b@host PRIVMSG #soju {n}\n" for n in range(6)))


@pytest.mark.parametrize("kinds", [(LoadUsers,), (LoadSettings,)])
@pytest.mark.parametrize("raises", [False, True])
def test_users_and_settings_that_cannot_be_read_at_the_start_are_read_again(
    kinds: tuple[type, ...], *, raises: bool
) -> None:
    """Who logs in meanwhile waits."""
    first = World(Setting(caps=""))
    services = services_of(first.database)
    reader = Flaky(services["reader"], kinds, ReadFailed)
    reader.reason, reader.raises = "the database is away", raises
    stage = InlineStage(World(first.setting, database=first.database, services={"reader": reader}))
    for line in ("PASS secret", "NICK alice", "USER alice/libera 0 * :Alice"):
        stage.say("laptop", line)
    assert stage.next_line("laptop") is None
    reader.reason = ""
    stage.world.advance(4)
    assert " 001 alice " in (stage.next_line("laptop") or "")


def test_of_a_detached_channel_nothing_is_told_either_before_it_is_stored(stage: Failing) -> None:
    """Rows DET-01, DET-03: what is relayed, and what happens to people of that channel alone."""
    stage.attach("laptop", caps="draft/chathistory batch")
    play(stage, "laptop > PART #soju detach\nlaptop < :alice!a@host PART #soju Detach")
    stage.writer.reason = "the disk is full"
    play(
        stage,
        f"""
        libera > :bob!b@host PRIVMSG #soju :hi alice
        laptop < {NOTICE} :{FULL}
        laptop > CHATHISTORY LATEST #soju * 1
        libera > :bob!b@host QUIT :bye
        libera > :irc.libera.test NOTICE alice :behind it
        """,
    )
    stage.writer.reason = ""
    stage.world.advance(60)
    play(
        stage,
        f"""
        laptop < {NOTICE} :#soju: <bob> hi alice
        laptop < {NOTICE} :History is stored again
        laptop < BATCH +$batch chathistory #soju
        laptop < @batch=$batch :bob!b@host PRIVMSG #soju :hi alice
        laptop < BATCH -$batch
        laptop < :bob!b@host QUIT bye
        laptop < :irc.libera.test NOTICE alice :behind it
        """,
    )
