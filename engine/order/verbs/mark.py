"""Marks: what a verb leaves behind where it cannot take effect at once."""

from engine.order import events as e
from engine.order import model as m
from engine.world import Step


def marked(order: m.Order, mark: m.Mark) -> list[Step]:
    """Return the mark; nothing where it is there already.

    The same verb once more only adds to it, another verb takes its place. Who is suspended keeps
    a change that was accepted before: it is made first.
    """
    known = order.mark
    if known and known.verb == mark.verb and mark.verb in ("cancel", "suspend"):
        mark = m.Mark(
            mark.verb,
            mark.kill or known.kill,
            mark.reset or known.reset,
            change=known.change,
            fresh_only=mark.fresh_only and known.fresh_only,
        )
    elif known and known.verb == "change" and mark.verb == "suspend":
        mark = m.Mark(mark.verb, mark.kill, mark.reset, change=known.change)
    return [] if mark == known else [(order.id, e.OrderMarked(mark))]
