"""A whole installation as `make up` starts it, and a browser in front of it."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, sync_playwright

from tests.acceptance.site import Site
from tests.missing import missing_part

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SIZE: ViewportSize = {"width": 1600, "height": 900}


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """One installation for all journeys, with an agent and the workflows of the tests."""
    if not Path(CHROMIUM).exists():
        missing_part("chromium")
    home = Path(tempfile.mkdtemp(prefix="sta-"))
    started = Site(home)
    try:
        started.start()
        yield started
    finally:
        started.stop()
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests: its driver can be started once in a process."""
    if not Path(CHROMIUM).exists():
        missing_part("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def browser(site: Site, chromium: Browser) -> Browser:
    """The browser, with the installation that the journeys are on."""
    return chromium


@pytest.fixture
def faults() -> list[str]:
    """What went wrong on pages of this test, as far as the browser noticed."""
    return []


@pytest.fixture
def page(browser: Browser, site: Site, faults: list[str]) -> Iterator[Page]:
    """A page of somebody who is signed in; fails the test for anything the console says."""
    context = browser.new_context(
        base_url=site.address,
        viewport=SIZE,
        timezone_id="Europe/Berlin",
        locale="en-GB",
    )
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.on("console", lambda m: faults.append(m.text) if _is_fault(m) else None)
    page.on("pageerror", lambda error: faults.append(str(error)))
    sign_in(page)
    yield page
    context.close()
    assert not faults, faults


def _is_fault(message: ConsoleMessage) -> bool:
    """Tell whether the console complains of more than a form that was refused."""
    refused = re.search(r"status of (409|422) ", message.text)
    return message.type in ("error", "warning") and not refused


def sign_in(page: Page) -> None:
    """Sign in by keyboard alone."""
    page.goto("/sign-in/")
    page.keyboard.type("admin")
    page.keyboard.press("Tab")
    page.keyboard.type(Site.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector("#tiles")
