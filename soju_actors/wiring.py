"""From the configuration to the settings of the actors."""

from pathlib import Path

from msgspec.structs import replace

from actors import Endpoint, Tls
from soju_actors.adapters.certificates import ensure_server_certificate
from soju_actors.config import Config
from soju_actors.config.listening import Speaks
from soju_actors.config.settings import DAY, Listen, Role
from soju_actors.irc.framing import LINELEN, body_limit
from soju_actors.messages.listener import Entrance
from soju_actors.messages.pacer import PacerArgs
from soju_actors.policy.accounts import AccountSettings
from soju_actors.policy.downstream import DownstreamSettings
from soju_actors.policy.egress import Capability, capabilities_of
from soju_actors.policy.server import ServerSettings
from soju_actors.policy.sts import offer_to_change, offer_to_stay
from soju_actors.policy.upstream import UpstreamSettings

CONTROL = "control socket"
RESUME_TIME = 30.0
"""Seconds that clients wait for their user when its node is lost: it runs again after a third of that."""


def entrances(config: Config) -> tuple[Entrance, ...]:
    """Return where connections are accepted: what the configuration names, and the control socket."""
    control = Entrance(CONTROL, Endpoint(path=config.control_socket, mode=0o600), control=True)
    return (*(_entrance(config, listen) for listen in config.listen), control)


def _entrance(config: Config, listen: Listen) -> Entrance:
    address = listen.address
    admin = address.speaks is Speaks.ADMIN
    mode = None if not address.path else 0o600 if admin else 0o775
    tls = _tls(config, listen) if address.tls else None
    if tls is not None and config.accounts.client_cert_auth:
        tls = replace(tls, request_client_certificate=True)
    endpoint = Endpoint(host=address.host, port=address.port, path=address.path, tls=tls, mode=mode)
    return Entrance(listen.uri, endpoint, control=admin, sts=_sts(config, listen), version=_version(tls))


def _sts(config: Config, listen: Listen) -> str:
    """Return what clients that come in here are told of TLS (row AUP-08); on this machine nobody listens."""
    sts = config.sts
    if listen.address.tls:
        return offer_to_stay(sts.duration, preload=sts.preload) if sts.duration >= 0 else ""
    return offer_to_change(sts.port) if sts.port and listen.address.is_plain_beyond_this_machine else ""


def _version(tls: Tls | None) -> str:
    """Return what changes when the certificate is renewed."""
    paths = [Path(path) for path in (tls.certificate, tls.key)] if tls else []
    return " ".join(str(path.stat().st_mtime_ns) for path in paths)


def _tls(config: Config, listen: Listen) -> Tls:
    certificate, key = listen.certificate or config.tls.certificate, listen.key or config.tls.key
    if not certificate:
        paths = ensure_server_certificate(Path(config.data_dir), config.hostname)
        certificate, key = map(str, paths)
    return Tls(certificate=certificate, key=key, alpn=("irc",))


def downstream_settings(config: Config) -> DownstreamSettings:
    """Return what a client's connection may do."""
    limits = config.limits
    return DownstreamSettings(
        hostname=config.hostname,
        title=config.title,
        icon=config.icon,
        mechanisms=("PLAIN", "SCRAM-SHA-256") if config.accounts.scram_iterations else ("PLAIN",),
        client_cert_auth=config.accounts.client_cert_auth,
        resume_time=RESUME_TIME if config.cluster.node else 0.0,
        **{name: getattr(limits, name) for name in DownstreamSettings.__struct_fields__ if hasattr(limits, name)},
    )


def offers(config: Config) -> dict[str, Capability]:
    """Return what other nodes are told that this one has: its capabilities, and addresses to connect from."""
    return config.cluster.capabilities | capabilities_of(config.upstream.addresses)


def pacer_args(config: Config) -> PacerArgs:
    """Return how connections begin on this node, and what they may ask of it: of a core node nothing."""
    pacing, cluster = config.upstream, config.cluster
    args = PacerArgs(pacing.at_once, pacing.burst, pacing.every, "" if cluster.node else None)
    zone = cluster.zone if cluster.node else ""
    return args if cluster.role is Role.CORE else replace(args, zone=zone, offers=offers(config))


def account_settings(config: Config) -> AccountSettings:
    """Return how users log in."""
    accounts = config.accounts
    return AccountSettings(
        accounts.client_cert_auth,
        accounts.enable_user_on_auth,
        accounts.disable_inactive_user * DAY,
        accounts.scram_iterations,
    )


def server_settings(config: Config) -> ServerSettings:
    """Return what user actors are started with."""
    return ServerSettings(
        hostname=config.hostname,
        title=config.title,
        icon=config.icon,
        linelen=min(LINELEN, body_limit(config.limits.line_bytes)),
        motd=tuple(Path(config.motd).read_text(errors="replace").splitlines()) if config.motd else (),
        max_networks=config.max_user_networks,
        max_clients=config.limits.connections_per_user,
        max_channels=config.limits.channels,
        max_targets=config.limits.buffers,
        targets=config.limits.targets,
        ring=config.history.ring,
        accounts=account_settings(config),
        upstream=UpstreamSettings(
            **{name: getattr(config.upstream, name) for name in UpstreamSettings.__struct_fields__}
        ),
    )
