"""What has been, and what jobs wrote."""

from urllib.parse import quote

import pytest
from django.test import Client

from cockpit.pages import family
from tests.component.api import history_rows
from tests.component.pages.reading import text_of
from tests.component.pages.scene import HOSTILE, LOG, Scene


def test_order_history_shows_what_ended_and_what_failed(owner: Client, scene: Scene) -> None:
    text = text_of(owner.get("/history/orders/"))
    assert "T3-done" in text
    assert "T2-" in text
    assert "T1-running" not in text
    assert "T2-" not in text_of(owner.get("/history/orders/?state=finished"))


@pytest.mark.parametrize(
    ("query", "count"),
    [("", 1), ("?state=failed", 1), ("?state=succeeded", 0), ("?q=job:work", 1), ("?q=job:none", 0),
     ("?q=wf:demo/*+agent:agent-1", 1), ("?q=from:today", 0)],
)  # fmt: skip
def test_job_history_is_filtered(owner: Client, scene: Scene, query: str, count: int) -> None:
    response = owner.get(f"/history/jobs/{query}")
    assert response.status_code == 200
    assert len(response.context["steps"]) == count


def test_what_people_should_look_at_stands_at_a_job_run(owner: Client, scene: Scene) -> None:
    warning = f"the run took 9 s, more than 5 s {HOSTILE}"
    job = history_rows.job_run(scene.done, 9, criticality="MAJOR", warnings=[warning])
    for path in (
        "/history/jobs/",
        f"/history/jobs/{job.no}/log/",
        f"/orders/{quote(scene.done.order_id, safe='')}/",
    ):
        assert "the run took 9 s, more than 5 s" in text_of(owner.get(path)), path
        assert HOSTILE not in owner.get(path).content.decode(), path
    assert "MAJOR" in text_of(owner.get(f"/history/jobs/{job.no}/log/"))
    listed = owner.get("/history/jobs/?q=warned:yes").context["steps"]
    assert [step.run.no for step in listed] == [9]
    assert len(owner.get("/history/jobs/?q=warned:no").context["steps"]) == 1
    assert "warned: takes yes or no." in text_of(owner.get("/history/jobs/?q=warned:maybe"))


def test_a_job_filter_does_not_know_keys_of_orders(owner: Client, scene: Scene) -> None:
    response = owner.get("/history/jobs/?q=tag:eu")
    assert response.status_code == 422
    assert "There is no key tag:" in text_of(response)


def test_the_log_comes_in_numbered_lines_as_data(owner: Client, scene: Scene) -> None:
    answer = owner.get(f"/history/jobs/{scene.job_no}/log/lines/").json()
    assert (answer["total"], answer["bytes"], answer["ended"]) == (3, len(LOG), False)
    assert [line[0] for line in answer["lines"]] == [1, 2, 3]
    assert [line[2] for line in answer["lines"]] == ["stdout"] * 3
    assert answer["lines"][1][3] == "\x1b[31mred\x1b[0m <script>alert('log')</script>"
    assert answer["lines"][2][3] == "with \x00 NUL"
    one = owner.get(f"/history/jobs/{scene.job_no}/log/lines/?from_line=2&lines=1").json()
    assert [line[0] for line in one["lines"]] == [2]


def test_the_log_is_searched_on_the_server(owner: Client, scene: Scene) -> None:
    answer = owner.get(f"/history/jobs/{scene.job_no}/log/lines/", {"text": "NUL"}).json()
    assert answer == {"hits": [3], "count": 1}


def test_the_file_has_the_bytes_that_were_written(owner: Client, scene: Scene) -> None:
    for query in ("", "?stream=out"):
        response = owner.get(f"/history/jobs/{scene.job_no}/log/file/{query}")
        assert b"".join(response.streaming_content) == LOG  # type: ignore[attr-defined]
        assert response["Content-Type"].startswith("text/plain")
        assert "attachment" in response["Content-Disposition"]
        assert response["X-Content-Type-Options"] == "nosniff"
    err = owner.get(f"/history/jobs/{scene.job_no}/log/file/?stream=err")
    assert b"".join(err.streaming_content) == b""  # type: ignore[attr-defined]


def test_the_log_page_lists_the_steps_of_the_whole_family(owner: Client, scene: Scene) -> None:
    order_id = scene.failed.order_id
    child = history_rows.order_run(f"{order_id}|eu", run=scene.failed.run + 1, parent=order_id)
    history_rows.job_run(child, 9, label="in-the-branch")
    for no in (scene.job_no, 9):
        text = text_of(owner.get(f"/history/jobs/{no}/log/"))
        assert "in-the-branch" in text
        assert "start" in text


def test_hostile_messages_stand_as_text(owner: Client, scene: Scene) -> None:
    assert HOSTILE in text_of(owner.get("/history/jobs/"))


def test_of_very_many_job_runs_an_order_shows_the_newest_in_their_order(
    owner: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(family, "MOST", 3)
    for no in range(11, 16):
        history_rows.job_run(scene.done, no, state="succeeded")
    steps = owner.get(f"/orders/{quote(scene.done.order_id)}/").context["steps"]
    assert [step.run.no for step in steps] == [13, 14, 15]
