import pytest
from hypothesis import given
from hypothesis import strategies as st

from soju_actors.irc.casemap import Casemapping, FoldedDict, parse_casemapping

from . import strategies

_mappings = st.sampled_from(Casemapping)


@given(_mappings, st.text())
def test_folding_twice_is_folding_once(mapping: Casemapping, text: str) -> None:
    folded = mapping.fold(text)
    assert mapping.fold(folded) == folded
    assert len(folded) == len(text)


@pytest.mark.parametrize(
    ("mapping", "folded"),
    [
        (Casemapping.ASCII, "az[]\\^ÉÄ\udcff"),
        (Casemapping.RFC1459, "az{}|~ÉÄ\udcff"),
        (Casemapping.RFC1459_STRICT, "az{}|^ÉÄ\udcff"),
    ],
)
def test_only_ascii_letters_and_brackets_have_case(mapping: Casemapping, folded: str) -> None:
    assert mapping.fold("AZ[]\\^ÉÄ\udcff") == folded
    assert mapping.fold("AZ[]\\^") == folded[:6]
    assert mapping.fold("aZ") == "az"


@pytest.mark.parametrize(
    ("name", "mapping"),
    [
        ("ascii", Casemapping.ASCII),
        ("RFC1459-strict", Casemapping.RFC1459_STRICT),
        ("rfc7613", Casemapping.RFC1459),
        ("", Casemapping.RFC1459),
    ],
)
def test_an_unknown_casemapping_is_rfc1459(name: str, mapping: Casemapping) -> None:
    assert parse_casemapping(name) is mapping


@given(_mappings, st.lists(st.tuples(strategies.nicks, st.one_of(st.none(), st.integers()))))
def test_it_is_a_dict_of_folded_names(mapping: Casemapping, steps: list[tuple[str, int | None]]) -> None:
    """None removes a name, a number sets it."""
    folded: FoldedDict[int] = FoldedDict(mapping)
    model: dict[str, tuple[str, int]] = {}
    for name, value in steps:
        if value is None:
            assert folded.pop(name, None) == model.pop(mapping.fold(name), ("", None))[1]
        else:
            folded[name] = value
            model[mapping.fold(name)] = (name, value)
        assert dict(folded.items()) == dict(model.values())
        assert len(folded) == len(model)
        assert (name in folded) is (mapping.fold(name) in model)


@given(st.lists(strategies.nicks), _mappings, _mappings)
def test_rekeying_keeps_the_first_of_each_name(names: list[str], before: Casemapping, after: Casemapping) -> None:
    folded = FoldedDict(before, ((name, number) for number, name in enumerate(names)))
    entries = list(folded.items())
    collided = folded.rekey(after)
    assert folded.casemapping is after
    assert sorted([*folded.items(), *collided]) == sorted(entries)
    assert all(name in folded for name, _ in entries)
    assert not {name for name, _ in collided} & set(folded)


def test_names_that_become_the_same_are_returned() -> None:
    """Row MSC-02."""
    nicks = FoldedDict(Casemapping.ASCII, {"a[": 1, "A{": 2, "b": 3})
    assert nicks.rekey(Casemapping.RFC1459) == [("A{", 2)]
    assert dict(nicks) == {"a[": 1, "b": 3}
    assert nicks["A{"] == 1


def test_names_keep_their_last_spelling() -> None:
    nicks = FoldedDict(items={"Bob": 1, "alice": 2})
    nicks["BOB"] = 3
    nicks["Alice"] = 4
    nicks["alice"] = 5
    assert dict(nicks) == {"BOB": 3, "alice": 5}
    assert nicks.spelling("bob") == "BOB"
    assert repr(nicks) == "FoldedDict(rfc1459, {'BOB': 3, 'alice': 5})"


def test_a_missing_name_is_a_key_error() -> None:
    nicks: FoldedDict[int] = FoldedDict()
    assert None not in nicks
    for missing in (nicks.__getitem__, nicks.__delitem__, nicks.spelling):
        with pytest.raises(KeyError):
            missing("Bob")


def test_a_name_is_kept_once() -> None:
    """A nick is in many channels of many users: hundreds of names for each of them."""
    one, other = (FoldedDict(Casemapping.RFC1459, {name: 1}) for name in ("Nick[", "nICK["))
    assert next(iter(one._values)) is next(iter(other._values)) is Casemapping.RFC1459.key("NICK[")
