"""A channel gets another name. Spec: https://ircv3.net/specs/extensions/channel-rename."""

from tests.behaviour.dialogs.conftest import SetStage
from tests.support.dialog import play

SERVICE = ":BouncerServ!BouncerServ@BouncerServ NOTICE alice"


def test_a_renamed_channel_goes_on_with_its_topic_members_and_settings(set_stage: SetStage) -> None:
    """Who does not know RENAME sees a PART and a JOIN, with topic and names; history goes on under the new name."""
    stage = set_stage(caps="draft/channel-rename")
    stage.attach("laptop", caps="draft/channel-rename draft/chathistory batch")
    stage.attach("phone")
    play(
        stage,
        f"""
        laptop > RENAME #soju #tofu :not only beans
        libera < RENAME #soju #tofu :not only beans
        libera > :alice!a@host RENAME #soju #tofu :not only beans
        laptop < :alice!a@host RENAME #soju #tofu :not only beans
        phone < :alice!a@host PART #soju :not only beans
        phone < :alice!a@host JOIN #tofu
        phone < 332 alice #tofu :About #soju
        phone < 333 alice #tofu bob!b@host 1700000000
        phone < 353 alice = #tofu :alice @bob carol
        phone < 366 alice #tofu *
        libera > :bob!b@host PRIVMSG #tofu :hi
        laptop < :bob!b@host PRIVMSG #tofu hi
        phone < :bob!b@host PRIVMSG #tofu hi
        laptop > MODE #tofu
        laptop < 324 alice #tofu +nt
        laptop < 329 alice #tofu 1700000000
        laptop > CAP REQ draft/event-playback
        laptop < CAP alice ACK draft/event-playback
        laptop > CHATHISTORY LATEST #soju * 1
        laptop < BATCH +$a chathistory #soju
        laptop < @batch=$a :alice!a@host RENAME #soju #tofu :not only beans
        laptop < BATCH -$a
        laptop > CHATHISTORY LATEST #tofu * 2
        laptop < BATCH +$b chathistory #tofu
        laptop < @batch=$b :alice!a@host RENAME #soju #tofu :not only beans
        laptop < @batch=$b :bob!b@host PRIVMSG #tofu hi
        laptop < BATCH -$b
        laptop > (closed)
        libera > (closed)
        phone < {SERVICE} *
        phone < {SERVICE} *
        libera < JOIN #tofu
        """,
    )


def test_only_another_case_is_no_leaving(set_stage: SetStage) -> None:
    """The fallback is not for renames that change the case alone."""
    stage = set_stage(caps="draft/channel-rename")
    stage.attach("laptop", caps="draft/channel-rename")
    stage.attach("phone")
    play(
        stage,
        """
        libera > :bob!b@host RENAME #soju #SOJU :
        laptop < :bob!b@host RENAME #soju #SOJU :
        phone > NAMES #soju
        phone < 353 alice = #SOJU :alice @bob carol
        phone < 366 alice #SOJU *
        libera > :bob!b@host RENAME #nowhere #else :
        laptop < :bob!b@host RENAME #nowhere #else :
        """,
    )


def test_a_detached_channel_stays_detached_under_its_new_name(set_stage: SetStage) -> None:
    """Row DET-01."""
    stage = set_stage(caps="draft/channel-rename")
    stage.attach("laptop", caps="draft/channel-rename")
    play(
        stage,
        """
        laptop > PART #soju detach
        laptop < :alice!a@host PART #soju Detach
        libera > :bob!b@host RENAME #soju #tofu :
        libera > :bob!b@host PRIVMSG #tofu :hidden
        laptop > JOIN #tofu
        laptop < :alice!a@host JOIN #tofu
        laptop < 332 **
        laptop < 333 **
        laptop < 353 **
        laptop < 366 **
        laptop < :bob!b@host PRIVMSG #tofu hidden
        """,
    )


def test_a_saved_channel_that_was_renamed_meanwhile_is_followed(set_stage: SetStage) -> None:
    """The server may tell who joins by the old name of the new one."""
    stage = set_stage(caps="draft/channel-rename")
    stage.attach("laptop", caps="standard-replies")
    play(
        stage,
        """
        libera > :bob!b@host KICK #soju alice :out
        laptop < :bob!b@host KICK #soju alice out
        libera > :bob!b@host INVITE alice #soju
        libera < JOIN #soju
        libera > :irc.libera.test FAIL JOIN CHANNEL_RENAMED #soju #tofu :The channel has been renamed
        libera < JOIN #tofu
        laptop < :irc.libera.test FAIL JOIN CHANNEL_RENAMED #soju #tofu *
        laptop > PRIVMSG BouncerServ :channel status
        laptop < :BouncerServ!BouncerServ@BouncerServ PRIVMSG alice *
        """,
    )
