"""Filters of lists: a word that nothing could ever fit is refused, not answered with nothing."""

from typing import Any, get_args

import msgspec
import pytest

from cockpit.api import urls
from cockpit.api.documented import STRUCTS
from cockpit.api.orders.selecting import STATES
from cockpit.api.reading import allowed_in
from engine.order.group import GROUPS
from engine.order.model import State
from tests.component.api.client import Api
from tests.component.api.history_rows import order_run


def sentences(reply: Any) -> dict[str, str]:
    return {one["field"]: one["sentence"] for one in reply.body.get("problems", [])}


@pytest.mark.parametrize("path", ["/orders/", "/history/orders/"])
def test_words_that_do_not_exist_are_named_all_at_once_with_those_that_do(
    viewer: Api, path: str
) -> None:
    query = {
        "state": "Nope,Ready,finished", "group": "red", "reason": "boredom", "plan": "x",
        "date": "2026-13-45", "limit": "0", "live": "perhaps",
    }  # fmt: skip
    reply = viewer.get(path, **query)
    assert (reply.status, reply["code"]) == (422, "invalid")
    told = sentences(reply)
    assert set(told) == set(query)
    assert told["state"].startswith("'Nope', 'finished' are not among the possible values: Fresh,")
    assert "Finished" in told["state"]
    expected = f"'red' is not among the possible values: {', '.join(GROUPS)}."
    assert told["group"] == expected


@pytest.mark.parametrize(
    ("path", "field", "word"),
    [
        ("/history/jobs/", "state", "Failed"),
        ("/history/jobs/", "criticality", "HUGE"),
        ("/audit/", "result", "maybe"),
        ("/plan/submissions/", "verb", "sumbit"),
        ("/plan/orders/", "state", "Planned"),
        ("/inventory/", "type", "workflows"),
        ("/inventory/", "within", "everything"),
        ("/inventory/", "condition", "odd"),
    ],
)
def test_each_list_refuses_a_word_that_is_none_of_its_own(
    administrator: Api, path: str, field: str, word: str
) -> None:
    reply = administrator.get(path, **{field: word})
    assert (reply.status, reply.fields) == (422, [field])
    assert f"'{word}' is not among the possible values: " in sentences(reply)[field]


def test_every_state_of_an_order_can_be_asked_for(viewer: Api) -> None:
    order_run("a", state="Finished", group="finished", live=False)
    assert {kind.__name__ for kind in get_args(State)} <= set(STATES)
    reply = viewer.get("/orders/", state=",".join(STATES), live="false")
    assert [order["id"] for order in reply["orders"]] == ["a"]


def test_any_plan_can_be_asked_for(viewer: Api) -> None:
    order_run("dated", order_date="2026-01-31")
    order_run("named", order_date="2026-01-31", plan="Quarter|1")
    order_run("said", plan="DailyPlan|2026-01-31")

    def ids(plan: str) -> list[str]:
        return [order["id"] for order in viewer.get("/orders/", plan=plan)["orders"]]

    assert ids("2026-01-31") == ids("DailyPlan|2026-01-31") == ["said", "dated"]
    assert ids("Quarter|1") == ["named"]


@pytest.mark.parametrize("path", ["/agents/", "/cluster/"])
def test_what_takes_no_parameters_does_not_seem_to_heed_any(administrator: Api, path: str) -> None:
    reply = administrator.get(path, state="Nope")
    assert (reply.status, reply.fields) == (422, ["state"])
    assert administrator.get(path).status == 200


WORDS = frozenset({"state", "group", "type", "verb", "kind", "result", "criticality", "condition"})
"""Parameters that are words of the product and never names that people gave."""

OF_EVERYTHING = frozenset({("AuditQuery", "verb"), ("AuditQuery", "kind")})
"""The log keeps what earlier versions of the product called their verbs, too."""


def test_every_parameter_that_is_a_word_lists_what_it_may_be() -> None:
    assert urls.urlpatterns  # all views are known
    queries = [kind for kind in STRUCTS if getattr(kind, "__name__", "").endswith("Query")]
    assert len(queries) > 15
    free = {
        (kind.__name__, field.encode_name)
        for kind in queries
        for field in msgspec.structs.fields(kind)
        if field.encode_name in WORDS and not _allowed(field.type)
    }
    assert free == OF_EVERYTHING


def _allowed(kind: Any) -> bool:
    item = next(iter(get_args(kind)), None)
    return bool(allowed_in(kind) or allowed_in(item) or any(map(allowed_in, get_args(item))))
