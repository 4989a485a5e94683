"""Listen URIs (rows LSN-01 to LSN-05)."""

import pytest

from soju_actors.config.listening import ListenAddress, Speaks, is_loopback, parse_listen_uri

IRC = Speaks.IRC
READ = {
    "ircs://bouncer.test": ListenAddress(IRC, tls=True, host="bouncer.test", port=6697),
    "ircs://:7000": ListenAddress(IRC, tls=True, port=7000),
    ":7000": ListenAddress(IRC, tls=True, port=7000),
    "localhost": ListenAddress(IRC, tls=True, host="localhost", port=6697),
    "127.0.0.1:7000": ListenAddress(IRC, tls=True, host="127.0.0.1", port=7000),
    "ircs://[::1]:7000": ListenAddress(IRC, tls=True, host="::1", port=7000),
    "irc://localhost": ListenAddress(IRC, tls=False, host="localhost", port=6667),
    "irc+insecure://10.0.0.1:0": ListenAddress(IRC, tls=False, host="10.0.0.1", port=0),
    "unix:///run/irc.sock": ListenAddress(IRC, tls=False, path="/run/irc.sock"),
    "unix+admin:///run/admin.sock": ListenAddress(Speaks.ADMIN, tls=False, path="/run/admin.sock"),
}
REFUSED = {
    "irc://10.0.0.1": 'irc:// is for "localhost" alone',
    "https://localhost": "'https' is not a scheme of a listener; allowed: ircs://host:port",
    "http+pprof://localhost:6060": "'http+pprof' is not a scheme of a listener; allowed: ircs://host:port",
    "unix://": "has no path",
    "ircs://host:port": "port that is not a number",
    "ircs://host:70000": "port that is not a number from 0 to 65535",
    "ircs://user@host": "more than a host and a port",
    "ircs://host/path": "more than a host and a port",
    "ircs://host?query": "more than a host and a port",
}


@pytest.mark.parametrize("uri", READ)
def test_it_is_read(uri: str) -> None:
    assert parse_listen_uri(uri) == READ[uri]


@pytest.mark.parametrize("uri", REFUSED)
def test_it_is_refused_with_a_reason(uri: str) -> None:
    """Rows LSN-02, LSN-17: a profiler attaches from outside, it needs no listener."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the text is compared below
        parse_listen_uri(uri)
    assert REFUSED[uri] in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1"])
def test_plain_text_within_this_machine_is_harmless(host: str) -> None:
    assert is_loopback(host)
    assert not ListenAddress(IRC, tls=False, host=host).is_plain_beyond_this_machine


@pytest.mark.parametrize("host", ["", "::", "10.0.0.1", "bouncer.test"])
def test_plain_text_elsewhere_is_not(host: str) -> None:
    assert ListenAddress(IRC, tls=False, host=host).is_plain_beyond_this_machine
    assert not ListenAddress(IRC, tls=True, host=host).is_plain_beyond_this_machine
