"""Hashes of passwords (row MSC-04)."""

import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import bcrypt
import pytest
from argon2 import PasswordHasher, Type, extract_parameters
from scramp import ScramMechanism

from soju_actors.adapters.passwords import Hasher, check_password, hash_password, is_hash, make_verifier
from soju_actors.irc.sasl.scram import Verifier, format_verifier
from soju_actors.ports.passwords import CheckPassword, HashPassword, PasswordChecked, PasswordHashed

BCRYPT = bcrypt.hashpw(b"secret", bcrypt.gensalt(4)).decode()
WEAK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("secret")
RIGHT = hash_password("secret")
SALT = b"0123456789abcdef"


def test_a_hash_is_argon2id_as_owasp_recommends_it() -> None:
    """19 MiB of memory, two iterations, one thread."""
    found = extract_parameters(RIGHT)
    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (Type.ID, 19456, 2, 1)
    assert hash_password("secret") != RIGHT


@pytest.mark.parametrize("password", ["secret", "", "pä\udcffss", "x" * 500, "a\0b"])
def test_a_password_fits_its_hash_alone(password: str) -> None:
    hashed = hash_password(password)
    assert check_password(password, hashed) == (True, "")
    assert check_password(password + "x", hashed) == (False, "")


@pytest.mark.parametrize(
    "old",
    [BCRYPT, BCRYPT.replace("$2b$", "$2y$"), BCRYPT.replace("$2b$", "$2a$"), WEAK],
    ids=["2b", "2y", "2a", "weak argon2"],  # salts differ between the processes of pytest-xdist
)
def test_a_hash_that_is_out_of_date_is_upgraded(old: str) -> None:
    fits, upgraded = check_password("secret", old)
    assert fits
    assert check_password("secret", upgraded) == (True, "")
    assert check_password("wrong", old) == (False, "")


def test_bcrypt_takes_72_bytes_and_ignores_the_rest() -> None:
    long = bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    assert check_password("x" * 90, long)[0]
    assert not check_password("x" * 71, long)[0]


@pytest.mark.parametrize("nothing", ["", "x", "$2b$04$short", "$argon2id$v=19$m=1,t=1,p=1$a$b", "$argon2id$", "plain"])
def test_what_is_no_hash_fits_nothing(nothing: str) -> None:
    assert check_password("secret", nothing) == (False, "")
    assert check_password("", nothing) == (False, "")


def test_it_takes_an_argon2_check_to_say_that_there_is_no_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """So the time does not tell which accounts exist."""
    checked: list[str] = []

    class Recorder:
        def verify(self, password_hash: str, password: bytes) -> bool:
            checked.append(password_hash)
            return PasswordHasher().verify(password_hash, password)

        check_needs_rehash = staticmethod(PasswordHasher().check_needs_rehash)

    monkeypatch.setattr("soju_actors.adapters.passwords._ARGON2", Recorder())
    check_password("secret", "")
    assert [extract_parameters(one) for one in checked] == [extract_parameters(RIGHT)]


def test_a_hash_is_told_from_other_text() -> None:
    assert all(map(is_hash, (RIGHT, WEAK, BCRYPT)))
    assert not any(map(is_hash, ("", "secret", BCRYPT[:-1], "$argon2id$x")))


def test_the_service_answers_by_messages() -> None:
    hasher = Hasher()
    hashed = hasher.perform(HashPassword("secret", request=3))
    assert isinstance(hashed, PasswordHashed)
    assert hashed.request == 3
    assert hasher.perform(CheckPassword("secret", hashed.password_hash, request=4)) == PasswordChecked(
        fits=True, request=4
    )
    checked = hasher.perform(CheckPassword("secret", BCRYPT))
    assert isinstance(checked, PasswordChecked)
    assert is_hash(checked.upgraded)
    with pytest.raises(TypeError, match="not a job of the hasher: int"):
        hasher.perform(1)
    hasher.close()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_the_memory_of_hashes_goes_back_to_the_system() -> None:
    """19 MiB for each thread would otherwise stay for ever."""
    hasher = Hasher()
    with ThreadPoolExecutor(2) as threads:
        before = resident_kib()
        for _ in threads.map(hasher.perform, [HashPassword("secret")] * 12):
            pass
        assert resident_kib() - before < 12 * 1024


def resident_kib() -> int:
    """Return the resident memory of this process."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


@pytest.mark.parametrize("password", ["pencil", "a b\\c~", "I\u00adX", "\u2168", "\u00aa", "pass\u00a0word", "пароль"])
def test_a_verifier_is_that_of_the_library(password: str) -> None:
    """Spec: https://www.rfc-editor.org/rfc/rfc4013#section-3 (its examples)."""
    salt, stored_key, server_key, iterations = ScramMechanism().make_auth_info(password, 4096, SALT)
    assert make_verifier(password, SALT, 4096) == format_verifier(Verifier(iterations, salt, stored_key, server_key))


@pytest.mark.parametrize("password", ["\u0007", "\u0627\u0031", "\ud800", "\u00ad", ""], ids=ascii)
def test_a_password_that_scram_cannot_carry_has_no_verifier(password: str) -> None:
    assert make_verifier(password, SALT, 4096) == ""
