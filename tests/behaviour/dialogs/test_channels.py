"""JOIN, PART, KICK, TOPIC, MODE, NAMES, INVITE (rows CMD-07 to CMD-13, CMD-15, UP-14 to UP-19, UP-23, DET)."""

from tests.behaviour.dialogs.conftest import SetStage, everywhere
from tests.support.dialog import play

SERVICE = ":BouncerServ!BouncerServ@BouncerServ NOTICE alice"


@everywhere
def test_a_channel_that_is_joined_is_shown_when_its_names_are_complete(set_stage: SetStage) -> None:
    """Spec: https://modern.ircdocs.horse/#join-message."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        """
        laptop > JOIN #new key
        libera < JOIN #new key
        libera > :alice!a@host JOIN #new
        libera < MODE #new
        libera > :irc.libera.test 332 alice #new :Things
        libera > :irc.libera.test 333 alice #new bob 1700000000
        libera > :irc.libera.test 353 alice * #new :@alice +bob
        libera > :irc.libera.test 353 alice * #new :carol!c@host
        libera > :irc.libera.test 366 alice #new :End of /NAMES list.
        laptop < :alice!a@host JOIN #new
        laptop < 332 alice #new Things
        laptop < 333 alice #new bob 1700000000
        laptop < 353 alice = #new :@alice +bob carol
        laptop < 366 alice #new *
        phone < :alice!a@host JOIN #new
        phone < 332 alice #new Things
        phone < 333 alice #new bob 1700000000
        phone < 353 alice = #new :@alice +bob carol
        phone < 366 alice #new *
        """,
    )


def test_joining_what_is_joined_bothers_nobody(set_stage: SetStage) -> None:
    """Row CMD-07: clients join all their channels whenever they connect."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > JOIN #soju,#SOJU
        laptop > JOIN #soju,nothing,0,#new key
        laptop < 403 alice nothing *
        laptop < 403 alice 0 *
        libera < JOIN #new
        laptop > JOIN
        laptop < 461 alice JOIN *
        """,
    )


def test_saved_channels_are_joined_again_with_their_keys_first(set_stage: SetStage) -> None:
    """Rows CMD-07, LIF-06: what is saved does not wait for the server's consent, and a key stays."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        f"""
        laptop > JOIN #key,#other sesame
        libera < JOIN #key sesame
        libera < JOIN #other
        laptop > JOIN #key
        libera < JOIN #key sesame
        libera > (closed)
        laptop < {SERVICE} *
        laptop < {SERVICE} :Connected to libera
        libera < JOIN #key,#soju,#other sesame
        laptop > JOIN #key other
        libera < JOIN #key other
        """,
    )


def test_parting_forgets_a_channel_at_once(set_stage: SetStage) -> None:
    """Row CMD-08."""
    stage = set_stage(caps="", channels=("#a", "#b"))
    stage.attach("laptop")
    play(
        stage,
        f"""
        laptop > PART #a,nothing :bye now
        libera < PART #a :bye now
        laptop < 403 alice nothing *
        libera > :alice!a@host PART #a :bye now
        laptop < :alice!a@host PART #a :bye now
        libera > (closed)
        laptop < {SERVICE} *
        laptop < {SERVICE} :Connected to libera
        libera < JOIN #b
        """,
    )


@everywhere
def test_part_with_reason_detach_stays_joined_upstream(set_stage: SetStage) -> None:
    """Rows DET-01, DET-08: the server hears nothing; clients see a PART, and a JOIN when they are back."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    stage.attach("phone")
    play(
        stage,
        """
        laptop > PART #SOJU :Detach
        laptop < :alice!a@host PART #soju :Detach
        phone < :alice!a@host PART #soju :Detach
        libera > :bob!b@host PRIVMSG #soju :one
        libera > :bob!b@host TOPIC #soju :Other things
        libera > :dave!d@host JOIN #soju
        libera > :bob!b@host NICK robert
        laptop < :bob!b@host NICK robert
        phone < :bob!b@host NICK robert
        laptop > JOIN #soju
        laptop < :alice!a@host JOIN #soju
        laptop < 332 alice #soju :Other things
        laptop < 333 alice #soju bob!b@host *
        laptop < 353 alice = #soju :alice carol dave @robert
        laptop < 366 alice #soju *
        laptop < :bob!b@host PRIVMSG #soju one
        phone < :alice!a@host JOIN #soju
        phone < 332 alice #soju :Other things
        phone < 333 alice #soju bob!b@host *
        phone < 353 alice = #soju :alice carol dave @robert
        phone < 366 alice #soju *
        phone < :bob!b@host PRIVMSG #soju one
        libera > :robert!b@host PRIVMSG #soju :two
        laptop < :robert!b@host PRIVMSG #soju two
        phone < :robert!b@host PRIVMSG #soju two
        """,
    )


