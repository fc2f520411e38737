"""Every page in both themes: axe finds nothing, and a screenshot is kept to be looked at."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser

from tests.acceptance import long_names
from tests.acceptance.conftest import SIZE, sign_in
from tests.acceptance.journeys import (
    GATED,
    STEERED,
    add_order,
    add_steered,
    cancel,
    expect_state,
    open_all_gates,
    order_page,
)
from tests.acceptance.looking import faulty_pages, too_wide_pages
from tests.acceptance.site import Site

CONTROLS = ("suspend", "labels", "stops", "transfer")
DIALOGS = ("suspend", "cancel", "priority", "start-time", "parameters")
NARROW = (
    "dashboard", "orders", "order", "workflows", "history-jobs", "audit", "add-order",
    "order-waiting", "boards", "board", "locks", "lock", "workflow-stops", "order-long",
    "lock-long", "board-long", "workflow-long-orders",
)  # fmt: skip
ORDER_TABS = ("path", "variables", "log", "history", "audit")
WORKFLOW_TABS = ("orders", "history", "versions", "audit")
EDITED = "/inventory/workflow/journeys/edited/"


@pytest.fixture(scope="module")
def addresses(
    browser: Browser, site: Site, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """Every page by the name of its picture, with something on it to see."""
    context = browser.new_context(base_url=site.address, viewport=SIZE)
    page = context.new_page()
    sign_in(page)
    open_all_gates(site, "looks-done")
    done = add_order(page, site, "looks-done")
    expect_state(page, "finished")
    open_all_gates(site, "looks-failed")
    failed = add_order(page, site, "looks-failed", code=3)
    expect_state(page, "failed")
    waiting = [add_steered(page, f"looks-{n}", "looks") for n in (1, 2)]
    long = long_names.add_long_names(site, tmp_path_factory.mktemp("long"))
    page.goto(order_page(done, "log"))
    log = page.locator("log-view").get_attribute("data-download") or ""
    context.close()
    shown = _addresses(done, failed, log.removesuffix("file/"))
    yield shown | _resources(waiting) | _long_names(long[1])
    cancel(site, [*waiting, *long])


def _addresses(done: str, failed: str, log: str) -> dict[str, str]:
    workflow = f"/workflows/{GATED}/"
    return {
        "dashboard": "/",
        "orders": "/orders/",
        "orders-none": "/orders/?q=nobody",
        "orders-unreadable": "/orders/?q=colour:red",
        "orders-drawer": f"/orders/?sel={failed.replace('#', '%23')}",
        "add-order": f"/orders/-/add/?workflow={GATED}",
        "cancel": f"/orders/-/cancel/?ids={failed.replace('#', '%23')}",
        "resume": f"/orders/-/resume/?ids={failed.replace('#', '%23')}",
        "order": order_page(failed),
        **{f"order-{tab}": order_page(done, tab) for tab in ORDER_TABS},
        "workflows": "/workflows/",
        "workflow": f"{workflow}?at=0",
        **{f"workflow-{tab}": f"{workflow}-/{tab}/" for tab in WORKFLOW_TABS},
        "history-orders": "/history/orders/",
        "history-jobs": "/history/jobs/",
        "job-log": log,
        "agents": "/resources/agents/",
        "add-agent": "/resources/agents/-/add/",
        "inventory": "/inventory/?folder=journeys",
        "inventory-found": "/inventory/?q=lockName&within=text",
        "inventory-trash": "/inventory/-/trash/",
        "inventory-problems": "/inventory/-/problems/",
        "inventory-replace": "/inventory/-/replace/?text=agent-1&replacement=agent-2",
        "folder-copy": "/inventory/-/folder/copy/?folder=journeys&to=day&suffix=-2",
        "object-used": f"{EDITED}-/references/",
        "object-versions": f"{EDITED}-/versions/",
        "object-rename": f"{EDITED}-/rename/?to=journeys/other",
        "deployment-preview": "/deployments/-/new/?look=deploy&objects=workflow:journeys/edited",
        "editor": EDITED,
        "editor-selected": f"{EDITED}?at=0",
        "editor-outline": f"{EDITED}?view=outline&at=0",
        "editor-source": f"{EDITED}?view=source",
        "editor-changes": f"{EDITED}?view=changes",
        "new-draft": "/inventory/workflow/-/new/",
        "deployments": "/deployments/",
        "deployment": "/deployments/1/",
        "new-deployment": "/deployments/-/new/",
        "cluster": "/cluster/",
        "audit": "/audit/",
        "not-there": "/orders/nobody/",
        "sign-in": "/sign-in/",
    }  # fmt: skip


def _resources(waiting: list[str]) -> dict[str, str]:
    workflow, ids = f"/workflows/{STEERED}/", "&".join(f"ids={quote(i)}" for i in waiting)
    return {
        "boards": "/resources/boards/",
        "board": "/resources/boards/journeys/word/",
        "post-notice": "/resources/boards/journeys/word/-/post/",
        "locks": "/resources/locks/",
        "lock": "/resources/locks/journeys/gate/",
        "order-waiting": order_page(waiting[1]),
        **{f"verb-{verb}": f"/orders/-/{verb}/?ids={quote(waiting[1])}" for verb in DIALOGS},
        "suspend-many": f"/orders/-/suspend/?{ids}",
        "add-steered": f"/orders/-/add/?workflow={STEERED}",
        **{f"workflow-{verb}": f"{workflow}-/{verb}/" for verb in CONTROLS},
        "close-plan": "/plan/-/close/?plan=DailyPlan%7C2026-01-31",
        "editor-lock": "/inventory/lock/journeys/gate/",
        "new-board": "/inventory/noticeboard/-/new/",
    }  # fmt: skip


def _long_names(waiting: str) -> dict[str, str]:
    return {
        "order-long": order_page(waiting),
        "workflow-long": f"/workflows/{long_names.WORKFLOW}/",
        "workflow-long-orders": f"/workflows/{long_names.WORKFLOW}/-/orders/",
        "lock-long": f"/resources/locks/{long_names.LOCK}/",
        "board-long": f"/resources/boards/{long_names.BOARD}/",
        "inventory-long": f"/inventory/?folder={quote(long_names.FOLDER, safe='')}",
    }


@pytest.mark.timeout(360)
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_axe_finds_nothing_on_any_page(
    browser: Browser, site: Site, addresses: dict[str, str], theme: str
) -> None:
    assert not faulty_pages(browser, site, addresses, theme)


@pytest.mark.timeout(360)
def test_pages_fit_a_narrow_window(browser: Browser, site: Site, addresses: dict[str, str]) -> None:
    assert not too_wide_pages(browser, site, {name: addresses[name] for name in NARROW})
