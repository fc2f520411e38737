"""How instances of notices come, are consumed and vanish: effects of events, and nothing else.

A notice is consumed by blocks of orders. When the last block that holds an instance ends, the
instance is deleted if one of them succeeded, otherwise it is available again; other policies of
its board decide otherwise.
"""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from engine import instances
from engine.facts import FactKey, Instance, NoticeState, Scan
from engine.objects.model import NoticeBoard
from engine.order import object_events as o
from engine.order.events import OrderNoticeHeldLong
from engine.order.model import TERMINATED, Consumption, Order

if TYPE_CHECKING:
    from engine.world import World

At = tuple[str, str]
"""A board's path and the key of a notice."""


def of_object(world: "World", event: o.NoticePosted | o.NoticeDeleted | o.NoticeReleased) -> None:
    """Change what an event about a notice says.

    Raises:
        NotLoaded: something is not here yet; nothing has changed.
    """
    match event:
        case o.NoticePosted(notice=notice, at_us=at_us):
            post(world, notice, at_us)
        case o.NoticeDeleted(board=board, key=key):
            delete(world, (board, key))
        case o.NoticeReleased():
            released(world, event)


def consume(world: "World", before: Order | None, after: Order, *, ok: bool) -> None:
    """Change who holds instances and who may hold them again; `ok` tells how blocks were left."""
    held, holds = _of(_consumptions(before)), _of(_consumptions(after))
    granted, grants = _of(_grants(before)), _of(_grants(after))
    since = {use: used.since_us for used in _consumptions(after) for use in used.notices}
    for use in sorted((held ^ holds) | (granted ^ grants)):
        _use(world, use, after, since_us=since.get(use), grants=use in grants, ok=ok)


def _use(
    world: "World",
    use: tuple[str, str, int],
    order: Order,
    *,
    since_us: int | None,
    grants: bool,
    ok: bool,
) -> None:
    """Let an order hold an instance since a moment, or no longer: None; and hold it again."""
    at, gen, holds = use[:2], use[2], since_us is not None
    state = world.notice(*at)
    found = state.instance(gen)
    if found is None:
        return
    ends = order.id in found.holders and not holds
    others = {i: w for i, w in found.holders.items() if i != order.id}
    changed = replace(
        instances.watched(found, order.id, since_us),
        holders={**others, order.id: order.workflow} if holds else others,
        granted=(*(i for i in found.granted if i != order.id), *((order.id,) if grants else ())),
    )
    if ends:
        changed = instances.after_block(changed, order.workflow, ok=ok, no=world.no)
    world.set_fact(("notice", *at), state.changed(changed).swept())
    if ends and (not ok or (changed.doomed and not found.doomed and is_hopeless(world, at))):
        look_again(world, at)


def held_long(world: "World", order_id: str, event: OrderNoticeHeldLong) -> None:
    """Note that a holder was warned of."""
    state = world.notice(event.board, event.key)
    found = state.instance(event.gen)
    if found is not None and order_id in found.holders:
        quiet = instances.watched(found, order_id, None)
        told = replace(quiet, held_long=(*quiet.held_long, order_id))
        world.set_fact(("notice", event.board, event.key), state.changed(told))


def _of(uses: tuple[Consumption, ...]) -> frozenset[tuple[str, str, int]]:
    return frozenset(notice for used in uses for notice in used.notices)


def _consumptions(order: Order | None) -> tuple[Consumption, ...]:
    return () if order is None or isinstance(order.state, TERMINATED) else order.consumptions


def _grants(order: Order | None) -> tuple[Consumption, ...]:
    return () if order is None or isinstance(order.state, TERMINATED) else order.grants


def announce(world: "World", before: Order | None, after: Order) -> None:
    """Count the orders that will post. Once nobody will, those who wait are looked at."""
    old, new = set(_announces(before)), set(_announces(after))
    for at in sorted(old ^ new):
        state = world.notice(*at)
        count = max(0, state.announced + (1 if at in new else -1))
        world.set_fact(("notice", *at), replace(state, announced=count))
        if not count and state.present is None:
            look_again(world, at)


def _announces(order: Order | None) -> tuple[At, ...]:
    return () if order is None or isinstance(order.state, TERMINATED) else order.announces


