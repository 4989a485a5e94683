"""What the user notes of channels and nicks (rows MET-01 to MET-04, CMD-24, CAPD-07, PRE-09, ATT-04).

Spec: https://ircv3.net/specs/extensions/metadata
"""

from itertools import count

import pytest

from soju_actors.irc.metadata import CAP, KEYS
from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.behaviour.dialogs.test_storage import Failing
from tests.behaviour.stages import AnyStage, InlineStage
from tests.support.dialog import play
from tests.support.world import Setting, World

CAPS = f"{CAP} batch"
PINNED, MUTED, BLOCKED = KEYS
NAMES = count()
"""Numbers for the names of batches."""


def told(peer: str, target: str, *values: str) -> str:
    """Return the steps in which a client is told values as a batch: ``pinned 1`` and the like."""
    name = f"$batch{next(NAMES)}"
    lines = [value.split() for value in values]
    inner = [f"{peer} < @batch={name} METADATA {target} soju.im/{key} * {value}\n" for key, value in lines]
    return f"{peer} < BATCH +{name} metadata {target}\n{''.join(inner)}{peer} < BATCH -{name}\n"


def note(stage: AnyStage, target: str, key: str) -> None:
    """Let the laptop set a key."""
    stage.say("laptop", f"METADATA {target} SET {key} 1")
    assert [stage.next_line("laptop"), stage.next_line("laptop")] == [
        f":bouncer.test 761 alice {target} {key} * 1",
        f":bouncer.test METADATA {target} {key} * 1",
    ]


def test_clients_are_told_what_can_be_noted(set_stage: SetStage) -> None:
    """Row CAPD-07: from the beginning of a connection on, no keys of one's own, values of one byte."""
    stage = set_stage()
    assert f"{CAP}=before-connect,max-keys=0,max-value-bytes=1" in stage.listed("new", "CAP LS 302")
    assert CAP in stage.listed("old", "CAP LS")


@everywhere
def test_what_one_client_notes_all_are_told(set_stage: SetStage) -> None:
    """Row MET-02: whether they follow the key or not, the one that has set it too; a value that stays is no news."""
    stage = set_stage(caps="")
    for peer, caps in (("laptop", CAPS), ("phone", CAP), ("old", "batch")):
        stage.attach(peer, caps=caps)
    stage.attach("unbound", "alice", caps=CAPS)
    play(
        stage,
        f"""
        laptop > METADATA #soju SET {PINNED} 1
        laptop < 761 alice #soju {PINNED} * 1
        laptop < METADATA #soju {PINNED} * 1
        phone < METADATA #soju {PINNED} * 1
        phone > METADATA #SOJU set {PINNED} :1
        phone < 761 alice #SOJU {PINNED} * 1
        phone > METADATA Bob SET {MUTED} 1
        phone < 761 alice Bob {MUTED} * 1
        laptop < METADATA Bob {MUTED} * 1
        phone < METADATA Bob {MUTED} * 1
        laptop > METADATA #soju SET {PINNED}
        laptop < 761 alice #soju {PINNED} * 0
        laptop < METADATA #soju {PINNED} * 0
        phone < METADATA #soju {PINNED} * 0
        """,
    )


def test_what_is_noted_can_be_asked_for(set_stage: SetStage) -> None:
    """Row MET-01: of all targets, the own nick included; keys that there are not are told in their place."""
    stage = set_stage(caps="")
    stage.attach("laptop", caps=CAPS)
    stage.attach("plain", caps=CAP)
    note(stage, "[Bob]", MUTED)
    note(stage, "alice", PINNED)
    stage.forget()
    play(
        stage,
        f"""
        laptop > METADATA {{bob}} LIST
        laptop < BATCH +$list metadata {{bob}}
        laptop < @batch=$list 761 alice {{bob}} {PINNED} * 0
        laptop < @batch=$list 761 alice {{bob}} {MUTED} * 1
        laptop < @batch=$list 761 alice {{bob}} {BLOCKED} * 0
        laptop < BATCH -$list
        laptop > METADATA * GET url {PINNED} {PINNED}
        laptop < BATCH +$get metadata alice
        laptop < @batch=$get FAIL METADATA KEY_INVALID url *
        laptop < @batch=$get 761 alice alice {PINNED} * 1
        laptop < @batch=$get 761 alice alice {PINNED} * 1
        laptop < BATCH -$get
        plain > METADATA #soju GET {BLOCKED}
        plain < 761 alice #soju {BLOCKED} * 0
        """,
    )


def test_what_is_stored_answers_the_label(set_stage: SetStage) -> None:
    """Spec: https://ircv3.net/specs/extensions/labeled-response."""
    stage = set_stage(caps="")
    stage.attach("laptop", caps=f"{CAPS} labeled-response")
    stage.attach("phone", caps=CAPS)
    play(
        stage,
        f"""
        laptop > @label=one METADATA #soju SET {PINNED} 1
        laptop < @label=one BATCH +$one labeled-response
        laptop < @batch=$one 761 alice #soju {PINNED} * 1
        laptop < @batch=$one METADATA #soju {PINNED} * 1
        laptop < BATCH -$one
        phone < METADATA #soju {PINNED} * 1
        laptop > @label=two METADATA #soju GET {PINNED}
        laptop < @label=two BATCH +$two metadata #soju
        laptop < @batch=$two 761 alice #soju {PINNED} * 1
        laptop < BATCH -$two
        """,
    )


