"""Hand-overs that are asked for, and those that are not, between real processes."""

import json
import subprocess
import sys
import time
from typing import Any

import pytest

from tests.fault.services.conftest import Members
from tests.pace import Others
from tests.system.child import ROOT
from tests.system.waiting import wait_until

PROMISE_S = 8.0


def switch_over(members: Members, role: str, to: str) -> tuple[int, dict[str, Any]]:
    """Run the command; returns its exit status and what it says."""
    words = ["manage.py", "switch_over", "--role", role, "--to", to, "--json"]
    environment = {
        "DATABASE_URL": members.url,
        "STELLWERK_HOME": str(members.home),
        "STELLWERK_SECRET_KEY": "test",
    }
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, json.loads(done.stdout)


def holder(members: Members, role: str) -> str:
    found = members.rows("SELECT holder FROM cluster_lease WHERE role = %s", role)
    return str(found[0][0]).rpartition("/")[0] if found else ""


def test_a_controller_is_switched_over_within_a_second(members: Members, others: Others) -> None:
    role = "controller.controller"
    members.controller("controller-1")
    wait_until(lambda: holder(members, role) == "controller-1", within_s=40, why=members.logs)
    members.controller("controller-2")
    members.wait_node(role, "controller-2")

    status, told = switch_over(members, "controller", "controller-2")

    assert (status, told["state"]) == (0, "done"), (told, members.logs())
    assert told["took_s"] <= others.stretched(1.0)
    assert holder(members, role) == "controller-2"


@pytest.mark.parametrize("to", ["controller-1", "controller-9"])
def test_who_leads_already_or_is_not_there_is_refused(members: Members, to: str) -> None:
    members.controller("controller-1")
    wait_until(
        lambda: holder(members, "controller.controller") == "controller-1",
        within_s=40,
        why=members.logs,
    )
    status, told = switch_over(members, "controller", to)
    assert (status, told["state"]) == (1, "refused")
    assert to in told["problem"]


@pytest.mark.timeout(120)
def test_services_run_on_the_other_member_after_a_switch_over_and_after_a_kill(
    members: Members, others: Others
) -> None:
    members.cockpit("cockpit-1")
    members.wait_services_of("cockpit-1")
    second = members.cockpit("cockpit-2")
    members.wait_node("cockpit", "cockpit-2")

    status, told = switch_over(members, "cockpit", "cockpit-2")
    assert (status, told["state"]) == (0, "done"), (told, members.logs())
    assert told["took_s"] <= others.stretched(3.0)
    members.wait_services_of("cockpit-2")
    ends = "SELECT DISTINCT state FROM cluster_service_run WHERE holder LIKE 'cockpit-1/%'"
    assert members.rows(ends) == [("finished",)]

    assert not members.rows(
        "SELECT 1 FROM cluster_service_run WHERE state = 'running' AND holder LIKE 'cockpit-1/%'"
    )

    began = time.monotonic()
    second.kill()
    members.wait_services_of("cockpit-1", "history")
    members.wait_services_of("cockpit-1", "beat")
    assert time.monotonic() - began <= others.stretched(PROMISE_S)
