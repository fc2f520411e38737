"""Where jobs run: at a named agent, at one of a cluster, at the one that a block is bound to."""

from collections import deque
from typing import Any

from engine.order import events as e
from engine.order import model as m
from engine.order.add import add_order
from engine.order.requests import NewOrder
from engine.steps.advance import advance
from engine.steps.place import LOOK_AGAIN_US
from engine.steps.site import Site
from engine.workflow.program import Program
from engine.workflow.read import read_workflow
from engine.world import World

CLUSTER = {"pool": ("agent-1", "agent-2")}
RUN: dict[str, Any] = {"TYPE": "Execute.Named", "jobName": "job"}


class Floor:
    """A controller that picks agents, and agents that run one job and wait for the next word."""

    def __init__(self, instructions: list[dict[str, Any]], **job: Any) -> None:
        executable = {"TYPE": "ShellScriptExecutable", "script": "true"}
        document = {
            "instructions": instructions,
            "jobs": {"job": {"agentName": "pool", "executable": executable, **job}},
        }
        reading = read_workflow(document)
        assert reading.workflow is not None, reading.problems
        self.world = World(complete=True)
        self.world.programs["flow", "v1"] = Program("flow", "v1", reading.workflow)
        self.world.name("flow", "v1")
        self.there = ["agent-1", "agent-2"]
        self.now_us = 0
        self.picked: list[str] = []

    def _pick(self, name: str) -> str | None:
        self.picked.append(name)
        return self.there[len(self.picked) % len(self.there)] if self.there else None

    def site(self, agent: str | None = None) -> Site:
        if agent is None:
            return Site(self.now_us, members=CLUSTER.get, pick=self._pick)
        return Site(
            self.now_us, agent, may_start=lambda *_: True, next_attempt=lambda: f"{agent}-1"
        )

    def add(self, **arguments: Any) -> m.Order:
        new = NewOrder("o", "flow", arguments)
        for concerned, event in add_order(self.world, new, self.now_us):
            self.world.take(concerned, event)
        return self.go()

    def go(self, order_id: str = "o") -> m.Order:
        agent = self.world.orders[order_id].attached_to
        for _ in advance(self.world, deque([order_id]), self.site(agent)):
            pass
        return self.world.orders.get(order_id) or self.world.left[order_id]

    def run_job(self, order_id: str = "o") -> str:
        """Let the agent that has been chosen run the job; returns which it was."""
        order = self.world.orders[order_id]
        agent = order.agent or ""
        if order.attached_to is None:
            self.world.take(order_id, e.OrderAttached(agent))
            order = self.go(order_id)
        assert isinstance(order.state, m.Processing)
        ended = e.OrderProcessed(order.state.attempt, m.SUCCEEDED, None, self.now_us)
        self.world.take(order_id, ended)
        if self.go(order_id).held is None and order_id in self.world.orders:
            self.go(order_id)
        return agent


def sticky(*inside: dict[str, Any], **more: Any) -> dict[str, Any]:
    block = {"instructions": list(inside)}
    return {"TYPE": "StickySubagent", "agentName": "pool", "subworkflow": block, **more}


def test_each_job_of_a_cluster_is_placed_anew() -> None:
    floor = Floor([RUN, RUN, RUN])
    floor.add()
    assert [floor.run_job() for _ in range(3)] == ["agent-2", "agent-1", "agent-2"]


def test_a_job_of_a_named_agent_asks_nobody() -> None:
    floor = Floor([RUN, RUN], agentName="agent-9")
    order = floor.add()
    assert (order.agent, floor.picked) == ("agent-9", [])


def test_jobs_in_a_sticky_block_stay_where_the_first_one_ran() -> None:
    floor = Floor([RUN, sticky(RUN, RUN, RUN), RUN])
    floor.add()
    ran = [floor.run_job() for _ in range(5)]
    assert len(set(ran[1:4])) == 1
    assert len(floor.picked) == 3


def test_a_sticky_block_entered_again_is_bound_anew() -> None:
    again = {"TYPE": "Fail", "message": "'again'"}
    retry = {
        "TYPE": "Retry",
        "maxTries": 2,
        "try": {"instructions": [sticky(RUN), again]},
        "catch": {"instructions": []},
    }
    floor = Floor([retry])
    floor.add()
    assert [floor.run_job(), floor.run_job()] == ["agent-2", "agent-1"]


def test_an_order_waits_while_no_agent_of_the_cluster_is_there_and_goes_on_later() -> None:
    floor = Floor([RUN])
    floor.there = []
    order = floor.add()
    assert order.state == m.Sleeping(LOOK_AGAIN_US, "agent")

    floor.there, floor.now_us = ["agent-1"], LOOK_AGAIN_US
    assert floor.go().agent == "agent-1"


def test_an_expression_names_the_cluster_or_an_agent() -> None:
    floor = Floor([RUN], subagentClusterIdExpr="$where")
    assert floor.add(where="agent-7").agent == "agent-7"
    other = Floor([RUN], subagentClusterIdExpr="$where")
    assert other.add(where="pool").agent == "agent-2"


def test_a_list_over_a_cluster_has_a_child_at_each_agent() -> None:
    each = {
        "TYPE": "ForkList",
        "agentName": "pool",
        "subagentClusterId": "pool",
        "workflow": {"instructions": [RUN]},
    }
    floor = Floor([each], subagentClusterIdExpr="$js7ForkListSubagentId")
    floor.add()
    for child in ("o|agent-1", "o|agent-2"):
        floor.go(child)
    ran = {child: floor.run_job(child) for child in ("o|agent-1", "o|agent-2")}
    assert ran == {"o|agent-1": "agent-1", "o|agent-2": "agent-2"}
