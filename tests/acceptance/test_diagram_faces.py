"""Both faces of a workflow in a browser: keys, folding, switching, picking, and what axe says."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.acceptance.faces_site import faces_site
from tests.acceptance.looking import axe_problems


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with faces_site() as found:
        yield found


@pytest.fixture(scope="module")
def page(address: str, chromium: Browser) -> Iterator[Page]:
    """A page on the small site; fails the tests for any error of a script."""
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    yield page
    context.close()
    assert not faults, faults


@pytest.fixture(autouse=True)
def wide(page: Page) -> None:
    """Begin each test in a wide window: a narrow one has no room for both faces."""
    page.set_viewport_size({"width": 1280, "height": 900})


def row(position: str) -> str:
    return f'[role=treeitem][data-at="{position}"]'


def node(position: str) -> str:
    return f'g.node[data-position="{position}"]'


@pytest.mark.parametrize(("theme", "width"), [("dark", 1280), ("light", 1280), ("light", 400)])
@pytest.mark.parametrize(
    "place", ["/view/", "/view/?view=outline", "/view/?w=long", "/pick/", "/view/?fold=1"]
)
def test_axe_finds_nothing_on_either_face(page: Page, place: str, theme: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(place)
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    expect(page.locator("[role=treeitem]").first).to_be_attached()
    assert not axe_problems(page)


def test_the_outline_is_walked_with_the_keys_of_a_tree(page: Page) -> None:
    page.goto("/view/?view=outline")
    page.locator(row("0")).focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(row("1"))).to_be_focused()
    page.keyboard.press("End")
    expect(page.locator(row("5"))).to_be_focused()
    page.keyboard.press("Home")
    expect(page.locator(row("0"))).to_be_focused()
    page.keyboard.type("po")
    expect(page.locator(row("4"))).to_be_focused()
    page.locator(row("2")).focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(row("2"))).to_have_attribute("aria-expanded", "false")
    expect(page.locator(row("2"))).to_be_focused()
    expect(page.locator(row("2/catch/0"))).to_have_count(0)
    page.keyboard.press("ArrowRight")
    expect(page.locator(row("2/catch/0"))).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(row("2"))).to_have_attribute("aria-current", "true")


def test_what_is_folded_and_selected_is_kept_when_the_face_is_turned(page: Page) -> None:
    page.goto("/view/")
    page.locator(node("2")).focus()
    page.keyboard.press("f")
    expect(page.locator(node("2/catch/0"))).to_have_count(0)
    page.locator(node("4")).click()
    page.get_by_role("link", name="Outline").click()
    expect(page).to_have_url(re.compile("view=outline"))
    expect(page.locator(row("2"))).to_have_attribute("aria-expanded", "false")
    expect(page.locator(row("4"))).to_have_attribute("aria-current", "true")
    page.reload()
    expect(page.locator("svg.diagram")).to_have_count(0)
    expect(page.locator(row("2"))).to_have_attribute("aria-expanded", "false")


def test_orders_stand_in_both_faces(page: Page) -> None:
    page.goto("/view/")
    expect(page.locator(".token.st-running")).to_have_count(1)
    expect(page.locator(row("0")).get_by_label("1 running")).to_have_count(1)


def test_the_picture_of_an_order_shows_the_place_where_it_stands(page: Page) -> None:
    page.goto("/order/?w=wide")
    expect(page.locator(".token.st-running")).to_be_in_viewport()
    expect(page.locator(node("0/fork+b0/0"))).not_to_be_in_viewport()


def test_steps_of_a_long_workflow_open_by_runs(page: Page) -> None:
    page.goto("/view/?w=long")
    page.locator('a.fold[data-fold-key="4950-4999"]').click()
    expect(page.locator(node("4999"))).to_have_count(1)


def test_a_place_is_picked_in_either_face_and_a_wrong_one_says_why(page: Page) -> None:
    page.goto("/pick/")
    field = page.get_by_label("Go on at")
    page.locator(node("4")).click()
    expect(field).to_have_value("4")
    page.locator(node("1/fork+eu/0")).dispatch_event("click")
    expect(page.get_by_role("status")).to_contain_text("It lies in a fork.")
    expect(field).to_have_value("4")
    turn_to_outline(page)
    expect(page.locator(row("4"))).to_have_attribute("aria-selected", "true")
    page.locator(row("0")).focus()
    page.keyboard.press("Enter")
    expect(field).to_have_value("0")


def test_two_places_folded_before_the_first_answer_came_are_both_folded(page: Page) -> None:
    page.goto("/view/?view=outline")
    with held_answers(page) as release:
        for position in ("2", "1"):
            page.locator(row(position)).focus()
            with page.expect_request("**/part/*"):
                page.keyboard.press("ArrowLeft")
        release()
    for position in ("1", "2"):
        expect(page.locator(row(position))).to_have_attribute("aria-expanded", "false")


def test_the_focus_stays_where_it_went_while_a_face_was_fetched(page: Page) -> None:
    page.goto("/pick/")
    with held_answers(page) as release:
        with page.expect_request("**/part/*"):
            page.get_by_role("link", name="Outline").click()
        page.locator(row("0")).focus()
        release()
    expect(page.locator("svg.diagram")).to_have_count(0)
    expect(page.locator(row("0"))).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Go on at")).to_have_value("0")


def turn_to_outline(page: Page) -> None:
    """Shows the outline alone; until the answer is there its rows stand beside the diagram."""
    page.get_by_role("link", name="Outline").click()
    expect(page.locator("svg.diagram")).to_have_count(0)


@contextmanager
def held_answers(page: Page) -> Iterator[Callable[[], None]]:
    """Keeps back all faces that are asked for; yields what lets them go, the last one first."""
    held: list[Route] = []
    page.route("**/part/*", lambda route: held.append(route))  # noqa: PLW0108  # it takes no builtins

    def release() -> None:
        while held:
            route = held.pop()
            route.fulfill(response=route.fetch())

    yield release
    page.unroute("**/part/*")
