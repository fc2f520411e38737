"""Notice boards and locks: what is on them, who waits, and what people may change."""

import json

import pytest
from django.test import Client

from cockpit.models import AuditEntry
from controller.models import Command
from engine.facts import Instance, NoticeState
from engine.order.notice_verbs import post_notice
from engine.steps.notices import expire
from tests.component.api.controller_stub import ControllerStub
from tests.component.pages.crowd import ASKING, BOARD, EXPECTING, LOCK, LOCKED, Crowd
from tests.component.pages.reading import HTMX, text_of

POST = f"/resources/boards/{BOARD}/-/post/"
DELETE = f"/resources/boards/{BOARD}/-/delete/"
PLANNED = "demo/planned"


@pytest.fixture
def crowd(controller: ControllerStub) -> Crowd:
    return Crowd(controller)


def notice(crowd: Crowd, key: str = "k", board: str = BOARD) -> NoticeState:
    return crowd.controller.world.notice(board, key)


def test_a_lock_shows_its_holders_and_its_queue_by_priority(owner: Client, crowd: Crowd) -> None:
    crowd.add("#first", LOCKED)
    crowd.add("#low", LOCKED)
    crowd.add("#high", LOCKED, priority=5)
    listed = text_of(owner.get("/resources/locks/"))
    assert f"{LOCK} 1/1 #first 2" in listed
    page = owner.get(f"/resources/locks/{LOCK}/")
    text = text_of(page)
    assert "1 of 1" in text
    assert "Held by" in text
    assert text.index("#first") < text.index("1 #high") < text.index("2 #low")
    assert f'href="/workflows/{LOCKED}/"' in page.content.decode()


def test_from_the_queue_one_gets_to_the_priority_of_an_order(owner: Client, crowd: Crowd) -> None:
    crowd.add("#first", LOCKED)
    crowd.add("#second", LOCKED)
    here = f"/resources/locks/{LOCK}/"
    assert "/orders/-/priority/?ids=%23second" in owner.get(here).content.decode()
    given = {"ids": "#second", "priority": "9", "next": here}
    assert owner.post("/orders/-/priority/", given)["Location"] == here
    assert crowd.controller.world.orders["#second"].priority == 9


def test_an_order_links_to_the_lock_and_to_its_holder(owner: Client, crowd: Crowd) -> None:
    crowd.add("#first", LOCKED)
    crowd.add("#second", LOCKED)
    page = owner.get("/orders/%23second/")
    assert "It waits for lock demo/tape, held by #first. It is the next." in text_of(page)
    for link in (f'href="/resources/locks/{LOCK}/"', 'href="/orders/%23first/"'):
        assert link in page.content.decode()
    row = owner.get("/orders/-/rows/", {"ids": "#second"}).json()["rows"][0]["html"]
    assert "held by #first" in row
    assert f'href="/resources/locks/{LOCK}/"' in row


def test_a_board_shows_who_expects_and_who_would_post(owner: Client, crowd: Crowd) -> None:
    crowd.add("#waits", EXPECTING)
    assert f"{BOARD} global 0 0 0 1" in text_of(owner.get("/resources/boards/"))
    page = owner.get(f"/resources/boards/{BOARD}/")
    text = text_of(page)
    assert "k expected" in text
    assert "#waits" in text
    assert "no deployed workflow; people can post" in text
    assert f'href="/workflows/{EXPECTING}/"' in page.content.decode()
    order = owner.get("/orders/%23waits/").content.decode()
    assert f'href="/resources/boards/{BOARD}/?key=k"' in order


def test_a_notice_is_posted_with_arguments_and_an_end_and_deleted(
    owner: Client, crowd: Crowd
) -> None:
    given = {"key": "k", "more": "rows = 7\nwho = eu", "end_of_life": "+1h", "comment": "by hand"}
    response = owner.post(POST, given)
    assert (response.status_code, response["Location"]) == (303, f"/resources/boards/{BOARD}/")
    posted = notice(crowd).present
    assert posted is not None
    assert posted.arguments == {"rows": 7, "who": "eu"}
    assert posted.end_of_life_us is not None
    assert 59 * 60e6 < posted.end_of_life_us - crowd.controller.now_us < 61 * 60e6
    text = text_of(owner.get(f"/resources/boards/{BOARD}/"))
    assert "k rows = 7, who =" in text
    assert "present" in text
    assert owner.post(DELETE, {"key": "k"}).status_code == 303
    assert notice(crowd).present is None
    deeds = AuditEntry.objects.order_by("pk").values_list("verb", "comment")
    assert list(deeds) == [("post-notice", "by hand"), ("delete-notice", "")]


def test_problems_of_a_notice_stand_at_their_fields_and_nothing_is_lost(
    owner: Client, crowd: Crowd
) -> None:
    given = {"key": "", "more": "nonsense", "end_of_life": "someday", "zone": "Mars/Base"}
    response = owner.post(POST, given, headers=HTMX)
    assert response.status_code == 422
    content = response.content.decode()
    for field in ("notice-key", "notice-more", "notice-zone"):
        assert f'id="{field}-problem"' in content, field
    assert 'value="someday"' in content
    assert "nonsense</textarea>" in content
    assert not Command.objects.exists()


