from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.irc.cap_table import PASSTHROUGH, PERMANENT, REQUESTED, USEFUL_FIRST, WITH_HISTORY
from soju_actors.irc.caps import MOST_AVAILABLE, CapClient, CapNegotiation
from soju_actors.irc.errors import ReplyError
from soju_actors.irc.message import Message, parse_message

_MANY = {f"example.org/capability-{number}": f"value-{number}" for number in range(40)}


def _server(**fields: object) -> CapNegotiation:
    caps = {"sasl": "PLAIN,EXTERNAL", "batch": "", "cap-notify": "", "server-time": "", "soju.im/account-required": ""}
    return CapNegotiation(caps, "irc.test", **fields)  # type: ignore[arg-type]


def _told(caps: CapNegotiation, line: str) -> list[str]:
    return [str(message) for message in caps.receive(parse_message(line).params)]


@pytest.mark.parametrize(
    ("lines", "last", "enabled"),
    [
        (["CAP LS"], ":irc.test CAP * LS :sasl server-time batch cap-notify soju.im/account-required", set()),
        (
            ["CAP LS 302"],
            ":irc.test CAP * LS :sasl=PLAIN,EXTERNAL server-time batch cap-notify soju.im/account-required",
            {"cap-notify"},
        ),
        (["CAP LS :302", "CAP LIST"], ":irc.test CAP * LIST :cap-notify", {"cap-notify"}),
        (["CAP LS 302", "CAP LS 301", "CAP LIST"], ":irc.test CAP * LIST :cap-notify", {"cap-notify"}),
        (
            ["CAP LS 302", "CAP LS"],
            ":irc.test CAP * LS :sasl server-time batch cap-notify soju.im/account-required",
            {"cap-notify"},
        ),
        (
            ["CAP LS 30200"],
            ":irc.test CAP * LS :sasl=PLAIN,EXTERNAL server-time batch cap-notify soju.im/account-required",
            {"cap-notify"},
        ),
        (["CAP LS three"], ":irc.test CAP * LS :sasl server-time batch cap-notify soju.im/account-required", set()),
        (["CAP LIST"], ":irc.test CAP * LIST :", set()),
        (["cap req :batch sasl"], ":irc.test CAP * ACK :batch sasl", {"batch", "sasl"}),
        (["CAP REQ : sasl "], ":irc.test CAP * ACK :sasl", {"sasl"}),
        (["CAP REQ batch sasl"], ":irc.test CAP * ACK :batch sasl", {"batch", "sasl"}),
        (["CAP REQ Server-Time"], ":irc.test CAP * ACK :Server-Time", {"server-time"}),
        (["CAP REQ :batch unknown"], ":irc.test CAP * NAK :batch unknown", set()),
        (["CAP REQ :batch", "CAP REQ :sasl -batch"], ":irc.test CAP * ACK :sasl -batch", {"sasl"}),
        (["CAP REQ :batch", "CAP REQ :-batch -unknown"], ":irc.test CAP * NAK :-batch -unknown", {"batch"}),
        (["CAP REQ :cap-notify", "CAP REQ :-cap-notify"], ":irc.test CAP * ACK :-cap-notify", set()),
        (["CAP LS 302", "CAP REQ :-cap-notify"], ":irc.test CAP * NAK :-cap-notify", {"cap-notify"}),
        (["CAP REQ :batch soju.im/account-required"], ":irc.test CAP * NAK :batch soju.im/account-required", set()),
        (["CAP REQ :"], ":irc.test CAP * ACK :", set()),
        (["CAP REQ : "], ":irc.test CAP * ACK :", set()),
        (["CAP REQ :-"], ":irc.test CAP * NAK :-", set()),
        (["CAP REQ :sasl=PLAIN"], ":irc.test CAP * NAK :sasl=PLAIN", set()),
        (["CAP END", "CAP LIST"], ":irc.test CAP * LIST :", set()),
    ],
)
def test_a_client_negotiates(lines: list[str], last: str, enabled: set[str]) -> None:
    """Rows CAPM-01, CAPM-02, CAPD-01, CAPD-12."""
    caps = _server()
    for line in lines:
        told = _told(caps, line)
    assert told == [last]
    assert caps.enabled == enabled


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("CAP FOO", "ERR_INVALIDCAPCMD FOO"),
        ("CAP REQ", "ERR_INVALIDCAPCMD REQ"),
        ("CAP", "ERR_NEEDMOREPARAMS CAP"),
        ("CAP :", r"ERR_INVALIDCAPCMD \*"),
    ],
)
def test_nonsense_is_refused(line: str, error: str) -> None:
    """Row CAPM-03."""
    with pytest.raises(ReplyError, match=error):
        _told(_server(), line)


