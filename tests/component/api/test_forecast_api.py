"""Forecasts over the API: what orders are going to do, and what determines it."""

import datetime as dt

import pytest
from django.db import transaction

from cockpit.models import AuditEntry
from dailyplan.forecast_store import replace
from dailyplan.forecast_values import Basis
from simulation.forecast.found import Coverage, Forecast, OrderForecast, Posting, Span
from tests.component.api.client import Api, order_path

S = 1_000_000
T0 = 1_795_305_600 * S  # 2026-11-22T00:00:00Z
DAY = "2026-11-22"
CLOSE = "#2026-11-22#P12-close"


def put(*orders: OrderForecast) -> None:
    found = Forecast(
        now_us=T0,
        until_us=T0 + 86_400 * S,
        orders=orders,
        postings=(Posting("fin/done", "n", CLOSE, T0 + 700 * S),),
        coverage=Coverage(orders=2, ended=1, endless=1, jobs=3, sources={"history": 3}),
    )
    basis = Basis(coverage=found.coverage, left_out=1, away=("agent-9",))
    at = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    replace(found, basis, made_at=at, tolerance_s=60, transaction=transaction.atomic)


@pytest.fixture
def forecast(db: None) -> None:
    """A close that ends late, and a report that nobody lets go on."""
    put(
        OrderForecast(
            id=CLOSE, workflow="fin/close", scheduled_us=T0, begin_us=T0, end_us=T0 + 700 * S,
            late_end_us=T0 + 900 * S, deadline_us=T0 + 600 * S,
            spans=(
                Span("job", T0, T0 + 100 * S, "0", "load", "", "agent-1", "history"),
                Span("lock", T0 + 100 * S, T0 + 500 * S, "1", "dwh", "other"),
                Span("job", T0 + 500 * S, T0 + 700 * S, "1/lock/0", "post", "", "agent-1"),
            ),
            assumed=("Condition at 3: 8 of the last 9 orders took then.",),
        ),
        OrderForecast(
            id="other", workflow="hidden/flow", begin_us=T0, end_us=T0 + 500 * S,
            spans=(Span("job", T0, T0 + 500 * S, "0/lock/0", "long", "", "agent-2"),),
        ),
        OrderForecast(
            id="report", workflow="fin/report", begin_us=T0 + 10 * S,
            why="It asks a person: Release?",
            spans=(Span("prompt", T0 + 10 * S, None, "0", "Release?"),),
        ),
    )  # fmt: skip


def test_without_a_forecast_there_is_an_empty_one(administrator: Api) -> None:
    found = administrator.get("/plan/forecast/")
    assert (found["made_at"], found["orders"], found["coverage"]) == (None, [], None)
    assert (
        administrator.get(order_path("x", "forecast").replace("orders/", "plan/orders/", 1)).status
        == 404
    )


def test_a_day_has_its_orders_with_their_ends(administrator: Api, forecast: None) -> None:
    found = administrator.get(f"/plan/forecast/?date={DAY}")
    assert [o["id"] for o in found["orders"]] == [CLOSE, "other", "report"]
    close, _, report = found["orders"]
    assert (close["end"], close["end_late"], close["late"], close["lane"]) == (
        "2026-11-22T00:11:40Z", "2026-11-22T00:15:00Z", True, "agent-1",
    )  # fmt: skip
    assert (report["end"], report["why"]) == (None, "It asks a person: Release?")
    assert found["coverage"]["sources"] == {"history": 3}
    assert (found["coverage"]["left_out"], found["coverage"]["away"]) == (1, ["agent-9"])
    assert [o["id"] for o in administrator.get("/plan/forecast/?date=2026-11-20")["orders"]] == []


def test_late_orders_and_those_of_a_workflow_can_be_had_alone(
    administrator: Api, forecast: None
) -> None:
    def ids(query: str) -> list[str]:
        return [o["id"] for o in administrator.get(f"/plan/forecast/?{query}")["orders"]]

    assert ids("late=true") == [CLOSE]
    assert ids("workflow=report") == ["report"]
    assert ids("limit=1") == [CLOSE]
    cursor = administrator.get("/plan/forecast/?limit=1")["cursor"]
    assert ids(f"limit=1&cursor={cursor}") == ["other"]
    assert administrator.get("/plan/forecast/?cursor=x").status == 422


def test_an_order_has_its_parts_and_its_critical_path_in_words(
    administrator: Api, forecast: None
) -> None:
    address = f"/plan{order_path(CLOSE)}forecast/"
    found = administrator.get(address)
    assert [p["kind"] for p in found["parts"]] == ["job", "lock", "job"]
    assert found["assumed"] == ["Condition at 3: 8 of the last 9 orders took then."]
    links = [(i["order"], i["what"]) for i in found["path"]["links"] if not i["waits"]]
    assert links == [("other", "long"), (CLOSE, "post")]
    assert found["path"]["sentence"] == (
        f"{CLOSE}: forecast 00:11, deadline 00:10, 100 s late:"
        " long takes 8 min of it; post takes 200 s of it."
    ).replace("200 s", "3 min")


def test_a_path_leads_to_a_notice(administrator: Api, forecast: None) -> None:
    found = administrator.get("/plan/forecast/path/?board=fin/done&key=n")
    assert (found["order"], found["end"]) == (CLOSE, "2026-11-22T00:11:40Z")
    assert found["sentence"].startswith("n of fin/done: forecast 00:11:")
    assert administrator.get("/plan/forecast/path/?board=fin/other&key=n").status == 404
    assert administrator.get("/plan/forecast/path/?order=report").status == 404
    assert administrator.get("/plan/forecast/path/").status == 422


def test_a_new_forecast_can_be_asked_for_and_that_is_written_down(
    administrator: Api, forecast: None
) -> None:
    answer = administrator.post("/plan/forecast/recompute/", {"comment": "before the close"})
    assert answer.status == 202
    assert answer["made_at"] == "2026-11-22T00:00:00Z"
    entry = AuditEntry.objects.get(verb="forecast-ask")
    assert entry.comment == "before the close"


def test_orders_of_folders_that_may_not_be_seen_have_no_names_on_a_path(
    administrator: Api, forecast: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cockpit.access.gate.folders", lambda _account, _verb: ("fin",))
    path = administrator.get(f"/plan{order_path(CLOSE)}forecast/")["path"]
    assert [(i["order"], i["what"], i["cause"]) for i in path["links"]] == [
        ("", "", ""), (CLOSE, "dwh", ""), (CLOSE, "post", ""),
    ]  # fmt: skip
    assert path["sentence"] == ""
    assert administrator.get(f"/plan{order_path('other')}forecast/").status == 404
    assert administrator.get("/plan/forecast/path/?order=other").status == 404
