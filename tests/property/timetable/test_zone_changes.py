"""Where clocks are put forward or back: odd zones here, all of them in the long run."""

import random

import pytest

from tests.property.timetable.zone_changes import (
    all_zones,
    changes_agree,
    changes_in_file,
    starts_around_agree,
)
from timetable import start_rows
from timetable.offsets import Placed, placed

ODD_ZONES = [
    "Africa/Cairo",
    "Africa/Casablanca",
    "Africa/Monrovia",
    "America/Havana",
    "America/Scoresbysund",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Asia/Pyongyang",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Pacific/Apia",
    "Pacific/Kwajalein",
]
SAMPLE = 400


@pytest.mark.parametrize("zone", ODD_ZONES)
def test_all_changes_of_a_zone_are_found(zone: str) -> None:
    assert changes_agree(zone) > 0


@pytest.mark.timeout(300)
def test_starts_around_any_change_are_those_that_the_clock_shows() -> None:
    chosen = random.Random(20260329)  # noqa: S311  # a choice, not a secret
    zones = [*ODD_ZONES, *chosen.sample(sorted(set(all_zones()) - set(ODD_ZONES)), 60)]
    changes = [(zone, change) for zone in zones for change in changes_in_file(zone)]
    for zone, change in chosen.sample(changes, SAMPLE):
        assert starts_around_agree(zone, change) > 0


def test_the_day_that_samoa_left_out_has_no_starts() -> None:
    (change,) = [c for c in changes_in_file("Pacific/Apia") if c.after - c.before == 86_400]
    assert starts_around_agree("Pacific/Apia", change) > 0


def test_a_wrong_pass_of_an_overlap_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def swapped(zone: str, local_s: int) -> Placed:
        found = placed(zone, local_s)
        return Placed(found.second_s, found.first_s, found.gap)

    monkeypatch.setattr(start_rows, "placed", swapped)
    overlap = next(c for c in changes_in_file("Europe/Berlin") if c.after < c.before)
    with pytest.raises(AssertionError):
        starts_around_agree("Europe/Berlin", overlap)
