"""The authority of a cluster: its files, and what it refuses to do."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from soju_actors.adapters.authority import Authority, AuthorityError, Issued, Register

NOW = 1_800_000_000.0
LATER = NOW + 3600.0


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """A new authority."""
    made = Authority(tmp_path / "keys")
    made.init("c1", NOW)
    return made


def files(authority: Authority) -> dict[str, bytes]:
    return {
        str(path.relative_to(authority.folder)): path.read_bytes()
        for path in sorted(authority.folder.rglob("*"))
        if path.is_file()
    }


def test_all_is_for_the_owner_alone(authority: Authority) -> None:
    authority.issue("a", NOW)
    authority.rotate(NOW)
    assert sorted(files(authority)) == [
        "authority-1.crt",
        "authority-1.key",
        "authority-2.crt",
        "authority-2.key",
        "nodes/a/authorities.pem",
        "nodes/a/node.pem",
        "register.json",
    ]
    for path in (authority.folder, *authority.folder.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)


Do = Callable[[Authority], Any]
REFUSED: dict[str, tuple[Do, str]] = {
    "an authority where there is one": (lambda it: it.init("c2", LATER), "has the authority of cluster c1 already"),
    "a cluster without a name": (lambda it: it.init("", LATER), "'' cannot be a name: a name has the characters"),
    "a node that is a path": (lambda it: it.issue("../a", LATER), "'../a' cannot be a name"),
    "a node in capitals": (lambda it: it.issue("A", LATER), "'A' cannot be a name"),
    "a second certificate": (lambda it: it.issue("a", LATER), "node a has a certificate already, in .*--again"),
    "to revoke what there is not": (lambda it: it.revoke("b", LATER), "node b has no certificate .* these have: a"),
    "to end what has not begun": (lambda it: it.finish_rotation(LATER), "there is no old one to drop"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_changes_nothing(authority: Authority, what: str) -> None:
    authority.issue("a", NOW)
    before = files(authority)
    do, said = REFUSED[what]
    with pytest.raises(AuthorityError, match=said):
        do(authority)
    assert files(authority) == before


def test_a_folder_with_anything_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("")
    with pytest.raises(AuthorityError, match="is not empty"):
        Authority(tmp_path).init("c1", NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize("do", [lambda it: it.issue("a", NOW), lambda it: it.read(), lambda it: it.rotate(NOW)])
def test_where_there_is_no_authority_it_says_how_to_make_one(tmp_path: Path, do: Do) -> None:
    with pytest.raises(AuthorityError, match=r"there is no authority in .*: cluster key init makes one"):
        do(Authority(tmp_path / "keys"))


def test_a_register_that_was_edited_is_told(authority: Authority) -> None:
    (authority.folder / "register.json").write_text("{}")
    with pytest.raises(AuthorityError, match=r"register.json is not as it was written: .*cluster"):
        authority.read()


def test_a_file_that_cannot_be_read_is_told(authority: Authority) -> None:
    (authority.folder / "authority-1.key").unlink()
    with pytest.raises(AuthorityError, match=r"authority-1.key: No such file"):
        authority.issue("a", NOW)


def test_a_rotation_ends_once_every_node_has_a_new_certificate(authority: Authority) -> None:
    for node in "abc":
        authority.issue(node, NOW)
    assert authority.rotate(NOW).generations == (1, 2)
    with pytest.raises(AuthorityError, match="two authorities are trusted already"):
        authority.rotate(LATER)
    authority.issue("a", LATER, again=True)
    authority.revoke("b", LATER)
    with pytest.raises(AuthorityError, match=r"^c would be shut out: issue --again"):
        authority.finish_rotation(LATER)
    authority.issue("c", LATER, again=True)
    register = authority.finish_rotation(LATER)
    assert (register.generations, register.nodes(LATER)) == ((2,), ["a", "c"])
    assert not list(authority.folder.glob("authority-1*"))
    assert authority.rotate(LATER).generations == (2, 3)


def test_all_nodes_are_told_of_a_revocation(authority: Authority) -> None:
    for node in "abc":
        authority.issue(node, NOW)
    before = files(authority)
    assert [one.node for one in authority.revoke("b", LATER)] == ["b"]
    changed = {name for name, content in files(authority).items() if before[name] != content}
    assert changed == {"register.json", "nodes/a/authorities.pem", "nodes/c/authorities.pem"}
    assert not authority.folder_of("b").exists()


def test_who_is_let_in_is_known_by_what_was_issued() -> None:
    old = Issued("a", "1", 1, expires=NOW + 10)
    register = Register("c1").with_issued(old).with_issued(Issued("b", "2", 1, expires=LATER + 10))
    assert register.nodes(NOW) == ["a", "b"]
    assert register.nodes(LATER) == ["b"]
    both = register.with_next().with_issued(Issued("b", "3", 2, expires=LATER + 10))
    assert [one.serial for one in both.valid("b", NOW)] == ["2", "3"]
    assert both.on_old(NOW) == ["a"]
    without = both.with_revoked("b", NOW)
    assert without.nodes(NOW) == ["a"]
    assert [one.serial for one in without.revoked(1)] == ["2"]
    assert [one.serial for one in without.with_revoked("b", LATER).revoked(1)] == ["2"]
