"""Who people are: nicks, realnames, away, quits, casemapping (rows AWY, CMD-05, CMD-06, UP-12 to UP-16, MSC-02)."""

from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.support.dialog import play

SERVICE = ":BouncerServ!BouncerServ@BouncerServ NOTICE"


@everywhere
def test_the_user_is_away_when_all_clients_are_or_none_is_there(set_stage: SetStage) -> None:
    """Rows AWY-01 to AWY-03, CMD-21: a fixed text, and clients of no network do not count."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    stage.attach("phone", "alice")
    play(
        stage,
        """
        laptop > AWAY :lunch
        laptop < 306 alice *
        libera < AWAY :Auto away
        libera > :irc.libera.test 306 alice :You have been marked as being away
        laptop > AWAY :dinner
        laptop < 306 alice *
        phone > AWAY
        phone < 305 alice *
        laptop > AWAY :
        laptop < 305 alice *
        libera < AWAY
        libera > :irc.libera.test 305 alice :You are no longer marked as being away
        laptop > (closed)
        libera < AWAY :Auto away
        """,
    )


def test_a_client_that_is_away_from_the_beginning_does_not_bring_the_user_back(set_stage: SetStage) -> None:
    """Row PRE-08. Spec: https://ircv3.net/specs/extensions/pre-away."""
    play(
        set_stage(caps="draft/pre-away", channels=()),
        """
        laptop > AWAY :asleep
        laptop < 306 * *
        laptop > PASS secret
        laptop > NICK alice
        laptop > USER alice/libera 0 * :Alice
        laptop < 001 **
        laptop < 002 **
        laptop < 004 **
        laptop < 005 **
        laptop < 221 **
        laptop < 422 **
        laptop > AWAY
        laptop < 305 alice *
        libera < AWAY
        laptop > AWAY again
        laptop < 306 alice *
        libera < AWAY *
        """,
    )


