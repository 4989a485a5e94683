"""Pages that come together go out together."""

from typing import Any

from actors import Link, Ref
from actors.testing import Bench
from soju_actors.downstream.actor import WRITE, DownstreamActor
from soju_actors.messages.downstream import Deliver, DownstreamArgs, Page
from soju_actors.messages.slots import Interleaved, Lines
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.ports.protocols import ToBuffer

SOMEBODY: Ref[Any] = Ref("somebody")
LINK = Link(1)


def new_client() -> Bench:
    settings = DownstreamSettings("bouncer.test")
    return Bench(DownstreamActor, DownstreamArgs(SOMEBODY, SOMEBODY, LINK, "127.0.0.1", True, settings))


def buffer(key: int) -> Ref[ToBuffer]:
    return Ref(f"buffer/{key}")


def said(number: int) -> str:
    return f":bob PRIVMSG #soju :{number}"


def test_pages_of_several_buffers_are_one_write() -> None:
    client = new_client()
    client.tell(Deliver((Interleaved((1, 2, 1)),)))
    assert [sent.message for sent in client.tell(Page(1, 0, 2, (said(1), said(3))), buffer(1)).sent] == [WRITE]
    assert client.tell(Page(2, 0, 1, (said(2),)), buffer(2)).sent == []
    written = client.tell(WRITE).written[LINK].decode().splitlines()
    assert written[:3] == [said(1), said(2), said(3)]
    assert [sent.message for sent in client.tell(Page(1, 2, 3, (said(4),)), buffer(1)).sent] == [WRITE]


def test_what_is_urgent_does_not_pass_what_is_there() -> None:
    client = new_client()
    client.tell(Deliver((Interleaved((1, 1)),)))
    client.tell(Page(1, 0, 2, (said(1), said(2))), buffer(1))
    written = client.tell(Deliver((Lines((said(9),)),), urgent=True)).written[LINK].decode().splitlines()
    assert [line for line in written if "PING" not in line] == [said(1), said(2), said(9)]
