"""Whether a node is one of its cluster, by what the others say to it."""

from actors.bases.node.peers.standing import CHANCE, FORGOTTEN_AFTER, UNHEARD, Standing

A, B = "a.test:7667", "b.test:7667"
WHY = "the name is in use"


def test_a_node_that_has_no_leaders_is_the_first() -> None:
    assert not Standing((), 0.0).apart


def test_a_node_waits_until_a_leader_lets_it_in() -> None:
    standing = Standing((A, B), 0.0)
    standing.unreached(A, 0.1)
    assert standing.apart == UNHEARD
    standing.let_in()
    assert not standing.apart


def test_a_node_that_reaches_no_leader_is_the_first() -> None:
    standing = Standing((A, B), 0.0)
    standing.unreached(A, 0.1)
    standing.unreached(B, 0.2)
    assert not standing.apart


def test_leaders_that_are_silent_are_not_waited_for_for_ever() -> None:
    standing = Standing((A,), 10.0)
    standing.look(10.0 + CHANCE - 0.1)
    assert standing.apart == UNHEARD
    standing.look(10.0 + CHANCE)
    assert not standing.apart


def test_a_node_that_is_refused_stays_apart_until_it_is_let_in() -> None:
    standing = Standing((A, B), 0.0)
    standing.refused(A, WHY, 0.1, connected=False)
    standing.unreached(B, 0.2)
    standing.look(CHANCE)
    assert standing.apart == WHY
    standing.refused(A, "its clock is off", 30.0, connected=False)
    assert standing.apart == "its clock is off"
    standing.let_in()
    assert not standing.apart


def test_who_is_refused_by_one_and_let_in_by_another_is_in() -> None:
    standing = Standing((A, B), 0.0)
    standing.let_in()
    standing.refused(A, WHY, 0.2, connected=True)
    assert not standing.apart


def test_a_refusal_outlasts_a_restart_of_who_has_refused_and_no_more() -> None:
    standing = Standing((A,), 0.0)
    standing.refused(A, WHY, 5.0, connected=False)
    standing.unreached(A, 4.9 + FORGOTTEN_AFTER)
    assert standing.apart == WHY
    standing.unreached(A, 5.0 + FORGOTTEN_AFTER)
    assert not standing.apart


def test_a_node_that_runs_is_not_put_out_by_one_that_comes_and_does_not_fit() -> None:
    standing = Standing((A,), 0.0)
    standing.unreached(A, 0.1)
    standing.refused(A, "the clocks differ", 100.0, connected=False)
    assert not standing.apart


def test_a_node_that_runs_is_put_out_once_its_certificate_counts_no_more() -> None:
    standing = Standing((A,), 0.0)
    standing.let_in()
    standing.refused(A, "revoked", 102.0, connected=False, final=True)
    assert standing.apart == "revoked"
    standing.refused(A, "the clocks differ", 104.0, connected=False)
    assert standing.apart == "the clocks differ"


def test_a_node_that_others_have_among_them_still_goes_on() -> None:
    standing = Standing((A,), 0.0)
    standing.let_in()
    standing.refused(A, "revoked", 100.0, connected=True, final=True)
    assert not standing.apart
