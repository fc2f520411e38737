"""Tables of the controller. The journal's own are in `controller.models.journal` and not re-exported."""

from controller.models import journal  # noqa: F401  # registers its tables without re-exporting them
from controller.models.feed import FeedPosition
from controller.models.state import Command, DeployedItem, Link, OrderResult, OrderRow, Outbox

__all__ = [
    "Command",
    "DeployedItem",
    "FeedPosition",
    "Link",
    "OrderResult",
    "OrderRow",
    "Outbox",
]