def test_all_that_is_noted_of_a_target_is_cleared(set_stage: SetStage) -> None:
    """Row MET-02: each key that was set is told."""
    stage = set_stage(caps="")
    stage.attach("laptop", caps=CAPS)
    stage.attach("phone", caps=CAPS)
    note(stage, "bob", MUTED)
    note(stage, "bob", PINNED)
    stage.forget()
    play(
        stage,
        f"""
        laptop > METADATA bob CLEAR
        laptop < BATCH +$clear metadata bob
        laptop < @batch=$clear 761 alice bob {PINNED} * 0
        laptop < @batch=$clear 761 alice bob {MUTED} * 0
        laptop < BATCH -$clear
        laptop < METADATA bob {PINNED} * 0
        laptop < METADATA bob {MUTED} * 0
        phone < METADATA bob {PINNED} * 0
        phone < METADATA bob {MUTED} * 0
        phone > METADATA bob CLEAR
        phone < BATCH +$again metadata bob
        phone < BATCH -$again
        """,
    )


def test_clients_follow_keys(set_stage: SetStage) -> None:
    """Row MET-02: who subscribes is told at once what the keys are, each target in a batch of its own."""
    stage = set_stage(caps="")
    stage.attach("laptop", caps=CAPS)
    for target, key in (("#soju", PINNED), ("bob", MUTED)):
        note(stage, target, key)
    stage.forget()
    play(
        stage,
        f"""
        laptop > METADATA * SUBS
        laptop < BATCH +$none metadata-subs
        laptop < BATCH -$none
        laptop > METADATA * SUB {PINNED} url {MUTED} {PINNED}
        laptop < 770 alice {PINNED} {MUTED}
        laptop < FAIL METADATA KEY_INVALID url *
        {told("laptop", "#soju", "pinned 1", "muted 0")}
        {told("laptop", "bob", "pinned 0", "muted 1")}
        laptop > METADATA * SUBS
        laptop < BATCH +$some metadata-subs
        laptop < @batch=$some 772 alice {PINNED} {MUTED}
        laptop < BATCH -$some
        laptop > METADATA alice UNSUB {MUTED} :::
        laptop < 771 alice {MUTED}
        laptop < FAIL METADATA KEY_INVALID * *
        laptop > METADATA * SUBS
        laptop < BATCH +$one metadata-subs
        laptop < @batch=$one 772 alice {PINNED}
        laptop < BATCH -$one
        laptop > CAP REQ -{CAP}
        laptop < CAP alice ACK -{CAP}
        laptop > METADATA * SUBS
        laptop < BATCH +$gone metadata-subs
        laptop < BATCH -$gone
        """,
    )


def test_a_client_may_ask_for_all_of_a_channel_later(set_stage: SetStage) -> None:
    """Row TOD-06, better: SYNC tells what the client follows of a channel and of who is in it."""
    stage = set_stage(caps="")
    stage.attach("laptop", caps=CAPS)
    for target in ("BOB", "stranger"):
        note(stage, target, MUTED)
    stage.say("laptop", f"METADATA * SUB {MUTED}")
    stage.forget()
    play(
        stage,
        f"""
        laptop > METADATA #soju SYNC
        laptop < BATCH +$sync metadata #soju
        laptop < @batch=$sync METADATA #soju {MUTED} * 0
        laptop < @batch=$sync METADATA BOB {MUTED} * 1
        laptop < BATCH -$sync
        laptop > METADATA stranger SYNC
        {told("laptop", "stranger", "muted 1")}
        """,
    )


@pytest.mark.parametrize("network", ["/libera", ""])
def test_keys_may_be_followed_before_registration(set_stage: SetStage, network: str) -> None:
    """Rows PRE-09, ATT-04: then all that is noted comes with the attachment, behind a batch about nothing."""
    stage = set_stage(caps="", channels=())
    stage.attach("laptop", caps=CAP)
    for target, key in (("#soju", PINNED), ("bob", BLOCKED)):
        note(stage, target, key)
    stage.forget()
    play(
        stage,
        f"""
        new > CAP REQ :{CAP} batch
        new < CAP * ACK :{CAP} batch
        new > METADATA * SUB {PINNED} {MUTED} url
        new < 770 * {PINNED} {MUTED}
        new < FAIL METADATA KEY_INVALID url *
        new > METADATA * UNSUB {MUTED}
        new < 771 * {MUTED}
        new > METADATA * SUBS
        new < 772 * {PINNED}
        new > METADATA * SET {PINNED} 1
        new < FAIL METADATA INVALID_PARAMS SET *
        new > METADATA #soju SUB {PINNED}
        new < FAIL METADATA INVALID_PARAMS SUB *
        new > METADATA
        new < FAIL METADATA INVALID_PARAMS * *
        """,
    )
    for line in ("PASS secret", "NICK alice", f"USER alice{network}@new 0 * :Alice", "CAP END"):
        stage.say("new", line)
    while " 422 " not in (stage.next_line("new") or " 422 "):
        pass
    noted = told("new", "#soju", "pinned 1") + told("new", "bob", "pinned 0") if network else ""
    play(stage, told("new", "alice") + noted)


