"""The SVG: well-formed, safe whatever the document holds, and without script or style."""

import html
import re
from xml.dom.minidom import parseString

import pytest

from cockpit.diagram import Addresses, LockUse, Overlay, Standing, draw
from cockpit.diagram.badges import short_id
from tests.unit.diagram.drawings import LOCK, SINGLE, block, each_instruction, job, workflow


def drawn(highlights: dict[str, str]) -> str:
    return draw(each_instruction(), overlay=Overlay(highlights=highlights))


def _nodes(svg: str) -> dict[str, str]:
    """Return the opening tag of each node by its position."""
    tags: list[str] = re.findall(r'<g class="node[^>]*>', svg)
    return {re.findall(r'data-position="([^"]*)"', tag)[0]: tag for tag in tags}


def test_it_is_well_formed_and_carries_neither_style_nor_script() -> None:
    svg = draw(each_instruction())

    parseString(svg)  # noqa: S318  # our own text
    assert not re.search(r"style=|<script|<style|\son[a-z]+=", svg)


def test_each_node_can_be_focused_and_says_what_it_is() -> None:
    nodes = _nodes(draw(each_instruction()))

    assert 'role="button"' in nodes["1/fork+eu/0"]
    assert 'tabindex="0"' in nodes["1/fork+eu/0"]
    assert 'aria-label="job load, agent-1"' in nodes["1/fork+eu/0"]
    assert 'aria-label="retry, 3 \N{MULTIPLICATION SIGN} 30 s"' in nodes["1/fork+eu/1"]


def test_a_highlight_shows_its_state_in_class_and_label_and_moves_nothing() -> None:
    plain, marked = draw(each_instruction()), drawn({"5": "failed"})

    assert "st-failed" in _nodes(marked)["5"]
    assert 'aria-label="job load, agent-1, failed"' in _nodes(marked)["5"]
    assert re.findall(r'[xy]="[^"]*"', plain) == re.findall(r'[xy]="[^"]*"', marked)


def test_a_highlight_may_count_tries() -> None:
    marked = drawn({"2/catch+1/0": "running"})

    assert "st-running" in _nodes(marked)["2/catch/0"]


@pytest.mark.parametrize("hostile", ['<script>alert("x")</script>', "a\x00b\x1b[31m", "&amp;\"'>"])
def test_hostile_texts_stay_text(hostile: str) -> None:
    named = (
        workflow(
            {
                "TYPE": "If",
                "predicate": hostile,
                "then": block({"TYPE": "Fail", "message": hostile}),
            }
        )
        if "\x00" not in hostile
        else workflow(job())
    )

    over = Overlay(
        highlights={"0": hostile},
        orders={"0": [Standing(hostile, 1, hostile)]},
        picks={"0": hostile},
        addresses=Addresses("/w/{}/", "/o/{}/", "/all?at={}"),
    )
    svg = draw(named, overlay=over, address="?")

    parseString(svg)  # noqa: S318  # our own text
    assert "<script" not in svg


def test_a_long_name_is_clipped_and_its_tip_has_the_whole() -> None:
    name = "load-the-general-ledger-of-all-regions"
    svg = draw(workflow(job(name), jobs=(name,)))

    assert "load-the-general-led…" in svg
    assert f"<title>job {name}, agent-1</title>" in svg


@pytest.mark.parametrize("name", SINGLE)
def test_each_instruction_says_its_name_and_is_drawn_with_an_icon(name: str) -> None:
    svg = draw(workflow(SINGLE[name]))

    parseString(svg)  # noqa: S318  # our own text
    kind = re.split("[- ]", name)[0].removesuffix("s")
    shown = {"execute": "load", "case": "case", "admission": "admission time"}.get(kind, kind)
    assert shown in _nodes(svg)["0"] or shown in svg
    used = set(re.findall('href="#wf-([^"]*)"', svg))
    assert used == set(re.findall('<symbol id="wf-([^"]*)"', svg))


def test_marks_say_in_words_what_their_shape_shows() -> None:
    over = Overlay(skipped=frozenset({"first"}), stopped=frozenset({"1/try+2/0"}), suspended=True)
    retried = {"TYPE": "Retry", "try": block(job())}
    svg = draw(workflow(job(label="first"), retried), overlay=over)

    for text in ("skipped", "breakpoint", "suspended"):
        assert f">{text}</text>" in svg
    assert "skipped by its label" in _nodes(svg)["0"]
    assert "orders stop here" in _nodes(svg)["1/try/0"]
    assert "breakpoint" not in draw(workflow(job(label="first"), retried))


def test_a_lock_shows_how_much_is_taken_and_who_holds_it() -> None:
    locked = workflow({**LOCK, "lockedWorkflow": block(job())})
    used = {"dwh": LockUse(1, 2, ("#2026-11-21#T0398", "#2026-11-21#T0399"))}
    svg = draw(locked, overlay=Overlay(locks=used))

    assert ">dwh 1/2, cpu</text>" in svg
    assert ">held by T0398 +1</text>" in svg
    assert "held by #2026-11-21#T0398 and #2026-11-21#T0399" in _nodes(svg)["0"]