def test_a_network_without_auto_away_hears_nothing_of_it(set_stage: SetStage) -> None:
    """Row AWY-02."""
    stage = set_stage(caps="", of_network={"auto_away": False})
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > AWAY :lunch
        laptop < 306 alice *
        laptop > (closed)
        """,
    )


def test_a_network_may_hear_the_words_with_which_the_user_went_away_last(set_inline: SetInline) -> None:
    """Row AWY-02, better; a client that leaves takes its words along only when another one is there.

    Who is first, one who leaves or one who speaks, is certain on the inline engine alone.
    """
    stage = set_inline(caps="", of_network={"forward_away": True})
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        """
        laptop > AWAY :lunch
        laptop < 306 alice *
        phone > AWAY :on the train
        phone < 306 alice *
        libera < AWAY :on the train
        laptop > AWAY :still lunch
        laptop < 306 alice *
        libera < AWAY :still lunch
        phone > AWAY *
        phone < 306 alice *
        laptop > (closed)
        phone > AWAY
        phone < 305 alice *
        libera < AWAY
        phone > AWAY *
        phone < 306 alice *
        libera < AWAY :Auto away
        phone > AWAY :asleep
        phone < 306 alice *
        libera < AWAY asleep
        phone > (closed)
        """,
    )
    stage.attach("laptop")
    play(stage, "laptop > (closed)\nlibera < AWAY :Auto away")


def test_a_network_may_hear_those_words_alone(set_stage: SetStage) -> None:
    """Row AWY-01: without auto-away nothing is said of clients that leave; what was said is said again."""
    stage = set_stage(caps="draft/pre-away", channels=(), of_network={"forward_away": True, "auto_away": False})
    stage.attach("laptop", caps="draft/pre-away")
    play(
        stage,
        """
        laptop > AWAY *
        laptop < 306 alice *
        laptop > AWAY :gone fishing
        laptop < 306 alice *
        libera < AWAY :gone fishing
        laptop > (closed)
        libera > (closed)
        libera < AWAY :gone fishing
        """,
    )
    stage.attach("laptop")
    play(stage, "laptop > (closed)")


def test_a_server_that_comes_back_hears_that_the_user_is_away(set_stage: SetStage) -> None:
    """Row LIF-07."""
    play(set_stage(caps="", channels=()), "libera > (closed)\n libera < AWAY :Auto away")


@everywhere
def test_a_new_nick_is_the_servers_to_grant_and_kept_for_the_next_time(set_stage: SetStage) -> None:
    """Rows CMD-05, NCK-05."""
    stage = set_stage(caps="", channels=())
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        f"""
        laptop > NICK ally
        libera < NICK ally
        libera > :alice!a@host NICK ally
        laptop < :alice!a@host NICK ally
        phone < :alice!a@host NICK ally
        laptop > PING x
        laptop < PONG bouncer.test x
        laptop > WHOIS
        laptop < 431 ally *
        laptop > CAP FROBNICATE
        laptop < 410 ally FROBNICATE *
        phone > NICK taken
        libera < NICK taken
        libera > :irc.libera.test 433 ally taken :Nickname is already in use
        phone < :irc.libera.test 433 ally taken *
        laptop > NICK in.valid
        laptop < 432 ally in.valid *
        laptop > NICK bouncerserv
        laptop < 433 ally bouncerserv *
        laptop > NICK
        laptop < 461 ally NICK *
        libera > (closed)
        laptop < {SERVICE} ally *
        laptop < :ally NICK taken
        laptop < {SERVICE} taken :Connected to libera
        phone < {SERVICE} ally *
        phone < :ally NICK taken
        phone < {SERVICE} taken :Connected to libera
        """,
    )


def test_services_may_rename_the_user(set_stage: SetStage) -> None:
    """Row NCK-04: that is not undone."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        libera > :alice!a@host NICK Guest1
        laptop < :alice!a@host NICK Guest1
        laptop > NAMES #soju
        laptop < :bouncer.test 353 Guest1 = #soju :@bob carol Guest1
        laptop < 366 Guest1 #soju *
        libera > :bob!b@host PRIVMSG Guest1 :hi
        laptop < :bob!b@host PRIVMSG Guest1 hi
        """,
    )


def test_a_nick_may_be_changed_while_the_server_is_away(set_stage: SetStage) -> None:
    """Row CMD-05."""
    stage = set_stage(caps="", channels=())
    stage.attach("laptop")
    stage.servers["libera"].quiet = True
    play(
        stage,
        f"""
        libera > (closed)
        laptop < {SERVICE} alice *
        libera < CAP LS 302
        libera < NICK alice
        libera < USER alice 0 * alice
        laptop > NICK ally
        laptop < :alice NICK ally
        laptop > PING x
        laptop < PONG bouncer.test x
        """,
    )


def test_the_default_nick_is_for_networks_without_one_of_their_own(set_stage: SetStage) -> None:
    """Rows CMD-05, USR-10."""
    stage = set_stage(caps="", channels=())
    stage.attach("laptop", "alice")
    play(
        stage,
        """
        laptop > NICK ally
        laptop < :alice NICK ally
        laptop > BOUNCER CHANGENETWORK 1 nickname=
        laptop < BOUNCER CHANGENETWORK 1
        libera < QUIT *
        libera < (closed)
        libera < AWAY :Auto away
        laptop > NICK al
        laptop < :ally NICK al
        libera < NICK al
        """,
    )


def test_a_realname_is_changed_where_the_server_can(set_stage: SetStage) -> None:
    """Row CMD-06. Spec: https://ircv3.net/specs/extensions/setname."""
    stage = set_stage(caps="setname message-tags", channels=())
    stage.attach("laptop", caps="setname")
    play(
        stage,
        """
        laptop > SETNAME :Alice A.
        libera < SETNAME :Alice A.
        libera > :alice!a@host SETNAME :Alice A.
        laptop < :alice!a@host SETNAME :Alice A.
        laptop > SETNAME :Alice A.
        laptop < :alice SETNAME :Alice A.
        laptop > SETNAME :
        laptop < FAIL SETNAME INVALID_REALNAME *
        """,
    )


def test_a_realname_is_changed_by_connecting_again_where_the_server_cannot(set_stage: SetStage) -> None:
    """Row CMD-06."""
    stage = set_stage(caps="", channels=())
    stage.attach("laptop", caps="setname")
    stage.servers["libera"].quiet = True
    play(
        stage,
        f"""
        laptop > SETNAME :Alice A.
        laptop < :alice SETNAME :Alice A.
        libera < QUIT *
        libera < (closed)
        libera < CAP LS 302
        libera < NICK alice
        libera < USER alice 0 * :Alice A.
        laptop < CAP alice NEW **
        laptop < {SERVICE} alice *
        """,
    )


@everywhere
def test_who_shares_channels_quits_and_is_renamed_once(set_stage: SetStage) -> None:
    """Rows UP-12, UP-16: it is shown once and stored in each channel."""
    stage = set_stage(channels=("#one", "#two"), members="bob")
    stage.attach("laptop")
    caps = "batch draft/chathistory message-tags"
    start, end = "timestamp=2024-01-01T00:00:00.500Z", "timestamp=2024-01-02T00:00:00.000Z"
    play(
        stage,
        """
        libera > @time=2024-01-01T00:00:01.000Z :bob!b@host NICK robert
        laptop < :bob!b@host NICK robert
        libera > @time=2024-01-01T00:00:02.000Z :robert!b@host QUIT :bye now
        laptop < :robert!b@host QUIT :bye now
        laptop > NAMES #two
        laptop < 353 alice = #two alice
        laptop < 366 alice #two *
        """,
    )
    stage.attach("reader", caps=caps)
    for channel in ("#one", "#two"):
        play(
            stage,
            f"""
            reader > CAP REQ draft/event-playback
            reader < CAP alice ACK draft/event-playback
            reader > CHATHISTORY BETWEEN {channel} {start} {end} 10
            reader < @draft/chathistory-end BATCH +$b chathistory {channel}
            reader < @time=2024-01-01T00:00:01.000Z;batch=$b :bob!b@host NICK robert
            reader < @time=2024-01-01T00:00:02.000Z;batch=$b :robert!b@host QUIT :bye now
            reader < BATCH -$b
            """,
        )


