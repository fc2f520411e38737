"""What nights find: each of eight protections taken away, each invariant where it does not hold.

The searches stop at the first night that shows it; the bound is that of a push.
"""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, islice

import pytest

from simulation.accidents import MIXES
from simulation.documents import WEIGHTS, only
from simulation.invariants import KINDS
from simulation.night import Plan, plan
from simulation.search import search
from tests.simulation.mutants import CONTROLS, PROTECTIONS

pytestmark = [pytest.mark.timeout(600), pytest.mark.usefixtures("quiet")]

AT_MOST = 2_000
QUIET = next(mix for mix in MIXES if mix.name == "quiet")
NOTICES = only(("Execute.Named", "PostNotices", "ExpectNotices", "ConsumeNotices"), WEIGHTS)


def with_notices(seed: int) -> Plan:
    """Return a night in which orders wait for notices and for little else."""
    return Plan(seed, QUIET, weights=NOTICES)


def nights(name: str) -> Iterator[Plan]:
    """Return the nights in which something is searched for."""
    made: Callable[[int], Plan] = with_notices if "cohort" in name else plan
    made = partial(plan, files=True) if name == "files" else made
    return map(made, islice(count(), AT_MOST))


@pytest.mark.parametrize("protection", PROTECTIONS)
def test_a_protection_that_is_gone_is_found(protection: str) -> None:
    parts = PROTECTIONS[protection]
    assert any(verdict.violations for verdict in search(nights(protection), parts))


@pytest.mark.parametrize("name", CONTROLS)
def test_an_invariant_reports_where_it_does_not_hold(name: str) -> None:
    kinds = [kind for kind in KINDS if kind.name == name]
    assert any(
        verdict.violations and verdict.violations[0].invariant == name
        for verdict in search(nights(name), CONTROLS[name], kinds)
    )


def test_every_invariant_has_a_control() -> None:
    assert {kind.name for kind in KINDS} == CONTROLS.keys()