def test_orders_stand_at_their_instruction_with_icon_and_words() -> None:
    orders = {
        "0": [Standing("running", 1, "#2026-11-21#T1"), Standing("waiting", 3)],
        "1/try+4/0": [Standing("failed", 2)],
    }
    over = Overlay(orders=orders, addresses=Addresses(order="/orders/{}/", orders="/all?at={}"))
    svg = draw(workflow(job(), {"TYPE": "Retry", "try": block(job())}), overlay=over)

    assert 'href="/orders/%232026-11-21%23T1/"' in svg
    assert 'href="/all?at=1/try/0" aria-label="2 orders, failed"' in svg
    assert "1 running, 3 waiting" in _nodes(svg)["0"]


def test_the_name_of_a_token_contains_what_is_written_on_it() -> None:
    orders = {"0": [Standing("running", 1, "#2026-11-21#T1-of-a-very-long-name")]}
    svg = draw(workflow(job()), overlay=Overlay(orders=orders, addresses=Addresses(order="/{}/")))

    (written,) = re.findall(r">(of-a[^<]*)</text>", svg)
    assert written.endswith("…")
    assert f'aria-label="{written}: #2026-11-21#T1-of-a-very-long-name, running"' in svg


def test_more_than_three_states_at_one_place_are_counted_together() -> None:
    groups = ("running", "waiting", "failed", "suspended", "prompting")
    standings = [Standing(group, 2) for group in groups]
    svg = draw(workflow(job()), overlay=Overlay(orders={"0": standings}))

    assert svg.count('class="token st-') == 4
    assert ">+4</text>" in svg


def test_what_cannot_be_picked_says_why() -> None:
    over = Overlay(picks={"0": None, "1": "It lies in a lock."}, chosen=frozenset({"0"}))
    nodes = _nodes(draw(workflow(job(), job()), overlay=over))

    assert 'aria-pressed="true"' in nodes["0"]
    assert "aria-disabled" not in nodes["0"]
    assert 'data-refused="It lies in a lock."' in nodes["1"]
    assert "not selectable: It lies in a lock." in nodes["1"]


def test_an_added_order_leads_to_its_workflow_only_where_pages_are() -> None:
    added = workflow(SINGLE["add-order"])

    linked = draw(added, overlay=Overlay(addresses=Addresses(workflow="/workflows/{}/")))
    assert 'href="/workflows/close-month/"' in linked
    assert "<a " not in draw(added)


@pytest.mark.parametrize(
    ("order_id", "short"),
    [
        ("#2026-11-21#T0412", "T0412"),
        ("#2026-11-21#T0412|eu", "eu"),
        ("#2026-11-21#T364102600958963-close-emea", "close-emea"),
        ("#2026-11-21#D0000000334-2026", "2026"),
        ("#2026-11-21#C4711-1795305600-poll", "poll"),
        ("#2026-11-21#C4711-00003-00024-poll", "poll"),
        ("#2026-11-21#P4711-month-end-of-emea", "month-end-of-\N{HORIZONTAL ELLIPSIS}"),
        ("free", "free"),
        ("#2026-01-31#walk", "walk"),
    ],
)
def test_a_token_shows_what_people_know_an_order_by(order_id: str, short: str) -> None:
    assert short_id(order_id) == short


def test_a_finish_that_counts_as_a_failure_does_not_look_like_a_success() -> None:
    assert "node-ring good" in draw(workflow({"TYPE": "Finish"}))
    assert "node-ring bad" in draw(workflow({"TYPE": "Finish", "unsuccessful": True}))


@pytest.mark.parametrize(
    ("instruction", "whole"),
    [
        ({"TYPE": "If", "predicate": "toNumber($rows) > 10000 && $go", "then": block()}, "&& $go"),
        ({"TYPE": "ExpectNotices", "noticeBoardNames": "'loaded' && 'checked'"}, "checked"),
        ({"TYPE": "Prompt", "question": "'Release the figures of today?'"}, "today?"),
        ({"TYPE": "AddOrder", "workflowName": "reports-of-the-month"}, "of-the-month"),
        (
            {"TYPE": "Retry", "label": "again", "maxTries": 4, "retryDelays": [1, 60, 600],
             "try": block()},
            "again · 4 \N{MULTIPLICATION SIGN} 1 s, 1 min, 10 min",
        ),
        (
            {"TYPE": "AdmissionTime", "label": "at night", "block": block(),
             "admissionTimeScheme": {"periods": [
                 {"TYPE": "DailyPeriod", "secondOfDay": 7200, "duration": 3600}]}},
            "at night · 02:00\N{EN DASH}03:00",
        ),
    ],
)  # fmt: skip
def test_what_an_instruction_says_is_readable_in_the_picture(
    instruction: dict[str, object], whole: str
) -> None:
    written = re.findall(r"<text[^>]*>([^<]*)</text>", draw(workflow(instruction)))
    assert any(html.unescape(text).endswith(whole) for text in written), written
