"""Whatever is released, changed by hand, killed and resumed: no order is missed, none doubled."""

import os
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from dailyplan import submit
from tests.plan_site import Site
from tests.property.dailyplan.machine import Machine

EXAMPLES = int(os.environ.get("STELLWERK_PLAN_EXAMPLES", "12"))
QUICKLY = settings(
    max_examples=EXAMPLES, stateful_step_count=25, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip


def run(site: Site, **more: Any) -> None:
    kind = type("ThisMachine", (Machine,), {"site": site, **more})
    run_state_machine_as_test(kind, settings=QUICKLY)


def run_until_found(site: Site, **more: Any) -> None:
    """Run many examples; the first finding is enough and is not made smaller."""
    kind = type("ThisMachine", (Machine,), {"site": site, **more})
    one = settings(QUICKLY, max_examples=100, phases=[Phase.generate])
    run_state_machine_as_test(kind, settings=one)


@pytest.mark.timeout(600)
def test_no_order_is_missed_and_none_doubled(site: Site) -> None:
    run(site)


@pytest.mark.timeout(600)
def test_it_would_be_noticed_if_what_is_killed_left_something_half_done(site: Site) -> None:
    with pytest.raises(BaseException):  # noqa: B017, PT011  # any finding will do
        run_until_found(site, cut=False)
    connection.close()


@pytest.mark.timeout(600)
def test_it_would_be_noticed_if_submitting_did_not_change_the_state(site: Site) -> None:
    loose = submit._SUBMIT.replace("SET state = %s", "SET state = %s::int * 0")
    with (
        patch.object(submit, "_SUBMIT", loose),
        patch.object(submit, "_DUE", submit._DUE + " OFFSET 0"),
        pytest.raises(BaseException),  # noqa: B017, PT011
    ):
        run_until_found(site)
