"""A new user follows `docs/howto/first-schedule.md` on an empty installation, by pages alone."""

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.conftest import SIZE, _is_fault, sign_in
from tests.acceptance.journeys import SOON_MS
from tests.acceptance.looking import RESULTS, faulty_pages, too_wide_pages
from tests.acceptance.site import ROOT, Site

HOWTO = ROOT / "docs" / "howto" / "first-schedule.md"
PLANNED_MS = 60_000
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture(scope="module")
def empty_site() -> Iterator[Site]:
    """An installation as `make up` starts it the first time."""
    home = Path(tempfile.mkdtemp(prefix="ste-"))
    started = Site(home)
    try:
        started.start(empty=True)
        yield started
    finally:
        started.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture
def newcomer(chromium: Browser, empty_site: Site) -> Iterator[Page]:
    """A page of somebody far from Berlin who has just signed in."""
    context = chromium.new_context(
        base_url=empty_site.address, viewport=SIZE, timezone_id="America/New_York", locale="en-GB"
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda m: faults.append(m.text) if _is_fault(m) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(page)
    yield page
    context.close()
    assert not faults, faults


def next_weekday() -> datetime:
    """Return the next weekday at 06:00 in Berlin that is no public holiday of Germany."""
    now = datetime.now(UTC).astimezone(BERLIN)
    at = now.replace(hour=6, minute=0, second=0, microsecond=0)
    free = holidays.country_holidays("DE", years=[now.year, now.year + 1])
    while at <= now or at.weekday() > 4 or at.date() in free:
        at += timedelta(days=1)
    return at


@pytest.mark.timeout(240)
def test_the_howto_leads_to_orders_each_weekday(newcomer: Page) -> None:
    page = newcomer
    steps = re.findall(r"^\*\*(\d+)\. (.+?)\.\*\*", HOWTO.read_text(), re.MULTILINE)
    walk = [_write_the_workflow, _say_on_which_days, _take_holidays_out, _say_at_what_time,
            _release_all_of_it, _see_what_comes, _let_it_run_now]  # fmt: skip
    assert [step.__name__.strip("_").replace("_", " ") for step in walk] == [
        title.lower() for _, title in steps
    ]
    RESULTS.mkdir(parents=True, exist_ok=True)
    for number, step in enumerate(walk, 1):
        step(page)
        page.screenshot(path=RESULTS / f"first-schedule-{number}.png")


ADDRESSES = {
    "calendars": "/resources/calendars/?sel=looks/looked-days",
    "calendar": "/inventory/calendar/looks/looked-days/?day=2026-12-25&diff=1",
    "calendar-inverted": "/inventory/calendar/looks/looked-days/?view=inverted&form=head",
    "calendar-source": "/inventory/calendar/looks/looked-days/-/source/",
    **{f"calendar-{kind}": f"/inventory/calendar/looks/looked-days/?to=excludes&kind={kind}"
       for kind in ("monthdays", "holidays", "easter")},
    "schedule": "/inventory/schedule/looks/early/?day=2026-12-25",
    **{f"schedule-{kind}": f"/inventory/schedule/looks/early/?kind={kind}&to=calendars[0]"
       for kind in ("entry", "period", "orders", "cron")},
    "new-calendar": "/inventory/calendar/-/new/",
    "new-schedule": "/inventory/schedule/-/new/",
    "subscribe": "/resources/calendars/-/subscribe/?of=calendar:looks/looked-days",
}  # fmt: skip
NARROW = ("calendars", "calendar", "schedule", "schedule-period", "new-schedule")


@pytest.fixture(scope="module")
def looked_at(empty_site: Site) -> Site:
    """The installation with a calendar and a schedule that have something of everything."""
    folder = empty_site.home / "looks"
    folder.mkdir()
    (folder / "looked-days.calendar.yaml").write_text(
        "type: WORKINGDAYSCALENDAR\ntitle: Days\nincludes: {weekdays: [{days: [1, 2, 3, 4, 5]}],"
        " months: [{months: [3], weekdays: [{days: [6]}]}]}\n"
        "excludes: {holidays: [{nationalCalendar: DE}], dates: [2026-12-24]}\n"
    )
    (folder / "early.schedule.yaml").write_text(
        "workflowName: looked\nplanOrderAutomatically: true\ncalendars:\n"
        "  - calendarName: looked-days\n    timeZone: Europe/Berlin\n"
        "    includes: {monthdays: [{days: [4, 5]}]}\n"
        "    periods: [{singleStart: '02:30'}, {begin: '08:00', end: '18:00', repeat: '00:15'}]\n"
        "orderParameterisations: [{orderName: eu, tags: [a], variables: {x: 1}}]\n"
    )
    (folder / "looked.workflow.yaml").write_text(
        "orderPreparation: {parameters: {x: {type: Number}}}\n"
        "instructions: [{TYPE: Prompt, question: \"'x'\"}]\n"
    )
    empty_site.manage("deploy", str(folder), "--folder", "looks")
    return empty_site


@pytest.mark.timeout(240)
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_on_calendars_and_schedules(
    chromium: Browser, looked_at: Site, theme: str
) -> None:
    assert not faulty_pages(chromium, looked_at, ADDRESSES, theme)


@pytest.mark.timeout(120)
def test_calendars_and_schedules_fit_a_narrow_window(chromium: Browser, looked_at: Site) -> None:
    assert not too_wide_pages(chromium, looked_at, {name: ADDRESSES[name] for name in NARROW})


@pytest.mark.timeout(120)
def test_a_rule_is_made_with_the_keyboard_alone_and_without_script(
    chromium: Browser, looked_at: Site
) -> None:
    context = chromium.new_context(
        base_url=looked_at.address, viewport=SIZE, java_script_enabled=False
    )
    page = context.new_page()
    page.goto("/sign-in/")
    page.keyboard.type("admin")
    page.keyboard.press("Tab")
    page.keyboard.type(Site.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(looked_at.address + "/")
    page.goto("/inventory/calendar/looks/looked-days/?to=includes&kind=weekdays")
    sunday = page.get_by_role("checkbox", name="Sun")
    sunday.focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator("#in-words")).to_contain_text("every Sunday")
    expect(page.locator("#rule-form")).to_have_count(0)
    context.close()


def _new(page: Page, kind: str) -> None:
    page.get_by_role("link", name="Inventory", exact=True).first.click()
    page.locator("summary", has_text="New…").click()
    page.get_by_role("link", name=kind, exact=True).click()
    expect(page.get_by_label("Path", exact=True)).to_be_visible()


def _make(page: Page) -> None:
    page.get_by_role("button", name="Make the draft").click()


def _write_the_workflow(page: Page) -> None:
    _new(page, "Workflow")
    page.get_by_label("Path", exact=True).fill("morning/greet")
    _make(page)
    expect(page.locator("h1")).to_contain_text("greet")


def _say_on_which_days(page: Page) -> None:
    _new(page, "Calendar")
    page.get_by_label("Path", exact=True).fill("morning/workdays")
    page.get_by_label("Begin with").select_option(label="Monday to Friday")
    _make(page)
    expect(page.locator("#in-words")).to_contain_text("Every Monday to Friday.")
    expect(page.locator("table.days-month")).to_have_count(12)
    saturday = page.get_by_role("button", name=re.compile("^Saturday")).first
    saturday.click()
    expect(page.locator("#checked")).to_contain_text("No rule includes this day.")


def _take_holidays_out(page: Page) -> None:
    page.locator("summary", has_text="Exclude rule").click()
    page.get_by_role("link", name="Public holidays").click()
    page.get_by_label("Country").select_option("DE")
    expect(page.locator("#rule-form")).to_contain_text("public holidays of DE")
    expect(page.locator("#rule-form noscript")).to_have_count(0)  # Enter would press its button
    page.get_by_label("Region").select_option(label="all of the country")
    expect(page.locator("#preview")).to_contain_text("Preview of the change")
    expect(page.locator(".day-cell.hatched").first).to_be_visible()
    page.get_by_role("button", name="Add the rule").click()
    expect(page.locator("#in-words")).to_contain_text("not on public holidays of DE")
    expect(page.locator("#rule-form")).to_have_count(0)


def _say_at_what_time(page: Page) -> None:
    _new(page, "Schedule")
    page.get_by_label("Path", exact=True).fill("morning/greet-early")
    page.get_by_label("Workflow", exact=True).select_option("greet")
    page.get_by_label("Calendar", exact=True).select_option("workdays")
    page.get_by_label("Start at").fill("06:00")
    page.get_by_label("Time zone").fill("Europe/Berlin")
    _make(page)
    first = page.locator("#next-starts tbody tr").first
    expect(first).to_contain_text(next_weekday().strftime("%a %Y-%m-%d 06:00 +0"))
    expect(first.locator("time")).to_have_text(re.compile(r"\b00:00"))
    expect(first).to_contain_text("every Monday to Friday")
    expect(page.locator("#preview")).to_contain_text("workdays is not released")


def _release_all_of_it(page: Page) -> None:
    page.get_by_role("link", name="Release…").click()
    objects = page.get_by_role("table", name="Objects")
    for name in ("morning/greet-early", "morning/workdays", "morning/greet"):
        expect(objects.get_by_role("link", name=name, exact=True)).to_be_visible()
    expect(page.locator("body")).to_contain_text("Effect on the plan")
    expect(page.locator("body")).to_contain_text("Planned orders of the day: 1 more.")
    page.get_by_role("button", name="Deploy").click()
    expect(page).to_have_url(re.compile(r"/deployments/\d+/$"), timeout=SOON_MS)
    expect(page.locator(".state", has_text="done").first).to_be_visible(timeout=SOON_MS)


def _see_what_comes(page: Page) -> None:
    start = next_weekday()
    page.get_by_role("link", name="Orders", exact=True).first.click()
    row = _row_of(page, start)
    expect(row.locator(".state")).to_have_text("scheduled")
    expect(row).to_contain_text("greet")
    moment = f"{start.astimezone(UTC):%Y-%m-%dT%H:00:00}"
    expect(row.locator(f'time[datetime^="{moment}"]').first).to_be_visible()


def _row_of(page: Page, start: datetime) -> Locator:
    """Return the row of the order that is planned for a day, as soon as it is there."""
    row = page.locator(f'tr[data-id^="#{start:%Y-%m-%d}#"]').first
    end = time.monotonic() + PLANNED_MS / 1000
    while row.count() == 0:
        assert time.monotonic() < end, "The order of the next weekday is not there."
        # The list only announces what newly matches; reading it again shows it.
        page.reload()
    return row


def _let_it_run_now(page: Page) -> None:
    page.get_by_role("link", name="Workflows", exact=True).first.click()
    page.get_by_role("link", name="morning/greet", exact=True).first.click()
    page.get_by_role("link", name=re.compile("Add order")).first.click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_role("button", name=re.compile("Add the order|Add order")).click()
    expect(page.locator("#head .state").first).to_have_text("finished", timeout=SOON_MS)
    page.get_by_role("link", name=re.compile("^Log")).first.click()
    expect(page.locator("log-view")).to_contain_text("hello from", timeout=SOON_MS)
