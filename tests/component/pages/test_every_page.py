"""What holds for every page: who may open it, and that no text of users becomes markup."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.component.pages.reading import HTMX, forms_of, pages_of, text_of
from tests.component.pages.scene import PATH, Scene

MOST_QUERIES = 12


def test_an_administrator_can_open_every_page_and_form(owner: Client, scene: Scene) -> None:
    for address in [*pages_of(scene), *forms_of(scene)]:
        response = owner.get(address)
        assert response.status_code == 200, (address, response.status_code)
        assert "<title>" in response.content.decode(), address


def test_a_colleague_can_open_pages_but_no_form(colleague: Client, scene: Scene) -> None:
    for address in pages_of(scene):
        assert colleague.get(address).status_code == 200, address
    for address in forms_of(scene):
        response = colleague.get(address)
        assert response.status_code == 403, address
        assert "may not" in text_of(response), address


def test_a_colleague_sees_no_button_that_would_be_refused(colleague: Client, scene: Scene) -> None:
    for address in pages_of(scene):
        content = colleague.get(address).content.decode()
        for form in ("/orders/-/", "/inventory/workflow/-/new/", "/deployments/-/new/"):
            assert f'href="{form}' not in content, (address, form)
        assert "formaction" not in content, address


def test_a_stranger_is_sent_to_sign_in_from_everywhere(stranger: Client, scene: Scene) -> None:
    for address in [*pages_of(scene), *forms_of(scene)]:
        response = stranger.get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith("/sign-in/?next="), address
    part = stranger.get("/orders/", headers=HTMX)
    assert (part.status_code, part["HX-Redirect"]) == (401, "/sign-in/")


def test_a_stranger_can_change_nothing(stranger: Client, colleague: Client, scene: Scene) -> None:
    for client, refused in ((stranger, 302), (colleague, 403)):
        for address in forms_of(scene):
            response = client.post(address, {"source": "x", "path": "a/b", "workflow": PATH})
            assert response.status_code == refused, address
    assert scene.item.edit_no == 1


def test_no_text_of_users_or_jobs_becomes_markup(owner: Client, scene: Scene) -> None:
    for address in [*pages_of(scene), *forms_of(scene)]:
        content = owner.get(address).content.decode()
        assert "<script>alert" not in content, address


def test_pages_need_neither_inline_script_nor_inline_style(owner: Client, scene: Scene) -> None:
    for address in [*pages_of(scene), *forms_of(scene)]:
        response = owner.get(address)
        content = response.content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)", content), address
        assert not re.search(r"\s(style|on[a-z]+)=", re.sub(r'"[^"]*"', '""', content)), address
        assert "default-src 'self'" in response["Content-Security-Policy"], address


@pytest.mark.parametrize(
    "address",
    ["/orders/", "/workflows/", "/history/orders/", "/history/jobs/", "/inventory/?folder=demo",
     "/deployments/", "/audit/", "/resources/agents/", "/cluster/"],
)  # fmt: skip
def test_a_list_asks_the_database_at_most_twelve_times(
    owner: Client, scene: Scene, address: str
) -> None:
    owner.get(address)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert owner.get(address).status_code == 200
    assert len(asked) <= MOST_QUERIES, [q["sql"][:120] for q in asked.captured_queries]


def test_unknown_things_have_a_page_that_says_so(owner: Client, scene: Scene) -> None:
    for address in (
        "/orders/nobody/", "/workflows/no/such/", "/history/jobs/99/log/",
        f"/history/jobs/{'9' * 31}/log/",
        "/inventory/workflow/no/such/", "/inventory/nonsense/-/new/", "/deployments/99/",
        "/operations/00000000-0000-0000-0000-000000000000/", "/orders/a%00b/", "/workflows/a%00b/",
        "/orders/-/explode/?ids=x",
    ):  # fmt: skip
        response = owner.get(address)
        assert response.status_code == 404, (address, response.status_code)
        assert "There is no" in text_of(response), address


def test_a_database_that_is_away_gives_a_page_without_a_frame(
    owner: Client, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    def fail(*_: object, **__: object) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("cockpit.pages.dashboard.counts_of", fail)
    response = owner.get("/")
    assert response.status_code == 503
    assert "The database does not answer" in text_of(response)
    assert 'aria-label="Main"' not in response.content.decode()


def test_signing_in_and_out(stranger: Client, owner: Client) -> None:
    assert stranger.get("/sign-in/").status_code == 200
    wrong = stranger.post("/sign-in/", {"username": "ada", "password": "no"})
    assert "correct" in text_of(wrong)
    given = {"username": "ada", "password": "ada-password", "next": "/cluster/"}
    right = stranger.post("/sign-in/", given)
    assert (right.status_code, right["Location"]) == (302, "/cluster/")
    assert stranger.post("/sign-out/").status_code == 302
    assert stranger.get("/").status_code == 302


def test_an_address_without_a_page_has_one_in_the_frame(owner: Client) -> None:
    response = owner.get("/nothing/")
    assert response.status_code == 404
    assert "No page has this address." in text_of(response)
    assert 'aria-label="Main"' in response.content.decode()


def test_a_form_of_another_site_changes_nothing(owner: Client, scene: Scene) -> None:
    owner.handler.enforce_csrf_checks = True
    response = owner.post("/orders/-/suspend/", {"ids": scene.running.order_id})
    assert response.status_code == 403
    assert "Nothing was changed." in text_of(response)
    assert scene.controller.world.orders[scene.running.order_id].mark is None
