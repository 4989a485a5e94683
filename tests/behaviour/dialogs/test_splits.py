"""Netsplits and netjoins. Spec: https://ircv3.net/specs/batches/netsplit."""

from tests.behaviour.dialogs.conftest import SetStage
from tests.support.dialog import play

MANY = "batch message-tags server-time"


def test_a_netsplit_is_a_batch_for_who_knows_batches_and_quits_for_others(set_stage: SetStage) -> None:
    """Better than row UP-10: who is gone, and what happened, is right in both."""
    stage = set_stage(caps=MANY, channels=("#one", "#two"))
    stage.attach("laptop", caps="batch draft/chathistory")
    stage.attach("phone")
    play(
        stage,
        """
        laptop > CAP REQ draft/event-playback
        laptop < CAP alice ACK draft/event-playback
        libera > :irc.libera.test BATCH +x netsplit irc.hub other.host
        laptop < BATCH +$split netsplit irc.hub other.host
        libera > @batch=x :bob!b@host QUIT :irc.hub other.host
        laptop < @batch=$split :bob!b@host QUIT :irc.hub other.host
        phone < :bob!b@host QUIT :irc.hub other.host
        libera > :dave!d@host JOIN #one
        laptop < :dave!d@host JOIN #one
        phone < :dave!d@host JOIN #one
        libera > @batch=x :carol!c@host QUIT :irc.hub other.host
        laptop < @batch=$split :carol!c@host QUIT :irc.hub other.host
        phone < :carol!c@host QUIT :irc.hub other.host
        libera > :irc.libera.test BATCH -x
        laptop < BATCH -$split
        laptop > NAMES #two
        laptop < 353 alice = #two alice
        laptop < 366 **
        libera > :irc.libera.test BATCH +y netjoin irc.hub other.host
        laptop < BATCH +$join netjoin irc.hub other.host
        libera > @batch=y :bob!b@host JOIN #two
        laptop < @batch=$join :bob!b@host JOIN #two
        phone < :bob!b@host JOIN #two
        libera > :irc.libera.test BATCH -y
        laptop < BATCH -$join
        laptop > NAMES #two
        laptop < 353 alice = #two :alice bob
        laptop < 366 **
        laptop > CHATHISTORY LATEST #two * 3
        laptop < BATCH +$h chathistory #two
        laptop < @batch=$h :bob!b@host QUIT :irc.hub other.host
        laptop < @batch=$h :carol!c@host QUIT :irc.hub other.host
        laptop < @batch=$h :bob!b@host JOIN #two
        laptop < BATCH -$h
        """,
    )


def test_who_comes_during_a_netsplit_and_a_server_that_goes_leave_no_batch_open(set_stage: SetStage) -> None:
    """Spec: https://ircv3.net/specs/extensions/batch: every batch that is begun is ended."""
    stage = set_stage(caps=MANY)
    stage.attach("laptop", caps="batch soju.im/bouncer-networks")
    play(
        stage,
        """
        libera > :irc.libera.test BATCH +x netsplit *.net *.split
        laptop < BATCH +$split netsplit *.net *.split
        """.replace("*.net *.split", "a.net b.split"),
    )
    stage.attach("phone", caps="batch soju.im/bouncer-networks")
    stage.servers["libera"].quiet = True
    stage.say("libera", "@batch=x :bob!b@host QUIT :a.net b.split")
    told = stage.next_line("laptop") or ""
    assert told.startswith("@batch=split-")
    assert stage.next_line("phone") == ":bob!b@host QUIT :a.net b.split"
    stage.say("libera", "(closed)")
    assert [line for line in stage.unheard()["laptop"] if line.startswith("BATCH ")] == [
        f"BATCH -{told[7:].partition(' ')[0]}"
    ]
    assert not [line for line in stage.unheard()["phone"] if line.startswith("BATCH ")]
    stage.forget()
