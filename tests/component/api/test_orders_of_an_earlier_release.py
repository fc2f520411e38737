"""What is told of orders that ended under a release whose rows kept less: nothing is made up."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from history.models import JobRun
from tests.component.api.client import Api, order_path
from tests.component.api.controller_stub import ControllerStub
from tests.component.api.lives import followed, lived
from tests.component.api.test_ended_orders import SECRET, begun, job, left, returned

EARLIER, NOW = "0002_warnings_of_job_runs", "0003_what_orders_carried"


@pytest.fixture(autouse=True)
def deployed(controller: ControllerStub) -> None:
    controller.deploy("demo/report", SECRET)


def upgraded() -> None:
    """Take from the rows what an earlier release does not have, and bring them up to date."""
    for name in (EARLIER, NOW):
        MigrationExecutor(connection).migrate([("history", name)])


def test_values_that_an_earlier_release_did_not_keep_are_not_said_to_be_none(viewer: Api) -> None:
    arguments = {"day": "1"}
    followed(lived(*begun(arguments=arguments), *job("a", "r:1", returned(rows=7)), left()))
    whole = viewer.get(order_path("a")).body
    assert (whole["all_kept"], whole["variables"]["rows"]) == (True, 7)

    upgraded()

    seen = viewer.get(order_path("a")).body
    assert seen["all_kept"] is False
    assert seen["variables"] == {"day": "1", "returnCode": 0}
    assert viewer.get(f"/history/jobs/{JobRun.objects.get().no}/")["returned"] is None


def test_an_order_that_comes_after_the_upgrade_is_kept_whole(viewer: Api) -> None:
    upgraded()
    followed(lived(*begun("b"), *job("b", "r:1", returned()), left("b")))

    assert viewer.get(order_path("b"))["all_kept"] is True
    assert viewer.get(f"/history/jobs/{JobRun.objects.get().no}/")["returned"] == {"returnCode": 0}
