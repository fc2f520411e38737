"""Who is at work on a draft: a soft lock that ends by itself and can be taken over."""

from datetime import timedelta

from django.db.models.functions import Now

from engine.workflow.problem import problem, shown
from inventory.check import located
from inventory.errors import InventoryRefusal
from inventory.models import DraftHold, Item

LASTS = timedelta(seconds=90)
"""How long somebody counts as at work of whom nothing is heard."""


class HeldBySomebody(InventoryRefusal):
    """Somebody else is at work on the draft: take over first."""

    code = "held"


def holder(item: Item) -> DraftHold | None:
    """Return who is at work on a draft."""
    return DraftHold.objects.filter(item=item, seen_at__gt=Now() - LASTS).first()


def hold(item: Item, account: str) -> DraftHold | None:
    """Hold a draft, or go on holding it; returns who does, which may be somebody else."""
    mine = DraftHold.objects.filter(item=item, account=account)
    if mine.update(seen_at=Now()):
        return holder(item)
    if holder(item) is None:
        take_over(item, account)
    return holder(item)


def take_over(item: Item, account: str) -> None:
    """Hold a draft, whoever did."""
    now = {"account": account, "since": Now(), "seen_at": Now()}
    DraftHold.objects.update_or_create(item=item, defaults=now)


def leave(item: Item, account: str) -> None:
    """Hold a draft no longer."""
    DraftHold.objects.filter(item=item, account=account).delete()


def refuse_held(item: Item, account: str) -> None:
    """Hold a draft for a change, unless somebody else does.

    Raises:
        HeldBySomebody: somebody else does.
    """
    if DraftHold.objects.filter(item=item, account=account).update(seen_at=Now()):
        return  # a draft has one holder
    found = hold(item, account)
    if found is not None and found.account != account:
        sentence = (
            f"{found.account} edits the {item.kind} {shown(item.path)}: take over to change it."
        )
        reason = problem(("path",), "held", sentence)
        raise HeldBySomebody(located(item.kind, item.path, [reason]))
