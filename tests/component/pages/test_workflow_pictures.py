"""The faces of a workflow as parts of pages, and the places that a dialog lets one pick."""

import msgspec
import pytest
from django.conf import settings
from django.test import Client

from controller.models import Fact
from engine.facts import Control
from engine.facts import Fact as KnownFact
from tests.component.pages.reading import HTMX
from tests.component.pages.scene import PATH, Scene

PICTURE = f"/workflows/{PATH}/-/picture/"


def _content(client: Client, address: str) -> str:
    response = client.get(address, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def test_the_part_shows_the_face_that_is_asked_for(owner: Client, scene: Scene) -> None:
    diagram = _content(owner, PICTURE)
    outline = _content(owner, f"{PICTURE}?view=outline")

    assert "<html" not in diagram
    assert '<svg xmlns="http://www.w3.org/2000/svg" class="diagram"' in diagram
    assert 'class="diagram"' not in outline
    assert 'role="treeitem"' in outline


def test_what_people_did_to_the_workflow_is_marked(owner: Client, scene: Scene) -> None:
    fact: KnownFact = Control(suspended=True, stops=((0,),))
    Fact.objects.create(
        controller=settings.STELLWERK_CONTROLLER_ID,
        kind="workflow",
        name=PATH,
        key="",
        body=msgspec.msgpack.encode(fact),
    )
    content = _content(owner, PICTURE)

    assert "the workflow is suspended" in content or ">suspended</text>" in content
    assert "orders stop here" in content


def test_places_for_a_resume_are_those_of_the_engine(owner: Client, scene: Scene) -> None:
    asked = {"pick": "resume", "order": scene.failed.order_id}
    content = owner.get(PICTURE, asked, headers=HTMX).content.decode()

    assert "pickable" in content
    assert 'aria-pressed="false"' in content


@pytest.mark.parametrize("pick", ["start", "stop"])
def test_places_to_begin_and_to_stop_can_be_picked(owner: Client, scene: Scene, pick: str) -> None:
    assert "pickable" in _content(owner, f"{PICTURE}?pick={pick}")


def test_a_resume_of_nobody_has_no_places(owner: Client, scene: Scene) -> None:
    assert owner.get(f"{PICTURE}?pick=resume&order=nobody", headers=HTMX).status_code == 404


def test_the_view_of_the_page_is_kept_in_its_address(owner: Client, scene: Scene) -> None:
    page = owner.get(f"/workflows/{PATH}/?view=outline").content.decode()

    assert 'data-face="outline"' in page
    assert 'class="diagram"' not in page
