"""Messages of several lines, both ways (row UP-10 and beyond soju).

Spec: https://ircv3.net/specs/extensions/multiline
Spec: https://ircv3.net/specs/extensions/client-batch
"""

import pytest

from tests.behaviour.dialogs.conftest import SetInline, SetStage, everywhere
from tests.support.dialog import play

PLAIN = "batch message-tags server-time"
ECHO = f"{PLAIN} echo-message labeled-response"
KNOWS = " draft/multiline"
CAPS = f"{PLAIN} draft/multiline"
TIME = "time=2024-01-01T00:00:01.000Z"
SAID = f"""
libera > @{TIME};msgid=m1;+draft/reply=x :bob!b@host BATCH +q draft/multiline #soju
libera > @batch=q :bob!b@host PRIVMSG #soju :hello
libera > @batch=q :bob!b@host PRIVMSG #soju :
libera > @batch=q :bob!b@host PRIVMSG #soju :how is
libera > @batch=q;draft/multiline-concat :bob!b@host PRIVMSG #soju : everyone?
libera > BATCH -q
"""


def shown(peer: str, outer: str = "") -> str:
    """Return the steps in which a client that knows of several lines is shown the message."""
    tag = f"batch={outer};" if outer else ""
    close = f"@batch={outer} " if outer else ""
    return f"""
    {peer} < @{tag}{TIME};msgid=m1;+draft/reply=x :bob!b@host BATCH +$m draft/multiline #soju
    {peer} < @batch=$m :bob!b@host PRIVMSG #soju :hello
    {peer} < @batch=$m :bob!b@host PRIVMSG #soju :
    {peer} < @batch=$m :bob!b@host PRIVMSG #soju :how is
    {peer} < @batch=$m;draft/multiline-concat= :bob!b@host PRIVMSG #soju : everyone?
    {peer} < {close}BATCH -$m
    """


def singly(peer: str, outer: str = "") -> str:
    """Return the steps in which any other client is shown it."""
    tag = f"batch={outer};" if outer else ""
    return f"""
    {peer} < @{tag}{TIME};msgid=m1;+draft/reply=x :bob!b@host PRIVMSG #soju :hello
    {peer} < @{tag}{TIME} :bob!b@host PRIVMSG #soju :how is
    {peer} < @{tag}{TIME} :bob!b@host PRIVMSG #soju : everyone?
    """


@everywhere
def test_a_message_of_several_lines_is_a_batch_for_who_knows_that(set_stage: SetStage) -> None:
    """Others get its lines, but the empty ones; message id and client tags are on the first alone."""
    stage = set_stage(caps=f"{PLAIN} draft/multiline=max-bytes=4096")
    stage.attach("laptop", caps=CAPS)
    stage.attach("phone", caps=PLAIN)
    stage.attach("old")
    old = "".join(f"old < :bob!b@host PRIVMSG #soju :{text}\n" for text in ("hello", "how is", " everyone?"))
    play(stage, SAID + shown("laptop") + singly("phone") + old)
    live = ":bob!b@host PRIVMSG #soju :live"
    play(stage, f"libera > @{TIME} {live}\nlaptop < @{TIME} {live}\nphone < @{TIME} {live}\nold < {live}")


@everywhere
def test_history_has_it_as_one_message(set_stage: SetStage) -> None:
    """It counts as one, is found by its words and its id, and is redacted as one."""
    stage = set_stage(caps=f"{PLAIN} draft/multiline=max-bytes=4096 draft/message-redaction")
    stage.attach("laptop", caps=f"{CAPS} draft/chathistory")
    stage.attach("phone", caps=f"{PLAIN} draft/chathistory")
    play(
        stage,
        f"libera > @time=2024-01-01T00:00:00.000Z :bob!b@host PRIVMSG #soju :before\n{SAID}"
        """
        laptop < @time=* :bob!b@host PRIVMSG #soju before
        phone < @time=* :bob!b@host PRIVMSG #soju before
    """ + shown("laptop") + singly("phone"),
    )
    for peer, lines in (("laptop", shown), ("phone", singly)):
        play(
            stage,
            f"""
            {peer} > CHATHISTORY LATEST #soju * 1
            {peer} < BATCH +$h chathistory #soju
            {lines(peer, "$h")}
            {peer} < BATCH -$h
            {peer} > SEARCH in=#soju;text=everyone\\show
            {peer} < BATCH +$s soju.im/search
            {lines(peer, "$s").replace("$m", "$n")}
            {peer} < BATCH -$s
            {peer} > CHATHISTORY BEFORE #soju msgid=m1 1
            {peer} < @draft/chathistory-end BATCH +$b chathistory #soju
            {peer} < @time=*;batch=$b :bob!b@host PRIVMSG #soju before
            {peer} < BATCH -$b
        """,
        )
    play(
        stage,
        """
        libera > @time=2024-01-01T00:00:02.000Z :bob!b@host REDACT #soju m1
        laptop > SEARCH in=#soju;text=everyone
        laptop < BATCH +$s soju.im/search
        laptop < BATCH -$s
    """,
    )