def test_registration_waits_for_the_end() -> None:
    for opening in ("CAP LS 302", "CAP REQ :batch", "CAP REQ :unknown"):
        caps = _server()
        assert not caps.open
        _told(caps, opening)
        assert caps.open
        assert _told(caps, "CAP END") == []
        assert not caps.open
    caps = _server()
    _told(caps, "CAP LIST")
    assert not caps.open


def test_long_lists_take_several_lines() -> None:
    caps = CapNegotiation(dict(_MANY), "irc.test", "alice")
    told = caps.receive(("LS", "302"))
    assert len(told) > 1
    assert all(message.params[:3] == ("alice", "LS", "*") for message in told[:-1])
    words = [word for message in told for word in message.params[-1].split()]
    assert dict(word.split("=") for word in words) == _MANY
    assert len(told[-1].params) == 3
    assert max(len(str(message)) for message in told) <= 510

    for start in range(0, 40, 8):
        names = " ".join(list(_MANY)[start : start + 8])
        assert [message.params for message in caps.receive(("REQ", names))] == [("alice", "ACK", names)]
    listed = caps.receive(("LIST",))
    assert [word for message in listed for word in message.params[-1].split()] == sorted({*_MANY, "cap-notify"})
    assert listed[0].params[:3] == ("alice", "LIST", "*")


def test_a_client_of_old_gets_what_fits_one_line() -> None:
    """It does not know the mark of lines to come; what it will use is in the first (row CAPM-01, TOD-01)."""
    caps = CapNegotiation({**_MANY, **dict.fromkeys(USEFUL_FIRST, ""), "sasl": "PLAIN"}, "irc.test", "alice")
    (told,) = caps.receive(("LS",))
    assert told.params[:2] == ("alice", "LS")
    assert len(told.params) == 3
    names = told.params[-1].split()
    useful = [name for name in USEFUL_FIRST if name != "sts"]
    assert names[: len(useful)] == useful
    assert 450 < len(str(told)) <= 510
    caps.receive(("REQ", " ".join(_MANY)))
    (listed,) = caps.receive(("LIST",))
    assert len(listed.params) == 3


def test_a_value_that_a_client_cannot_have_is_not_offered_to_it() -> None:
    """Without its value sts says nothing. Spec: https://ircv3.net/specs/extensions/sts#details."""
    old, new = CapNegotiation({"sts": "port=6697", "batch": ""}), CapNegotiation({"sts": "port=6697", "batch": ""})
    assert old.receive(("LS",))[0].params[-1] == "batch"
    assert new.receive(("LS", "302"))[0].params[-1] == "sts=port=6697 batch"
    for request in ("sts", "-sts", "batch sts"):
        assert new.receive(("REQ", request))[0].params[1:] == ("NAK", request)


@pytest.mark.parametrize("server", ["irc.test", "x" * 63 + ".test", "x" * 400])
def test_lists_fit_their_lines_whatever_the_names(server: str) -> None:
    caps = CapNegotiation(dict(_MANY), server, "n" * 30)
    told = caps.receive(("LS", "302"))
    assert max(len(str(message)) for message in told) <= max(510, len(server) + 160)
    assert sum(len(message.params[-1].split()) for message in told) == len(_MANY)


def test_the_answer_to_a_long_request_fits_its_lines() -> None:
    caps = CapNegotiation(dict(_MANY), "irc.test")
    names = " ".join(_MANY)
    told = caps.receive(("REQ", names))
    assert " ".join(message.params[-1] for message in told) == names
    assert caps.enabled == set(_MANY)
    (refusal,) = caps.receive(("REQ", f"{names} unknown"))
    assert len(str(refusal)) <= 510
    assert names.startswith(refusal.params[-1])


def test_a_client_hears_of_changes_if_it_wants_to() -> None:
    """Row CAPM-04."""
    caps = _server()
    assert caps.offer({"away-notify": ""}) == []
    _told(caps, "CAP LS 302")
    _told(caps, "CAP REQ :sasl batch")
    caps.nick = "alice"
    told = caps.offer({"batch": "", "sasl": "PLAIN", "chghost": ""})
    assert [str(message) for message in told] == [":irc.test CAP alice NEW :sasl=PLAIN chghost"]
    told = caps.withdraw(["batch", "never-offered", "away-notify"])
    assert [str(message) for message in told] == [":irc.test CAP alice DEL :batch away-notify"]
    assert caps.enabled == {"cap-notify", "sasl"}
    assert "batch" not in caps.offered


