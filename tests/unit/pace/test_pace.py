"""What tests measure a promise in seconds by."""

import time

import pytest

from tests import pace


def test_what_is_slow_by_itself_is_slow_in_every_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "PATIENCE_S", 0.5)
    assert pace.quickest_s(lambda: time.sleep(2.0), 0.1) > 0.1


def test_what_is_quick_enough_is_tried_once() -> None:
    tries: list[int] = []
    assert pace.quickest_s(lambda: tries.append(1), 0.05) <= 0.05
    assert tries == [1]


def test_others_only_make_a_limit_longer(others: pace.Others) -> None:
    assert 1.0 <= others.stretched(1.0) < 100.0


def test_on_a_machine_of_its_own_a_limit_stays_as_it_is() -> None:
    alone = pace.Others()
    alone._seen = [1.0, 1.0]
    assert alone.stretched(5.0) == 5.0
