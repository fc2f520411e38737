"""The service: makes a forecast for its term alone, and keeps the one before where it cannot."""

import datetime as dt
import threading

import pytest

from cluster.failures import LeadershipLost
from cluster.lease import Token
from cockpit.services.forecast import (
    Forecasting,
    ForecastNotMade,
    WatchForecast,
    ask_for_forecast,
    played,
)
from cockpit.services.ground import Ground
from cockpit.services.timed import timed_services
from dailyplan.models import Forecast, ForecastOrder
from tests.component.forecast.mirror import C, Mirror, flow, run


def ground(dsn: str, token: Token) -> Ground:
    return Ground(dsn=dsn, broker_url="", controller=C, token=token)


def ready(mirror: Mirror) -> None:
    mirror.deploy({"fin/close": flow(run("load"), run("post"))})
    mirror.add("close", "fin/close", in_s=-30)
    mirror.write()


def test_the_service_makes_a_forecast_of_what_stands(mirror: Mirror, dsn: str) -> None:
    ready(mirror)
    done = Forecasting(ground(dsn, mirror.token)).run_once(mirror.token, mirror.now)
    assert (done["orders"], done["ended"], done["left_out"]) == (1, 1, 0)
    assert ForecastOrder.objects.get().order_id == "close"
    assert Forecast.objects.get().body["coverage"]["sources"] == {"default": 2}


def test_a_term_that_is_over_leaves_the_forecast_before(mirror: Mirror, dsn: str) -> None:
    ready(mirror)
    old = Token(mirror.token.role, mirror.token.term - 1, mirror.token.holder)
    with pytest.raises(LeadershipLost):
        Forecasting(ground(dsn, old)).run_once(old, mirror.now)
    assert not Forecast.objects.exists()


def test_a_process_that_fails_says_why() -> None:
    with pytest.raises(ForecastNotMade, match="ValidationError"):
        played(b"no snapshot")


def test_it_is_one_of_the_services(dsn: str, mirror: Mirror) -> None:
    assert "forecast" in [one.name for one in timed_services(ground(dsn, mirror.token))]


def test_who_asks_wakes_the_service(mirror: Mirror, dsn: str) -> None:
    stop = threading.Event()
    woken: list[str] = []

    def wake(name: str) -> bool:
        woken.append(name)
        stop.set()
        return True

    watch = WatchForecast(ground(dsn, mirror.token), stop, wake=wake)
    thread = threading.Thread(target=watch.run_once, args=(mirror.token, dt.datetime.now(dt.UTC)))
    thread.start()
    while not stop.wait(0.05):
        ask_for_forecast()
    thread.join(10)
    assert woken[0] == "forecast"
