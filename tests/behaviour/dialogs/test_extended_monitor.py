"""Who is monitored closely, and who is known for it (rows CCH-02, CCH-04).

Spec: https://ircv3.net/specs/extensions/extended-monitor
"""

import pytest

from tests.behaviour.dialogs.conftest import SetStage
from tests.behaviour.dialogs.test_monitor import MONITOR, SERVER
from tests.support.dialog import play
from tests.support.fakeserver import MODERN


@pytest.mark.parametrize("extended", ["extended-monitor", "draft/extended-monitor"])
def test_changes_of_strangers_are_for_those_that_monitor_them_closely(set_stage: SetStage, extended: str) -> None:
    """CCH-04, better: soju shows them to everybody. Of who shares a channel all clients hear."""
    stage = set_stage(caps=f"{MODERN} {extended}", isupport=MONITOR)
    all_caps = "away-notify account-notify chghost setname"
    stage.attach("close", caps=f"{all_caps} {extended}")
    stage.attach("far", caps=all_caps)
    stage.attach("deaf", caps=f"chghost {extended}")
    stage.attach("other", caps=f"{all_caps} {extended}")
    changes = ("AWAY :lunch", "ACCOUNT dave", "CHGHOST d new.host", "SETNAME :Dave")
    play(
        stage,
        """
        close > MONITOR + dave,bob
        libera < MONITOR + dave,bob
        far > MONITOR + dave
        deaf > MONITOR + dave
        """
        + "".join(
            f"libera > :dave!d@host {change}\nclose < :dave!d@host {change}\n"
            + (f"deaf < :dave!d@host {change}\n" if change.startswith("CHGHOST") else "")
            for change in changes
        )
        + "".join(
            f"libera > :bob!b@host {change}\n"
            + "".join(f"{peer} < :bob!b@host {change}\n" for peer in ("close", "far", "other"))
            + ("deaf < :bob!b@host CHGHOST d new.host\n" if change.startswith("CHGHOST") else "")
            for change in changes
        )
        + "libera > :alice!a@host AWAY :me\n"
        + "".join(f"{peer} < :alice!a@host AWAY :me\n" for peer in ("close", "far", "other")),
    )


@pytest.mark.parametrize("source", ["dave!d@host", "dave"])
def test_who_is_monitored_closely_is_known(set_stage: SetStage, source: str) -> None:
    """Row CCH-02: WHO is answered from memory as long as the server tells what changes."""
    stage = set_stage(caps="away-notify extended-monitor", isupport=MONITOR)
    stage.attach("laptop")
    who = f"""
        laptop > WHO dave
        libera < WHO dave
        libera > {SERVER} 352 alice * d host irc.libera.test dave H :0 Dave
        libera > {SERVER} 315 alice dave :End of /WHO list.
        laptop < {SERVER} 352 alice * d host irc.libera.test dave H :0 Dave
        laptop < {SERVER} 315 alice dave *
    """
    play(stage, who)
    online = f"libera > {SERVER} 730 alice :{source}\nlaptop < 730 alice {source}\n"
    play(stage, f"laptop > MONITOR + dave\nlibera < MONITOR + dave\n{online}{who}")
    play(
        stage,
        f"""
        libera > :dave!d@host AWAY :lunch
        laptop > WHO dave
        laptop < 352 alice * d host irc.libera.test dave G :0 Dave
        laptop < 315 alice dave *
        libera > :bob!b@host PART #soju
        laptop < :bob!b@host PART #soju
        laptop > WHO dave
        laptop < 352 alice * d host irc.libera.test dave G :0 Dave
        laptop < 315 alice dave *
        libera > {SERVER} 731 alice :dave
        laptop < 731 alice dave
        """
        + who
        + online
        + who
        + "laptop > MONITOR C\nlibera < MONITOR C"
        + who,
    )


def test_a_server_that_tells_no_changes_is_asked_who_it_is(set_stage: SetStage) -> None:
    """Row CCH-02, better: what may have changed meanwhile is not told as if it had not."""
    stage = set_stage(caps="away-notify", isupport=MONITOR)
    stage.attach("laptop")
    play(
        stage,
        f"""
        laptop > MONITOR + dave
        libera < MONITOR + dave
        libera > {SERVER} 730 alice :dave!d@host
        laptop < 730 alice dave!d@host
        """,
    )
    who = f"""
        laptop > WHO dave
        libera < WHO dave
        libera > {SERVER} 352 alice * d host irc.libera.test dave H :0 Dave
        libera > {SERVER} 315 alice dave :End of /WHO list.
        laptop < {SERVER} 352 alice * d host irc.libera.test dave H :0 Dave
        laptop < {SERVER} 315 alice dave *
    """
    play(stage, who + who)
