"""The workflow editor while answers are late, lost or refused: each edit is done, and once."""

import re
from collections.abc import Iterator

import pytest
import yaml
from playwright.sync_api import Dialog, Page, Route, expect

from tests.acceptance.journeys import SOON_MS
from tests.acceptance.test_workflow_editor import (
    EMPTY,
    THREE,
    WITH_JOB,
    made,
    node,
    saved,
    source_of,
)

FOUR = """\
instructions:
  - {TYPE: Prompt, question: "'one?'", label: one}
  - {TYPE: Prompt, question: "'two?'", label: two}
  - {TYPE: Prompt, question: "'three?'", label: three}
  - {TYPE: Prompt, question: "'four?'", label: four}
"""
EDITS = re.compile(r"/-/(operation|undo|redo)/")


def slow(page: Page, ms: int = 800) -> None:
    """Let every edit be sent late, while the page goes on."""
    page.evaluate(
        """(ms) => {
          const real = window.fetch;
          const edits = new RegExp("/-/(operation|undo|redo)/");
          const late = () => new Promise((resolve) => setTimeout(resolve, ms));
          window.fetch = (what, how) =>
            edits.test(String(what)) ? late().then(() => real(what, how)) : real(what, how);
        }""",
        ms,
    )


def labels(page: Page, address: str) -> list[str]:
    return re.findall(r"label: (\w+)", source_of(page, address))


def test_what_is_chosen_while_an_edit_is_on_its_way_is_what_stood_there(page: Page) -> None:
    address = made(page, FOUR)
    page.goto(address)
    slow(page)
    node(page, "0").click()
    page.keyboard.press("Delete")
    node(page, "2").click()  # three, which is at 1 when its turn comes
    page.keyboard.press("Delete")
    expect(node(page, "1")).to_contain_text("four", timeout=SOON_MS)
    saved(page)

    assert labels(page, address) == ["two", "four"]


def test_delete_pressed_twice_takes_away_what_was_seen_and_no_more(page: Page) -> None:
    address = made(page, FOUR)
    page.goto(address)
    slow(page)
    node(page, "1").click()
    page.keyboard.press("Delete")
    page.keyboard.press("Delete")
    expect(node(page, "1")).to_contain_text("three", timeout=SOON_MS)
    node(page, "0").click()
    page.get_by_role("button", name="Delete").dblclick()
    expect(node(page, "0")).to_contain_text("three", timeout=SOON_MS)
    saved(page)

    assert labels(page, address) == ["three", "four"]


def test_instructions_put_in_one_after_the_other_stand_so(page: Page) -> None:
    address = made(page, EMPTY)
    page.goto(address)
    slow(page)
    for word in ("sleep", "stop", "finish"):
        page.keyboard.press("i")
        page.keyboard.type(word)
        page.keyboard.press("Enter")
    expect(node(page, "2")).to_be_focused(timeout=SOON_MS)
    saved(page)

    assert re.findall(r"TYPE: (\w+)", source_of(page, address)) == ["Sleep", "Stop", "Finish"]


def test_a_job_is_renamed_and_filled_before_the_first_answer(page: Page) -> None:
    address = made(page, WITH_JOB)
    page.goto(f"{address}?at=0")
    slow(page, 1500)
    page.get_by_label("Name of the job").fill("unload")
    page.keyboard.press("Tab")
    page.get_by_label("Agent", exact=True).fill("agent-2")
    expect(page.locator('[data-panel-job="unload"]')).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_label("Agent", exact=True)).to_have_value("agent-2")
    saved(page)

    text = source_of(page, address)
    jobs = yaml.safe_load(text)["jobs"]
    assert {name: job["agentName"] for name, job in jobs.items()} == {"unload": "agent-2"}


def test_a_variable_is_named_and_filled_before_the_first_answer(page: Page) -> None:
    address = made(page, EMPTY)
    page.goto(address)
    page.get_by_role("button", name="Add variable").press("Enter")
    expect(page.get_by_label("Name of the variable")).to_be_focused(timeout=SOON_MS)
    slow(page, 1500)
    page.get_by_label("Name of the variable").fill("region")
    page.keyboard.press("Tab")
    page.get_by_label("Default").fill("'eu'")
    expect(page.get_by_role("group", name="region")).to_be_visible(timeout=SOON_MS)
    expect(page.get_by_label("Default")).to_have_value("'eu'")
    saved(page)

    text = source_of(page, address)
    assert "region:" in text
    assert "'''eu'''" in text


def cut(page: Page, times: int, *, arrives: bool) -> list[str]:
    """Cut the network for so many edits; `arrives`: they are done, only the answer is lost."""
    asked: list[str] = []

    def lost(route: Route) -> None:
        asked.append(route.request.post_data or "")
        if len(asked) > times:
            route.continue_()
            return
        if arrives:
            route.fetch()
        route.abort()

    page.route(EDITS, lost)
    return asked


