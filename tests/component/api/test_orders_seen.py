"""Orders as the API shows them: now, when they have ended, in lists, with their past."""

from typing import Any

import pytest

from controller.models import Link
from engine.order import model as m
from tests.component.api.client import Api, order_path
from tests.component.api.controller_stub import ControllerStub
from tests.component.api.history_rows import job_run, log, order_run, state

ODD = "#2026-01-31#T1-ä/b c?%|eu"


@pytest.fixture(autouse=True)
def deployed(controller: ControllerStub) -> None:
    controller.deploy("demo/report")


def test_an_order_is_told_with_everything(viewer: Api, controller: ControllerStub) -> None:
    controller.order(
        ODD,
        arguments={"day": "x\0", "n": 1},
        outcome=m.Outcome("failed", 3, "no"),
        tags=("eu",),
        parent="#2026-01-31#T1-ä/b c?%",
    )

    seen = viewer.get(order_path(ODD)).body

    assert (seen["id"], seen["state"], seen["group"]) == (ODD, "Ready", "ready")
    assert (seen["position"], seen["label"], seen["job"]) == ("0", "start", "work")
    assert seen["arguments"] == seen["variables"] == {"day": "x\0", "n": 1}
    assert seen["outcome"] == {"kind": "failed", "return_code": 3, "message": "no"}
    assert seen["allowed"] == ["cancel", "suspend", "priority"]
    assert seen["may"] == []  # who looks may not act
    assert (seen["live"], seen["tags"], seen["waiting"]) == (True, ["eu"], None)


HELD = m.Held("agent-1", "attached")


@pytest.mark.parametrize(
    ("changes", "reason", "allowed"),
    [
        ({"state": m.Fresh(), "scheduled_us": 2**52}, "scheduled", "continue"),
        ({"state": m.DelayingRetry(2**52)}, "retry-delay", "continue"),
        ({"state": m.Forked(("a",), 1)}, "children", "cancel"),
        ({"state": m.Failed()}, "failed", "resume"),
        ({"state": m.Broken("torn")}, "broken", "cancel"),
        ({"suspended": True}, "suspended", "resume"),
        ({"held": m.Held("agent-1", "attaching")}, "attaching", "cancel"),
        ({"held": HELD}, "process-limit", "suspend"),
        ({"held": m.Held("agent-2", "attached")}, "agent-not-connected", "cancel"),
    ],
)
def test_an_order_that_stands_still_says_why(
    viewer: Api,
    controller: ControllerStub,
    changes: dict[str, Any],
    reason: str,
    allowed: str,
) -> None:
    Link.objects.create(
        controller="controller",
        agent="agent-1",
        stream="00000000-0000-0000-0000-000000000000",
        state="coupled",
    )
    controller.order("one", **changes)

    seen = viewer.get(order_path("one")).body

    assert seen["waiting"]["reason"] == reason
    assert seen["reason"]["sentence"] == seen["waiting"]["sentence"]
    assert seen["reason"]["until"] == seen["waiting"]["until"]
    assert allowed in seen["allowed"]
    assert bool(seen["waiting"]["until"]) == (reason in ("scheduled", "retry-delay"))


def test_an_order_that_has_ended_is_told_by_the_history(viewer: Api) -> None:
    run = order_run("old", state="Finished", group="finished", live=False)
    order_run("old|a", parent="old", run=run.run + 1, live=False)

    seen = viewer.get(order_path("old")).body

    assert (seen["state"], seen["live"], seen["allowed"]) == ("Finished", False, [])
    assert (seen["children"], seen["arguments"]) == (["old|a"], {"day": "x"})


def test_an_order_that_nobody_knows_is_not_there(viewer: Api) -> None:
    for below in ("", "events/", "steps/", "log/"):
        reply = viewer.get(order_path("nobody", below))
        assert (reply.status, reply["code"]) == (404, "order-unknown")
    assert viewer.get("/orders/a%00b/").status == 404


