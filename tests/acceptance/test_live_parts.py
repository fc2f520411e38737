"""Parts of a page that ask again: no change is lost, whatever comes between."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.acceptance.faces_site import faces_site

PAGE = """<!doctype html><html lang="en"><body><script type="module">
import { bus } from "/static/cockpit/js/bus.js"; import "/static/cockpit/js/live-part.js";
Object.assign(window, { bus, hints: 0 });
bus.subscribe("orders", { hint: () => { window.hints += 1; } });
bus.start("/ws/");</script>
<live-part id="part" data-topic="orders" data-pace="0.1">first</live-part></body></html>"""
QUESTIONS = """() => {
  window.questions = [];
  window.fetch = () => new Promise((answer) => {
    window.questions.push((page) => answer(new Response(page)));
  });
}"""
ASKED = """async () => {
  const { asking } = await import("/static/cockpit/js/asking.js");
  window.asked = [];
  window.ask = asking(() => new Promise((answer) => window.asked.push(answer)));
}"""


class Shown:
    """A page with one live part; hints and answers are the test's."""

    def __init__(self, page: Page) -> None:
        self.part = page.locator("live-part")
        self._page = page
        self._sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/ws/", self._connected)
        page.route("**/shown/", lambda route: route.fulfill(body=PAGE, content_type="text/html"))
        page.clock.install()
        page.goto("/shown/")
        page.wait_for_function("bus.state === 'live'")
        page.evaluate(QUESTIONS)

    def hint(self) -> None:
        """Tell the part that something changed, and let its tick pass."""
        known = self._page.evaluate("hints")
        self._sockets[-1].send('{"type": "changed", "topic": "orders", "upto": 1, "ids": ["#a"]}')
        self._page.wait_for_function("(known) => hints > known", arg=known)
        self._page.clock.run_for(200)

    def questions(self, *, within_ms: int) -> int:
        """Return how many were asked, some time later."""
        self._page.clock.run_for(within_ms)
        return int(self._page.evaluate("questions.length"))

    def answer(self, number: int, text: str) -> None:
        """Answer a question."""
        page = PAGE.replace("first", text)
        self._page.evaluate("([at, page]) => questions[at](page)", [number - 1, page])

    def _connected(self, socket: WebSocketRoute) -> None:
        self._sockets.append(socket)
        socket.on_message(lambda _: None)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with faces_site() as found:
        yield found


@pytest.fixture
def page(address: str, chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(base_url=address)
    yield context.new_page()
    context.close()


def test_a_change_during_a_question_is_asked_for_behind_it(page: Page) -> None:
    shown = Shown(page)
    shown.hint()
    shown.hint()
    assert shown.questions(within_ms=1000) == 1
    shown.answer(1, "second")
    assert shown.questions(within_ms=1000) == 2
    shown.answer(2, "third")
    expect(shown.part).to_have_text("third")


def test_a_change_is_shown_once_nobody_works_in_the_part_any_more(page: Page) -> None:
    shown = Shown(page)
    shown.hint()
    shown.answer(1, "<details open><summary>More</summary></details>")
    menu = shown.part.get_by_text("More")
    expect(menu).to_be_visible()
    shown.hint()
    shown.answer(2, "not while the menu is open")
    assert shown.questions(within_ms=4000) == 3
    expect(menu).to_be_visible()
    menu.click()
    shown.answer(3, "later")
    expect(shown.part).to_have_text("later")


def test_questions_come_one_at_a_time_and_again_when_they_failed(page: Page) -> None:
    page.goto("/view/")
    page.clock.install()
    page.evaluate(ASKED)
    assert calls(page, times=3, then_ms=250) == 1
    assert calls(page, times=2, then_ms=2000) == 1
    page.evaluate("asked[0](true)")
    assert calls(page, times=0, then_ms=500) == 2
    page.evaluate("asked[1](false)")
    assert calls(page, times=0, then_ms=2900) == 2
    assert calls(page, times=0, then_ms=500) == 3
    page.evaluate("asked[2](true)")
    assert calls(page, times=0, then_ms=60_000) == 3


def test_no_question_is_asked_while_the_page_is_frozen(page: Page) -> None:
    page.goto("/view/")
    page.clock.install()
    page.evaluate(ASKED)
    freeze = "async (on) => (await import('/static/cockpit/js/bus.js')).bus.freeze(on)"
    page.evaluate(freeze, True)
    assert calls(page, times=1, then_ms=10_000) == 0
    page.evaluate(freeze, False)
    assert calls(page, times=0, then_ms=2000) == 1


def calls(page: Page, *, times: int, then_ms: int) -> int:
    """Call for a question so many times; returns how many were asked so far, some time later."""
    page.evaluate("(times) => { for (let n = 0; n < times; n++) ask(); }", times)
    page.clock.run_for(then_ms)
    return int(page.evaluate("asked.length"))