def test_a_client_that_cannot_be_told_keeps_what_it_has_enabled() -> None:
    """What a client relies on is not changed behind its back; it may let go of it by itself."""
    caps = _server()
    _told(caps, "CAP REQ :batch sasl")
    assert caps.withdraw(["batch"]) == []
    assert caps.enabled == {"batch", "sasl"}
    assert _told(caps, "CAP REQ :batch sasl") == [":irc.test CAP * NAK :batch sasl"]
    assert _told(caps, "CAP REQ :-batch") == [":irc.test CAP * ACK :-batch"]
    assert _told(caps, "CAP REQ :-batch") == [":irc.test CAP * NAK :-batch"]


def test_a_new_value_is_news_only_to_who_sees_values() -> None:
    caps = _server()
    _told(caps, "CAP REQ :cap-notify")
    assert caps.offer({"sasl": "PLAIN", "sts": "port=1"}) == []
    _told(caps, "CAP LS 302")
    assert [message.params for message in caps.offer({"sasl": "PLAIN", "sts": "port=2"})] == [
        ("*", "NEW", "sts=port=2"),
    ]


def test_losing_cap_notify_itself_is_told() -> None:
    caps = _server()
    _told(caps, "CAP REQ :cap-notify")
    assert len(caps.withdraw(["cap-notify"])) == 1
    assert caps.offer({"x": ""}) == []


def test_what_may_be_withdrawn_is_not_shown_to_a_client_that_cannot_be_told() -> None:
    """Row CAPD-24."""
    old, new = (_server(tentative={"server-time"}) for _ in range(2))
    (told_old,), (told_new,) = old.receive(("LS",)), new.receive(("LS", "302"))
    assert "server-time" not in told_old.params[-1]
    assert "server-time" in told_new.params[-1]
    old.receive(("REQ", "cap-notify"))
    assert [message.params for message in old.offer({"server-time": "", "batch": ""})] == [("*", "NEW", "server-time")]
    assert new.offer({"server-time": ""}) == []
    assert "server-time" in old.receive(("LS",))[0].params[-1]


@given(
    st.lists(
        st.sampled_from(["LS", "LS 302", "LIST", "REQ :batch", "REQ :sasl -batch", "REQ x", "END", "+sasl", "-sasl"])
    )
)
def test_nothing_is_enabled_that_is_not_offered(steps: list[str]) -> None:
    caps = _server()
    kept = set()
    for step in steps:
        if step == "+sasl":
            caps.offer({"sasl": ""})
        elif step == "-sasl":
            caps.withdraw(["sasl"])
            kept |= caps.enabled & {"sasl"}  # by a client that could not be told
        else:
            before = set(caps.enabled)
            told = caps.receive(parse_message(f"CAP {step}").params)
            refused = any(message.params[1] == "NAK" for message in told)
            assert not refused or caps.enabled == before
        assert caps.enabled <= caps.offered.keys() | kept


class _IrcServer:
    """A server that refuses some capabilities, and all requests that name one of them."""

    def __init__(self, offered: set[str], refused: set[str]) -> None:
        self.offered = offered
        self.refused = refused
        self.enabled: set[str] = set()

    def answer(self, message: Message) -> Message:
        subcommand, text = message.params
        if subcommand == "LS":
            return Message("CAP", ("*", "LS", " ".join(sorted(self.offered))))
        names = text.split()
        if {name.removeprefix("-") for name in names} & self.refused:
            return Message("CAP", ("*", "NAK", text))
        self.enabled |= {name for name in names if not name.startswith("-")}
        self.enabled -= {name[1:] for name in names if name.startswith("-")}
        return Message("CAP", ("*", "ACK", text))


def _converse(client: CapClient, said: list[Message], answer: Callable[[Message], Message]) -> list[str]:
    transcript = []
    while said:
        message = said.pop(0)
        transcript.append(" ".join(message.params))
        said.extend(client.receive(answer(message)))
    return transcript


_some = st.sets(st.sampled_from([*REQUESTED, "echo-message", "example.org/unknown"]))


@given(_some, _some)
def test_both_sides_agree_whatever_the_server_refuses(offered: set[str], refused: set[str]) -> None:
    """Rows CAPU-01, CAPU-02."""
    client, server = CapClient(), _IrcServer(offered, refused)
    _converse(client, client.start(), server.answer)
    assert client.settled
    assert client.enabled == server.enabled
    assert client.available.keys() == offered
    wanted = (offered & set(REQUESTED)) - refused
    assert client.enabled - {"echo-message"} == wanted
    echoes_are_told_apart = {"echo-message", "labeled-response"} <= offered - refused
    assert ("echo-message" in client.enabled) is echoes_are_told_apart


