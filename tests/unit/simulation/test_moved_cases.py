"""Cases are made fit for a system that has other orders and another day."""

from datetime import date

from tests.conformance.case import ORDERS, Case, read_cases
from tests.conformance.moved import moved
from tests.conformance.real import needs_hands

CASES: dict[str, Case] = dict(read_cases(ORDERS))
TODAY = date(2027, 5, 1)


def test_ids_are_of_today_and_of_this_run_children_and_messages_too() -> None:
    case = moved(CASES["fork/failing-child-joined"], "r7", TODAY)
    parent = "#2027-05-01#T1-a.r7"
    assert set(case.expect.orders) == {parent, f"{parent}|a", f"{parent}|b"}
    assert case.expect.orders[parent].message == f"{parent}|a"
    assert case.steps[0].do["add_order"]["id"] == parent


def test_an_id_that_begins_like_another_is_moved_once() -> None:
    case = moved(CASES["execute/agent-process-limit"], "r7", TODAY)
    assert sorted(i.count("r7") for i in case.expect.orders) == [1, 1, 1]


def test_cases_that_stop_processes_need_a_harness() -> None:
    assert needs_hands(CASES["failure/both-down"])
    assert needs_hands(CASES["execute/agent-process-limit"])
    assert needs_hands(CASES["execute/single-job"]) is None
