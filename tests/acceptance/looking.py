"""Looking at pages: a screenshot of each, what axe finds on it, and whether it fits."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from playwright.sync_api import Browser, Page, ViewportSize, expect
from playwright.sync_api import TimeoutError as TookTooLong

from tests.acceptance.conftest import SIZE, sign_in
from tests.acceptance.site import ROOT, Site

RESULTS = ROOT / "test-results" / "pages"
NARROW: ViewportSize = {"width": 320, "height": 640}
SIGN_IN = "sign-in"
QUIET_MS = 5_000
_AXE = (ROOT / "tests" / "vendor" / "axe.min.js").read_text()
_RULES = "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']})"


def faulty_pages(
    browser: Browser, site: Site, addresses: Mapping[str, str], theme: str
) -> dict[str, list[str]]:
    """Return what axe finds on pages, by the names of their pictures; keeps a picture of each."""
    found = {}
    with _signed_in(browser, site, SIZE, theme) as page:
        # The page to sign in comes last: whoever is signed out sees nothing else.
        for name, address in sorted(addresses.items(), key=lambda named: named[0] == SIGN_IN):
            if name == SIGN_IN:
                page.context.clear_cookies(name="sessionid")
            show(page, address)
            assert ("/sign-in/" in page.url) == (name == SIGN_IN), f"{name} shows {page.url}"
            page.screenshot(path=RESULTS / f"{name}-{theme}.png")
            if problems := axe_problems(page):
                found[name] = problems
    return found


def too_wide_pages(browser: Browser, site: Site, addresses: Mapping[str, str]) -> dict[str, int]:
    """Return the widths of pages that do not fit a narrow window; keeps a picture of each."""
    with _signed_in(browser, site, NARROW) as page:
        widths = {name: _width(page, name, address) for name, address in addresses.items()}
    return {name: width for name, width in widths.items() if width > NARROW["width"]}


def show(page: Page, address: str) -> None:
    """Open a page and wait until it shows what it has to."""
    page.goto(address)
    if page.locator("live-state").count():
        expect(page.locator("live-state")).to_have_text("live")
    if page.locator("log-view").count():
        expect(page.locator(".log-line").first).to_be_visible()
    with suppress(TookTooLong):
        # A page that is live asks again whenever something happens, and may never fall silent.
        page.wait_for_load_state("networkidle", timeout=QUIET_MS)


def axe_problems(page: Page) -> list[str]:
    """Return what axe finds on the open page, with the first places of each."""
    page.evaluate(_AXE)
    return [
        f"{v['id']}: {v['help']} ({[node['html'][:160] for node in v['nodes'][:3]]})"
        for v in page.evaluate(_RULES)["violations"]
    ]


def fits_narrow(page: Page) -> bool:
    """Tell whether the open page fits a narrow window; it is as wide as before afterwards."""
    before = page.viewport_size or SIZE
    page.set_viewport_size(NARROW)
    width = int(page.evaluate("document.documentElement.scrollWidth"))
    page.set_viewport_size(before)
    return width <= NARROW["width"]


@contextmanager
def _signed_in(browser: Browser, site: Site, size: ViewportSize, theme: str = "") -> Iterator[Page]:
    RESULTS.mkdir(parents=True, exist_ok=True)
    context = browser.new_context(base_url=site.address, viewport=size)
    if theme:
        context.add_cookies([{"name": "theme", "value": theme, "url": site.address}])
    page = context.new_page()
    sign_in(page)
    yield page
    context.close()


def _width(page: Page, name: str, address: str) -> int:
    show(page, address)
    page.screenshot(path=RESULTS / f"{name}-narrow.png")
    return int(page.evaluate("document.documentElement.scrollWidth"))