def test_a_refused_set_is_tried_one_by_one() -> None:
    client, server = CapClient(), _IrcServer({"batch", "sasl", "server-time"}, {"batch"})
    assert _converse(client, client.start(), server.answer) == [
        "LS 302",
        "REQ batch sasl server-time",
        "REQ batch",
        "REQ sasl",
        "REQ server-time",
    ]


def _receive(client: CapClient, *lines: str) -> list[str]:
    return [" ".join(message.params) for line in lines for message in client.receive(parse_message(line))]


@pytest.mark.parametrize("nick", ["*", "alice"])
def test_a_list_may_take_several_lines(nick: str) -> None:
    client = CapClient()
    assert _receive(client, f":s CAP {nick} LS * :batch sasl=PLAIN,EXTERNAL") == []
    assert not client.settled
    assert _receive(client, f":s CAP {nick} LS :chghost") == ["REQ batch chghost sasl"]
    assert not client.settled
    assert client.available == {"batch": "", "sasl": "PLAIN,EXTERNAL", "chghost": ""}
    assert _receive(client, f":s CAP {nick} ACK :batch chghost", f":s CAP {nick} ACK :sasl ") == []
    assert client.settled
    assert client.enabled == {"batch", "sasl", "chghost"}


@pytest.mark.parametrize("line", [":s CAP * LS :", ":s CAP * LS", ":s CAP * ls :unknown"])
def test_a_server_may_offer_nothing(line: str) -> None:
    client = CapClient()
    assert _receive(client, line) == []
    assert client.settled


@pytest.mark.parametrize("line", ["CAP", "CAP *", "CAP * LIST :batch", "CAP * FOO :x", "CAP * NAK :x", "CAP * ACK"])
def test_answers_to_no_question_do_nothing(line: str) -> None:
    client = CapClient()
    assert _receive(client, line) == []
    assert client.enabled == set()


def test_long_requests_are_split() -> None:
    client = CapClient()
    requests = client._request(_MANY)  # more than any server offers of what is requested
    assert max(len(str(message)) for message in requests) <= 510
    assert [name for message in requests for name in message.params[1].split()] == list(_MANY)


def test_the_end_of_a_refused_list_may_be_missing() -> None:
    """A server may answer with the beginning of a long request only."""
    client = CapClient()
    _receive(client, "CAP * LS :batch sasl")
    assert _receive(client, "CAP * NAK :bat") == ["REQ batch", "REQ sasl"]


def test_capabilities_come_and_go() -> None:
    """Row CAPU-05."""
    client = CapClient()
    _receive(client, "CAP * LS :batch", "CAP * ACK :batch")
    assert _receive(client, "CAP a NEW :labeled-response echo-message unknown") == ["REQ labeled-response echo-message"]
    assert _receive(client, "CAP a ACK :~labeled-response =echo-message") == []
    assert _receive(client, "CAP a DEL :labeled-response batch") == ["REQ -echo-message"]
    assert not client.settled
    assert _receive(client, "CAP a ACK :-echo-message") == []
    assert (client.enabled, client.available) == (set(), {"echo-message": "", "unknown": ""})
    assert _receive(client, "CAP a NEW :batch") == ["REQ batch"]
    assert _receive(client, "CAP a NAK :batch", "CAP a NEW :x") == ["REQ batch"]


def test_echoes_that_cannot_be_switched_off_are_asked_for_once() -> None:
    client = CapClient()
    _receive(client, "CAP * LS :labeled-response echo-message", "CAP * ACK :labeled-response echo-message")
    assert _receive(client, "CAP * DEL :labeled-response", "CAP * NAK :-echo-message") == ["REQ -echo-message"]


def test_no_server_makes_us_keep_capabilities_without_end() -> None:
    client = CapClient()
    for number in range(2 * MOST_AVAILABLE):
        _receive(client, f"CAP * LS * :x{number} x0=new")
    assert len(client.available) == MOST_AVAILABLE
    assert client.available["x0"] == "new"


def test_no_capability_is_in_the_tables_twice() -> None:
    assert len(REQUESTED) == len(set(REQUESTED))
    assert len(PASSTHROUGH) == len(set(PASSTHROUGH))
    assert not {*PERMANENT, *WITH_HISTORY} & set(PASSTHROUGH)