@pytest.mark.parametrize("ring", [1, 100])
def test_it_is_replayed(set_inline: SetInline, ring: int) -> None:
    """Rows RCP-04, RCP-07: to each client as it knows it, from the ring and from the database."""
    stage = set_inline(caps=f"{PLAIN} draft/multiline=max-bytes=4096", ring=ring, of_network={"auto_away": False})
    clients = {"laptop": CAPS, "phone": PLAIN}
    for peer, caps in clients.items():
        stage.attach(peer, caps=caps)
        play(stage, f"{peer} > (closed)")
    play(stage, SAID + f"libera > @{TIME} :bob!b@host PRIVMSG #soju :after")
    for (peer, caps), lines in zip(clients.items(), (shown, singly), strict=True):
        stage.log_in(peer, caps=caps)
        play(
            stage,
            f"""
            {peer} < @time=* :alice!a@host JOIN #soju
            {peer} < 332 **
            {peer} < 333 **
            {peer} < 353 **
            {peer} < 366 **
            {peer} < BATCH +$h chathistory #soju
            {lines(peer, "$h")}
            {peer} < @batch=$h;{TIME} :bob!b@host PRIVMSG #soju after
            {peer} < BATCH -$h
        """,
        )


SEND = """
    laptop > @label=x;+draft/reply=y;time=z BATCH +1 draft/multiline #soju
    laptop > @batch=1 PRIVMSG #soju :one
    laptop > @batch=1 PRIVMSG #soju :
    laptop > @batch=1;draft/multiline-concat PRIVMSG #soju :two
    laptop > BATCH -1
"""


@everywhere
def test_a_client_s_message_is_passed_on_as_a_batch(set_stage: SetStage) -> None:
    """With an echo it is shown when that comes; the label is on the beginning of the batch alone."""
    stage = set_stage(caps=f"{ECHO} draft/multiline=max-bytes=4096")
    stage.attach("laptop", caps=f"{CAPS} echo-message labeled-response")
    stage.attach("phone", caps=CAPS)
    play(
        stage,
        SEND
        + """
        libera < @label=$l;+draft/reply=y BATCH +$m draft/multiline #soju
        libera < @batch=$m PRIVMSG #soju :one
        libera < @batch=$m PRIVMSG #soju :
        libera < @batch=$m;draft/multiline-concat= PRIVMSG #soju :two
        libera < BATCH -$m
        libera > @label=$l;msgid=e;time=2024-01-01T00:00:01.000Z :alice!a@host BATCH +z draft/multiline #soju
        libera > @batch=z :alice!a@host PRIVMSG #soju :one
        libera > @batch=z :alice!a@host PRIVMSG #soju :
        libera > @batch=z;draft/multiline-concat :alice!a@host PRIVMSG #soju :two
        libera > BATCH -z
        laptop < @label=x;msgid=e;time=* :alice!a@host BATCH +$a draft/multiline #soju
        laptop < @batch=$a :alice!a@host PRIVMSG #soju :one
        laptop < @batch=$a :alice!a@host PRIVMSG #soju :
        laptop < @batch=$a;draft/multiline-concat= :alice!a@host PRIVMSG #soju :two
        laptop < BATCH -$a
        phone < @msgid=e;time=* :alice!a@host BATCH +$b draft/multiline #soju
        phone < @batch=$b :alice!a@host PRIVMSG #soju :one
        phone < @batch=$b :alice!a@host PRIVMSG #soju :
        phone < @batch=$b;draft/multiline-concat= :alice!a@host PRIVMSG #soju :two
        phone < BATCH -$b
    """,
    )


