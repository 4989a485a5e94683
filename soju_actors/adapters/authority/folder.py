"""The files of an authority.

    register.json         what was issued and revoked; written before anything is given out
    authority-1.key       the secret of the authority, and its certificate
    authority-1.crt
    nodes/NODE/           what a node needs: node.pem and authorities.pem

All are 0600 in folders 0700. One command works on them at a time.
"""

import contextlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec

from actors.bases.node.peers.trust import AUTHORITIES, PAIR
from actors.cluster.identity import NAMES_ARE, Identity, is_name
from soju_actors.adapters.authority import signing
from soju_actors.adapters.authority.register import Issued, Register
from soju_actors.adapters.files import locked, write_whole

REGISTER = "register.json"


class AuthorityError(Exception):
    """What was asked cannot be done; the text is for a person."""


class Authority:
    """The authority in a folder; nothing is kept in memory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def init(self, cluster: str, now: float) -> None:
        """Make the authority of a new cluster.

        Raises:
            AuthorityError: the folder has one, or anything else; or it cannot be written.
        """
        _check_name(cluster)
        with self._telling():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with locked(self.folder):
                if (self.folder / REGISTER).exists():
                    raise AuthorityError(f"{self.folder} has the authority of cluster {self._read().cluster} already")
                if any(self.folder.iterdir()):
                    raise AuthorityError(f"{self.folder} is not empty: an authority has a folder of its own")
                self.folder.chmod(0o700)
                self._nodes.mkdir(mode=0o700)
                register = Register(cluster)
                self._make_authority(register, now)
                self._save(register)

    def issue(self, node: str, now: float, *, again: bool = False) -> Issued:
        """Make the key and certificate of a node, in :meth:`folder_of` it.

        ``again`` makes others though it has some that are valid; those stay valid.

        Raises:
            AuthorityError: it has a valid certificate; the name is none; or a file cannot be read or written.
        """
        _check_name(node)
        with self._changing() as before:
            valid = list(before.valid(node, now))
            if valid and not again:
                raise AuthorityError(
                    f"node {node} has a certificate already, in {self.folder_of(node)}; --again makes another,"
                    f" and revoke {node} takes from it what it has"
                )
            identity = Identity(before.cluster, node)
            made = signing.make_node(identity, *self._signer(before.signing), now)
            issued = Issued(node, made.serial, before.signing, made.expires)
            register = before.with_issued(issued)
            self._save(register)
            self.folder_of(node).mkdir(mode=0o700, exist_ok=True)
            write_whole(self.folder_of(node) / PAIR, made.key + made.certificate, 0o600)
            self._publish(register, now)
        return issued

    def revoke(self, node: str, now: float) -> list[Issued]:
        """Revoke all certificates of a node, and remove its folder.

        Raises:
            AuthorityError: it has none; or a file cannot be read or written.
        """
        with self._changing() as before:
            valid = list(before.valid(node, now))
            if not valid:
                raise AuthorityError(f"node {node} has no certificate that is valid; {_these(before.nodes(now))}")
            register = before.with_revoked(node, now)
            self._save(register)
            shutil.rmtree(self.folder_of(node), ignore_errors=True)
            self._publish(register, now)
        return valid

    def rotate(self, now: float) -> Register:
        """Make another authority that signs from now on; the old one is trusted beside it.

        Raises:
            AuthorityError: there are two already; or a file cannot be read or written.
        """
        with self._changing() as before:
            if len(before.generations) > 1:
                raise AuthorityError("two authorities are trusted already: rotate --finish drops the old one first")
            register = before.with_next()
            self._make_authority(register, now)
            self._save(register)
            self._publish(register, now)
        return register

    def finish_rotation(self, now: float) -> Register:
        """Drop the old authority.

        Raises:
            AuthorityError: there is none, or nodes have no certificate but of it; or a file cannot be
                read or written.
        """
        with self._changing() as before:
            *old, _ = before.generations
            if not old:
                raise AuthorityError("one authority is trusted: there is no old one to drop; rotate begins")
            if late := before.on_old(now):
                raise AuthorityError(
                    f"{', '.join(late)} would be shut out: issue --again them and copy what it makes, or revoke them"
                )
            register = before.without_old()
            self._save(register)
            for generation in old:
                for path in self._files_of(generation):
                    path.unlink(missing_ok=True)
            self._publish(register, now)
        return register

    def read(self) -> Register:
        """What was issued and revoked.

        Raises:
            AuthorityError: there is no authority, or it cannot be read.
        """
        with self._telling():
            return self._read()

    def folder_of(self, node: str) -> Path:
        """What is to be copied to a node."""
        return self._nodes / node

    @property
    def _nodes(self) -> Path:
        return self.folder / "nodes"

    @contextlib.contextmanager
    def _changing(self) -> Iterator[Register]:
        with self._telling():
            self._read()  # without one there is no folder to lock
            with locked(self.folder):
                yield self._read()

    @contextlib.contextmanager
    def _telling(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise AuthorityError(f"{error.filename or self.folder}: {error.strerror}") from error

    def _read(self) -> Register:
        try:
            return msgspec.json.decode((self.folder / REGISTER).read_bytes(), type=Register)
        except FileNotFoundError:
            raise AuthorityError(
                f"there is no authority in {self.folder}: cluster key init makes one, and --folder names another place"
            ) from None
        except msgspec.DecodeError as error:
            raise AuthorityError(f"{self.folder / REGISTER} is not as it was written: {error}") from None

    def _save(self, register: Register) -> None:
        text = msgspec.json.format(msgspec.json.encode(register)).decode() + "\n"
        write_whole(self.folder / REGISTER, text, 0o600)

    def _make_authority(self, register: Register, now: float) -> None:
        made = signing.make_authority(register.cluster, register.signing, now)
        key, certificate = self._files_of(register.signing)
        write_whole(key, made.key, 0o600)
        write_whole(certificate, made.certificate, 0o600)

    def _files_of(self, generation: int) -> tuple[Path, Path]:
        return self.folder / f"authority-{generation}.key", self.folder / f"authority-{generation}.crt"

    def _signer(self, generation: int) -> tuple[str, str]:
        key, certificate = self._files_of(generation)
        return key.read_text(), certificate.read_text()

    def _publish(self, register: Register, now: float) -> None:
        """Put into the folder of each node whom it is to trust."""
        text = ""
        for generation in register.generations:
            key, certificate = self._signer(generation)
            revoked = [(one.serial, one.revoked_at) for one in register.revoked(generation)]
            text += certificate + signing.list_revoked(revoked, key, certificate, now)
        for node in register.nodes(now):
            if self.folder_of(node).is_dir():
                write_whole(self.folder_of(node) / AUTHORITIES, text, 0o600)


def _check_name(name: str) -> None:
    if not is_name(name):
        raise AuthorityError(f"{name!r} cannot be a name: {NAMES_ARE}")


def _these(nodes: list[str]) -> str:
    return f"these have: {', '.join(nodes)}" if nodes else "no node has"
