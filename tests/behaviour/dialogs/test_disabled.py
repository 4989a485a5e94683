"""Accounts that are closed, for want of use too, and opened again (rows CFG-17, CFG-19, OPS-15, PRE-14, TOD-04)."""

from typing import Any

from soju_actors.model.records import User, UserId
from soju_actors.policy.accounts import AccountSettings
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.policy.upstream import UpstreamSettings
from soju_actors.ports.database import LoadUsers, UsersLoaded
from tests.behaviour.dialogs.conftest import SetInline, SetStage
from tests.behaviour.dialogs.logins import begin_sasl, by_plain
from tests.behaviour.stages import InlineStage
from tests.support.dialog import CLOSED, play
from tests.support.world import HOSTNAME

HOUR = 3600.0
DAY = 24 * HOUR
SILENCE: dict[str, Any] = {"ping_after": 99 * DAY, "read_deadline": 100 * DAY}
BOB = User(UserId(0), "bob", "plain:x", enabled=False)
CAROL = User(UserId(0), "carol", "plain:y")


def accounts(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 - the fields of AccountSettings
    """Return the fields of a setting whose peers may keep silent for days."""
    return {
        "server": {"accounts": AccountSettings(**fields)},
        "settings": DownstreamSettings(HOSTNAME, **SILENCE),
        "upstream": UpstreamSettings(rate_burst=1000, **SILENCE),
        "channels": (),
    }


def enabled(stage: InlineStage) -> dict[str, bool]:
    """Return which users are enabled, as it is stored."""
    loaded = stage.world.database.reader().perform(LoadUsers())
    assert isinstance(loaded, UsersLoaded)
    return {user.name: user.enabled for user in loaded.users}


def pass_time(stage: InlineStage, hours: int) -> None:
    """Let hours pass, one after the other."""
    for _ in range(hours):
        stage.world.advance(HOUR)


def test_a_user_who_is_not_there_for_too_long_is_disabled(set_inline: SetInline) -> None:
    """Rows CFG-17, OPS-15, TOD-13: looked for every four hours, whoever it is; its networks are left."""
    stage = set_inline(users=(CAROL,), **accounts(disable_inactive_user=2 * DAY))
    stage.attach("laptop")
    stage.say("laptop", CLOSED)
    play(stage, "libera < AWAY *")
    pass_time(stage, 47)
    assert enabled(stage) == {"alice": True, "carol": False}, "carol was never there"
    pass_time(stage, 6)
    assert enabled(stage) == {"alice": False, "carol": False}
    play(
        stage,
        f"""
        libera < QUIT *
        libera < (closed)
        {begin_sasl()}
        new > AUTHENTICATE PLAIN
        new < AUTHENTICATE +
        new > AUTHENTICATE AGFsaWNlAHNlY3JldA==
        new < 904 * :This account is disabled
        new < ERROR :This account is disabled
        new < (closed)
        """,
    )


def test_a_user_whose_client_stays_is_there(set_inline: SetInline) -> None:
    """Row OPS-15: that is stored while it lasts, so that a start does not forget it."""
    stage = set_inline(**accounts(disable_inactive_user=2 * DAY))
    stage.attach("laptop")
    pass_time(stage, 24 * 5)
    assert enabled(stage) == {"alice": True}
    loaded = stage.world.database.reader().perform(LoadUsers())
    assert isinstance(loaded, UsersLoaded)
    assert stage.world.system._clock.wall() - loaded.users[0].interacted_at < 5 * HOUR


def test_an_admin_who_acts_for_a_user_is_not_that_user(set_inline: SetInline) -> None:
    """Row PRE-03: it does not count as the user's coming."""
    stage = set_inline(users=(CAROL,), **accounts(disable_inactive_user=2 * DAY))
    play(
        stage,
        f"""
        {begin_sasl()}
        {by_plain("alice", "secret", account="carol")}
        new > NICK x
        new > USER x 0 * :X
        new > CAP END
        """,
        rest=True,
    )
    stage.say("new", CLOSED)
    pass_time(stage, 5)
    assert not enabled(stage)["carol"]


def test_nobody_is_disabled_where_that_is_not_wanted(set_inline: SetInline) -> None:
    """Row CFG-17."""
    stage = set_inline(users=(CAROL,), **accounts())
    pass_time(stage, 24 * 3)
    assert enabled(stage) == {"alice": True, "carol": True}


def test_who_is_disabled_is_told_so_and_closed(set_stage: SetStage) -> None:
    """Rows PRE-14, TOD-04: also where the account is disabled while it is used."""
    stage = set_stage(users=(CAROL,))
    play(
        stage,
        f"""
        {begin_sasl("carol")}
        {by_plain("carol", "y", peer="carol")}
        carol > NICK carol
        carol > USER carol 0 * :Carol
        carol > CAP END
        carol < 001 carol *
        """,
        rest=True,
    )
    stage.attach("laptop", "alice")
    play(
        stage,
        """
        laptop > PRIVMSG BouncerServ :user update carol -enabled false
        laptop < :BouncerServ!BouncerServ@BouncerServ PRIVMSG alice :User carol was updated
        carol < ERROR :This account is disabled
        carol < (closed)
        """,
    )


def test_who_logs_in_to_a_disabled_account_enables_it_where_that_is_allowed(set_inline: SetInline) -> None:
    """Row CFG-19: with all of its networks."""
    stage = set_inline(users=(BOB,), **accounts(disable_inactive_user=DAY, enable_user_on_auth=True))
    pass_time(stage, 5)
    play(stage, "libera < QUIT *\n libera < (closed)")
    assert enabled(stage) == {"alice": False, "bob": False}
    play(stage, f"{begin_sasl()} {by_plain('bob', 'guess', '904')} {by_plain('alice', 'secret')}", rest=True)
    assert enabled(stage) == {"alice": True, "bob": False}
    stage.world.advance(10)
    assert stage.world.server.connected
    pass_time(stage, 12)
    assert enabled(stage)["alice"], "it counts as a coming"


def test_all_who_log_in_to_a_disabled_account_at_once_are_let_in(set_stage: SetStage) -> None:
    """Row CFG-19: when it is stored."""
    stage = set_stage(users=(BOB,), **accounts(enable_user_on_auth=True))
    for peer in ("one", "two"):
        play(stage, begin_sasl(peer))
        play(stage, f"{peer} > AUTHENTICATE PLAIN\n {peer} < AUTHENTICATE +")
    stage.say("one", "AUTHENTICATE AGJvYgB4")
    stage.say("two", "AUTHENTICATE AGJvYgB4")
    play(stage, "one < 903 * *\n two < 903 * *")


def test_nobody_enables_the_account_of_another(set_stage: SetStage) -> None:
    """An admin who acts for a user of a disabled account has other ways to enable it."""
    stage = set_stage(users=(BOB,), **accounts(enable_user_on_auth=True))
    play(
        stage,
        f"""
        {begin_sasl()}
        {by_plain("alice", "secret", "904", account="bob")}
        new < ERROR :This account is disabled
        new < (closed)
        """,
    )
