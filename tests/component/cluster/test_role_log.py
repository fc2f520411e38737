"""What the log of a member tells of its part in a role."""

import logging

import pytest

from cluster.role import Role
from tests.component.cluster.test_role import NAME, QUICK
from tests.system.waiting import wait_until


def test_the_log_tells_who_stands_by_who_has_no_name_and_who_gives_the_role_back(
    dsn: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "cluster.candidate")

    def told() -> set[tuple[str, object]]:
        facts = [(one.getMessage(), vars(one)) for one in caplog.records]
        return {(event, known.get("node", known.get("to"))) for event, known in facts}

    roles = [Role(dsn, NAME, node, config=QUICK) for node in ("anne", "bert", "anne")]
    with roles[0] as first:
        wait_until(first.may_act)
        with roles[1], roles[2]:
            wait_until(
                lambda: told() >= {("lease.stands_by", "bert"), ("lease.name_taken", "anne")}
            )
            first.release()
            assert ("lease.released", None) in told()
