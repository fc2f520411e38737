"""Ids of orders that were given none."""

import re
from concurrent.futures import ThreadPoolExecutor

from cockpit.api.orders.ids import made_id


def test_an_id_has_day_digits_and_name() -> None:
    assert re.fullmatch(r"#2026-01-31#T\d{15}-report", made_id("2026-01-31", "report"))


def test_ids_rise_and_are_never_made_twice() -> None:
    alone = [made_id("2026-01-31", "x") for _ in range(2_000)]
    assert alone == sorted(alone)
    with ThreadPoolExecutor(4) as pool:
        many = list(pool.map(lambda _: made_id("2026-01-31", "x"), range(4_000)))
    assert len(set(alone + many)) == 6_000
