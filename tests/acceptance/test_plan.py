"""Tomorrow's plan in a browser: looked at, changed, handed over and seen to run, by keyboard."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.conftest import SIZE, sign_in
from tests.acceptance.journeys import SOON_MS
from tests.acceptance.looking import faulty_pages, too_wide_pages
from tests.acceptance.site import Site

PLANNED_MS = 60_000
JOB = {"agentName": "agent-1", "executable": {"TYPE": "ShellScriptExecutable", "script": "true"}}
POST = {"TYPE": "PostNotices", "noticeBoardNames": ["plan-done"]}
EXPECT = {"TYPE": "ExpectNotices", "noticeBoardNames": "'plan-done'"}


def _step(*more: object) -> dict[str, object]:
    run = {"TYPE": "Execute.Named", "jobName": "quick", "label": "quick"}
    return {"instructions": [run, *more], "jobs": {"quick": JOB}}


def _objects() -> dict[str, object]:
    days = {
        "type": "WORKINGDAYSCALENDAR",
        "includes": {"weekdays": [{"days": [0, 1, 2, 3, 4, 5, 6]}]},
    }
    periods = [{"singleStart": at} for at in ("03:00", "04:00", "05:00")]
    cycle = [{"begin": "06:00", "end": "09:00", "repeat": "00:30"}]
    board = {"boardType": "PLANNABLE", "postOrderToNoticeId": "''", "expectOrderToNoticeId": "''"}
    return {
        "planned/plan-first.workflow": _step(POST),
        "planned/plan-second.workflow": {"instructions": [EXPECT]},
        "planned/plan-done.noticeboard": board,
        "planned/plan-days.calendar": days,
        "planned/plan-nightly.schedule": _schedule("plan-first", periods),
        "planned/plan-cycle.schedule": _schedule("plan-second", cycle),
    }


def _schedule(workflow: str, periods: object) -> dict[str, object]:
    return {
        "workflowNames": [workflow],
        "planOrderAutomatically": True,
        "calendars": [{"calendarName": "plan-days", "periods": periods}],
    }


@pytest.fixture(scope="module")
def tomorrow(site: Site, browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of tomorrow, planned from two schedules that were released by a page."""
    folder: Path = tmp_path_factory.mktemp("planned")
    for name, document in _objects().items():
        file = folder / f"{name}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(document))
    site.manage("deploy", str(folder))
    context = browser.new_context(base_url=site.address, viewport=SIZE)
    page = context.new_page()
    sign_in(page)
    refs = ("calendar:planned/plan-days", "schedule:planned/plan-nightly",
            "schedule:planned/plan-cycle")  # fmt: skip
    page.goto("/deployments/-/new/?look=deploy&" + "&".join(f"objects={ref}" for ref in refs))
    page.get_by_role("button", name="Deploy", exact=True).click()
    expect(page).to_have_url(re.compile(r"/deployments/\d+/$"), timeout=SOON_MS)
    address = f"/plan/{datetime.now(UTC).date() + timedelta(days=1)}/"
    page.goto(address)
    _reload_until(page, page.get_by_role("row", name=re.compile("plan-cycle")))
    context.close()
    return address


def _reload_until(page: Page, shown: Locator) -> None:
    end = datetime.now(UTC) + timedelta(milliseconds=PLANNED_MS)
    while not shown.count():
        assert datetime.now(UTC) < end, page.locator("main").inner_text()
        page.wait_for_timeout(300)
        page.reload()


def _press_on(page: Page, row: Locator, key: str) -> Locator:
    """Put the cursor on a row, press the key of a verb, and return its dialog."""
    row.focus()
    page.keyboard.press(key)
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    return dialog


def _done(page: Page) -> None:
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0, timeout=SOON_MS)