def post(world: "World", notice: o.PostedNotice, at_us: int) -> None:
    """Post a notice: a new instance, or a new end of life for one that nobody has touched yet."""
    at = (notice.board, notice.key)
    state = world.notice(*at)
    present = state.present
    if present is not None and not present.holders and not present.consumed_by:
        renewed = replace(present, end_of_life_us=notice.end_of_life_us)
        world.set_fact(("notice", *at), state.changed(renewed))
        return
    if state.scan is None:
        somebody_waits(world, ("notice", *at))  # loaded before anything changes
    gen = state.last_gen + 1
    new = Instance(
        gen,
        at_us,
        notice.end_of_life_us,
        notice.arguments,
        policy=notice.policy,
        longest_us=notice.longest_us,
    )
    earlier = tuple(replace(i, replaced=True) for i in state.instances)
    posted = replace(state, instances=(*earlier, new), last_gen=gen)
    world.set_fact(("notice", *at), posted.swept())
    look_again(world, at, anew=True)


def delete(world: "World", at: At) -> None:
    """Delete the present instance: at once, or when nobody holds it any more."""
    state = world.notice(*at)
    present = state.present
    if present is None:
        return
    hopeless = is_hopeless(world, at)
    if hopeless and state.scan is None:
        somebody_waits(world, ("notice", *at))  # loaded before anything changes
    world.set_fact(("notice", *at), state.changed(instances.doom(present, world.no)).swept())
    if hopeless:
        look_again(world, at)


def is_hopeless(world: "World", at: At) -> bool:
    """Tell whether nobody will post a notice again, as far as its plan knows: only plans know.

    Then its end leads those on who wait only for what was announced.
    """
    found = world.object("noticeboard", at[0])
    board = found[1] if found else None
    planned = isinstance(board, NoticeBoard) and board.board_type == "PLANNABLE"
    return planned and not world.notice(*at).announced


def look_again(world: "World", at: At, *, anew: bool = False) -> None:
    """Have everybody looked at who waits for a notice now.

    While a scan goes on, another one follows it; `anew` has it begin again at once: for a new
    instance, which nobody has seen.
    """
    key = ("notice", *at)
    state = world.notice(*at)
    if state.scan is not None and not anew:
        world.set_fact(key, replace(state, scan=replace(state.scan, again=True)))
    elif state.scan is not None or somebody_waits(world, key):
        world.set_fact(key, replace(state, scan=Scan(world.no)))
        world.wakes[key] = None


def somebody_waits(world: "World", key: FactKey, but: str = "") -> bool:
    """Tell whether any order is in a queue.

    Raises:
        NotLoaded: a partial world does not know.
    """
    return any(order_id != but for _, _, order_id in world.queue(key).behind())


def released(world: "World", event: o.NoticeReleased) -> None:
    """Note how far the scan has come; at its end what is deleted vanishes."""
    key = ("notice", event.board, event.key)
    state = world.notice(event.board, event.key)
    scan = state.scan
    if scan is None or scan.upto_no != event.upto_no:
        return
    if event.after is not None:
        world.set_fact(key, replace(state, scan=replace(scan, after=event.after)))
        world.wakes[key] = None
        return
    begins = scan.again and somebody_waits(world, key)
    ended: NoticeState = replace(state, scan=None).swept()
    if begins:
        ended = replace(ended, scan=Scan(world.no))
        world.wakes[key] = None
    world.set_fact(key, ended)


def needed(
    world: "World",
    before: Order | None,
    after: Order,
    posted: tuple[o.PostedNotice, ...],
    *,
    ok: bool,
) -> None:
    """Have everything loaded that the effects of an event are going to ask for.

    Raises:
        NotLoaded: something is not here yet; nothing has changed.
    """
    ended = _of(_consumptions(before)) - _of(_consumptions(after))
    silenced = set(_announces(before)) - set(_announces(after))
    uses = _of((*_consumptions(before), *_consumptions(after), *_grants(before), *_grants(after)))
    asked = {(notice.board, notice.key) for notice in posted} | silenced
    left = {use[:2] for use in ended}
    asked |= {at for at in left if is_hopeless(world, at)} if ok else left
    for at in sorted(asked | {use[:2] for use in uses} | set(_announces(after))):
        if world.notice(*at).scan is None and at in asked:
            somebody_waits(world, ("notice", *at), but=after.id)
