"""Tables of the controller. Those of the journal are not re-exported: they are its own."""

from controller.models import journal  # noqa: F401  # registers its tables without re-exporting them
from controller.models.facts import Fact, Waiter
from controller.models.feed import FeedPosition
from controller.models.state import Command, DeployedItem, Link, OrderResult, OrderRow, Outbox

__all__ = [
    "Command",
    "DeployedItem",
    "Fact",
    "FeedPosition",
    "Link",
    "OrderResult",
    "OrderRow",
    "Outbox",
    "Waiter",
]
