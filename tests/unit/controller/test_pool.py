"""Which agent of a cluster gets the next job."""

from controller.changes import LinkState
from controller.pool import Member, Pool


def pool(*members: Member, **states: str) -> Pool:
    links = {
        m.agent: LinkState(m.agent, "s", state=states.get(m.agent, "coupled")) for m in members
    }
    found = Pool(links)
    found.clusters = {"pool": members}
    return found


def test_agents_of_one_priority_take_turns() -> None:
    among = pool(Member("a"), Member("b"), Member("c"))
    assert [among.pick("pool") for _ in range(6)] == ["a", "b", "c", "a", "b", "c"]


def test_the_one_with_less_to_do_comes_first() -> None:
    among = pool(Member("a"), Member("b"))
    among._links["a"].held = 3
    assert [among.pick("pool") for _ in range(2)] == ["b", "b"]


def test_a_lower_priority_gets_work_only_while_the_higher_is_away() -> None:
    among = pool(Member("a", 2), Member("b", 1))
    assert {among.pick("pool") for _ in range(3)} == {"a"}
    among._links["a"].state = "silent"
    assert among.pick("pool") == "b"


def test_nobody_is_chosen_who_is_not_there() -> None:
    among = pool(Member("a"), Member("b"), a="silent", b="fresh")
    assert among.pick("pool") is None
    assert (among.members("pool"), among.members("a")) == (("a", "b"), None)