def test_a_channel_that_is_not_joined_can_be_saved_as_detached(set_stage: SetStage) -> None:
    """Row CMD-08: it is joined with the others, and not shown."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        f"""
        laptop > PART #later detach
        libera > (closed)
        laptop < {SERVICE} *
        laptop < {SERVICE} :Connected to libera
        libera < JOIN #soju,#later
        libera > :alice!a@host JOIN #later
        libera < MODE #later
        libera > :irc.libera.test 353 alice = #later :alice
        libera > :irc.libera.test 366 alice #later :End
        """,
    )


def test_a_kick_is_seen_and_a_saved_channel_joined_again_when_somebody_invites(set_stage: SetStage) -> None:
    """Rows UP-15, UP-23: the invitation to a saved channel is accepted silently."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        libera > :bob!b@host KICK #soju carol :out
        laptop < :bob!b@host KICK #soju carol out
        laptop > NAMES #soju
        laptop < 353 alice = #soju :alice @bob
        laptop < 366 alice #soju *
        libera > :bob!b@host KICK #soju alice :out
        laptop < :bob!b@host KICK #soju alice out
        libera > :bob!b@host INVITE alice #SOJU
        libera < JOIN #soju
        libera > :bob!b@host INVITE alice :#elsewhere
        laptop < :bob!b@host INVITE alice #elsewhere
        libera > :bob!b@host INVITE carol :#elsewhere
        """,
    )


@everywhere
def test_a_topic_is_told_from_memory_and_changed_by_the_server(set_stage: SetStage) -> None:
    """Rows CMD-13, UP-17."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > TOPIC #SOJU
        laptop < 332 alice #soju :About #soju
        laptop < 333 alice #soju bob!b@host 1700000000
        laptop > TOPIC #soju :New things
        libera < TOPIC #soju :New things
        libera > :alice!a@host TOPIC #soju :New things
        laptop < :alice!a@host TOPIC #soju :New things
        laptop > TOPIC #soju
        laptop < 332 alice #soju :New things
        laptop < 333 alice #soju alice!a@host *
        libera > :alice!a@host TOPIC #soju :
        laptop < :alice!a@host TOPIC #soju :
        laptop > TOPIC #soju
        laptop < 331 alice #soju *
        laptop > TOPIC #soju :
        libera < TOPIC #soju :
        laptop > TOPIC #elsewhere
        libera < TOPIC #elsewhere
        libera > :irc.libera.test 332 alice #elsewhere :Others
        laptop < :irc.libera.test 332 alice #elsewhere Others
        """,
    )


def test_channel_modes_are_told_from_memory_and_followed(set_stage: SetStage) -> None:
    """Rows CMD-11, UP-18, NUM-08."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > MODE #soju
        laptop < 324 alice #soju +nt
        laptop < 329 alice #soju 1700000000
        libera > :bob!b@host MODE #soju +kl-t+o sesame 10 carol
        laptop < :bob!b@host MODE #soju +kl-t+o sesame 10 carol
        laptop > MODE #soju
        laptop < 324 alice #soju * **
        laptop < 329 alice #soju 1700000000
        laptop > NAMES #soju
        laptop < 353 alice = #soju :alice @bob @carol
        laptop < 366 alice #soju *
        libera > :irc.libera.test 324 alice #soju +n
        laptop > MODE #soju
        laptop < 324 alice #soju +n
        laptop < 329 alice #soju 1700000000
        laptop > MODE #soju +m
        libera < MODE #soju +m
        laptop > MODE #soju b
        libera < MODE #soju b
        laptop > MODE #elsewhere
        libera < MODE #elsewhere
        libera > :irc.libera.test 324 alice #elsewhere +n
        laptop < :irc.libera.test 324 alice #elsewhere +n
        libera > :irc.libera.test 329 alice #elsewhere 1
        laptop < :irc.libera.test 329 alice #elsewhere 1
        """,
    )


def test_the_users_own_modes_are_told_from_memory_and_those_of_others_are_not(set_stage: SetStage) -> None:
    """Rows CMD-10, CMD-12, UP-18."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > MODE ALICE
        laptop < 221 alice +
        laptop > MODE alice +iw
        libera < MODE alice +iw
        libera > :alice!a@host MODE alice :+iw
        laptop < :alice!a@host MODE alice +iw
        laptop > MODE alice
        laptop < 221 alice +iw
        libera > :irc.libera.test 221 alice +x
        laptop < :irc.libera.test 221 alice +x
        laptop > MODE alice
        laptop < 221 alice +x
        laptop > MODE bob
        laptop < 502 alice *
        laptop > MODE
        laptop < 461 alice MODE *
        """,
    )


def test_names_are_told_from_memory_where_the_user_is(set_stage: SetStage) -> None:
    """Row CMD-15."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > NAMES
        laptop < 366 alice * *
        laptop > NAMES #soju,#elsewhere
        laptop < 353 alice = #soju :alice @bob carol
        laptop < 366 alice #soju *
        libera < NAMES #elsewhere
        libera > :irc.libera.test 353 alice = #elsewhere :dave
        laptop < :irc.libera.test 353 alice = #elsewhere dave
        libera > :irc.libera.test 366 alice #elsewhere :End
        laptop < :irc.libera.test 366 alice #elsewhere End
        """,
    )


def test_kick_and_invite_are_the_servers(set_stage: SetStage) -> None:
    """Row CMD-09."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > KICK #soju bob :out with you
        libera < KICK #soju bob :out with you
        laptop > KICK #soju
        laptop < 461 alice KICK *
        laptop > INVITE dave #soju
        libera < INVITE dave #soju
        libera > :irc.libera.test 341 alice dave #soju
        laptop < :irc.libera.test 341 alice dave #soju
        laptop > INVITE
        libera < INVITE
        """,
    )


def test_while_the_server_is_away_channels_are_remembered_but_nothing_is_changed(set_stage: SetStage) -> None:
    """Rows NUM-03, LIF-12: no PART is made up, and what is known is still told."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    stage.servers["libera"].quiet = True
    play(
        stage,
        f"""
        libera > (closed)
        laptop < {SERVICE} *
        laptop > JOIN #new
        laptop < 400 alice *
        laptop > TOPIC #soju :x
        laptop < 400 alice *
        laptop > PRIVMSG #soju :x
        laptop < 400 alice *
        laptop > KICK #soju bob
        laptop < 400 alice *
        laptop > MODE #soju
        laptop < 324 alice #soju +nt
        laptop < 329 alice #soju 1700000000
        laptop > FROBNICATE
        laptop < 421 alice FROBNICATE *
        laptop > WHO #soju
        laptop < 315 alice #soju *
        laptop > LIST
        laptop < 323 alice *
        libera < CAP LS 302
        libera < NICK alice
        libera < USER alice 0 * alice
        """,
    )


