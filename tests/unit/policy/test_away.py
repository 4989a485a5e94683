"""Whether the user is away, and how that is said (rows AWY-01, AWY-02)."""

import pytest

from soju_actors.policy.away import away_text

TEXTS = {"auto": "Auto away", "said": "lunch", "here": None}


@pytest.mark.parametrize(
    ("clients", "said", "auto", "forwarded", "both"),
    [
        ([], "", "auto", "here", "auto"),
        ([], "lunch", "auto", "said", "said"),
        ([None], "lunch", "here", "here", "here"),
        (["lunch", None], "lunch", "here", "here", "here"),
        (["lunch", "*"], "lunch", "auto", "said", "said"),
        (["*"], "", "auto", "here", "auto"),
    ],
)
def test_the_user_is_away_when_no_client_says_otherwise(
    clients: list[str | None], said: str, auto: str, forwarded: str, both: str
) -> None:
    for expected, settings in ((auto, (True, False)), (forwarded, (False, True)), (both, (True, True))):
        text = away_text(clients, said, "Auto away", auto=settings[0], forward=settings[1])
        assert text == TEXTS[expected]
    assert away_text(clients, said, "Auto away", auto=False, forward=False) is None