def test_without_an_echo_the_bouncer_makes_one(set_stage: SetStage) -> None:
    """Row ECH-03: a server without batches is sent the lines, but the empty ones."""
    stage = set_stage(caps="message-tags")
    stage.attach("laptop", caps="batch message-tags draft/multiline")
    stage.attach("phone", caps="batch message-tags draft/multiline")
    stage.attach("old", caps="message-tags")
    play(
        stage,
        SEND.replace("label=x;", "")
        + """
        libera < @+draft/reply=y PRIVMSG #soju :one
        libera < PRIVMSG #soju :two
        phone < @time=*;+draft/reply=y :alice!a@host BATCH +$b draft/multiline #soju
        phone < @batch=$b :alice!a@host PRIVMSG #soju :one
        phone < @batch=$b :alice!a@host PRIVMSG #soju :
        phone < @batch=$b;draft/multiline-concat= :alice!a@host PRIVMSG #soju :two
        phone < BATCH -$b
        old < @time=*;+draft/reply=y :alice!a@host PRIVMSG #soju :one
        old < @time=* :alice!a@host PRIVMSG #soju :two
    """,
    )


BEGIN = "laptop > BATCH +1 draft/multiline #soju\n"
LINE = "laptop > @batch=1 PRIVMSG #soju :{}\n"
END = "laptop > BATCH -1\n"


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("laptop > BATCH +1 netsplit a b\n", "MULTILINE_INVALID *"),
        ("laptop > BATCH +1 draft/multiline\n", "MULTILINE_INVALID *"),
        ("laptop > BATCH +\n", "MULTILINE_INVALID *"),
        (END, "MULTILINE_INVALID *"),
        (BEGIN + "laptop > BATCH -2\n", "MULTILINE_INVALID *"),
        (BEGIN + END, "MULTILINE_INVALID *"),
        (BEGIN + LINE.format("") + LINE.format("") + END, "MULTILINE_INVALID *"),
        (BEGIN + "laptop > @batch=1 PRIVMSG #soju\n" + END, "MULTILINE_INVALID *"),
        (BEGIN + LINE.format("a") + "laptop > @batch=1 NOTICE #soju b\n" + END, "MULTILINE_INVALID *"),
        (BEGIN + "laptop > @batch=1;draft/multiline-concat PRIVMSG #soju :\n" + END, "MULTILINE_INVALID *"),
        (BEGIN + "laptop > @batch=1 PRIVMSG #bar a\n" + END, "MULTILINE_INVALID_TARGET #soju #bar *"),
        (BEGIN + LINE.format("a") * 11 + END, "MULTILINE_MAX_LINES 10 *"),
        (BEGIN + LINE.format("a" * 49) * 2 + LINE.format("b") + END, "MULTILINE_MAX_BYTES 100 *"),
    ],
)
def test_what_is_wrong_with_a_batch_is_told_once(set_inline: SetInline, said: str, reply: str) -> None:
    """And nothing of it is sent; the server's limits are the client's."""
    stage = set_inline(caps=f"{PLAIN} draft/multiline=max-bytes=100,max-lines=10")
    stage.attach("laptop", caps=CAPS)
    play(stage, f"{said}laptop < FAIL BATCH {reply}")


def test_as_much_as_the_limits_allow_is_sent(set_inline: SetInline) -> None:
    """Each line break counts as a byte."""
    stage = set_inline(caps=f"{PLAIN} draft/multiline=max-bytes=99,max-lines=10")
    stage.attach("laptop", caps=CAPS)
    play(
        stage,
        BEGIN
        + LINE.format("a" * 49) * 2
        + END
        + "libera < BATCH **\n"
        + "libera < @** PRIVMSG **\n" * 2
        + "libera < BATCH **",
    )


