"""Orders that hold a lock and wait for it, expect a notice, ask a question: real states."""

from collections import deque

from cockpit.api.orders import load
from engine.order import model as m
from engine.order.add import add_order
from engine.order.requests import NewOrder
from engine.steps.advance import advance
from engine.steps.site import Site
from tests.component.api import history_rows
from tests.component.api.controller_stub import JOB, ControllerStub

LOCKED, EXPECTING, ASKING = "demo/locked", "demo/expecting", "demo/asking"
LOCK, BOARD = "demo/tape", "demo/ready"
QUESTION = "Post to <b>production</b>?"
_WORK = {"TYPE": "Execute.Named", "jobName": "work", "label": "work"}
WORKFLOWS: dict[str, dict[str, object]] = {
    LOCKED: {"instructions": [{
        "TYPE": "Lock", "label": "tape", "demands": [{"lockName": "tape", "count": 1}],
        "lockedWorkflow": {"instructions": [{"TYPE": "Prompt", "question": "'inside'"}]}}]},
    EXPECTING: {"instructions": [
        {"TYPE": "ConsumeNotices", "label": "wait", "noticeBoardNames": "'ready'",
         "subworkflow": {"instructions": [_WORK]}}], "jobs": {"work": JOB}},
    ASKING: {"instructions": [
        {"TYPE": "Prompt", "label": "ask", "question": f"'{QUESTION}'"}, _WORK],
        "jobs": {"work": JOB}},
}  # fmt: skip


class Crowd:
    """Adds orders and walks them with the engine until they wait."""

    def __init__(self, controller: ControllerStub) -> None:
        self.controller = controller
        history_rows.make_room()
        controller.put_object("lock", LOCK, {"limit": 1, "title": "The tape"})
        key = "'k'"
        controller.put_object(
            "noticeboard", BOARD, {"postOrderToNoticeId": key, "expectOrderToNoticeId": key}
        )
        for path, document in WORKFLOWS.items():
            controller.deploy(path, document)
        load.forget_programs()

    def add(self, order_id: str, workflow: str, **given: object) -> m.Order:
        """Add an order and let it go as far as it gets."""
        stub = self.controller
        new = NewOrder(order_id, workflow, **given)  # type: ignore[arg-type]
        stub.take(add_order(stub.world, new, stub.now_us))
        for concerned, _ in advance(stub.world, deque([order_id]), Site(stub.now_us)):
            if not concerned.startswith("|"):
                stub._write(concerned)  # the stub's own rows
        stub.write_facts()
        order = stub.world.orders[order_id]
        history_rows.order_run(
            order_id, workflow=workflow, state=type(order.state).__name__, priority=order.priority,
            group="prompting" if isinstance(order.state, m.Prompting) else "waiting",
        )  # fmt: skip
        return order
