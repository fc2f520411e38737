"""Workflows written in the editor: by keyboard, by dragging, as text; undo, and two browsers."""

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.conftest import SIZE, sign_in
from tests.acceptance.journeys import SOON_MS
from tests.acceptance.looking import axe_problems, fits_narrow
from tests.acceptance.site import Site

EMPTY = "title: From nothing\ninstructions: []\n"
THREE = """\
# kept
instructions:
  - {TYPE: Prompt, question: "'one?'", label: one}
  - {TYPE: Prompt, question: "'two?'", label: two}
  - TYPE: Segment
    label: inner
    block: {instructions: []}
"""


def made(page: Page, source: str) -> str:
    """Make a workflow by the form; returns the address of its editor."""
    path = f"edited/w{uuid4().hex[:8]}"
    page.goto("/inventory/workflow/-/new/")
    page.locator("[name=path]").fill(path)
    page.locator("[name=source]").fill(source)
    page.locator("form [type=submit]").last.click()
    page.wait_for_url(re.compile(f"/inventory/workflow/{path}/"))
    return f"/inventory/workflow/{path}/"


def node(page: Page, position: str) -> Locator:
    return page.locator(f'g.node[data-position="{position}"]')


def saved(page: Page) -> None:
    """Wait until nothing is on its way."""
    expect(page.locator("#editor-saved")).to_have_text(
        re.compile(r"^draft · saved"), timeout=SOON_MS
    )


def source_of(page: Page, address: str) -> str:
    page.goto(f"{address}?view=source")
    return page.locator("textarea#source").input_value()


def insert(page: Page, word: str, position: str) -> None:
    """Put an instruction in by keyboard alone and wait until it has the focus."""
    page.keyboard.press("i")
    expect(page.locator("#editor-find")).to_be_focused()
    page.keyboard.type(word)
    page.keyboard.press("Enter")
    expect(node(page, position)).to_be_focused(timeout=SOON_MS)


def test_a_workflow_is_written_from_nothing_by_keyboard_alone(page: Page) -> None:
    address = made(page, EMPTY)
    insert(page, "job", "0")
    insert(page, "retry", "1")
    insert(page, "job", "1/try/0")
    page.keyboard.press("F2")
    expect(page.locator("#job-name")).to_be_focused()
    page.keyboard.type("reconcile")
    page.keyboard.press("Tab")
    expect(node(page, "1/try/0")).to_contain_text("reconcile", timeout=SOON_MS)
    for position in ("0", "1/try/0"):
        node(page, position).focus()
        page.keyboard.press("Enter")
        expect(page.locator(f'[data-panel-at="{position}"]')).to_be_visible(timeout=SOON_MS)
        page.get_by_label("Agent", exact=True).fill("agent-1")
        saved(page)
        page.keyboard.press("Escape")
    expect(page.locator("#editor-problems")).to_contain_text("no problems", timeout=SOON_MS)
    node(page, "0").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(node(page, "0/try/0")).to_be_visible(timeout=SOON_MS)
    page.keyboard.press("Control+z")
    expect(node(page, "1/try/0")).to_be_visible(timeout=SOON_MS)

    page.get_by_role("link", name="Deploy…").click()
    expect(page.locator("main")).to_contain_text("edited/", timeout=SOON_MS)
    text = source_of(page, address)
    assert "jobName: reconcile" in text
    assert text.count("agentName: agent-1") == 2


def test_instructions_are_dragged_and_a_new_one_is_let_fall(page: Page) -> None:
    address = made(page, THREE)
    page.goto(address)
    drag(page, node(page, "0"), '[data-put="2/segment/0"]')
    expect(node(page, "1/segment/0")).to_be_visible(timeout=SOON_MS)
    saved(page)
    drag(page, page.locator('[data-insert="Sleep"]'), '[data-put="0"]')
    expect(page.locator('[data-panel-at="0"]')).to_contain_text("sleep", timeout=SOON_MS)
    saved(page)

    text = source_of(page, address)
    assert text.startswith("# kept\n")
    assert text.index("Sleep") < text.index("label: two") < text.index("label: one")


def test_a_problem_of_a_job_leads_to_the_field_of_the_job(page: Page) -> None:
    wrong = "defaultArguments: 5"
    job = f"agentName: agent-1, {wrong}, executable: {{TYPE: ShellScriptExecutable, script: x}}"
    run = f"- {{TYPE: Execute.Named, jobName: j, {wrong}}}"
    page.goto(made(page, f"instructions:\n{run}\njobs:\n  j: {{{job}}}\n"))
    bar = page.locator("#editor-problems")
    for job_name, of in (("j", "job"), ("", "at")):
        bar.locator("summary").click()
        bar.locator(f'a[data-problem-job="{job_name}"]').first.click()
        field = page.locator(f'#drawer [data-of={of}][data-path*="defaultArguments"]')
        expect(field).to_be_focused(timeout=SOON_MS)
        bar.locator("summary").click()


