"""An inventory of 5,000 objects answers who uses whom, and what is found, in milliseconds."""

from datetime import UTC, datetime

import pytest
from django.db import connection

from inventory.dependencies import needed
from inventory.models import Item, Reference
from inventory.queries import present_items
from inventory.references.users import dangling, users_of, uses_of
from inventory.search import Part, Wanted, matching
from tests.pace import quickest_s

pytestmark = pytest.mark.django_db

FLOWS = 4_900
LOCKS = 100
SOON_S = 0.05


@pytest.fixture
def large() -> None:
    """Workflows in 70 folders that each use two of the locks and the workflow before."""
    now = datetime.now(UTC)
    shared = {"form": "json", "valid": True, "changed_by": "ann", "changed_at": now}
    locks = [
        Item(kind="lock", path=f"locks/lock-{n}", name=f"lock-{n}", digest=f"l{n}", **shared)
        for n in range(LOCKS)
    ]
    flows = [
        Item(kind="workflow", path=f"folder-{n % 70}/flow-{n}", name=f"flow-{n}", digest=f"w{n}",
             source=f'{{"title": "needle-{n}", "padding": "{"x" * 2000}"}}', **shared)
        for n in range(FLOWS)
    ]  # fmt: skip
    Item.objects.bulk_create([*locks, *flows])
    rows = []
    for n, flow in enumerate(flows):
        names = [("lock", f"lock-{n % LOCKS}"), ("lock", f"lock-{n * 7 % LOCKS}")]
        names += [("workflow", f"flow-{n - 1}")] if n % 10 else []
        rows += [Reference(item=flow, type=kind, name=name, role="r") for kind, name in names]
    Reference.objects.bulk_create(rows, batch_size=5_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE inventory_item, inventory_reference")


@pytest.mark.usefixtures("large")
def test_references_of_five_thousand_objects_are_told_in_milliseconds() -> None:
    items = present_items()
    flow = Item.objects.get(path="folder-9/flow-9")
    assert len(users_of("lock", "locks/lock-3", items)) > 40
    assert quickest_s(lambda: users_of("lock", "locks/lock-3", items), SOON_S) <= SOON_S
    assert quickest_s(lambda: uses_of(flow, items), SOON_S) <= SOON_S
    assert len(needed([("workflow", "folder-9/flow-9")], items)) > 10
    assert (
        quickest_s(lambda: needed([("workflow", "folder-9/flow-9")], items), 3 * SOON_S)
        <= 3 * SOON_S
    )
    assert quickest_s(lambda: list(dangling(Item.objects.all())[:100]), 3 * SOON_S) <= 3 * SOON_S


@pytest.mark.usefixtures("large")
def test_a_text_is_found_among_five_thousand_sources_by_the_index() -> None:
    wanted = Wanted(text="needle-4321", parts=(Part.SOURCE,))
    found = matching(present_items(), wanted).defer("source")
    assert [item.path for item in found] == ["folder-51/flow-4321"]
    assert quickest_s(lambda: list(found.all()), SOON_S) <= SOON_S
    plan = matching(Item.objects.all(), wanted).explain()
    assert "item_source_part" in plan, plan
