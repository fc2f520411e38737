"""What differs from the deployed version, in the diagram, the outline and in words."""

from typing import Any

import pytest
from django.conf import settings
from django.db.models.functions import Now
from django.test import Client

from controller.models import DeployedItem
from inventory import edit
from inventory.models import Item, Version
from tests.component.pages.editing import HERE, PATH, SOURCE, operate, post


@pytest.fixture
def draft(owner: Client) -> Item:
    edit.put_draft("workflow", PATH, SOURCE, account="ada")
    return Item.objects.get(path=PATH)


@pytest.fixture
def deployed(draft: Item) -> Item:
    """The draft, deployed as it is."""
    version = Version.objects.create(
        kind="workflow", path=PATH, version=draft.digest, document=b"{}", source=SOURCE,
        form="yaml", made_by="ada", made_at=Now(),
    )  # fmt: skip
    DeployedItem.objects.create(
        controller=settings.STELLWERK_CONTROLLER_ID, kind="workflow", path=PATH,
        version=version.version, document=b"{}", signature=b"", taken_no=1,
    )  # fmt: skip
    return draft


CHANGED: list[dict[str, Any]] = [
    {"do": "field", "at": "1", "path": ["demands", 0, "count"], "text": "2"},
    {"do": "insert", "at": "1/lock/0", "type": "Prompt"},
    {"do": "delete", "at": ["0"]},
]


@pytest.mark.parametrize("view", ["diagram", "outline"])
def test_what_differs_from_the_deployed_version_is_marked_in_words(
    owner: Client, deployed: Item, view: str
) -> None:
    for edit_no, operation in enumerate(CHANGED, 1):
        look = {"view": [view], "marks": ["1"]}
        found = post(owner, "operation", edit_no=edit_no, operation=operation, look=look).json()

    assert "added since the deployment" in found["faces"]
    assert "changed since the deployment: demands" in found["faces"]
    assert "job load" in found["faces"]
    assert ("removed here: job load" if view == "diagram" else "removed: job load") in found[
        "faces"
    ]
    plain = post(owner, "undo", edit_no=4, look={"view": [view]}).json()
    assert "since the deployment" not in plain["faces"]


def test_the_page_of_changes_tells_them_in_words_as_text_and_in_the_diagram(
    owner: Client, deployed: Item
) -> None:
    for edit_no, operation in enumerate(CHANGED, 1):
        operate(owner, edit_no, **operation)
    page = owner.get(f"{HERE}?view=changes").content.decode()

    assert "prompt Go on?" in page
    assert "job load, was at 0" in page
    assert "definition of job load" in page
    assert 'class="node node-lock' in page
    assert "added since the deployment" in page