def test_the_list_is_filtered_and_paged(viewer: Api) -> None:
    for n in range(5):
        order_run(f"o{n}", group="failed" if n % 2 else "ready", tags=["eu"] if n < 2 else [])
    order_run("x|a", parent="x")
    order_run("done", state="Finished", group="finished", live=False)
    order_run("far", workflow="other/deep/load", agent="agent-9", order_date="2026-02-01")

    def ids(**query: Any) -> list[str]:
        return [order["id"] for order in viewer.get("/orders/", **query)["orders"]]

    assert ids() == ["far", "o4", "o3", "o2", "o1", "o0"]
    assert ids(group="failed") == ["o3", "o1"]
    assert ids(group="failed,finished") == ["done", "o3", "o1"]
    assert ids(state="Finished") == ["done"]
    assert ids(tag="eu") == ["o1", "o0"]
    assert ids(workflow="other/*") == ids(folder="other") == ids(folder="other/deep") == ["far"]
    assert ids(folder="oth") == []
    assert ids(agent="agent-9") == ids(date="2026-02-01") == ["far"]
    assert ids(text="o1") == ["o1"]
    assert ids(ids=["o1", "done", "x|a"]) == ["done", "x|a", "o1"]
    assert ids(parent="x") == ["x|a"]
    assert "x|a" in ids(children="true")
    assert ids(live="false") == ["done"]


def test_pages_follow_each_other_without_a_gap(viewer: Api) -> None:
    for n in range(7):
        order_run(f"o{n}")
    found: list[str] = []
    cursor = ""
    for _ in range(3):
        page = viewer.get("/orders/", limit=3, cursor=cursor)
        found += [order["id"] for order in page["orders"]]
        cursor = page["older"]
    assert found == [f"o{n}" for n in range(6, -1, -1)]
    assert cursor is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"limit": "0"}, "limit"),
        ({"limit": "1001"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"colour": "red"}, "colour"),
        ({"group": "reddish"}, "group"),
        ({"cursor": "12"}, "cursor"),
        ({"cursor": "9" * 40 + ".1"}, "cursor"),
        ({"live": "perhaps"}, "live"),
        ({"since": "yesterday"}, "since"),
        ({"text": "a\0"}, "text"),
        ({"ids": "a\0"}, "ids"),
        ({"agent": "x" * 256}, "agent"),
    ],
)
def test_a_bad_parameter_is_named(viewer: Api, query: dict[str, str], field: str) -> None:
    reply = viewer.get("/orders/", **query)
    assert (reply.status, reply.fields) == (422, [field])


def test_the_past_of_an_order_is_told(viewer: Api) -> None:
    run = order_run("one")
    for no, name in enumerate(("Fresh", "Ready", "Processing"), 1):
        state(run, no, name)
    job = job_run(run, 3, state="succeeded", return_code=0)
    log(job, b"one\ntwo\xff\n")

    events = viewer.get(order_path("one", "events/"), limit=2)
    assert [e["state"] for e in events["events"]] == ["Fresh", "Ready"]
    rest = viewer.get(order_path("one", "events/"), after=events["after"])
    assert ([e["no"] for e in rest["events"]], rest["after"]) == ([3], None)

    (step,) = viewer.get(order_path("one", "steps/"))["steps"]
    assert (step["id"], step["job"], step["return_code"]) == (3, "work", 0)

    text = viewer.get(order_path("one", "log/")).body.decode()
    assert text.startswith("---- work at 0 on agent-1, 2026-01-31 08:00:03 UTC\n")
    assert text.endswith("one\ntwoÿ\n")


def test_the_log_of_a_job_that_was_passed_by_names_no_agent(viewer: Api) -> None:
    job_run(order_run("one"), 3, state="skipped", agent="")
    text = viewer.get(order_path("one", "log/")).body.decode()
    assert text == "---- work at 0, 2026-01-31 08:00:03 UTC\n"


def test_an_order_that_the_history_does_not_have_yet_has_an_empty_past(
    viewer: Api, controller: ControllerStub
) -> None:
    controller.order("new")
    assert viewer.get(order_path("new", "events/"))["events"] == []
    assert viewer.get(order_path("new", "steps/"))["steps"] == []
    assert viewer.get(order_path("new", "log/")).body == b""


