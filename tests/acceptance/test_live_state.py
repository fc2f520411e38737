"""What a page says of its own freshness while the site is in trouble."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.acceptance.conftest import SIZE, sign_in
from tests.acceptance.site import Site

SOON_MS = 20_000
LIVE = "live-state"
SOCKET = "**/ws/live/"
READY = "**/health/ready"


@pytest.fixture
def troubled(browser: Browser, site: Site) -> Iterator[Page]:
    """A page whose console may complain."""
    context = browser.new_context(base_url=site.address, viewport=SIZE)
    page = context.new_page()
    sign_in(page)
    yield page
    context.close()


def test_a_page_is_not_called_live_while_the_journal_cannot_be_read(troubled: Page) -> None:
    sockets: list[WebSocketRoute] = []

    def take(socket: WebSocketRoute) -> None:
        sockets.append(socket)

    troubled.route_web_socket(SOCKET, take)
    troubled.reload()
    expect(troubled.locator(LIVE)).to_have_text("live")
    sockets[-1].send('{"type": "beat", "upto": 1, "lag_s": 42.0}')
    expect(troubled.locator(LIVE)).to_have_text(re.compile(r"^lagging 4\d s$"), timeout=SOON_MS)
    sockets[-1].send('{"type": "beat", "upto": 1, "lag_s": 0.3}')
    expect(troubled.locator(LIVE)).to_have_text("live")


def test_a_page_that_reaches_nobody_does_not_say_that_it_asks_every_3_s(troubled: Page) -> None:
    troubled.route_web_socket(SOCKET, lambda socket: socket.close(code=1013))
    troubled.route(READY, lambda route: route.abort())
    asks = troubled.expect_event(
        "requestfailed", lambda request: request.url.endswith("/health/ready")
    )
    with asks:
        troubled.reload()
    expect(troubled.locator(LIVE)).to_contain_text("reconnecting")
    troubled.unroute(READY)
    expect(troubled.locator(LIVE)).to_have_text("every 3 s", timeout=SOON_MS)
