"""A small installation as rows: what every page has to show at least once."""

import datetime as dt
from typing import Any

from cluster.models import Lease, LeaseEvent, Node, ServiceRun
from controller.models import Link
from engine.order import model as m
from history.models import GroupCount
from inventory import edit
from inventory.models import Item
from tests.component.api import history_rows
from tests.component.api.controller_stub import WORKFLOW, ControllerStub

HOSTILE = "<script>alert('x')</script>\"'&"
PATH = "demo/report"
SOURCE = """\
title: A report
instructions:
  - {TYPE: Execute.Named, jobName: work, label: start}
jobs:
  work:
    agentName: agent-1
    executable: {TYPE: ShellScriptExecutable, script: "true"}
"""
LOCK = "demo/dwh"
BOARD = "demo/loaded"
LOG = b"plain\n\x1b[31mred\x1b[0m <script>alert('log')</script>\nwith \x00 NUL\n"


class Scene:
    """The rows; `running`, `failed` and `job_no` name what pages can be asked for."""

    def __init__(self, controller: ControllerStub) -> None:
        self.controller = controller
        history_rows.make_room()
        controller.deploy(PATH, {**WORKFLOW, "title": HOSTILE})
        controller.put_object("lock", LOCK, {"limit": 2, "title": HOSTILE})
        controller.put_object(
            "noticeboard", BOARD,
            {"postOrderToNoticeId": "'x'", "expectOrderToNoticeId": "'x'", "title": HOSTILE},
        )  # fmt: skip
        self.running = self._live("#2026-01-31#T1-running", m.Processing("r:1", 1), "running")
        self.failed = self._live(
            f"#2026-01-31#T2-{HOSTILE}", m.Failed(), "failed", message=f"It broke: {HOSTILE}"
        )
        self.done = history_rows.order_run(
            "#2026-01-31#T3-done", state="Finished", group="finished", live=False,
            started_at=history_rows.MOMENT, ended_at=history_rows.MOMENT + dt.timedelta(seconds=9),
        )  # fmt: skip
        job = history_rows.job_run(self.failed, 7, state="failed", return_code=1, message=HOSTILE)
        history_rows.log(job, LOG)
        history_rows.state(self.failed, 5, "Ready")
        self.job_no = job.no
        self._ground()

    def _live(self, order_id: str, state: Any, group: str, **changes: Any) -> Any:
        outcome = m.Outcome("failed", 1, changes.get("message")) if group == "failed" else None
        self.controller.order(
            order_id, PATH, state=state, outcome=outcome, arguments={"who": HOSTILE}
        )
        name = type(state).__name__
        return history_rows.order_run(
            order_id, state=name, group=group, agent="agent-1", job_no=7,
            started_at=history_rows.MOMENT, tags=[HOSTILE], **changes,
        )  # fmt: skip

    def _ground(self) -> None:
        here = "controller"
        for group, count in (("running", 1), ("failed", 1), ("finished", 12_345)):
            GroupCount.objects.create(
                controller=here, workflow=PATH, group=group, child=False, count=count
            )
        Link.objects.create(
            controller=here, agent="agent-1", stream="0" * 32, state="coupled",
            seen_at=history_rows.MOMENT,
        )  # fmt: skip
        from agents.models import Agent

        Agent.objects.create(id="agent-1", title=HOSTILE)
        Lease.objects.create(role="cockpit", term=3, holder="cockpit-1/abc", phase="active")
        Node.objects.create(role="cockpit", node="cockpit-1", incarnation="abc")
        LeaseEvent.objects.create(role="cockpit", term=3, kind="SwitchedOver", who="cockpit-1/abc")
        ServiceRun.objects.create(
            service="journal", planned_at=history_rows.MOMENT, term=3, holder="cockpit-1/abc",
            state="finished", counts={"purged": 2},
        )  # fmt: skip
        edit.put_draft("workflow", PATH, SOURCE, account="ada")

    @property
    def item(self) -> Item:
        """The draft of the workflow."""
        return Item.objects.get(kind="workflow", path=PATH)