def test_job_runs_tell_their_criticality_and_what_people_should_look_at(viewer: Api) -> None:
    run = order_run("one")
    job_run(run, 3, criticality="CRITICAL", warnings=["the run took 9 s, more than 5 s"])
    job_run(run, 5)

    plain, warned = viewer.get("/history/jobs/")["jobs"]
    assert (plain["criticality"], plain["warnings"]) == ("NORMAL", [])
    assert warned["criticality"] == "CRITICAL"
    assert warned["warnings"] == ["the run took 9 s, more than 5 s"]
    assert viewer.get(order_path("one", "steps/"))["steps"][0] == warned

    def found(**query: str) -> list[int]:
        return [job["id"] for job in viewer.get("/history/jobs/", **query)["jobs"]]

    assert found(warned="true") == [3]
    assert found(warned="false") == [5]
    assert found(criticality="CRITICAL") == [3]
    assert found(criticality="NORMAL,CRITICAL") == [5, 3]
    assert found(criticality="NORMAL") == [5]
    assert viewer.get("/history/jobs/", criticality="HUGE").fields == ["criticality"]


def test_job_runs_and_their_logs_are_found(viewer: Api) -> None:
    run = order_run("one")
    job = job_run(run, 3, state="failed", ended_at=run.added_at)
    job_run(run, 5, job="other")
    log(job, b"".join(b"line %d\n" % n for n in range(1, 21)))

    jobs = viewer.get("/history/jobs/")["jobs"]
    assert [j["id"] for j in jobs] == [5, 3]
    assert [j["id"] for j in viewer.get("/history/jobs/", state="failed")["jobs"]] == [3]
    assert viewer.get("/history/jobs/", state="sad").fields == ["state"]
    assert viewer.get("/history/jobs/3/")["attempt"] == "r-3"
    assert viewer.get("/history/jobs/4/").status == 404
    assert viewer.get("/history/orders/")["orders"][0]["id"] == "one"

    part = viewer.get("/history/jobs/3/log/", from_line=19)
    assert [line["text"] for line in part["log"]] == ["line 19", "line 20"]
    assert (part["total_lines"], part["ended"]) == (20, True)
    assert [x["no"] for x in viewer.get("/history/jobs/3/log/", tail=1)["log"]] == [20]
    assert viewer.get("/history/jobs/3/log/", text="line 2")["lines"] == [2, 20]
    assert viewer.get("/history/jobs/3/log/", text="(", regex="true").fields == ["text"]
    raw = viewer.get("/history/jobs/3/log/", raw="out")
    assert raw.body.startswith(b"line 1\n")
    assert "attachment" in raw.headers["Content-Disposition"]
    followed = viewer.get("/history/jobs/3/log/", follow="true", from_line=20)
    assert followed.body.count(b"\n") == 1


def test_deployed_workflows_are_told_with_their_orders(
    viewer: Api, controller: ControllerStub
) -> None:
    controller.deploy("demo/other")
    controller.order("one")

    listed = viewer.get("/workflows/", limit=1)
    assert (listed["workflows"][0]["path"], listed["older"]) == ("demo/other", "demo/other")
    (second,) = viewer.get("/workflows/", cursor=listed["older"])["workflows"]
    assert (second["path"], second["orders"]) == ("demo/report", {"ready": 1})

    one = viewer.get("/workflows/demo/report/")
    assert (one["labels"], one["agents"]) == (["start"], ["agent-1"])
    assert (one["versions_in_use"], one["document"]["jobs"].keys()) == (["v1"], {"work": 0}.keys())
    graph = viewer.get("/workflows/demo/report/graph/")
    assert graph.body.startswith(b"<svg")
    for path in ("demo/none/", "demo/report%00/"):
        assert viewer.get(f"/workflows/{path}").status == 404
    assert viewer.get("/workflows/demo/report/", version="v9").status == 404
