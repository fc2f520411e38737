"""Reading the journal backwards about orders and objects, for people; it decides nothing.

The journal keeps a span of time only: what was purged is told by the history.
"""

from collections.abc import Collection, Iterator

from controller.journal import Entry, decode
from controller.models.journal import JournalBatch, JournalIndex

_BATCHES_AT_ONCE = 50


def entries_about(
    controller: str, subjects: Collection[str], *, since: int = 0, before: int | None = None
) -> Iterator[Entry]:
    """Yield entries about orders or objects, newest first.

    Args:
        controller: whose journal.
        subjects: order ids, or what stands in their place for objects.
        since: number of the oldest entry wanted.
        before: number before which entries are wanted, None from the newest on.
    """
    wanted = frozenset(subjects)
    while True:
        batches = _batches(controller, wanted, since, before)
        for entries in batches:
            for entry in reversed(entries):
                is_before = before is None or entry.no < before
                if entry.order in wanted and entry.no >= since and is_before:
                    yield entry
        if len(batches) < _BATCHES_AT_ONCE:
            return
        before = batches[-1][0].no


def moment_us_of(controller: str, no: int) -> int | None:
    """Return when the entry with a number was taken, None where it was purged."""
    found = JournalBatch.objects.filter(controller=controller, first_no__lte=no, last_no__gte=no)
    return found.order_by("-first_no").values_list("at_us", flat=True).first()


def _batches(
    controller: str, subjects: Collection[str], since: int, before: int | None
) -> list[list[Entry]]:
    index = JournalIndex.objects.filter(controller=controller, order_id__in=subjects)
    if before is not None:
        index = index.filter(first_no__lt=before)
    found = JournalBatch.objects.filter(
        controller=controller, last_no__gte=since, first_no__in=index.values("first_no")
    )
    bodies = found.order_by("-first_no").values_list("body", flat=True)[:_BATCHES_AT_ONCE]
    return [decode(bytes(body)) for body in bodies]
