"""Pages as tests read them: which addresses there are, and what stands in an answer."""

import html
import re
from typing import Any
from urllib.parse import quote

from cockpit.pages.addresses import order_at
from cockpit.pages.plan_dialogs import PLAN_DIALOGS
from cockpit.pages.verb_dialogs import DIALOGS
from inventory.kinds import KINDS
from tests.component.pages.scene import BOARD, LOCK, PATH, Scene

HTMX = {"HX-Request": "true"}


def pages_of(scene: Scene) -> list[str]:
    """Return the address of every page that anybody who is signed in may open."""
    order, failed = order_at(scene.running.order_id), order_at(scene.failed.order_id)
    workflow = f"/workflows/{PATH}/"
    return [
        "/", "/orders/", "/orders/?q=wf:demo/*+state:failed&sel=x",
        order, *(f"{failed}{tab}/" for tab in ("path", "variables", "log", "history", "audit")),
        failed, order_at(scene.done.order_id),
        "/workflows/", workflow, f"{workflow}?at=0",
        *(f"{workflow}-/{tab}/" for tab in ("orders", "history", "versions", "audit")),
        "/history/orders/", "/history/jobs/", f"/history/jobs/{scene.job_no}/log/",
        "/resources/agents/", "/resources/agents/agent-1/", "/resources/boards/",
        f"/resources/boards/{BOARD}/",
        "/resources/locks/", f"/resources/locks/{LOCK}/", "/resources/file-order-sources/",
        "/inventory/", "/inventory/?folder=demo",
        "/inventory/?q=report&within=text&state=deployed", "/inventory/-/trash/",
        "/inventory/-/export/?folder=demo", "/inventory/-/git/",
        "/inventory/-/git/folder/?folder=demo",
        "/inventory/-/problems/", "/inventory/-/problems/?folder=demo",
        *(f"/inventory/workflow/{PATH}/?view={v}" for v in ("outline", "source", "changes")),
        f"/inventory/workflow/{PATH}/", f"/inventory/workflow/{PATH}/-/references/",
        f"/inventory/workflow/{PATH}/-/versions/", "/deployments/", "/cluster/", "/audit/",
        *(f"/plan/2026-01-31/?view={view}" for view in ("list", "timeline", "month", "deps")),
        "/plan/submissions/", "/settings/",
    ]  # fmt: skip


def forms_of(scene: Scene) -> list[str]:
    """Return the address of every form that changes something."""
    failed = quote(scene.failed.order_id, safe="")
    workflow = f"/workflows/{PATH}/-/"
    return [
        "/orders/-/add/", f"/orders/-/add/?workflow={PATH}",
        *(f"/orders/-/{verb}/?ids={failed}" for verb in DIALOGS),
        *(f"{workflow}{verb}/" for verb in ("suspend", "resume", "labels", "stops", "transfer")),
        f"/resources/boards/{BOARD}/-/post/", f"/resources/boards/{BOARD}/-/delete/?key=x",
        "/plan/-/close/?plan=DailyPlan%7C2026-01-31", "/plan/-/open/?plan=DailyPlan%7C2026-01-31",
        "/plan/-/generate/", *(f"/plan/-/{verb}/?ids=x" for verb in PLAN_DIALOGS),
        *(f"/inventory/{kind}/-/new/" for kind in KINDS),
        f"/inventory/workflow/{PATH}/-/rename/", f"/inventory/workflow/{PATH}/-/rename/?to=a/b",
        f"/inventory/workflow/{PATH}/-/copy/", "/inventory/-/replace/",
        "/inventory/-/replace/?text=echo&replacement=printf", "/inventory/-/folder/make/",
        "/inventory/-/import/",
        *(f"/inventory/-/folder/{verb}/?folder=demo&to=x" for verb in ("move", "copy", "trash")),
        *(f"/inventory/-/many/{v}/?objects=workflow:{PATH}" for v in ("tag", "trash")),
        f"/deployments/-/new/?look=deploy&objects=workflow:{PATH}",
        f"/deployments/-/new/?look=revoke&objects=workflow:{PATH}",
        f"/inventory/workflow/{PATH}/-/trash/", "/deployments/-/new/", "/resources/agents/-/add/",
        "/resources/agents/agent-1/-/change/",
    ]  # fmt: skip


def text_of(response: Any) -> str:
    """Return the words of a page without its tags."""
    plain = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", html.unescape(plain))