def test_what_is_dragged_is_named_and_given_up_by_escape(page: Page) -> None:
    page.goto(made(page, THREE))
    for what, name in ((page.locator('[data-insert="Sleep"]'), "sleep"), (node(page, "0"), "one")):
        box = what.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 30, box["y"] + box["height"] / 2)
        page.mouse.down()
        gap = page.locator('[data-put="2/segment/0"]').bounding_box()
        assert gap is not None
        page.mouse.move(gap["x"] + gap["width"] / 2, gap["y"] + gap["height"] / 2, steps=4)
        expect(page.locator(".drag-ghost")).to_contain_text(name)
        page.keyboard.press("Escape")
        expect(page.locator(".drag-ghost")).to_have_count(0)
        page.mouse.up()
    saved(page)
    expect(node(page, "2/segment/0")).to_have_count(0)


def test_a_refusal_that_leaves_nothing_behind_leaves_the_draft_saved(page: Page) -> None:
    asked: list[str] = []
    page.goto(made(page, THREE))
    page.on("request", lambda request: asked.append(request.url))
    page.keyboard.press("Control+z")
    drag(page, node(page, "2"), '[data-put="2/segment/0"]')
    expect(page.locator(".toasts")).to_contain_text("Not done:", timeout=SOON_MS)
    saved(page)
    assert not [url for url in asked if url.endswith("/-/undo/")]


def drag(page: Page, what: Locator, to: str) -> None:
    box = what.bounding_box()
    target = page.locator(to).bounding_box()
    assert box is not None
    assert target is not None
    page.mouse.move(box["x"] + 30, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + 45, box["y"] + box["height"] / 2 + 10)
    x, y = target["x"] + target["width"] / 2, target["y"] + target["height"] / 2
    page.mouse.move(x, y, steps=4)
    page.mouse.up()


def test_text_and_diagram_are_one_document(page: Page) -> None:
    address = made(page, THREE)
    page.goto(f"{address}?view=source")
    editor = page.locator(".cm-content")
    expect(editor).to_be_visible(timeout=SOON_MS)
    editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type("title: [")
    expect(page.locator("#editor-parse")).to_contain_text("line", timeout=SOON_MS)
    expect(page.locator("live-diagram")).to_have_class(re.compile("stale"))
    page.keyboard.press("Backspace")  # takes the bracket away that closed it by itself
    page.keyboard.type("typed")
    page.keyboard.press("Enter")
    expect(page.locator("#editor-parse")).to_be_hidden(timeout=SOON_MS)
    expect(page.locator("live-diagram")).not_to_have_class(re.compile("stale"))
    saved(page)
    page.get_by_role("link", name="Diagram").click()
    expect(page.get_by_label("Title")).to_have_value("typed", timeout=SOON_MS)
    page.get_by_label("Title").fill("from the panel")
    saved(page)
    assert "title: from the panel\n" in source_of(page, address)


def test_undo_goes_back_after_the_page_was_read_anew(page: Page) -> None:
    address = made(page, THREE)
    page.goto(address)
    node(page, "0").click()
    page.keyboard.press("Delete")
    expect(node(page, "0")).to_contain_text("two", timeout=SOON_MS)
    page.reload()
    expect(page.get_by_role("button", name="Undo")).to_be_enabled()
    page.keyboard.press("Control+z")
    expect(node(page, "0")).to_contain_text("one", timeout=SOON_MS)
    saved(page)
    page.keyboard.press("Control+Shift+z")
    expect(node(page, "0")).to_contain_text("two", timeout=SOON_MS)
    saved(page)
    page.keyboard.press("Control+z")
    expect(node(page, "0")).to_contain_text("one", timeout=SOON_MS)
    saved(page)
    assert source_of(page, address) == THREE


def test_copied_instructions_are_pasted_into_another_workflow(page: Page) -> None:
    first, second = made(page, THREE), made(page, EMPTY)
    page.goto(first)
    node(page, "0").click()
    node(page, "1").click(modifiers=["Control"])
    with page.expect_response(re.compile("/-/copied/")):
        page.keyboard.press("Control+c")
    page.goto(second)
    page.keyboard.press("Control+v")
    expect(node(page, "1")).to_contain_text("two", timeout=SOON_MS)


@pytest.fixture
def other(browser: Browser, site: Site) -> Iterator[Page]:
    """A second browser of the same person."""
    context = browser.new_context(base_url=site.address, viewport=SIZE)
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page)
    yield page
    context.close()


def test_of_two_browsers_the_second_is_told_and_nothing_is_lost(page: Page, other: Page) -> None:
    address = made(page, THREE)
    page.goto(address)
    other.goto(address)
    node(page, "0").click()
    page.keyboard.press("Delete")
    expect(node(page, "0")).to_contain_text("two", timeout=SOON_MS)
    node(other, "1").click()
    other.keyboard.press("Delete")
    conflict = other.locator("#editor-conflict")
    expect(conflict).to_contain_text("no longer as you have seen it", timeout=SOON_MS)
    expect(conflict).to_contain_text("admin deleted 0")
    conflict.get_by_role("button").click()
    expect(node(other, "0")).to_contain_text("two", timeout=SOON_MS)
    text = source_of(other, address)
    assert "label: one" not in text
    assert "label: two" in text


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("view", ["", "?view=outline&at=0", "?view=source"])
def test_axe_finds_nothing_in_the_editor(page: Page, view: str, theme: str) -> None:
    address = made(page, THREE)
    page.goto(f"{address}{view}")
    page.evaluate("theme => document.documentElement.dataset.theme = theme", theme)
    if "source" in view:
        expect(page.locator(".cm-content")).to_be_visible(timeout=SOON_MS)
    assert not axe_problems(page)


