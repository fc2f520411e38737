"""Secret variables: what the controller takes, and what people see of them."""

from collections.abc import Callable
from typing import Any

import pytest

from agents.sealed import seal_value
from engine.errors import CommandRefused
from engine.order import model as m
from engine.order import requests as rq
from engine.order.add import add_order
from engine.order.commands import carry_out
from engine.order.parameters import argument_problems, secret_problems
from engine.order.secret import (
    HIDDEN,
    hidden,
    hidden_variables,
    is_sealed,
    readers,
    secret_names,
)
from engine.workflow.model import (
    Block,
    Execute,
    Job,
    OrderPreparation,
    Parameter,
    ShellScript,
    StickySubagent,
    Workflow,
)
from engine.workflow.program import Program
from engine.world import World

KEY = bytes.fromhex("8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a")
SEALED = seal_value("s3cret", {"agent-1": KEY, "ägent 2": KEY})


def program(parameter: Parameter | None = None, *jobs: Job) -> Program:
    """Return a workflow with a secret variable `pw`."""
    parameters = {"pw": parameter or Parameter(secret=True), "day": Parameter(default="'x'")}
    made = {f"job{n}": job for n, job in enumerate(jobs or (job_at("agent-1"),))}
    nodes = tuple(Execute(name) for name in made)
    return Program(
        "flow", "1", Workflow(nodes, made, order_preparation=OrderPreparation(parameters))
    )


def job_at(agent: str, **fields: Any) -> Job:
    """Return a job."""
    return Job(agent, ShellScript("true"), **fields)


def test_only_whole_sealed_values_count_as_sealed() -> None:
    assert is_sealed(SEALED)
    for other in (f"x{SEALED}", f"{SEALED} ", SEALED[:40], "enc://", "", None, 5, [SEALED]):
        assert not is_sealed(other)


def test_what_is_sealed_is_hidden_wherever_it_stands() -> None:
    value = {"a": [f"url://u:{SEALED}@h", ({"b": SEALED},)], "n": 1, "t": "plain", "z": None}
    seen = {"a": [f"url://u:{HIDDEN}@h", [{"b": HIDDEN}]], "n": 1, "t": "plain", "z": None}
    assert hidden(value) == seen
    assert hidden_variables({"pw": 5, "x": SEALED, "y": "y"}, frozenset({"pw"})) == {
        "pw": HIDDEN, "x": HIDDEN, "y": "y",
    }  # fmt: skip


def test_a_secret_argument_is_refused_unless_it_is_sealed() -> None:
    assert argument_problems(program(), {"pw": SEALED}) == []
    (line,) = argument_problems(program(), {"pw": "s3cret"})
    assert "must be sealed" in line
    assert "s3cret" not in line
    assert argument_problems(program(), {}) == ["arguments.pw: It is required."]


def test_before_it_is_sealed_it_is_checked_like_any_other() -> None:
    found = program(Parameter(secret=True, facet="[a-z0-9]+", message="Letters only."))

    def wrong(value: object) -> list[str]:
        return argument_problems(found, {"pw": value}, before_sealing=True)

    assert wrong("s3cret") == wrong(SEALED) == []
    assert wrong("S 3") == ["arguments.pw: Letters only."]
    assert wrong(5) == ["arguments.pw: It must be a String."]
    assert "stand for a hidden value" in wrong(HIDDEN)[0]


def test_other_variables_are_no_concern_of_the_secret_ones() -> None:
    assert secret_problems(program(), {"day": 5, "other": "x"}, "variables") == []
    assert secret_problems(program(), {"pw": "x"}, "variables")[0].startswith("variables.pw: ")


def world_with(order: m.Order | None = None) -> World:
    """Return a world with the workflow, and with an order in it."""
    world = World(complete=True)
    world.programs["flow", "1"] = program()
    world.name("flow", "1")
    if order is not None:
        world.put(order)
    return world


@pytest.mark.parametrize(("value", "ok"), [(SEALED, True), ("s3cret", False)])
def test_no_way_in_takes_a_plain_value(value: str, *, ok: bool) -> None:
    fresh = m.Order(id="#1", workflow="flow", version="1", arguments={"pw": SEALED})
    failed = m.Order(id="#1", workflow="flow", version="1", state=m.Failed(), position=(0,))
    ways: list[Callable[[], object]] = [
        lambda: add_order(world_with(), rq.NewOrder("#2", "flow", {"pw": value}), 1),
        lambda: carry_out(
            world_with(fresh), "#1", rq.ChangeArguments(("#1",), {"pw": value, "day": "y"})
        ),
        lambda: carry_out(
            world_with(failed), "#1", rq.ResumeOrders(("#1",), variables={"pw": value})
        ),
    ]
    for way in ways:
        if ok:
            assert way()
            continue
        with pytest.raises(CommandRefused, match="must be sealed") as refused:
            way()
        assert "s3cret" not in str(refused.value)


def test_a_value_is_for_the_agents_of_the_jobs() -> None:
    assert secret_names(program().workflow) == {"pw"}
    jobs = [job_at("a"), job_at("b", subagent_cluster_id="c"),
            job_at("d", subagent_cluster_id_expr="'e'")]  # fmt: skip
    assert readers(program(None, *jobs).workflow) == frozenset({"a", "c", "e"})
    block = StickySubagent("a", Block((Execute("job0"),)), subagent_cluster_id="f")
    workflow = Workflow((block,), {"job0": job_at("a")})
    assert readers(workflow) == frozenset({"a", "f"})
    assert readers(Workflow(())) == frozenset()


def test_where_only_the_run_knows_the_agent_it_is_for_all() -> None:
    chosen = job_at("a", subagent_cluster_id_expr="$cluster")
    assert readers(program(None, chosen).workflow) is None
