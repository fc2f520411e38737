"""Steps that several journeys share."""

import json
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.acceptance.site import Site

GATED = "journeys/gated"
STEERED = "journeys/steered"
SOON_MS = 20_000


def add_order(page: Page, site: Site, name: str, *, code: int = 0) -> str:
    """Add an order with the keyboard; returns its id, with its page open."""
    order_id = f"#2026-01-31#{name}"
    page.goto("/orders/")
    page.keyboard.press("a")
    page.wait_for_selector("dialog[open] #add-workflow")
    page.select_option("#add-workflow", GATED)
    page.wait_for_selector("dialog[open] #add-id")
    page.get_by_label("Or a whole id").fill(order_id)
    page.get_by_label("gates String").fill(str(site.gates))
    page.get_by_label("name String").fill(name)
    page.get_by_label("code Number").fill(str(code))
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1.order-id")).to_have_text(order_id, timeout=SOON_MS)
    return order_id


def add_steered(page: Page, name: str, region: str) -> str:
    """Add an order that waits for a lock and a notice; returns its id, with its page open."""
    order_id = f"#2026-01-31#{name}"
    page.goto(f"/workflows/{STEERED}/")
    page.keyboard.press("a")
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("Or a whole id").fill(order_id)
    dialog.get_by_label("region String").fill(region)
    page.keyboard.press("Control+Enter")
    expect(page.locator("h1.order-id")).to_have_text(order_id, timeout=SOON_MS)
    return order_id


def confirm(page: Page) -> None:
    """Send the open dialog by keyboard, and wait until the answer has closed it.

    What is pressed before belongs to the dialog, and a page that is gone to before is left again
    when the answer leads elsewhere.
    """
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0, timeout=SOON_MS)


def order_page(order_id: str, tab: str = "") -> str:
    """Return the address of an order."""
    return f"/orders/{quote(order_id, safe='')}/" + (f"{tab}/" if tab else "")


def expect_state(page: Page, state: str) -> None:
    """Wait until the head of the order's page says the state, without a reload."""
    expect(page.locator("#head .state").first).to_have_text(state, timeout=SOON_MS)


def open_all_gates(site: Site, name: str) -> None:
    """Let an order of the gated workflow run through."""
    for number in (1, 2, 3):
        site.open_gate(f"{name}-{number}")


def cancel(site: Site, order_ids: list[str]) -> None:
    """Let orders leave that a test has shown, so that they hold up no other test."""
    token = _post(site, "token/", {"name": "admin", "password": site.PASSWORD})["token"]
    _post(site, "orders/-/cancel/", {"ids": order_ids}, token)


def add_at(site: Site, workflow: str, order_id: str, position: str) -> None:
    """Add an order that begins at a position."""
    token = _post(site, "token/", {"name": "admin", "password": site.PASSWORD})["token"]
    order = {"workflow": workflow, "id": order_id, "start_position": position}
    _post(site, "orders/", [order], token)


def _post(site: Site, path: str, body: object, token: str = "") -> Any:
    headers = {"Content-Type": "application/json", "Idempotency-Key": uuid4().hex}
    if token:
        headers["Authorization"] = f"Token {token}"
    address = f"{site.address}/api/v1/{path}"
    asked = Request(address, json.dumps(body).encode(), headers)  # noqa: S310  # loopback, by http
    with urlopen(asked, timeout=30) as answer:  # noqa: S310  # as above
        return json.load(answer)


def write_source(page: Page, text: str) -> None:
    """Put a whole text into the editor of texts, as pasting it does."""
    editor = page.locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+a")
    editor.evaluate(
        """(place, text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text/plain", text);
          const how = {clipboardData, bubbles: true, cancelable: true};
          place.dispatchEvent(new ClipboardEvent("paste", how));
        }""",
        text,
    )
