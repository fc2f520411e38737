"""What becomes of one instance of a notice when a block that holds it begins or ends. Pure.

Knows no order and no world; `engine.boards` tells what has happened.
"""

from msgspec.structs import replace

from engine.facts import Instance
from engine.objects.model import Policy


def after_block(instance: Instance, workflow: str, *, ok: bool, no: int) -> Instance:
    """Return an instance after one of its blocks has ended, deleted if its policy wants that."""
    if ok and workflow not in instance.consumed_by:
        instance = replace(instance, consumed_by=(*instance.consumed_by, workflow))
    if instance.policy is Policy.ALL_SUCCESS:
        failed = (*(w for w in instance.failed_by if w != workflow), *(() if ok else (workflow,)))
        instance = replace(instance, failed_by=failed)
    return doom(instance, no) if _goes(instance, ok=ok) else instance


def _goes(instance: Instance, *, ok: bool) -> bool:
    """Tell whether an instance is deleted at the end of a block, by its policy."""
    ended, succeeded = not instance.holders, bool(instance.consumed_by)
    match instance.policy:
        case Policy.ANY_SUCCESS:
            return ended and succeeded
        case Policy.ALL_SUCCESS:
            return ended and succeeded and not instance.failed_by
        case Policy.LAST_FINISHER:
            return ended and ok
        case Policy.CLOSE_ON_FIRST_SUCCESS:
            return succeeded


def doom(instance: Instance, no: int) -> Instance:
    """Return an instance that is deleted since the journal's number `no`."""
    return instance if instance.doomed else replace(instance, doomed=True, doomed_no=no)


def watched(instance: Instance, order_id: str, since_us: int | None) -> Instance:
    """Return an instance that knows when to warn of a holder; since 0 is unknown, None is gone."""
    warn_us = {i: at_us for i, at_us in instance.warn_us.items() if i != order_id}
    if since_us and instance.longest_us is not None:
        warn_us[order_id] = since_us + instance.longest_us
    told = tuple(i for i in instance.held_long if i != order_id)
    return replace(instance, warn_us=warn_us, held_long=told)
