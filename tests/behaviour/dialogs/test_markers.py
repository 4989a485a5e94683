"""Read markers (rows RMK-01 to RMK-03, CMD-26, CAPD-09, CAPD-16, TOD-11).

Spec: https://ircv3.net/specs/extensions/read-marker
"""

from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.behaviour.dialogs.test_storage import Failing
from tests.behaviour.stages import InlineStage
from tests.support.dialog import play
from tests.support.world import Setting, World

CAP = "draft/read-marker"
OLD = "soju.im/read"
T1, T2, T3 = (f"timestamp=2020-01-01T00:00:0{second}.500Z" for second in (1, 2, 3))
NOW = "timestamp=2023-11-14T22:13:20.000Z"
"""When the dialogs in virtual time are."""


@everywhere
def test_what_was_read_on_one_client_is_told_to_those_that_want_to_know(set_stage: SetStage) -> None:
    """Rows RMK-02, CAPD-09, CAPD-16; better than TOD-11: no other client is told."""
    stage = set_stage(caps="")
    for peer, caps in (("laptop", CAP), ("phone", f"{CAP} {OLD}"), ("tablet", OLD), ("old", "")):
        stage.attach(peer, caps=caps)
    stage.attach("unbound", "alice", caps=CAP)
    told = "laptop < MARKREAD {0} {1}\nphone < MARKREAD {0} {1}\ntablet < :alice READ {0} {1}\n"
    play(
        stage,
        f"laptop > MARKREAD #soju {T1}\n"
        + told.format("#soju", T1)
        + f"tablet > READ bob {T2}\n"
        + told.format("bob", T2)
        + f"old > MARKREAD #soju {T3}\n"
        + told.format("#soju", T3),
    )


@everywhere
def test_a_marker_is_told_when_a_client_asks(set_stage: SetStage) -> None:
    """Row RMK-02: by target, however it is spelled; ``*`` where nothing was read."""
    stage = set_stage(caps="")
    stage.attach("laptop", caps=CAP)
    stage.attach("tablet", caps=OLD)
    play(
        stage,
        f"""
        laptop > MARKREAD [Bob]
        laptop < MARKREAD [Bob] *
        laptop > MARKREAD [Bob] {T1}
        laptop < MARKREAD [Bob] {T1}
        tablet < :alice READ [Bob] {T1}
        laptop > MARKREAD {{bob}}
        laptop < MARKREAD {{bob}} {T1}
        tablet > READ {{BOB}}
        tablet < :alice READ {{BOB}} {T1}
        tablet > READ #soju
        tablet < :alice READ #soju *
        """,
    )


def test_a_marker_that_is_stored_answers_the_label(set_stage: SetStage) -> None:
    """Spec: https://ircv3.net/specs/extensions/labeled-response."""
    stage = set_stage(caps="")
    stage.attach("laptop", caps=f"{CAP} labeled-response batch")
    stage.attach("phone", caps=CAP)
    play(
        stage,
        f"""
        laptop > @label=one MARKREAD #soju {T1}
        laptop < @label=one MARKREAD #soju {T1}
        phone < MARKREAD #soju {T1}
        laptop > @label=two MARKREAD #soju
        laptop < @label=two MARKREAD #soju {T1}
        """,
    )


def test_a_marker_never_moves_back_nor_into_the_future(set_inline: SetInline) -> None:
    """Row RMK-01: who says an older time hears the newer one, and nobody else hears anything."""
    stage = set_inline(caps="")
    stage.attach("laptop", caps=CAP)
    stage.attach("phone", caps=CAP)
    play(
        stage,
        f"""
        laptop > MARKREAD #soju {T2}
        laptop < MARKREAD #soju {T2}
        phone < MARKREAD #soju {T2}
        laptop > MARKREAD #soju {T1}
        laptop < MARKREAD #soju {T2}
        phone > MARKREAD #soju {T2}
        phone < MARKREAD #soju {T2}
        phone > MARKREAD #soju timestamp=2099-01-01T00:00:00.000Z
        laptop < MARKREAD #soju {NOW}
        phone < MARKREAD #soju {NOW}
        """,
    )


def test_two_clients_read_on_at_once(set_inline: SetInline) -> None:
    """Row RMK-01: of markers that are being stored the latest one counts."""
    stage = set_inline(caps="")
    stage.attach("laptop", caps=CAP)
    stage.say("laptop", f"MARKREAD #soju {T1}\r\nMARKREAD #soju {T3}\r\nMARKREAD #soju {T2}")
    play(
        stage,
        f"""
        laptop < MARKREAD #soju {T1}
        laptop < MARKREAD #soju {T3}
        laptop < MARKREAD #soju {T3}
        """,
    )


