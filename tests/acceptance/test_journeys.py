"""What an operator does in a night, in a real browser on a real installation."""

import re
import time

from playwright.sync_api import Browser, Page, expect

from tests.acceptance.journeys import (
    GATED,
    SOON_MS,
    add_order,
    confirm,
    expect_state,
    open_all_gates,
    order_page,
    write_source,
)
from tests.acceptance.site import Site


def test_an_order_is_added_by_keyboard_and_seen_walking(page: Page, site: Site) -> None:
    add_order(page, site, "walk")
    expect_state(page, "running")
    expect(page.locator(".token")).to_contain_text("walk", timeout=SOON_MS)
    expect(page.locator('g.node[data-position="0"]')).to_have_class("node node-job st-running")
    open_all_gates(site, "walk")
    expect_state(page, "finished")
    expect(page.locator("#overview tbody tr", has_text="succeeded")).to_have_count(4)
    expect(page.locator('g.node[data-position="0"]')).to_have_class("node node-job st-finished")
    expect(page.locator(".token")).to_have_count(0)


def test_a_line_of_a_running_job_is_on_the_page_within_a_second(page: Page, site: Site) -> None:
    order_id = add_order(page, site, "log")
    page.goto(order_page(order_id, "log"))
    lines = page.locator(".log-line .line-text")
    expect(lines).to_have_count(1, timeout=SOON_MS)
    expect(lines.first).to_have_text('before the gate green <script>alert("x")</script>')
    expect(lines.first.locator(".ansi-green")).to_have_text("green")
    waits = []
    for number in (1, 2, 3):
        opened = site.open_gate(f"log-{number}")
        expect(lines.nth(number)).to_have_text(f"through gate {number}", timeout=SOON_MS)
        waits.append(time.monotonic() - opened)
    assert sorted(waits)[1] <= 1.0, waits
    expect(page.locator("log-view .foot")).to_contain_text("4 lines")
    page.keyboard.press("/")
    page.get_by_label("Search this log").fill("gate 2")
    expect(page.locator("log-view mark")).to_have_text("gate 2")


def test_an_order_is_suspended_and_resumed_by_keyboard(page: Page, site: Site) -> None:
    add_order(page, site, "pause")
    expect_state(page, "running")
    page.keyboard.press("s")
    expect(page.locator("dialog[open]")).to_contain_text("It is suspended when its job ends.")
    page.get_by_label("Reason").fill("a moment, please")
    confirm(page)
    expect(page.locator("#head")).to_contain_text("suspend is on its way")
    open_all_gates(site, "pause")
    expect_state(page, "suspended")
    page.keyboard.press("r")
    page.locator("dialog[open]").get_by_role("button", name="Resume").click()
    expect_state(page, "finished")
    page.get_by_role("link", name="Audit", exact=True).click()
    expect(page.locator("table.audit")).to_contain_text("a moment, please")


def test_a_failed_order_needs_a_human_and_is_resumed_with_another_variable(
    page: Page, site: Site
) -> None:
    open_all_gates(site, "fail")
    order_id = add_order(page, site, "fail", code=3)
    expect_state(page, "failed")
    page.goto("/")
    expect(page.locator("#tiles")).to_contain_text(order_id)
    page.goto("/orders/?q=state:failed")
    page.locator("tr[data-id]", has_text=order_id).click()
    expect(page.locator("#drawer")).to_contain_text("Resume")
    page.keyboard.press("Escape")
    page.goto(order_page(order_id))
    page.keyboard.press("r")
    page.get_by_text("Change variables").click()
    page.get_by_label("code Number", exact=True).fill("0")
    page.get_by_label("Go on at").select_option("2")
    confirm(page)
    expect_state(page, "finished")