def test_the_servers_casemapping_counts_from_when_it_tells_it(set_stage: SetStage) -> None:
    """Row MSC-02: everything is keyed anew. Spec: https://modern.ircdocs.horse/#casemapping-parameter."""
    stage = set_stage(caps="", channels=("#a[b]",))
    stage.attach("laptop")
    names = "laptop < 353 alice = #a[b] :alice @bob carol\n        laptop < 366 alice #a[b] *"
    play(
        stage,
        f"""
        laptop > NAMES #A{{B}}
        {names}
        libera > :irc.libera.test 005 alice CASEMAPPING=ascii :are supported by this server
        laptop < 005 * CASEMAPPING=ascii *
        laptop > NAMES #A[B]
        {names}
        laptop > NAMES #A{{B}}
        libera < NAMES #A{{B}}
        libera > :bob!b@host PRIVMSG #A[B] :hi
        laptop < :bob!b@host PRIVMSG #A[B] hi
        libera > :irc.libera.test 005 alice CASEMAPPING=rfc7613 :are supported by this server
        laptop < 005 * CASEMAPPING=rfc7613 *
        laptop > NAMES #A{{B}}
        {names}
        """,
    )


def test_clients_are_told_what_changes_of_what_the_server_supports(set_stage: SetStage) -> None:
    """Rows ISU-09 to ISU-11."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        libera > :irc.libera.test 005 alice NICKLEN=30 FROB=1 :are supported by this server
        laptop < 005 * NICKLEN=30 *
        libera > :irc.libera.test 005 alice NICKLEN=30 :are supported by this server
        libera > :irc.libera.test 005 alice -NICKLEN STATUSMSG=@+ :are supported by this server
        laptop < 005 * -NICKLEN STATUSMSG=@+ *
        laptop > ISUPPORT
        laptop < 005 **
        """,
    )


def test_who_knows_no_chghost_sees_somebody_leave_and_come_back(set_stage: SetStage) -> None:
    """Row TOD-07, better. Spec: https://ircv3.net/specs/extensions/chghost."""
    stage = set_stage(caps="chghost extended-join", channels=("#one", "#two"))
    stage.attach("laptop", caps="chghost")
    stage.attach("phone")
    play(
        stage,
        """
        phone > PART #two detach
        phone < :alice!a@host PART #two Detach
        laptop < :alice!a@host PART #two Detach
        libera > :bob!b@host CHGHOST b cloak
        laptop < :bob!b@host CHGHOST b cloak
        phone < :bob!b@host QUIT :Changing host
        phone < :bob!b@cloak JOIN #one
        phone < :irc.libera.test MODE #one +o bob
        libera > :dave!d@host CHGHOST d cloak
        laptop < :dave!d@host CHGHOST d cloak
        libera > :alice!a@host CHGHOST a hidden
        laptop < :alice!a@host CHGHOST a hidden
        phone < 396 alice hidden *
        """,
    )


def test_the_default_realname_is_for_networks_without_one_of_their_own(set_stage: SetStage) -> None:
    """Row CMD-06: where the server can it is changed there, else it is for the next connection."""
    stage = set_stage(caps="setname message-tags", channels=(), networks=("libera", "oftc"))
    stage.attach("laptop", "alice", caps="setname")
    play(
        stage,
        """
        laptop > SETNAME :Alice A.
        laptop < :alice SETNAME :Alice A.
        libera < SETNAME :Alice A.
        oftc < SETNAME :Alice A.
        laptop > SETNAME :Alice A.
        laptop < :alice SETNAME :Alice A.
        """,
    )


def test_the_default_nick_counts_for_a_network_that_is_away(set_stage: SetStage) -> None:
    """Row CMD-05."""
    stage = set_stage(caps="", channels=(), of_network={"nick": ""})
    stage.attach("laptop", "alice")
    stage.attach("phone")
    stage.servers["libera"].quiet = True
    stage.say("libera", "(closed)")
    assert "Disconnected" in (stage.next_line("phone") or "")
    stage.say("laptop", "NICK ally")
    assert stage.next_line("phone") == ":alice NICK ally"
    stage.forget()