def test_a_board_by_plan_asks_for_the_plan(owner: Client, crowd: Crowd) -> None:
    crowd.controller.put_object(
        "noticeboard", PLANNED,
        {"boardType": "PLANNABLE", "postOrderToNoticeId": "'x'", "expectOrderToNoticeId": "'x'"},
    )  # fmt: skip
    post = f"/resources/boards/{PLANNED}/-/post/"
    missing = owner.post(post, {"key": "x"})
    assert 'id="notice-plan-problem"' in missing.content.decode()
    assert owner.post(post, {"key": "x", "plan": "2026-01-31"}).status_code == 303
    assert notice(crowd, "DailyPlan|2026-01-31/x", PLANNED).present is not None
    owner.post("/plan/-/close/", {"plan": "DailyPlan|2026-02-01"})
    closed = owner.post(post, {"key": "x", "plan": "2026-02-01"})
    assert closed.status_code == 409
    assert "is closed" in text_of(closed)


def test_a_notice_that_its_plan_alone_names_is_posted_found_and_deleted(
    owner: Client, crowd: Crowd
) -> None:
    keyless = {"postOrderToNoticeId": "''", "expectOrderToNoticeId": "''"}
    crowd.controller.put_object("noticeboard", PLANNED, {"boardType": "PLANNABLE", **keyless})
    here, kept = f"/resources/boards/{PLANNED}/", "DailyPlan|2026-01-31/"
    given = {"key": "", "plan": "2026-01-31"}
    assert " required" not in owner.get(f"{here}-/post/").content.decode().partition('"key"')[2]
    assert owner.post(f"{here}-/post/", given).status_code == 303
    assert notice(crowd, kept, PLANNED).present is not None
    for query in ({"plan": "DailyPlan|2026-01-31"}, {"key": kept}):
        assert "DailyPlan|2026-01-31 present" in text_of(owner.get(here, query)), query
    assert owner.post(f"{here}-/delete/", given).status_code == 303
    assert notice(crowd, kept, PLANNED).present is None


def test_deleting_tells_when_a_notice_goes_only_with_its_last_user(
    owner: Client, crowd: Crowd
) -> None:
    consuming(crowd, "#one")
    here = f"/resources/boards/{BOARD}/"
    owner.post(DELETE, {"key": "k"})
    assert (
        "Notice k goes when the last order that uses it has left."
        in owner.get(here).content.decode()
    )


def test_a_notice_whose_end_is_past_is_refused_at_its_field(owner: Client, crowd: Crowd) -> None:
    late = owner.post(POST, {"key": "k", "end_of_life": "2020-01-01T00:00Z"}, headers=HTMX)
    assert late.status_code == 409
    assert 'id="notice-end_of_life-problem"' in late.content.decode()
    assert "It is past" in text_of(late)


def test_a_notice_that_is_not_there_cannot_be_deleted(owner: Client, crowd: Crowd) -> None:
    response = owner.post(DELETE, {"key": "nobody"})
    assert response.status_code == 409
    assert "There is no notice nobody" in text_of(response)


CONSUMING = "demo/consuming"


def consuming(crowd: Crowd, *ids: str, longest: int | None = None) -> None:
    """Let orders of one workflow each hold a notice of the board, in their blocks."""
    crowd.controller.put_object(
        "noticeboard", BOARD,
        {"postOrderToNoticeId": "'k'", "expectOrderToNoticeId": "'k'",
         "consumptionPolicy": "all_success", "maxBlockDuration": longest},
        "v2",
    )  # fmt: skip
    crowd.controller.take(post_notice(crowd.controller.world, BOARD, "k", now_us=1))
    for order_id in ids:
        inside = {"instructions": [{"TYPE": "Prompt", "question": "'inside'"}]}
        path = f"{CONSUMING}{ids.index(order_id)}"
        consumes = {"TYPE": "ConsumeNotices", "noticeBoardNames": "'ready'", "subworkflow": inside}
        crowd.controller.deploy(path, {"instructions": [consumes]})
        crowd.add(order_id, path)


def test_deleting_by_force_shows_whom_it_hits_and_lets_them_fail(
    owner: Client, crowd: Crowd
) -> None:
    consuming(crowd, "#one", "#two")
    dialog = owner.get(f"{DELETE}?key=k", headers=HTMX)
    text = text_of(dialog)
    assert "#one demo/consuming0" in text
    assert "It fails at once." in text
    assert 'name="user" value="#two"' in dialog.content.decode()
    given = {"key": "k", "force": "1", "user": ["#one", "#two"], "comment": "wrong data"}
    assert owner.post(DELETE, given).status_code == 303
    assert notice(crowd).present is None
    orders = crowd.controller.world.orders
    assert {type(orders[i].state).__name__ for i in ("#one", "#two")} == {"Failed"}
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.comment) == ("delete-notice", "wrong data")
    assert json.loads(entry.after or "")["force"] is True
    assert json.loads(entry.after or "")["users"] == ["#one", "#two"]
    text = text_of(owner.get(f"/resources/boards/{BOARD}/"))
    assert "gone kept for who failed" in text
    assert "kept for #one , #two : its block failed" in text


