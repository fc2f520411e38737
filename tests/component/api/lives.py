"""Lives of orders in the journal, and the history that follows them or is behind."""

from django.conf import settings
from django.db import connection

from controller.journal import Entry
from controller.models import FeedPosition
from history.follow import NAME, HistoryFollower
from tests.component.api.journal_rows import happened
from tests.journal_writing import Step, entries


def lived(*steps: Step, first_no: int = 1) -> list[Entry]:
    """Write what happened to the journal, each step as a turn of its own."""
    found = entries(steps, first_no=first_no)
    for entry in found:
        happened(entry.no, entry.order, entry.event, entry.at_us)
    return found


def followed(found: list[Entry]) -> None:
    """Let the history take entries in, as its service would."""
    controller = settings.STELLWERK_CONTROLLER_ID
    connection.ensure_connection()
    HistoryFollower(controller).take(connection.connection, found)
    FeedPosition.objects.update_or_create(
        controller=controller, follower=NAME, defaults={"no": found[-1].no}
    )
