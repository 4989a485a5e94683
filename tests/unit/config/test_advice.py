"""What works, and may not be what was meant."""

import pytest

from soju_actors.config import Config, advice


@pytest.mark.parametrize(("hostname", "told"), [("bouncer.example.org", 0), ("bouncer", 1), ("localhost", 1)])
def test_a_hostname_without_a_dot_is_told(hostname: str, told: int) -> None:
    """Row CFG-02: clients tell servers from people by the dot."""
    found = list(advice(Config(hostname=hostname)))
    assert len(found) == told
    assert all(hostname in sentence for sentence in found)
