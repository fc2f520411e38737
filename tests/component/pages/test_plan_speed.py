"""The pages of a plan day stay quick however many orders it has."""

import datetime as dt
from functools import partial

import pytest
from django.db import connection
from django.test import Client

from dailyplan.given import Given, ids_of
from tests.pace import quickest_s

ORDERS = 300_000
DAY = dt.date(2027, 1, 20)
LIST_S = 0.100
LANES_S = 0.300
MORE = """
INSERT INTO dailyplan_plannedorder
       (day, origin, start_at, parameterisation, state, flags, submit, late)
SELECT %(day)s, n, %(day)s::timestamptz + n * interval '280 ms', (%(ids)s::int[])[1 + n %% 1000],
       CASE WHEN n %% 50 = 0 THEN 4 WHEN n < 150000 THEN 3 ELSE 0 END, 0, false, false
  FROM generate_series(1, %(count)s) AS n
"""


@pytest.fixture
def many(db: None) -> None:
    """A day of 300,000 orders of 1,000 schedules and 400 workflows."""
    given = [Given(f"s{n}", f"big/s{n}", f"w{n % 400}", f"big/w{n % 400}", f"s{n}")
             for n in range(1_000)]  # fmt: skip
    ids = ids_of(given)
    with connection.cursor() as cursor:
        cursor.execute(MORE, {"day": DAY, "ids": ids, "count": ORDERS})
        cursor.execute("ANALYZE dailyplan_plannedorder")


@pytest.mark.timeout(240)
@pytest.mark.usefixtures("many")
def test_a_day_of_many_orders_is_listed_filtered_and_drawn_quickly(owner: Client) -> None:
    limits = {
        "": LIST_S, "?state=failed": LIST_S, "?q=wf:big/w7": LIST_S, "?q=s99": LIST_S,
        "?late=1": LIST_S, "?view=month": LIST_S, "lanes/?hours=24": LANES_S,
        "lanes/?hours=2": LANES_S, "lanes/?hours=24&by=agent": LANES_S,
    }  # fmt: skip
    found = {}
    for what, limit_s in limits.items():
        address = f"/plan/{DAY}/{what}"
        assert owner.get(address).status_code == 200
        found[what] = quickest_s(partial(owner.get, address), limit_s)
    print({name: f"{taken * 1000:.0f} ms" for name, taken in found.items()})  # noqa: T201
    assert {name: taken for name, taken in found.items() if taken > limits[name]} == {}