def test_without_script_there_is_the_form(browser: Browser, site: Site, page: Page) -> None:
    address = made(page, THREE)
    context = browser.new_context(
        base_url=site.address, java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(f"{address}?view=source")
    plain.locator("textarea#source").fill(THREE.replace("one?", "first?"))
    plain.get_by_role("button", name="Save draft").click()
    plain.goto(f"{address}?view=source")
    expect(plain.locator("textarea#source")).to_have_value(re.compile("first"))
    context.close()


def test_rows_of_variables_and_admission_times_are_filled_by_keyboard(page: Page) -> None:
    address = made(page, WITH_JOB)
    page.goto(address)
    page.get_by_role("button", name="Add variable").press("Enter")
    name = page.get_by_label("Name of the variable")
    expect(name).to_be_focused(timeout=SOON_MS)
    name.fill("region")
    page.keyboard.press("Tab")
    expect(page.get_by_role("group", name="region")).to_be_visible(timeout=SOON_MS)
    page.get_by_label("Default").fill("'eu'")
    saved(page)

    page.goto(f"{address}?at=0")
    page.get_by_role("tab", name="Options").click()
    times = page.get_by_role("group", name="Admission times")
    times.get_by_role("combobox").select_option("WeekdayPeriod")
    times.get_by_role("button", name="Add").press("Enter")
    expect(times.get_by_label("From")).to_be_visible(timeout=SOON_MS)
    times.get_by_label("From").fill("99:99")
    expect(times).to_contain_text("A time of day is needed", timeout=SOON_MS)
    times.get_by_label("From").fill("22:00")
    times.get_by_label("For").fill("2 h")
    expect(times).to_contain_text("Monday 22:00 to 24:00.", timeout=SOON_MS)
    saved(page)
    text = source_of(page, address)
    assert "default: '''eu'''" in text
    assert "secondOfWeek: 79200" in text
    assert "duration: 7200" in text


def test_a_job_is_made_from_a_template_that_is_looked_at_before(page: Page) -> None:
    template = f"hello-{uuid4().hex[:8]}"
    page.goto("/inventory/jobtemplate/-/new/")
    page.locator("[name=path]").fill(f"edited/{template}")
    page.locator("[name=source]").fill(TEMPLATE)
    page.locator("form [type=submit]").last.click()
    page.wait_for_url(re.compile(f"/inventory/jobtemplate/edited/{template}/"))
    address = made(page, WITH_JOB)
    page.goto(f"{address}?at=0")
    page.get_by_role("button", name="From a template…").press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Template")).to_be_focused(timeout=SOON_MS)
    dialog.get_by_label("Template").select_option(template)
    expect(dialog).to_contain_text("echo from the template", timeout=SOON_MS)
    assert not axe_problems(page)
    dialog.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("button", name=f"Template {template}…")).to_be_visible(timeout=SOON_MS)
    saved(page)
    assert "echo from the template" in source_of(page, address)


def test_changes_are_marked_in_the_diagram_and_told_in_words(page: Page) -> None:
    address = made(page, THREE)
    page.locator("[data-deploy]").click()
    page.get_by_role("button", name="Deploy", exact=True).click()
    expect(page).to_have_url(re.compile(r"/deployments/\d+/$"), timeout=SOON_MS)
    expect(page.locator(".state", has_text="done").first).to_be_visible(timeout=SOON_MS)
    page.goto(address)
    expect(page.get_by_role("link", name="Changes")).to_be_visible(timeout=SOON_MS)
    node(page, "0").focus()
    page.keyboard.press("Delete")
    saved(page)
    page.goto(f"{address}?marks=1")
    expect(page.locator("svg .ghost")).to_contain_text("removed: prompt one?")
    insert(page, "sleep", "2")
    expect(node(page, "2")).to_have_attribute(
        "aria-label", re.compile("added since the deployment"), timeout=SOON_MS
    )
    page.goto(f"{address}?view=outline&marks=1")
    expect(page.locator("[data-removed]")).to_contain_text("removed: prompt one?")
    page.goto(f"{address}?view=changes")
    expect(page.locator(".editor-change-list")).to_contain_text("was at 0")
    for view in ("?marks=1", "?view=outline&marks=1", "?view=changes"):
        page.goto(f"{address}{view}")
        assert not axe_problems(page), view
        assert fits_narrow(page), view


WITH_JOB = """\
instructions:
  - {TYPE: Execute.Named, jobName: load}
jobs:
  load: {agentName: agent-1, executable: {TYPE: ShellScriptExecutable, script: "true"}}
"""
TEMPLATE = """\
executable: {TYPE: ShellScriptExecutable, script: echo from the template}
timeout: 30
"""