def test_a_batch_that_stays_open_times_out(set_inline: SetInline) -> None:
    """Other commands are carried out meanwhile."""
    stage = set_inline(caps=PLAIN)
    stage.attach("laptop", caps=CAPS)
    play(stage, BEGIN + LINE.format("a") + "laptop > PRIVMSG #soju :aside\nlibera < PRIVMSG #soju aside")
    stage.world.advance(61)
    play(stage, LINE.format("b") + END + "laptop < FAIL BATCH TIMEOUT 1 *")


def test_a_message_of_one_line_is_a_message(set_stage: SetStage) -> None:
    """Of servers and of clients; the service takes lines."""
    stage = set_stage(caps=f"{PLAIN} draft/multiline=max-bytes=100,max-lines=10")
    stage.attach("laptop", caps=CAPS)
    play(
        stage,
        BEGIN
        + LINE.format("a")
        + END
        + f"""
        libera < PRIVMSG #soju a
        libera > @msgid=1;{TIME} :bob!b@host BATCH +q draft/multiline #soju
        libera > @batch=q :bob!b@host NOTICE #soju :hello
        libera > BATCH -q
        laptop < @msgid=1;{TIME} :bob!b@host NOTICE #soju hello
        laptop > BATCH +1 draft/multiline BouncerServ
        laptop > @batch=1 PRIVMSG BouncerServ :frobnicate
        laptop > BATCH -1
        laptop < :BouncerServ!BouncerServ@BouncerServ PRIVMSG alice *
    """,
    )


def test_what_is_too_much_of_a_server_is_shown_line_by_line(set_inline: SetInline) -> None:
    """Nothing is lost: more than is held back, more batches at once, lines that do not fit in."""
    stage = set_inline(caps=f"{PLAIN} draft/multiline=max-bytes=9999999")
    stage.attach("laptop", caps=CAPS)
    libera = stage.servers["libera"]
    libera.say(f"@{TIME};msgid=m :bob!b@host BATCH +q draft/multiline #soju")
    texts = [f"{at} {'x' * 100}" for at in range(300)]
    libera.say(*[f"@batch=q :bob!b@host PRIVMSG #soju :{text}" for text in texts], "BATCH -q")
    libera.say(*[f":bob!b@host BATCH +q{at} draft/multiline #soju" for at in range(20)])
    libera.say(*[f"@batch=q{at} :bob!b@host PRIVMSG #soju :{at}" for at in range(20)])
    libera.say(*[f"BATCH -q{at}" for at in range(20)])
    libera.say(
        ":bob!b@host BATCH +z draft/multiline #soju",
        "@batch=z :bob!b@host PRIVMSG #soju :one",
        "@batch=z :bob!b@host PRIVMSG #elsewhere :two",
        "BATCH -z",
        "BATCH -unknown",
    )
    stage.world.run()
    lines = stage.unheard()["laptop"]
    assert not any("BATCH" in line for line in lines)
    heard = [line.rpartition(":")[2].rpartition("#soju ")[2] for line in lines]
    assert heard[:300] == texts
    assert sorted(heard[300:320], key=int) == [str(at) for at in range(20)]
    assert heard[320:] == ["one", "two"]
    assert sum("msgid=" in line for line in lines) == 1
    stage.forget()


def test_it_is_relayed_from_a_detached_channel_with_all_of_its_text(set_stage: SetStage) -> None:
    """Row DET-03: highlights count wherever they stand in it."""
    stage = set_stage(caps=f"{PLAIN} draft/multiline=max-bytes=4096")
    stage.attach("laptop", caps=CAPS)
    play(stage, "laptop > PART #soju detach\nlaptop < :alice!a@host PART #soju Detach")
    for line in (
        f"@{TIME} :bob!b@host BATCH +q draft/multiline #soju",
        "@batch=q :bob!b@host PRIVMSG #soju :hello",
        "@batch=q :bob!b@host PRIVMSG #soju :alice: look",
        "BATCH -q",
    ):
        stage.say("libera", line)
    notice = stage.next_line("laptop") or ""
    assert " NOTICE alice :" in notice
    assert notice.endswith("hello alice: look")
    assert not stage.unheard()["laptop"]