def test_a_saved_key_is_forgotten_and_follows_the_channels_modes(set_stage: SetStage) -> None:
    """Row TOD-05, better: by JOIN with an empty key, and by what becomes of the key while the user is there."""
    stage = set_stage(caps="", channels=())
    stage.attach("laptop")
    play(
        stage,
        """
        laptop > JOIN #key sesame
        libera < JOIN #key sesame
        laptop > JOIN #key :
        libera < JOIN #key
        libera > :alice!a@host JOIN #key
        libera < MODE #key
        libera > :irc.libera.test 353 alice = #key :alice @bob
        libera > :irc.libera.test 366 alice #key :End
        laptop < :alice!a@host JOIN #key
        laptop < 353 **
        laptop < 366 **
        libera > :bob!b@host MODE #key +k open
        laptop < :bob!b@host MODE #key +k open
        libera > :bob!b@host KICK #key alice
        laptop < :bob!b@host KICK #key alice
        libera > :bob!b@host INVITE alice #key
        libera < JOIN #key open
        """,
    )


def test_a_lower_rank_comes_to_light_when_the_higher_one_is_taken(set_stage: SetStage) -> None:
    """Row UP-18, better: a server without multi-prefix tells the highest rank alone, so it is asked again."""
    stage = set_stage(caps="")
    stage.attach("laptop")
    play(
        stage,
        """
        libera > :carol!c@host MODE #soju -o bob
        libera < NAMES #soju
        laptop < :carol!c@host MODE #soju -o bob
        libera > :carol!c@host MODE #soju +o bob
        laptop < :carol!c@host MODE #soju +o bob
        libera > :carol!c@host MODE #soju -o bob
        laptop < :carol!c@host MODE #soju -o bob
        libera > :irc.libera.test 353 alice = #soju :alice +bob carol
        libera > :irc.libera.test 366 alice #soju :End
        laptop > NAMES #soju
        laptop < 353 alice = #soju :alice +bob carol
        laptop < 366 **
        libera > :carol!c@host MODE #soju -v bob
        laptop < :carol!c@host MODE #soju -v bob
        """,
    )
