"""One workflow: its picture with tokens, its instructions, its versions."""

from django.test import Client

from engine.order import model as m
from inventory import edit
from inventory.deploy import deploy
from inventory.models import Version
from tests.component.pages.reading import HTMX, text_of
from tests.component.pages.scene import HOSTILE, PATH, SOURCE, Scene

WORKFLOW = f"/workflows/{PATH}/"


def test_the_list_counts_orders_by_state(owner: Client, scene: Scene) -> None:
    content = owner.get("/workflows/").content.decode()
    assert 'aria-label="1 failed"' in content
    assert 'aria-label="12345 finished"' in content
    assert "No workflow matches" in text_of(owner.get("/workflows/?q=nothing"))


def test_the_picture_shows_the_workflow_and_the_panel_its_job(owner: Client, scene: Scene) -> None:
    page = owner.get(f"{WORKFLOW}?at=0")
    assert 'data-position="0"' in page.content.decode()
    panel = owner.get(f"{WORKFLOW}?at=0", headers=HTMX)
    assert "<html" not in panel.content.decode()
    for part in ("work", "agent-1", "0 of 1 running", "true"):
        assert part in text_of(panel), part
    assert owner.get(f"{WORKFLOW}?at=7/else/3").status_code == 200
    assert owner.get(f"{WORKFLOW}?at=nonsense").status_code == 200


def test_tokens_fold_orders_of_one_state_at_one_place(owner: Client, scene: Scene) -> None:
    for name in ("#a", "#b"):
        scene.controller.order(name, PATH, state=m.Ready())
    tokens = owner.get(f"{WORKFLOW}-/tokens/").json()["tokens"]
    found = {(t["position"], t["state"]): (t["count"], t["id"]) for t in tokens}
    assert found["0", "ready"] == (2, "")
    assert found["0", "running"] == (1, scene.running.order_id)


def test_a_workflow_named_like_a_tab_has_its_own_page(owner: Client, scene: Scene) -> None:
    scene.controller.deploy("demo/report/orders")
    assert owner.get("/workflows/demo/report/orders/").context["path"] == "demo/report/orders"
    assert owner.get("/workflows/demo/report/-/orders/").context["path"] == "demo/report"


def test_versions_differ_line_by_line(owner: Client, scene: Scene) -> None:
    deploy([("workflow", PATH)], account="ada")
    edit.put_draft("workflow", PATH, SOURCE.replace("A report", HOSTILE), account="ada")
    deploy([("workflow", PATH)], account="ada", comment="another title")
    assert Version.objects.count() == 2
    response = owner.get(f"{WORKFLOW}-/versions/")
    text = text_of(response)
    assert '- "title": "A report"' in text
    assert "another title" in text
    assert "<script>alert" not in response.content.decode()


def test_a_version_that_the_controller_does_not_have_is_not_shown(
    owner: Client, scene: Scene
) -> None:
    assert owner.get(f"{WORKFLOW}?v=v1").status_code == 200
    assert owner.get(f"{WORKFLOW}?v=other").status_code == 404