def test_a_channel_comes_with_its_marker(set_inline: SetInline) -> None:
    """Rows RMK-03, ATT-05: behind the topic and before the names, on attach and on JOIN."""
    stage = set_inline(caps="")
    stage.attach("laptop", caps=CAP)
    play(stage, f"laptop > MARKREAD #SOJU {T1}\nlaptop < MARKREAD #SOJU {T1}")
    for peer, caps, marker in (
        ("phone", CAP, f"phone < MARKREAD #soju {T1}"),
        ("tablet", OLD, f"tablet < :alice READ #soju {T1}"),
        ("old", "", ""),
    ):
        stage.log_in(peer, caps=caps)
        play(
            stage,
            f"""
            {peer} < :alice!a@host JOIN #soju
            {peer} < 332 **
            {peer} < 333 **
            {marker}
            {peer} < 353 **
            {peer} < 366 **
            """,
        )
    play(
        stage,
        """
        laptop > JOIN #new
        libera < JOIN #new
        libera > :alice!a@host JOIN #new
        libera < MODE #new
        libera > :irc.libera.test 353 alice = #new :@alice
        libera > :irc.libera.test 366 alice #new :End
        laptop < :alice!a@host JOIN #new
        laptop < MARKREAD #new *
        laptop < 353 **
        laptop < 366 **
        phone < :alice!a@host JOIN #new
        phone < MARKREAD #new *
        phone < 353 **
        phone < 366 **
        tablet < :alice!a@host JOIN #new
        tablet < :alice READ #new *
        tablet < 353 **
        tablet < 366 **
        old < :alice!a@host JOIN #new
        old < 353 **
        old < 366 **
        """,
    )


def test_what_cannot_be_marked(set_stage: SetStage) -> None:
    """Row RMK-02, and the errors of the specification."""
    stage = set_stage(caps="")
    stage.attach("laptop", caps=CAP)
    stage.attach("unbound", "alice", caps=CAP)
    play(
        stage,
        f"""
        laptop > MARKREAD
        laptop < FAIL MARKREAD NEED_MORE_PARAMS *
        laptop > READ
        laptop < FAIL READ NEED_MORE_PARAMS *
        laptop > MARKREAD #soju *
        laptop < FAIL MARKREAD INVALID_PARAMS * *
        laptop > MARKREAD #soju 2020-01-01T00:00:01.500Z
        laptop < FAIL MARKREAD INVALID_PARAMS 2020-01-01T00:00:01.500Z *
        laptop > MARKREAD #soju,#other {T1}
        laptop < FAIL MARKREAD INVALID_PARAMS #soju,#other *
        laptop > MARKREAD :no target
        laptop < FAIL MARKREAD INVALID_PARAMS * *
        laptop > MARKREAD bouncerserv {T1}
        laptop < MARKREAD bouncerserv *
        unbound > MARKREAD BouncerServ
        unbound < MARKREAD BouncerServ *
        unbound > MARKREAD #soju {T1}
        unbound < FAIL MARKREAD INTERNAL_ERROR #soju *
        laptop > MARKREAD #soju
        laptop < MARKREAD #soju *
        """,
    )


def test_there_is_an_end_to_markers(set_stage: SetStage) -> None:
    stage = set_stage(caps="", server={"max_targets": 2})
    stage.attach("laptop", caps=CAP)
    play(
        stage,
        f"""
        laptop > MARKREAD a {T1}
        laptop < MARKREAD a {T1}
        laptop > MARKREAD b {T1}
        laptop < MARKREAD b {T1}
        laptop > MARKREAD c {T1}
        laptop < FAIL MARKREAD INTERNAL_ERROR c *
        laptop > MARKREAD A {T2}
        laptop < MARKREAD A {T2}
        """,
    )


def test_markers_survive_a_kill(set_inline: SetInline) -> None:
    """Row DBT-06: each network has its own."""
    stage = set_inline(caps="", networks=("libera", "oftc"))
    stage.attach("laptop", caps=CAP)
    stage.attach("other", "alice/oftc", caps=CAP)
    play(stage, f"laptop > MARKREAD Bob {T1}\nlaptop < MARKREAD Bob {T1}")
    play(stage, f"laptop > MARKREAD #soju {T2}\nlaptop < MARKREAD #soju {T2}")
    again = InlineStage(World(stage.world.setting, database=stage.world.database))
    again.script()
    again.attach("laptop", caps=CAP)
    again.attach("other", "alice/oftc", caps=CAP)
    play(
        again,
        f"""
        laptop > MARKREAD bob
        laptop < MARKREAD bob {T1}
        laptop > MARKREAD #soju
        laptop < MARKREAD #soju {T2}
        other > MARKREAD bob
        other < MARKREAD bob *
        """,
    )


def test_names_that_become_the_same_share_the_later_marker(set_inline: SetInline) -> None:
    """Row MSC-02: the server tells how it compares names after a client has read on."""
    stage = set_inline(caps="", isupport="CASEMAPPING=ascii")
    stage.attach("laptop", caps=CAP)
    play(
        stage,
        f"""
        laptop > MARKREAD [a] {T2}
        laptop < MARKREAD [a] {T2}
        laptop > MARKREAD {{a}} {T1}
        laptop < MARKREAD {{a}} {T1}
        libera > :irc.libera.test 005 alice CASEMAPPING=rfc1459 :are supported
        laptop < 005 * CASEMAPPING=rfc1459 *
        laptop > MARKREAD {{A}}
        laptop < MARKREAD {{A}} {T2}
        """,
    )


def test_nobody_is_told_what_is_not_stored() -> None:
    """STYLE: what must survive is stored before others are told."""
    stage = Failing(Setting(caps=""))
    stage.attach("laptop", caps=CAP)
    stage.attach("phone", caps=CAP)
    stage.writer.reason = "the disk is full"
    play(
        stage,
        f"""
        laptop > MARKREAD #soju {T1}
        laptop < FAIL MARKREAD INTERNAL_ERROR #soju *
        laptop > MARKREAD #soju
        laptop < MARKREAD #soju *
        """,
    )
