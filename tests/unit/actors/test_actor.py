"""Which actor classes and messages can be made."""

import msgspec
import pytest

from actors import Actor, ActorProtocol, BytesReceived, Full, Turn, on
from actors.behaviour import behaviour
from actors.message import messages_of, tag_of


class ToShop(ActorProtocol):
    __slots__ = ()


class ToTill(ActorProtocol):
    __slots__ = ()


class Sell(msgspec.Struct, ToShop, frozen=True, tag="unit.sell"):
    what: str


class Close(msgspec.Struct, ToShop, ToTill, frozen=True, tag="unit.close"):
    """For both."""


class Shop(Actor[ToShop]):
    @on(Sell, full=Full.REFUSE)
    def sell(self, msg: Sell, turn: Turn) -> None:
        """Sell."""

    @on(Close)
    def close(self, msg: Close, turn: Turn) -> None:
        """Close."""

    @on(BytesReceived)
    def bytes_received(self, msg: BytesReceived, turn: Turn) -> None:
        """An extra."""


def test_a_class_knows_its_handlers_and_what_happens_when_its_mailbox_is_full() -> None:
    assert Shop.handlers == {Sell: Shop.sell, Close: Shop.close, BytesReceived: Shop.bytes_received}
    assert Shop.when_full == {Sell: Full.REFUSE, Close: Full.WAIT, BytesReceived: Full.WAIT}


def test_a_message_may_belong_to_several_protocols() -> None:
    assert set(messages_of(ToShop)) == {Sell, Close}
    assert set(messages_of(ToTill)) == {Close}


def test_a_class_without_a_handler_for_a_message_is_not_made() -> None:
    with pytest.raises(TypeError, match="Incomplete has no handler for Close"):

        class Incomplete(Actor[ToShop]):
            @on(Sell)
            def sell(self, msg: Sell, turn: Turn) -> None:
                """Sell."""


def test_a_class_with_a_handler_for_another_protocol_is_not_made() -> None:
    with pytest.raises(TypeError, match="Till has a surplus handler for Sell"):

        class Till(Actor[ToTill]):
            @on(Close)
            def close(self, msg: Close, turn: Turn) -> None:
                """Close."""

            @on(Sell)
            def sell(self, msg: Sell, turn: Turn) -> None:
                """Sell."""


def test_a_class_with_two_handlers_for_a_message_is_not_made() -> None:
    with pytest.raises(TypeError, match="Twice has two handlers for Close"):

        class Twice(Actor[ToTill]):
            @on(Close)
            def close(self, msg: Close, turn: Turn) -> None:
                """Close."""

            @on(Close)
            def close_again(self, msg: Close, turn: Turn) -> None:
                """Close again."""


def test_a_subclass_inherits_handlers_and_may_replace_them() -> None:
    class Market(Shop):
        @on(Sell)
        def sell(self, msg: Sell, turn: Turn) -> None:
            """Sell more."""

    assert Market.handlers == {**Shop.handlers, Sell: Market.sell}
    assert Market.when_full[Sell] is Full.WAIT


class Untagged(msgspec.Struct, frozen=True):
    """Nobody could tell what it is."""


class Thawed(msgspec.Struct, tag="unit.thawed"):
    """Its receiver could change it."""


@pytest.mark.parametrize("loose", [Untagged, Thawed, int])
def test_a_message_is_frozen_and_has_a_tag(loose: type) -> None:
    with pytest.raises(TypeError, match=rf"{loose.__name__} is not a frozen msgspec\.Struct with a tag"):
        tag_of(loose)


def test_a_tag_is_that_of_the_class() -> None:
    assert tag_of(Sell) == "unit.sell"


def test_a_behaviour_is_found_by_its_import_path() -> None:
    assert behaviour(f"{__name__}:Shop") is Shop


@pytest.mark.parametrize("path", [f"{__name__}:NoSuchActor", "no.such.module:Actor", f"{__name__}", "", f"{__name__}:"])
def test_a_behaviour_that_does_not_exist_cannot_be_imported(path: str) -> None:
    with pytest.raises(ImportError):
        behaviour(path)


def test_a_behaviour_is_an_actor() -> None:
    with pytest.raises(TypeError, match="Sell is not an actor class"):
        behaviour(f"{__name__}:Sell")
