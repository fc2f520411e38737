"""The tags of pages: states, times, figures, navigation."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import User
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.test import RequestFactory

from cockpit.templatetags.figures import columns, grouped, share_bar
from cockpit.templatetags.icons import SPRITE
from cockpit.templatetags.shell import navigation, theme
from cockpit.templatetags.states import CONDITIONS, STATES, is_urgent, state_badge
from cockpit.templatetags.times import NOTHING, duration, elapsed, time_tag

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize("state", STATES)
def test_each_state_shows_an_icon_and_its_word(state: str) -> None:
    badge = state_badge(state)

    assert "<use href=" in badge
    assert badge.endswith(f"{state}</span>")


def test_only_states_in_which_a_person_must_act_are_solid() -> None:
    solid = {state for state in STATES if is_urgent(state)}

    assert solid == {"prompting", "suspended", "failed", "blocked"}


def test_an_unknown_word_is_shown_as_unknown_and_escaped() -> None:
    assert "st-planned dashed" in state_badge("<odd>")
    assert "&lt;odd&gt;" in state_badge("<odd>")


def test_every_icon_that_a_state_uses_is_in_the_sprite() -> None:
    path = finders.find(SPRITE)
    assert isinstance(path, str)
    text = Path(path).read_text()
    used = {look.icon for look in (*STATES.values(), *CONDITIONS.values())}
    assert {icon for icon in used if f'id="{icon}"' not in text} == set()


def test_a_time_is_written_in_utc_for_the_page_to_convert() -> None:
    expected = '<time datetime="2026-11-22T12:00:00.000Z" data-f="hms">12:00:00Z</time>'

    assert time_tag(NOON) == expected
    assert time_tag(int(NOON.timestamp() * 1_000_000)) == expected
    assert time_tag(None) == NOTHING


def test_what_has_not_ended_goes_on_counting() -> None:
    assert elapsed(NOON, NOON + timedelta(minutes=14, seconds=36)) == "14 m 36 s"
    assert 'data-f="since"' in elapsed(NOON)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (0.42, "420 ms"),
        (3.21, "3.2 s"),
        (59.9, "59 s"),
        (876, "14 m 36 s"),
        (3600, "1 h 00 m"),
        (183_600, "2 d 03 h"),
        (-75, "-1 m 15 s"),
        (None, NOTHING),
    ],
)
def test_durations_are_said_in_two_units_at_most(seconds: float | None, text: str) -> None:
    assert duration(seconds) == text


def test_numbers_are_grouped_by_narrow_spaces() -> None:
    assert grouped(40643) == "40\u202f643"


def test_a_share_bar_leaves_out_what_has_no_part_and_says_the_rest() -> None:
    bar = share_bar([("running", 3), ("failed", 0), ("waiting", 1)], "3 running, 1 waiting")

    assert bar.count("<rect") == 2
    assert 'aria-label="3 running, 1 waiting"' in bar
    assert "style=" not in bar


def test_columns_of_nothing_are_an_empty_figure() -> None:
    assert "<rect" not in columns([], "no agents")


def test_an_unknown_theme_in_the_cookie_is_not_believed() -> None:
    request = RequestFactory().get("/", headers={"cookie": 'theme="><script>'})

    assert theme(Context({"request": request})) == "auto"


def test_navigation_offers_only_places_that_exist(settings: SimpleNamespace) -> None:
    settings.ROOT_URLCONF = "tests.unit.templatetags.two_pages"
    request = RequestFactory().get("/orders/x/")

    shown = navigation(Context({"request": request}))["sections"]

    assert [(title, [(e.text, now) for e, now in entries]) for title, entries in shown] == [
        ("", [("Dashboard", False)]),
        ("Operate", [("Orders", True)]),
    ]


def test_administration_is_offered_to_staff_only(settings: SimpleNamespace) -> None:
    settings.ROOT_URLCONF = "tests.unit.templatetags.two_pages"
    request = RequestFactory().get("/")
    request.user = User(is_staff=True)

    html = Template("{% load shell %}{% navigation %}").render(Context({"request": request}))

    assert 'href="/admin/"' in html