def test_tomorrow_is_looked_at_changed_handed_over_and_run_by_keyboard(
    page: Page, site: Site, tomorrow: str
) -> None:
    expect(page.locator("live-state")).to_have_text("live")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/plan/*/")
    page.keyboard.press(">")
    page.wait_for_url(f"**{tomorrow}*")
    page.locator('input[name="q"][data-key="f"]').focus()
    page.keyboard.type("schedule:plan-nightly")
    page.keyboard.press("Enter")
    expect(page.locator("tr[data-id]")).to_have_count(3)
    first, second, third = (page.locator("tr[data-id]").nth(n) for n in range(3))
    starts = [row.locator("time").first.get_attribute("datetime") for row in (first, second)]

    dialog = _press_on(page, first, "m")
    page.keyboard.type("+15m")
    expect(dialog.locator("#effects")).to_contain_text("03:15:00 Etc/UTC", timeout=SOON_MS)
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_have_count(0, timeout=SOON_MS)
    expect(page.locator("tr[data-id]").first).to_contain_text("start changed", timeout=SOON_MS)
    moved = page.locator("tr[data-id]").first.locator("time").first.get_attribute("datetime")
    assert moved is not None
    assert starts[0] is not None
    assert datetime.fromisoformat(moved) - datetime.fromisoformat(starts[0]) == timedelta(
        minutes=15
    )

    _press_on(page, third, "Delete")
    _done(page)
    expect(page.locator("tr[data-id]:not(.gone)")).to_have_count(2, timeout=SOON_MS)
    page.goto(f"{tomorrow}?q=schedule:plan-nightly&state=removed")
    expect(page.locator("tr[data-id]")).to_have_count(1)

    page.goto(f"{tomorrow}?q=schedule:plan-nightly")
    _press_on(page, page.locator("tr[data-id]").nth(1), "s")
    _done(page)
    expect(page.locator("tr[data-id]").nth(1)).to_contain_text("submitted", timeout=SOON_MS)
    _press_on(page, page.locator("tr[data-id]").nth(1), "r")
    _done(page)
    # The row follows the order by the hints of the socket, without being asked for.
    expect(page.locator("tr[data-id]").nth(1)).to_contain_text("finished", timeout=PLANNED_MS)
    page.goto(f"/plan/submissions/?date={tomorrow.strip('/').rpartition('/')[2]}")
    expect(page.get_by_role("table", name="Submissions")).to_contain_text("submit")


def test_orders_that_come_meanwhile_are_announced_and_shown_on_demand(
    page: Page, tomorrow: str
) -> None:
    page.goto(f"{tomorrow}?q=schedule:plan-cycle")
    chosen = page.locator("tr[data-id] input").first.get_attribute("value") or ""
    day = datetime.now(UTC).date() + timedelta(days=40)
    page.goto(f"/plan/{day}/?q=schedule:plan-cycle")
    expect(page.locator("live-state")).to_have_text("live")
    expect(page.locator("tr[data-id]")).to_have_count(0)
    planner = page.context.new_page()
    planner.goto(f"/plan/-/copy/?ids={chosen.replace('#', '%23')}")
    planner.get_by_label("Day").fill(day.isoformat())
    planner.get_by_role("button", name="Copy", exact=True).click()
    news = page.locator("#planned [data-news]")
    expect(news).to_contain_text("1 new", timeout=SOON_MS)
    expect(page.locator("tr[data-id]")).to_have_count(0)
    news.get_by_role("button", name="Show").click()
    expect(page.locator("tr[data-id]")).to_have_count(1)
    expect(page.locator(".table-scroll > .empty")).to_have_count(0)
    expect(news).to_be_hidden()


def test_the_timeline_zooms_and_pans_by_keyboard_and_the_table_follows(
    page: Page, tomorrow: str
) -> None:
    page.goto(f"{tomorrow}?view=timeline")
    names = page.locator("plan-timeline [data-names] li")
    expect(names).to_have_count(2, timeout=SOON_MS)
    expect(page.locator(".tl-tick").first).to_be_visible()
    page.keyboard.press("-")
    expect(page.get_by_role("button", name="24 h")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#in-view tr[data-id]")).not_to_have_count(0)
    page.keyboard.press("+")
    page.keyboard.press("+")
    expect(page.get_by_role("button", name="2 h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    for _ in range(60):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#in-view tr[data-id]")).to_have_count(0, timeout=SOON_MS)
    assert "hours=2" in page.url
    page.reload()
    expect(page.get_by_role("button", name="2 h", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )


def test_the_plan_is_usable_without_scripts(browser: Browser, site: Site, tomorrow: str) -> None:
    context = browser.new_context(base_url=site.address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("User").or_(page.locator('input[name="username"]')).first.fill("admin")
    page.locator('input[name="password"]').fill(Site.PASSWORD)
    page.locator('input[name="password"]').press("Enter")
    page.goto(f"{tomorrow}?q=schedule:plan-cycle")
    page.get_by_role("link", name="Starts of plan-cycle").click()
    expect(page.get_by_role("list", name="Starts of plan-cycle").locator("li")).to_have_count(6)
    page.get_by_role("checkbox", name=re.compile("Select plan-cycle")).check()
    page.get_by_role("button", name="Change priority").click()
    page.get_by_label("Priority").fill("7")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.locator("tr[data-id]")).to_contain_text("7")
    page.goto(f"{tomorrow}?view=month")
    expect(page.get_by_role("table")).to_contain_text("planned")
    page.goto(f"{tomorrow}?view=deps")
    expect(page.get_by_role("table", name="Dependencies")).to_contain_text("plan-second")
    context.close()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_on_the_pages_of_the_plan(
    browser: Browser, site: Site, tomorrow: str, theme: str
) -> None:
    context = browser.new_context(base_url=site.address, viewport=SIZE)
    page = context.new_page()
    sign_in(page)
    addresses = _addresses(page, tomorrow)
    context.close()
    assert not faulty_pages(browser, site, addresses, theme)


def _addresses(page: Page, tomorrow: str) -> dict[str, str]:
    page.goto(tomorrow)
    order = page.locator("tr[data-id]").first.get_attribute("data-href") or ""
    ids = page.locator("tr[data-id] input").first.get_attribute("value") or ""
    chosen = "ids=" + ids.replace("#", "%23")
    return {
        "plan-list": tomorrow,
        "plan-groups": f"{tomorrow}?group=workflow",
        "plan-none": f"{tomorrow}?q=nobody",
        "plan-unreadable": f"{tomorrow}?q=colour:red",
        "plan-timeline": f"{tomorrow}?view=timeline",
        "plan-month": f"{tomorrow}?view=month",
        "plan-inverted": f"{tomorrow}?view=month&inverted=1",
        "plan-deps": f"{tomorrow}?view=deps",
        "plan-order": order,
        "plan-submissions": "/plan/submissions/",
        "plan-generate": "/plan/-/generate/",
        **{
            f"plan-{verb}": f"/plan/-/{verb}/?{chosen}"
            for verb in ("start", "parameters", "priority", "copy", "submit", "remove")
        },
        "settings": "/settings/",
    }


@pytest.mark.timeout(120)
def test_the_pages_of_the_plan_fit_a_narrow_window(
    browser: Browser, site: Site, tomorrow: str
) -> None:
    views = ("", "?view=timeline", "?view=month", "?view=deps", "?group=schedule")
    addresses = {f"plan{view.replace('?', '-')}": f"{tomorrow}{view}" for view in views}
    assert not too_wide_pages(browser, site, addresses)
