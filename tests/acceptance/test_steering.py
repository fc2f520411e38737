"""What a person steers: an order that waits for a lock, a notice and an answer, and then fails."""

import re

from playwright.sync_api import Page, expect

from tests.acceptance.journeys import (
    SOON_MS,
    STEERED,
    add_steered,
    confirm,
    expect_state,
    order_page,
)
from tests.acceptance.site import Site

BOARD = "/resources/boards/journeys/word/"
LOCK = "/resources/locks/journeys/gate/"


def test_an_order_is_led_through_lock_notice_question_and_failure_by_keyboard(
    page: Page, site: Site
) -> None:
    first = add_steered(page, "holds", "north")
    expect(page.locator("#head")).to_contain_text("It waits for notice north", timeout=SOON_MS)
    second = add_steered(page, "steered", "south")
    head = page.locator("#head")
    expect(head).to_contain_text("It waits for lock journeys/gate", timeout=SOON_MS)
    expect(head).to_contain_text(first)
    head.get_by_role("link", name="journeys/gate").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{LOCK}")
    expect(page.get_by_role("table", name="Holders")).to_contain_text(first)
    expect(page.get_by_role("table", name="Queue")).to_contain_text(second)
    _post(page, "north")
    page.goto(order_page(first))
    expect_state(page, "prompting")
    page.goto(order_page(second))
    expect(head).to_contain_text("It waits for notice south", timeout=SOON_MS)
    _post(page, "south")
    page.goto(order_page(second))
    expect_state(page, "prompting")
    page.keyboard.press("c")
    expect(page.locator("dialog[open]")).to_contain_text("Go on in south?")
    confirm(page)
    expect_state(page, "failed")
    _resume_at_last(page)
    expect_state(page, "finished")
    page.goto(order_page(second, "log"))
    page.get_by_role("link", name=re.compile("succeeded last")).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".log-line .line-text").last).to_have_text("in east", timeout=SOON_MS)


def _post(page: Page, key: str) -> None:
    page.goto(BOARD)
    expect(page.get_by_role("row", name=re.compile(f"^{key} expected"))).to_be_visible()
    page.get_by_role("link", name=f"Post {key}", exact=False).focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]").get_by_label("Key")).to_have_value(key)
    confirm(page)
    expected = page.get_by_role("row", name=re.compile(f"^{key} expected"))
    expect(expected).to_have_count(0, timeout=SOON_MS)


def _resume_at_last(page: Page) -> None:
    """Resume behind the job that failed, picked in the outline, with another region."""
    page.keyboard.press("r")
    dialog = page.locator("dialog[open]")
    dialog.get_by_text("Pick the place in the workflow").focus()
    page.keyboard.press("Enter")
    inner = dialog.locator('[role=treeitem][data-at="0/lock/0"]')
    expect(inner).to_have_attribute("data-refused", "An order cannot be moved into a lock.")
    dialog.locator('[role=treeitem][data-at="3"]').focus()
    page.keyboard.press("Enter")
    expect(dialog.get_by_label("Go on at")).to_have_value("3")
    dialog.get_by_text("Change variables").focus()
    page.keyboard.press("Enter")
    dialog.get_by_label("region String").fill("east")
    confirm(page)


def test_enter_in_a_dialog_presses_the_button_that_it_is_about(page: Page, site: Site) -> None:
    order_id = "#2026-01-31#entered"
    page.goto(f"/workflows/{STEERED}/")
    page.keyboard.press("a")
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("region String").fill("north")
    dialog.get_by_label("Or a whole id").fill(order_id)
    dialog.get_by_label("Or a whole id").press("Enter")
    expect(page.locator("h1.order-id")).to_have_text(order_id, timeout=SOON_MS)
    page.keyboard.press("Delete")
    dialog.get_by_label("Reason").press("Enter")
    expect_state(page, "cancelled")


def test_problems_of_a_new_order_stand_at_its_fields_and_nothing_is_lost(
    page: Page, site: Site
) -> None:
    page.goto(f"/workflows/{STEERED}/")
    page.keyboard.press("a")
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("region String").fill("SOUTH")
    dialog.get_by_label("code Number").fill("many")
    dialog.get_by_label("Plan").fill("someday|")
    page.keyboard.press("Control+Enter")
    region = dialog.get_by_label("region String")
    expect(region).to_have_attribute("aria-invalid", "true")
    expect(region).to_have_value("SOUTH")
    expect(dialog).to_contain_text("It must be a number, as in 12 or 0.5.")
    expect(dialog.get_by_label("Plan")).to_have_value("someday|")


def test_a_workflow_stops_and_skips_where_it_is_told(page: Page, site: Site) -> None:
    page.goto(f"/workflows/{STEERED}/")
    page.keyboard.press("s")
    expect(page.locator("dialog[open]")).to_contain_text("none starts")
    page.get_by_label("Reason").fill("a pause")
    confirm(page)
    expect(page.locator(".page-head .state")).to_have_text("suspended", timeout=SOON_MS)
    page.keyboard.press("r")
    page.wait_for_selector("dialog[open]")
    confirm(page)
    expect(page.locator(".page-head .state")).to_have_count(0, timeout=SOON_MS)
    page.locator('[role=treeitem][data-at="3"]').first.click()
    page.get_by_role("link", name="Stop before…").last.click()
    dialog = page.locator("dialog[open]")
    expect(dialog.get_by_label("Places")).to_have_value("3")
    dialog.locator('[role=treeitem][data-at="2"]').click()
    confirm(page)
    expect(page.locator(".marks")).to_contain_text("stops before fails, last", timeout=SOON_MS)
    page.goto(f"/workflows/{STEERED}/-/stops/")
    page.get_by_label("Places").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".marks")).not_to_contain_text("stops before", timeout=SOON_MS)