def test_several_orders_are_cancelled_from_the_list_with_a_preview(page: Page, site: Site) -> None:
    ids = [add_order(page, site, name) for name in ("bulk-1", "bulk-2")]
    page.goto("/orders/?q=bulk-&state=running")
    expect(page.locator("tr[data-id]")).to_have_count(2, timeout=SOON_MS)
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-bulk]")).to_contain_text("2 selected")
    page.keyboard.press("Delete")
    dialog = page.locator("dialog[open]")
    for order_id in ids:
        expect(dialog).to_contain_text(order_id)
    dialog.get_by_label("End the running job now").check()
    page.keyboard.press("Control+Enter")
    expect(dialog).to_contain_text("type 2 to confirm")
    dialog.get_by_label("Number of orders").fill("2")
    confirm(page)
    # One may have ended already when the answer is given.
    told = re.compile(r"2 orders|Cancelled: 1 order\. 1 order will be cancelled")
    expect(page.locator("#toasts")).to_contain_text(told)
    expect(page.locator("tr.gone")).to_have_count(2, timeout=SOON_MS)
    for order_id in ids:
        page.goto(order_page(order_id))
        expect_state(page, "cancelled")


def test_the_live_picture_of_a_workflow_shows_where_its_orders_are(page: Page, site: Site) -> None:
    page.goto(f"/workflows/{GATED}/")
    page.locator('g.node[data-position="0"]').click()
    expect(page.locator("#drawer")).to_contain_text("before the gate")
    page.wait_for_url("**/*?at=0")
    add_order(page, site, "picture")
    page.goto(f"/workflows/{GATED}/?at=0")
    token = page.locator(".token", has_text="picture")
    expect(token).to_be_visible(timeout=SOON_MS)
    expect(page.locator('[data-outline] [data-at="0"]').get_by_label("1 running")).to_be_visible()
    open_all_gates(site, "picture")
    expect(token).to_have_count(0, timeout=SOON_MS)


def test_an_edited_workflow_is_checked_while_typing_and_deployed(page: Page, site: Site) -> None:
    page.goto("/inventory/workflow/journeys/edited/?view=source")
    good = page.locator("textarea#source").input_value()
    write_source(page, good.replace("jobName: only", "jobName: missing"))
    expect(page.locator("#editor-problems")).to_contain_text("missing", timeout=SOON_MS)
    expect(page.locator("#editor-problems .mono")).to_contain_text("instructions[0].jobName")
    page.get_by_role("button", name="Save and deploy").click()
    expect(page.locator(".problem .place").first).to_contain_text("instructions[0].jobName")
    expect(page.locator(".page-head .state")).to_have_text("invalid")
    source = page.get_by_label("Source")
    source.fill(good.replace("label: only", "label: renamed"))
    expect(page.locator("#findings svg.diagram")).to_contain_text("renamed", timeout=SOON_MS)
    page.get_by_role("button", name="Save and deploy").click()
    expect(page.locator("#toasts")).to_contain_text("is deployed", timeout=SOON_MS)
    page.goto("/workflows/journeys/edited/")
    expect(page.locator("svg.diagram")).to_contain_text("renamed")
    page.keyboard.press("4")
    expect(page.locator(".diff .added").last).to_contain_text("renamed")


def test_forms_work_without_script(site: Site, browser: Browser) -> None:
    context = browser.new_context(base_url=site.address, java_script_enabled=False)
    page = context.new_page()
    page.goto("/sign-in/")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(Site.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto("/orders/-/add/?workflow=journeys/edited")
    page.get_by_label("Or a whole id").fill("#plain")
    page.get_by_label("Start").fill("+1h")
    page.get_by_role("button", name="Add order").click()
    expect(page.locator("h1")).to_have_text("#plain")
    page.goto("/orders/?q=%23plain")
    page.get_by_label("Select #plain").check()
    page.get_by_role("button", name="Cancel…").click()
    expect(page.locator("h1")).to_have_text("Cancel 1 order")
    page.get_by_role("button", name="Cancel orders").click()
    page.goto("/orders/%23plain/")
    expect(page.locator(".page-head")).to_contain_text("cancelled")
    context.close()