@pytest.fixture
def cuts_are_no_faults(faults: list[str], page: Page) -> Iterator[None]:
    """The console tells of requests that were cut on purpose."""
    yield
    faults[:] = [told for told in faults if "ERR_FAILED" not in told]


@pytest.mark.parametrize("arrives", [False, True])
def test_what_the_network_swallows_is_asked_again_and_done_once(
    page: Page, cuts_are_no_faults: None, arrives: bool
) -> None:
    address = made(page, THREE)
    page.goto(address)
    asked = cut(page, 2, arrives=arrives)
    node(page, "0").click()
    page.keyboard.press("Delete")
    expect(page.locator("#editor-saved")).to_contain_text("trying again", timeout=SOON_MS)
    expect(node(page, "0")).to_contain_text("two", timeout=SOON_MS)
    saved(page)
    page.unroute(EDITS)

    assert len(asked) == 3
    assert len(set(asked)) == 1
    assert labels(page, address) == ["two", "inner"]
    expect(page.locator("#editor-conflict")).to_be_hidden()


def test_undo_whose_answer_is_lost_goes_back_once(page: Page, cuts_are_no_faults: None) -> None:
    address = made(page, FOUR)
    page.goto(address)
    for left in ("two", "three"):
        node(page, "0").click()
        page.keyboard.press("Delete")
        expect(node(page, "0")).to_contain_text(left, timeout=SOON_MS)
        saved(page)
    cut(page, 1, arrives=True)
    page.keyboard.press("Control+z")
    expect(node(page, "0")).to_contain_text("two", timeout=SOON_MS)
    saved(page)
    page.unroute(EDITS)

    assert labels(page, address) == ["two", "three", "four"]


@pytest.mark.parametrize(
    ("link", "there"), [("Source", "view=source"), ("Workflows", "/workflows/")]
)
def test_who_leaves_while_typing_leaves_nothing_behind(page: Page, link: str, there: str) -> None:
    address = made(page, THREE)
    page.goto(address)
    slow(page)
    page.get_by_label("Title").fill("typed at last")
    page.get_by_role("link", name=link, exact=True).click()
    expect(page).to_have_url(re.compile(re.escape(there)), timeout=SOON_MS)

    assert "title: typed at last" in source_of(page, address)


def test_a_text_that_cannot_be_read_is_not_left_without_asking(page: Page) -> None:
    address = made(page, THREE)
    page.goto(address)
    node(page, "0").click()
    page.keyboard.press("Delete")
    expect(node(page, "0")).to_contain_text("two", timeout=SOON_MS)
    saved(page)
    page.goto(f"{address}?view=source")
    editor = page.locator(".cm-content")
    expect(editor).to_be_visible(timeout=SOON_MS)
    editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("title: [")
    expect(page.locator("#editor-parse")).to_contain_text("line", timeout=SOON_MS)

    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".toasts")).to_contain_text("cannot be read yet", timeout=SOON_MS)
    expect(editor).to_contain_text("title: [")

    asked: list[str] = []
    page.once("dialog", lambda dialog: stayed(dialog, asked))
    page.get_by_role("link", name="Diagram", exact=True).click()
    expect(editor).to_contain_text("title: [")
    assert asked == ["beforeunload"]


def stayed(dialog: Dialog, asked: list[str]) -> None:
    asked.append(dialog.type)
    dialog.dismiss()


def test_a_field_that_was_refused_says_so_when_another_place_is_chosen(page: Page) -> None:
    address = made(page, WITH_JOB)
    page.goto(f"{address}?at=0")
    page.get_by_label("Timeout").fill("soon")
    expect(page.locator("#drawer")).to_contain_text("A whole number is needed", timeout=SOON_MS)
    node(page, "0").focus()
    page.keyboard.press("Escape")
    expect(page.locator('[data-panel-at=""]')).to_be_visible(timeout=SOON_MS)
    expect(page.locator(".toasts")).to_contain_text("Not saved: A whole number", timeout=SOON_MS)


def test_a_page_that_comes_back_says_that_the_draft_is_another_one(page: Page) -> None:
    address = made(page, THREE)
    page.goto(address)
    other = page.context.new_page()
    other.goto(address)
    node(other, "0").click()
    other.keyboard.press("Delete")
    expect(node(other, "0")).to_contain_text("two", timeout=SOON_MS)
    other.close()
    page.bring_to_front()
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    conflict = page.locator("#editor-conflict")
    expect(conflict).to_contain_text("another one than you see here", timeout=SOON_MS)
    conflict.get_by_role("button").click()
    expect(node(page, "0")).to_contain_text("two", timeout=SOON_MS)