def test_what_cannot_be_noted(set_stage: SetStage) -> None:
    """Row MET-01."""
    stage = set_stage(caps="", server={"max_targets": 1})
    stage.attach("laptop", caps=CAPS)
    stage.attach("unbound", "alice", caps=CAPS)
    note(stage, "bob", MUTED)
    play(
        stage,
        f"""
        laptop > METADATA
        laptop < FAIL METADATA INVALID_PARAMS *
        laptop > METADATA #soju
        laptop < FAIL METADATA INVALID_PARAMS *
        laptop > METADATA #soju FROB
        laptop < FAIL METADATA SUBCOMMAND_INVALID FROB *
        laptop > METADATA #soju SET
        laptop < FAIL METADATA INVALID_PARAMS SET *
        laptop > METADATA #soju GET
        laptop < FAIL METADATA INVALID_PARAMS GET *
        laptop > METADATA #soju SET url 1
        laptop < FAIL METADATA KEY_INVALID url *
        laptop > METADATA #soju SET {MUTED} 2
        laptop < FAIL METADATA VALUE_INVALID {MUTED} *
        laptop > METADATA a,b LIST
        laptop < FAIL METADATA INVALID_TARGET a,b *
        laptop > METADATA bob SUB {MUTED}
        laptop < FAIL METADATA INVALID_TARGET bob *
        laptop > METADATA carol SET {MUTED} 1
        laptop < FAIL METADATA LIMIT_REACHED carol *
        unbound > METADATA #soju LIST
        unbound < FAIL METADATA INVALID_TARGET #soju *
        unbound > METADATA * SUB {MUTED}
        unbound < 770 alice {MUTED}
        """,
    )


def test_what_is_noted_survives_a_kill(set_inline: SetInline) -> None:
    """Row DBT-09: each network has its own."""
    stage = set_inline(caps="", networks=("libera", "oftc"))
    stage.attach("laptop", caps=CAPS)
    stage.say("laptop", f"METADATA #soju SET {PINNED} 1\r\nMETADATA #soju SET {MUTED} 1")
    again = InlineStage(World(stage.world.setting, database=stage.world.database))
    again.script()
    again.attach("laptop", caps=CAPS)
    again.attach("other", "alice/oftc", caps=CAPS)
    play(
        again,
        f"""
        other > METADATA * SUB {PINNED}
        other < 770 alice {PINNED}
        laptop > METADATA * SUB {PINNED} {MUTED} {BLOCKED}
        laptop < 770 alice {PINNED} {MUTED} {BLOCKED}
        {told("laptop", "#soju", "pinned 1", "muted 1", "blocked 0")}
        """,
    )


def test_names_that_become_the_same_share_what_is_noted(set_inline: SetInline) -> None:
    """Row MSC-02."""
    stage = set_inline(caps="", isupport="CASEMAPPING=ascii")
    stage.attach("laptop", caps=CAPS)
    stage.say("laptop", f"METADATA [a] SET {PINNED} 1\r\nMETADATA {{a}} SET {MUTED} 1")
    stage.say("libera", ":irc.libera.test 005 alice CASEMAPPING=rfc1459 :are supported")
    stage.forget()
    play(
        stage,
        f"""
        laptop > METADATA * SUB {PINNED} {MUTED}
        laptop < 770 alice {PINNED} {MUTED}
        {told("laptop", "{a}", "pinned 1", "muted 1")}
        """,
    )


def test_nobody_is_told_what_is_not_stored() -> None:
    """STYLE: what must survive is stored before others are told."""
    stage = Failing(Setting(caps=""))
    stage.attach("laptop", caps=CAPS)
    stage.attach("phone", caps=CAPS)
    stage.writer.reason = "the disk is full"
    play(
        stage,
        f"""
        laptop > METADATA #soju SET {PINNED} 1
        laptop < FAIL METADATA INTERNAL_ERROR #soju *
        phone > METADATA #soju GET {PINNED}
        phone < BATCH +$get metadata #soju
        phone < @batch=$get 761 alice #soju {PINNED} * 0
        phone < BATCH -$get
        """,
    )


def test_metadata_of_servers_is_not_relayed(set_stage: SetStage) -> None:
    """Row MET-04: nobody asks servers for it."""
    stage = set_stage(caps=f"batch {CAP}")
    stage.attach("laptop", caps=CAPS)
    play(
        stage,
        f"""
        libera > :irc.libera.test METADATA bob avatar * :https://example.org
        libera > :irc.libera.test MARKREAD bob *
        libera > :irc.libera.test READ bob *
        laptop > METADATA bob GET {MUTED}
        laptop < BATCH +$get metadata bob
        laptop < @batch=$get 761 alice bob {MUTED} * 0
        laptop < BATCH -$get
        """,
    )