@pytest.mark.parametrize("done_by", ["demo/others", EXPECTING])
def test_a_notice_is_kept_for_an_order_only_while_nobody_of_its_workflow_had_it(
    owner: Client, crowd: Crowd, done_by: str
) -> None:
    crowd.add("#failed", EXPECTING)
    gone = Instance(1, 1, granted=("#failed",), consumed_by=(done_by,), doomed=True)
    crowd.controller.world.set_fact(("notice", BOARD, "k"), NoticeState((gone,), 1))
    crowd.controller.write_facts()
    text = text_of(owner.get(f"/resources/boards/{BOARD}/"))
    assert ("kept for #failed" in text) is (done_by != EXPECTING)
    assert ("kept for who failed" in text) is (done_by != EXPECTING)


def test_without_force_the_dialog_deletes_as_before(owner: Client, crowd: Crowd) -> None:
    consuming(crowd, "#one")
    assert owner.post(DELETE, {"key": "k", "user": ["#one"]}).status_code == 303
    assert type(crowd.controller.world.orders["#one"].state).__name__ == "Prompting"
    text = text_of(owner.get(f"/resources/boards/{BOARD}/"))
    assert "in use goes with its last user" in text


def test_who_came_after_the_dialog_is_shown_before_anybody_fails(
    owner: Client, crowd: Crowd
) -> None:
    consuming(crowd, "#one", "#two")
    response = owner.post(DELETE, {"key": "k", "force": "1", "user": ["#one"]})
    assert response.status_code == 409
    assert "Others use the notice by now: #two" in text_of(response)
    assert 'name="user" value="#two"' in response.content.decode()
    assert notice(crowd).present is not None
    orders = crowd.controller.world.orders
    assert {type(orders[i].state).__name__ for i in ("#one", "#two")} == {"Prompting"}


def test_a_board_shows_its_policy_and_who_holds_a_notice_for_long(
    owner: Client, crowd: Crowd
) -> None:
    consuming(crowd, "#one", longest=5)
    here = f"/resources/boards/{BOARD}/"
    text = text_of(owner.get(here))
    assert "when its last user has left and all have succeeded" in text
    assert "for longer than 5 s is warned of" in text
    assert "#one since" in text
    assert "too long" not in text
    stub = crowd.controller
    stub.take(expire(stub.world, ("notice", BOARD, "k"), stub.now_us + 5_000_000))
    assert "too long" in text_of(owner.get(here))
    assert "1 too long" in text_of(owner.get("/resources/boards/"))
    assert "It holds notice k of board demo/ready for longer than 5 s." in text_of(
        owner.get("/orders/%23one/")
    )


def test_who_may_only_look_sees_everything_and_no_verb(colleague: Client, crowd: Crowd) -> None:
    crowd.add("#first", LOCKED)
    crowd.add("#second", LOCKED)
    crowd.add("#waits", EXPECTING)
    for address in (f"/resources/boards/{BOARD}/", f"/resources/locks/{LOCK}/"):
        page = colleague.get(address)
        assert page.status_code == 200
        assert "/-/" not in page.content.decode().partition("<main")[2]
    assert colleague.post(POST, {"key": "k"}).status_code == 403
    assert notice(crowd).present is None


def test_the_question_of_a_prompt_is_shown_and_confirmed(owner: Client, crowd: Crowd) -> None:
    crowd.add("#asks", ASKING)
    dialog = owner.get("/orders/-/confirm/", {"ids": "#asks"}, headers=HTMX)
    assert "Post to <b>production</b>?" in text_of(dialog)
    assert "<b>production" not in dialog.content.decode()
    assert owner.post("/orders/-/confirm/", {"ids": "#asks"}).status_code == 303
    assert type(crowd.controller.world.orders["#asks"].state).__name__ != "Prompting"


def test_lists_of_resources_are_filtered_and_say_when_nothing_is_there(
    owner: Client, controller: ControllerStub
) -> None:
    assert "No lock is deployed" in text_of(owner.get("/resources/locks/"))
    assert "No notice board is deployed" in text_of(owner.get("/resources/boards/"))
    Crowd(controller)
    assert "No lock matches" in text_of(owner.get("/resources/locks/?q=nobody"))
    assert LOCK in text_of(owner.get("/resources/locks/?q=tap"))
    assert owner.get("/resources/locks/no/such/").status_code == 404
    assert owner.get("/resources/boards/no/such/").status_code == 404
    assert owner.get("/resources/boards/a%00b/").status_code == 404
