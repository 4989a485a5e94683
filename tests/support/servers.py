"""Real IRC servers on loopback: InspIRCd, alone or linked, and ngIRCd."""

import os
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.support.certificates import Certificate
from tests.support.ircclient import Endpoint
from tests.support.ports import free_port
from tests.support.process import Program
from tests.support.programs import need

OPER = "OPER operator secret"
"""The line that makes a client an operator of any of the servers."""

INSPIRCD = """
<server name="{server.name}" description="test" network="TestNet" id="{server.sid}">
<admin name="test" nick="test" email="test@irc.test">
<path configdir="." datadir="{server.folder}" logdir="{server.folder}" runtimedir="{server.folder}">
<bind address="127.0.0.1" port="{server.port}" type="clients">
<bind address="127.0.0.1" port="{server.link_port}" type="servers">
<connect name="main" allow="*" resolvehostnames="no" useident="no" timeout="30" pingfreq="2m" fakelag="no"
         maxchans="20000" localmax="5000" globalmax="5000" limit="50000"
         recvq="1M" softsendq="32M" hardsendq="64M" threshold="100000" commandrate="1000000">
<performance netbuffersize="65000" somaxconn="1024" quietbursts="yes">
<class name="all" commands="*" privs="*" usermodes="*" chanmodes="*">
<type name="operator" classes="all">
<oper name="operator" password="secret" host="*@*" type="operator">
<log method="file" type="* -USERINPUT -USEROUTPUT" level="default" target="inspircd.log">
"""

INSPIRCD_TLS = """
<module name="ssl_gnutls">
<sslprofile name="clients" provider="gnutls" hash="sha256"
            certfile="{server.certificate.chain}" keyfile="{server.certificate.key}">
<bind address="127.0.0.1" port="{server.tls_port}" type="clients" sslprofile="clients">
"""

INSPIRCD_LINK = """
<link name="{peer.name}" ipaddr="127.0.0.1" port="{peer.link_port}" allowmask="127.0.0.0/8"
      sendpass="link" recvpass="link">
"""

INSPIRCD_MODULES = """
    ircv3 ircv3_accounttag ircv3_batch ircv3_capnotify ircv3_chghost ircv3_ctctags ircv3_echomessage
    ircv3_invitenotify ircv3_labeledresponse ircv3_msgid ircv3_servertime cap chghost chgident namesx uhnames
    monitor sanick satopic services_account setname spanningtree botmode
"""

NGIRCD = """
[Global]
Name = {server.name}
Info = test
Listen = 127.0.0.1
Ports = {server.port}
Network = TestNet
MotdPhrase = welcome

[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxNickLength = 30
MaxPenaltyTime = 0

[Options]
DNS = no
Ident = no
PAM = no
OperCanUseMode = yes

[Operator]
Name = operator
Password = secret
"""

NGIRCD_TLS = """
[SSL]
CertFile = {server.certificate.chain}
KeyFile = {server.certificate.key}
Ports = {server.tls_port}
"""


@dataclass(slots=True)
class Server(ABC):
    """An IRC server in a folder of its own, as an async context manager."""

    folder: Path
    name: str = "irc.one.test"
    certificate: Certificate | None = None
    port: int = field(default_factory=free_port)
    tls_port: int = field(default_factory=free_port)
    program: Program = field(init=False)

    @property
    def endpoint(self) -> Endpoint:
        """Where a client reaches it in plain text."""
        return Endpoint(self.port)

    @property
    def address(self) -> str:
        """What a network of the bouncer has as its address."""
        return f"irc+insecure://127.0.0.1:{self.port}"

    @abstractmethod
    def configure(self) -> list[str | Path]:
        """Write the configuration; return the command that runs the server."""

    async def start(self) -> None:
        """Start the server and wait until it accepts clients."""
        await self.program.start()
        await self.program.until_accepts("127.0.0.1", self.port)

    async def kill(self) -> None:
        """End it as a crash would."""
        await self.program.kill()

    async def __aenter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.program = Program(type(self).__name__, self.configure(), cwd=self.folder)
        try:
            await self.start()
        except BaseException:
            await self.kill()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.program.kill()
        await self.program.__aexit__(kind, error, trace)


@dataclass(slots=True)
class InspIRCd(Server):
    """InspIRCd 3 with its IRCv3 modules, without limits that would slow a test."""

    sid: str = "1AA"
    link_port: int = field(default_factory=free_port)
    peer: "InspIRCd | None" = None
    """A server that may link with this one; an operator here says CONNECT."""

    def configure(self) -> list[str | Path]:
        """Write ``inspircd.conf``."""
        binary = need("inspircd")
        modules = "\n".join(f'<module name="{name}">' for name in INSPIRCD_MODULES.split())
        tls = INSPIRCD_TLS if self.certificate else ""
        link = INSPIRCD_LINK if self.peer else ""
        conf = self.folder / "inspircd.conf"
        conf.write_text((INSPIRCD + modules + tls + link).format(server=self, peer=self.peer))
        root = ["--runasroot"] if os.geteuid() == 0 else []
        return [binary, "--nofork", "--nopid", *root, "--config", conf]


@dataclass(slots=True)
class NgIRCd(Server):
    """ngIRCd, a server with few capabilities: no tags, no echoes, no message ids."""

    def configure(self) -> list[str | Path]:
        """Write ``ngircd.conf``."""
        binary = need("ngircd")
        conf = self.folder / "ngircd.conf"
        conf.write_text((NGIRCD + (NGIRCD_TLS if self.certificate else "")).format(server=self))
        return [binary, "--nodaemon", "--config", conf]
