"""Conformance cases on real controllers, agents and shell jobs: some of each folder, each time.

All of them are run by `make conformance-orders REAL=1`.
"""

import msgspec
import pytest

from tests.conformance.case import ORDERS, Case, ExpectedOrder, read_cases
from tests.conformance.real import needs_hands, run_on_own

WITH_HANDS = ("failure/both-down", "failure/process-lost-is-repeated")


def chosen() -> dict[str, Case]:
    """Return the first case of each folder that can be run beside others, and two that cannot."""
    found: dict[str, tuple[str, Case]] = {}
    cases = {name: case for name, case in read_cases(ORDERS) if case.real}
    for name, case in cases.items():
        if not needs_hands(case):
            found.setdefault(name.partition("/")[0], (name, case))
    return dict(found.values()) | {name: cases[name] for name in WITH_HANDS}


def wrong(case: Case) -> Case:
    """Return the case with an expectation that cannot come true."""
    order_id = next(iter(case.expect.orders))
    orders = {order_id: ExpectedOrder(trace=[("nobody", "succeeded")])}
    return msgspec.structs.replace(case, expect=msgspec.structs.replace(case.expect, orders=orders))


@pytest.mark.timeout(300)
def test_cases_of_each_folder_end_on_real_parts_as_they_must() -> None:
    cases = chosen()
    control = wrong(cases["lock/cancel-releases-lock"])
    with run_on_own([*cases.items(), ("control", control)]) as run:
        differing = {name: told for name, case in cases.items() if (told := run(name, case))}
        control_told = run("control", control)
    assert differing == {}
    assert control_told != []
