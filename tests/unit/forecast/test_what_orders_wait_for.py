"""What orders wait for in a forecast, which order ends it, and why some never end."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from engine.order.requests import NewOrder, SignedItem
from simulation.forecast.forecast import forecast
from simulation.forecast.found import Forecast, OrderForecast
from simulation.forecast.path import critical_path
from simulation.forecast.snapshot import AgentSeen, Ran, Snapshot, Went
from simulation.forecast.wire import (
    decode_forecast,
    decode_snapshot,
    encode_forecast,
    encode_snapshot,
)

S = 1_000_000
T0 = 1_767_225_600 * S
JOB = {
    "agentName": "a",
    "executable": {"TYPE": "ShellScriptExecutable", "script": "x"},
    "parallelism": 9,
}
RUN = {"TYPE": "Execute.Named", "jobName": "work", "label": "run"}
BOARD = {"boardType": "GLOBAL", "postOrderToNoticeId": "'n'", "expectOrderToNoticeId": "'n'"}
OBJECTS: dict[tuple[str, str], dict[str, Any]] = {
    ("noticeboard", "b"): BOARD,
    ("lock", "l"): {"limit": 1},
}


def seen(
    workflows: Mapping[str, list[Any]],
    orders: Mapping[str, tuple[str, int]],
    *,
    seconds: Mapping[str, tuple[float, ...]] = {},
    job: Mapping[str, Any] = {},
    **more: Any,
) -> dict[str, OrderForecast]:
    """Forecast orders by id: their workflow, and in how many seconds they start."""
    found = forecast(snapshot(workflows, orders, seconds=seconds, job=job, **more))
    return {one.id: one for one in found.orders}


def snapshot(
    workflows: Mapping[str, list[Any]],
    orders: Mapping[str, tuple[str, int]],
    *,
    seconds: Mapping[str, tuple[float, ...]] = {},
    job: Mapping[str, Any] = {},
    **more: Any,
) -> Snapshot:
    jobs = {"work": {**JOB, **job}}
    items = [_item("workflow", p, {"instructions": i, "jobs": jobs}) for p, i in workflows.items()]
    items += [_item(kind, path, document) for (kind, path), document in OBJECTS.items()]
    return Snapshot(
        **{
            "now_us": T0,
            "until_us": T0 + 3_600 * S,
            "items": tuple(items),
            "current": dict.fromkeys(workflows, "v"),
            "coming": tuple(
                NewOrder(name, path, scheduled_us=T0 + in_s * S)
                for name, (path, in_s) in orders.items()
            ),
            "agents": (AgentSeen("a", 4),),
            "ran": tuple(Ran(path, "work", "run", s) for path, s in seconds.items()),
            **more,
        }
    )


def _item(kind: str, path: str, document: Mapping[str, Any]) -> SignedItem:
    return SignedItem(kind, path, "v", json.dumps(document).encode(), b"")


def waits(one: OrderForecast) -> list[tuple[str, str, str, float]]:
    """What an order waits for: kind, what, who ends it, and how long."""
    return [
        (s.kind, s.what, s.cause, ((s.end_us or 0) - s.begin_us) / S)
        for s in one.spans
        if s.kind not in ("job", "start")
    ]


def end_s(one: OrderForecast) -> float | None:
    return None if one.end_us is None else (one.end_us - T0) / S


def locked(*inner: Any) -> dict[str, Any]:
    demands = [{"lockName": "l", "count": 1}]
    return {"TYPE": "Lock", "demands": demands, "lockedWorkflow": {"instructions": list(inner)}}


def test_an_order_waits_for_a_lock_until_its_holder_gives_it_back() -> None:
    found = seen({"w": [locked(RUN)]}, {"x": ("w", 0), "y": ("w", 10)}, seconds={"w": (30.0,)})
    assert waits(found["y"]) == [("lock", "l", "x", 20.0)]
    assert (end_s(found["x"]), end_s(found["y"])) == (30.0, 60.0)
    path = critical_path(found.get, "y")
    assert path is not None
    assert [i.order for i in path.links if not i.waits] == ["x", "y"]


def test_an_order_waits_for_a_notice_until_another_one_posts_it() -> None:
    post = [RUN, {"TYPE": "PostNotices", "noticeBoardNames": ["b"]}]
    expect = [{"TYPE": "ExpectNotices", "noticeBoardNames": "'b'"}, RUN]
    found = seen({"p": post, "e": expect}, {"x": ("p", 20), "y": ("e", 0)}, seconds={"p": (5.0,)})
    assert waits(found["y"]) == [("notice", "b n", "x", 25.0)]
    assert found["y"].spans[-1].source == "default"


def test_a_notice_that_nobody_posts_is_waited_for_without_an_end() -> None:
    found = seen({"e": [{"TYPE": "ExpectNotices", "noticeBoardNames": "'b'"}]}, {"y": ("e", 0)})
    assert found["y"].end_us is None
    assert found["y"].why == (
        "It waits for notice n of board b, which no order of the forecast posts."
    )


def test_a_prompt_is_waited_for_without_an_end_and_its_lock_keeps_others_waiting() -> None:
    flow = {"w": [locked({"TYPE": "Prompt", "question": "'Release?'"})]}
    found = seen(flow, {"x": ("w", 0), "y": ("w", 1)})
    assert found["x"].why == "It asks a person: Release?"
    assert found["y"].why == "It waits for lock l, held by x."
    assert critical_path(found.get, "y") is None


@pytest.mark.parametrize(
    ("agents", "parallelism", "what"),
    [((AgentSeen("a", 1),), 9, "a"), ((AgentSeen("a", 9),), 1, "a for work")],
)
def test_an_order_waits_for_a_free_process(
    agents: tuple[AgentSeen, ...], parallelism: int, what: str
) -> None:
    found = seen(
        {"w": [RUN]}, {"x": ("w", 0), "y": ("w", 4)},
        seconds={"w": (10.0,)}, agents=agents, job={"parallelism": parallelism},
    )  # fmt: skip
    assert waits(found["y"]) == [("process", what, "x", 6.0)]


def test_an_agent_that_is_away_gets_nothing_done() -> None:
    found = seen({"w": [RUN]}, {"x": ("w", 0)}, agents=(AgentSeen("a", 4, is_there=False),))
    assert (found["x"].end_us, found["x"].why) == (None, "Agent a is away.")


def test_a_job_waits_for_its_admission() -> None:
    period = {"TYPE": "DailyPeriod", "secondOfDay": 600, "duration": 3_600}
    job = {"admissionTimeScheme": {"periods": [period]}}
    found = seen({"w": [RUN]}, {"x": ("w", 60)}, seconds={"w": (5.0,)}, job=job)
    assert waits(found["x"]) == [("admission", "run", "", 540.0)]
    assert end_s(found["x"]) == 605.0


def test_the_late_end_is_that_of_long_runs_and_waits_grow_with_it() -> None:
    usual = tuple(float(n) for n in range(10, 31))
    found = seen({"w": [locked(RUN)]}, {"x": ("w", 0), "y": ("w", 0)}, seconds={"w": usual})
    assert end_s(found["y"]) == 40.0
    assert found["y"].late_end_us == T0 + 58 * S


def test_an_order_that_misses_its_deadline_says_by_how_much() -> None:
    given = {"x": T0 + 20 * S, "y": T0 + 60 * S}
    found = seen(
        {"w": [RUN]}, {"x": ("w", 0), "y": ("w", 0)}, seconds={"w": (30.0,)}, deadlines=given
    )
    assert (found["x"].misses, found["x"].late_us) == (True, 10 * S)
    assert (found["y"].misses, found["y"].late_us) == (False, -30 * S)


def test_the_usual_branch_is_taken_and_said() -> None:
    flow = {"w": [RUN, {"TYPE": "If", "predicate": "$rows > 3", "then": {"instructions": [RUN]}}]}
    taken = (Went("w", "1", "then", 8), Went("w", "1", "past", 1))
    found = seen(flow, {"x": ("w", 0)}, seconds={"w": (10.0,)}, went=taken)["x"]
    assert end_s(found) == 20.0
    assert found.assumed == ("Condition at 1: 8 of the last 9 orders took then.",)
    assert end_s(seen(flow, {"x": ("w", 0)}, seconds={"w": (10.0,)})["x"]) == 10.0


def test_what_the_controller_would_refuse_is_told() -> None:
    found = seen({"w": [RUN]}, {"x": ("unknown", 0)})["x"]
    assert found.why == "The controller would refuse it: No workflow unknown is deployed."


def test_a_failure_that_a_workflow_asks_for_is_told() -> None:
    found = seen({"w": [{"TYPE": "Fail", "message": "'no stock'"}]}, {"x": ("w", 5)})["x"]
    assert (found.failed, found.why, end_s(found)) == (True, "It would fail: no stock", 5.0)


def test_children_and_added_orders_know_where_they_come_from() -> None:
    fork = {
        "TYPE": "Fork",
        "branches": [
            {"id": i, "workflow": {"instructions": [RUN] * n}} for i, n in (("x", 1), ("y", 3))
        ],
    }
    flows: dict[str, list[Any]] = {
        "f": [RUN, fork, {"TYPE": "AddOrder", "workflowName": "t"}],
        "t": [RUN],
    }
    found = seen(flows, {"o": ("f", 0)}, seconds={"f": (10.0,), "t": (7.0,)})
    added = next(one for one in found.values() if one.workflow == "t")
    assert (found["o|y"].origin, found["o|y"].is_child, added.origin) == ("o", True, "o")
    path = critical_path(found.get, added.id)
    assert path is not None
    assert [i.order for i in path.links if not i.waits] == ["o", *["o|y"] * 3, added.id]
    assert path.slack_us == 20 * S


def test_a_forecast_says_how_much_of_it_rests_on_history() -> None:
    orders = {"x": ("w", 0), "y": ("e", 0), "z": ("v", 0)}
    expects = {"TYPE": "ExpectNotices", "noticeBoardNames": "'b'"}
    given = snapshot({"w": [RUN], "v": [RUN], "e": [expects]}, orders, seconds={"w": (1.0,)})
    found = forecast(given).coverage
    assert (found.orders, found.ended, found.endless) == (3, 2, 1)
    assert found.sources == {"default": 1, "history": 1}


def test_snapshots_and_forecasts_travel_to_another_process_and_back() -> None:
    given = snapshot({"w": [locked(RUN)]}, {"x": ("w", 0)}, seconds={"w": (1.0, 2.0)})
    assert decode_snapshot(encode_snapshot(given)) == given
    found: Forecast = forecast(given)
    assert decode_forecast(encode_forecast(found)) == found
